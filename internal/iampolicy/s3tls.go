package iampolicy

import (
	"fmt"
	"slices"
	"strings"
)

// TLSResult is the verdict on "is every request without TLS denied?" with its proof.
type TLSResult struct {
	// Answer is Yes (everyone, every action, the bucket and all its objects), No (a request remains that no statement
	// denies) or Unknown.
	Answer Answer
	// Statements are the denying statements that a Yes rests on, in the order of the document.
	Statements []Ref
	// Remaining says what remains possible (No) or is not decided (Unknown), and why each Deny statement does not
	// settle it, in the order of the document.
	Remaining []string
}

// maxExamples bounds the callers tried in the search for a request that is not denied.
const maxExamples = 64

// S3DeniesPlainHTTP decides whether the policy of a general purpose bucket denies every request that is made without
// TLS. partition is the first part of the bucket's ARN after "arn:" ("aws", "aws-cn", "aws-us-gov"), bucket its name.
//
// Yes is a proof over all requests: every caller, every action name of s3 (those of tomorrow too), the bucket itself and
// every object key; the Deny statements may share the work. No rests on one request that certainly no statement denies,
// with an action that exists. Everything between is Unknown. Allow statements play no part.
//
// What a request over plain HTTP holds: aws:SecureTransport is always present and is then "false" ("Condition
// operators", "Boolean condition operators"). What s3:TlsVersion is then AWS's documents do not agree on: by "Condition
// operators" a test of an absent key is false, but the article "How do I enforce TLS 1.2 or later for my Amazon S3
// buckets?" of AWS re:Post says that NumericLessThan on it enforces HTTPS. Both are allowed for, which makes
// NumericLessThan Unknown and NumericLessThanIfExists a full Deny.
func (d *Document) S3DeniesPlainHTTP(partition, bucket string) TLSResult {
	t := newTLSProof(d, partition, bucket)
	if len(t.denies) == 0 {
		return TLSResult{Answer: No, Remaining: []string{"no statement denies anything"}}
	}
	if used, ok := t.prove(); ok {
		return TLSResult{Answer: Yes, Statements: used}
	}
	if witnesses := t.search(); len(witnesses) > 0 {
		r := TLSResult{Answer: No}
		for _, w := range witnesses {
			r.Remaining = append(r.Remaining, w.String())
		}
		r.Remaining = append(r.Remaining, t.shortcomings(true)...)
		return r
	}
	r := TLSResult{Answer: Unknown, Remaining: t.shortcomings(false)}
	r.Remaining = append(r.Remaining, "no request was found that is surely not denied, and no proof that there is none")
	return r
}

// deny is a Deny statement, made ready.
type deny struct {
	*Statement
	vars      bool     // policy variables count
	unsure    bool     // it has a policy variable; one that has no value may make the statement invalid
	actions   patterns // over "s3:getobject"
	resources patterns // over ARNs
	everyone  Answer   // does it apply to every caller?
	overHTTP  Answer   // does its condition hold for every request over HTTP?
}

// patterns are the alternatives of one element: a text matches surely if a sure one matches, and perhaps if another does.
type patterns struct {
	globs []glob
	sure  []bool
	not   bool
}

func (p *patterns) add(g glob, sure bool) {
	p.globs = append(p.globs, g)
	p.sure = append(p.sure, sure && g.exact)
}

// decide turns the matches of the globs into the answer of the element.
func (p *patterns) decide(matched []bool) Answer {
	result := No
	for i, m := range matched {
		if m {
			result = result.or(answerIf(p.sure[i]))
		}
	}
	if p.not {
		return result.not()
	}
	return result
}

func answerIf(sure bool) Answer {
	if sure {
		return Yes
	}
	return Unknown
}

func (p *patterns) match(s string) Answer {
	matched := make([]bool, len(p.globs))
	for i, g := range p.globs {
		matched[i] = g.match(s)
	}
	return p.decide(matched)
}

// tlsProof holds one decision.
type tlsProof struct {
	denies    []deny
	arn       string // of the bucket
	partition string
	work      int
	matches   map[bool][][]Answer // by level, statement and action of the level
}

func newTLSProof(d *Document, partition, bucket string) *tlsProof {
	t := &tlsProof{arn: "arn:" + partition + ":s3:::" + bucket, partition: partition, work: budget}
	always := requestContext{}
	overHTTP(always)
	for i := range d.Statements {
		s := &d.Statements[i]
		if s.Effect != Deny {
			continue
		}
		x := deny{Statement: s, vars: d.hasVariables(), everyone: s.appliesToEveryone()}
		x.unsure = x.vars && s.namesVariable()
		x.overHTTP = holds(s.Conditions, always, x.vars)
		x.actions = actionPatterns(s)
		x.resources = t.resourcePatterns(s, x.vars)
		t.denies = append(t.denies, x)
	}
	return t
}

// namesVariable tells whether a value of the request is named in a resource or a condition. "If AWS cannot resolve a
// variable, this might cause the entire statement to be invalid" ("Variables and tags").
func (s *Statement) namesVariable() bool {
	for _, r := range s.Resources {
		if !onlySpecial(r) {
			return true
		}
	}
	for _, t := range s.Conditions {
		if slices.ContainsFunc(t.Values, func(v string) bool { return !onlySpecial(v) }) {
			return true
		}
	}
	return false
}

func (s *Statement) appliesToEveryone() Answer {
	switch {
	case s.Principals == nil:
		return Unknown
	case s.NotPrincipal:
		return No
	default:
		return answer(slices.ContainsFunc(s.Principals, Principal.everyone))
	}
}

// actionPatterns reads the actions: "*" and what stands behind "s3:" are sure. What AWS makes of wildcards in the
// service's name is not documented.
func actionPatterns(s *Statement) patterns {
	p := patterns{not: s.NotAction}
	for _, a := range s.Actions {
		low := lower(a)
		p.add(compileGlob(low, false), low == "*" || strings.HasPrefix(low, "s3:"))
	}
	return p
}

// resourcePatterns reads the resources. Components of an ARN are compared one by one, and "*" alone is every resource
// ("Resource", "Using wildcards in resource ARNs"). A pattern that matches only across the colons, that has a wildcard in
// the service, which is not allowed, or that differs in the case of its first components is not sure.
func (t *tlsProof) resourcePatterns(s *Statement, vars bool) patterns {
	p := patterns{not: s.NotResource}
	own := arnSegments(t.arn)
	for _, r := range s.Resources {
		seg := arnSegments(r)
		if r == "*" || len(seg) == 6 && slices.Equal(seg[:5], own[:5]) {
			p.add(compileGlob(r, vars), true)
			continue
		}
		fits := len(seg) == 6 && seg[2] == own[2]
		for i := 0; fits && i < 5; i++ {
			g := compileGlob(seg[i], vars)
			fits = g.exact && g.match(own[i])
		}
		if fits {
			p.add(compileGlob(strings.Join(own[:5], ":")+":"+seg[5], vars), true)
		}
		p.add(compileGlob(r, vars), false)
		for i := range min(5, len(seg)) {
			seg[i] = lower(seg[i])
		}
		if folded := strings.Join(seg, ":"); folded != r {
			p.add(compileGlob(folded, vars), false)
		}
	}
	if len(s.Resources) == 0 {
		p.add(compileGlob("*", false), false)
	}
	return p
}

// level is where a request goes: the bucket or an object in it.
type level struct {
	object  bool
	actions []string // that exist at this level
}

func (t *tlsProof) levels() []level {
	return []level{{false, bucketActions}, {true, objectActions}}
}

// prove tries to show that every request over HTTP is denied, and gives the statements it needed.
func (t *tlsProof) prove() (used []Ref, ok bool) {
	var full []int
	for i := range t.denies {
		if x := &t.denies[i]; x.everyone == Yes && x.overHTTP == Yes && !x.unsure {
			full = append(full, i)
		}
	}
	needed := map[int]bool{}
	done := map[string]bool{}
	covered := true
	finished := t.eachAction(full, func(denying []int, _ string) bool {
		if key := fmt.Sprint(denying); !done[key] {
			done[key] = true
			for _, l := range t.levels() {
				covered = covered && t.allDenied(l, denying, needed)
			}
		}
		return covered
	})
	for i := range t.denies {
		if needed[i] {
			used = append(used, t.denies[i].Ref)
		}
	}
	return used, covered && finished
}

// eachAction visits every set of statements, of those given, that surely match one same action name.
func (t *tlsProof) eachAction(statements []int, visit func(matching []int, action string) bool) bool {
	var globs []glob
	for _, i := range statements {
		globs = append(globs, t.denies[i].actions.globs...)
	}
	e := explorer{
		globs: globs, prefix: "s3:", min: 1, others: "abcdefghijklmnopqrstuvwxyz0123456789", work: &t.work,
		chars: func(r rune) bool { return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' },
	}
	return e.walk(func(matched []bool, action string) bool {
		var matching []int
		for _, i := range statements {
			p := &t.denies[i].actions
			if p.decide(matched[:len(p.globs)]) == Yes {
				matching = append(matching, i)
			}
			matched = matched[len(p.globs):]
		}
		return visit(matching, action)
	})
}

// allDenied tells whether the statements' resources surely cover a level, and notes those that were needed for it: for
// each resource the first in the order of the document.
func (t *tlsProof) allDenied(l level, statements []int, needed map[int]bool) bool {
	all := true
	finished := t.eachResource(l, statements, func(answers []Answer, _ string) bool {
		first := slices.Index(answers, Yes)
		if first < 0 {
			all = false
			return false
		}
		needed[statements[first]] = true
		return true
	})
	return all && finished
}

// eachResource visits every combination of answers that the statements' resources can give at a level.
func (t *tlsProof) eachResource(l level, statements []int, visit func(answers []Answer, resource string) bool) bool {
	answers := make([]Answer, len(statements))
	if !l.object {
		for n, i := range statements {
			answers[n] = t.denies[i].resources.match(t.arn)
		}
		visit(answers, t.arn)
		return true
	}
	var globs []glob
	for _, i := range statements {
		globs = append(globs, t.denies[i].resources.globs...)
	}
	e := explorer{
		globs: globs, prefix: t.arn + "/", min: 1, others: "xabcdefghijklmnopqrstuvwyz0123456789", work: &t.work,
		chars: func(rune) bool { return true },
	}
	return e.walk(func(matched []bool, resource string) bool {
		for n, i := range statements {
			p := &t.denies[i].resources
			answers[n] = p.decide(matched[:len(p.globs)])
			matched = matched[len(p.globs):]
		}
		return visit(answers, resource)
	})
}
