package iampolicy

import (
	"fmt"
	"slices"
	"strings"
)

// Grant is one thing that a resource's policy gives to one grantee.
type Grant struct {
	Ref         Ref
	Grantee     Grantee
	Actions     []string // as written, sorted
	NotAction   bool
	Resources   []string // as written, sorted; nil: the resource the policy is attached to
	NotResource bool
	Constraints []string // the statement's conditions in words: it holds only if all of them do
	// Limited tells whether the grant is to fixed values only: a fixed grantee, or by the conditions, as S3Public
	// defines it. No: anyone can meet it.
	Limited Answer
	// Sourced tells whether a service's use is limited to a fixed account, resource or organization.
	Sourced Answer
	// Holds is Yes if some request of the grantee is surely allowed by it, and Unknown if a Deny may take it all away.
	// What is surely denied is no grant and is left out.
	Holds Answer
	// Unless are the Deny statements that take a part of it away, or may take it all away.
	Unless []string
}

// String gives a line such as `anyone may s3:GetObject on arn:... if ... (statement 1)`.
func (g Grant) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s may ", g.Grantee)
	if g.NotAction {
		b.WriteString("do all but ")
	}
	b.WriteString(strings.Join(g.Actions, ", "))
	if len(g.Resources) > 0 {
		b.WriteString(" on ")
		if g.NotResource {
			b.WriteString("all but ")
		}
		b.WriteString(strings.Join(g.Resources, ", "))
	}
	if len(g.Constraints) > 0 {
		b.WriteString(" if " + strings.Join(g.Constraints, " and "))
	}
	fmt.Fprintf(&b, " (%s)", g.Ref)
	if len(g.Unless) > 0 {
		word := "partly denied by "
		if g.Holds != Yes {
			word = "possibly denied by "
		}
		b.WriteString(", " + word + strings.Join(g.Unless, ", "))
	}
	return b.String()
}

// Grants tells what a resource's policy grants, and to whom, in a fixed order: by grantee, then by statement. Deny
// statements are subtracted where they surely cover; where they cover a part it is said, and where that is not decided the
// grant stays, with Holds Unknown.
//
// A policy that names an account delegates to it: its principals still need policies of their own ("Principal", "AWS
// account principals").
func (d *Document) Grants() []Grant { return d.grants(false) }

// grants is Grants; signed says that the service takes no anonymous requests.
func (d *Document) grants(signed bool) []Grant {
	var out []Grant
	for i := range d.Statements {
		s := &d.Statements[i]
		if s.Effect != Allow {
			continue
		}
		may := func(g Grantee) Answer {
			a, by := d.remains(s, g, "*", "*")
			return a.and(answerIf(len(by) == 0)) // what is denied to strangers in part may be others' in whole
		}
		for _, g := range d.recipients(s, signed, may) {
			out = append(out, d.grantsOf(s, g)...)
		}
	}
	slices.SortStableFunc(out, func(a, b Grant) int {
		if c := compareGrantees(a.Grantee, b.Grantee); c != 0 {
			return c
		}
		return a.Ref.Index - b.Ref.Index
	})
	return out
}

// anonymousNever tells whether a statement's conditions surely fail for every anonymous request.
func (d *Document) anonymousNever(s *Statement) bool {
	r := rule{st: s, vars: d.hasVariables()}
	return r.conditions((Grantee{Kind: ToAnyone}).contexts()[0]) == No
}

// maxAtoms bounds the pairs of action and resource that are looked at one by one.
const maxAtoms = 128

func (d *Document) grantsOf(s *Statement, to Grantee) []Grant {
	vars := d.hasVariables()
	whole := Grant{
		Ref: s.Ref, Grantee: to, Actions: sorted(s.Actions), NotAction: s.NotAction, Resources: sorted(s.Resources),
		NotResource: s.NotResource, Limited: Yes, Sourced: s.sourced(vars), Holds: Yes,
	}
	for _, t := range s.Conditions {
		whole.Constraints = append(whole.Constraints, t.String())
	}
	slices.Sort(whole.Constraints)
	switch to.Kind {
	case ToAnyone, ToAnyAccount:
		whole.Limited = d.limitedFor(s, whole.denyable(), whole.Resources)
	case ToFederated, ToUnclear:
		whole.Limited = s.public(vars).Answer.not()
	default:
	}
	actions, resources := whole.Actions, whole.Resources
	if s.NotAction {
		actions = []string{"*"}
	}
	if s.NotResource || s.Resources == nil {
		resources = []string{"*"}
	}
	if len(actions)*len(resources) > maxAtoms {
		resources = []string{"*"}
	}
	if len(actions) > maxAtoms {
		actions = []string{"*"}
	}
	type state struct {
		holds  Answer
		unless string
	}
	pieces := map[string]Grant{}
	byState := map[state]map[string][]string{} // actions by resources
	same := map[state]bool{}
	for _, a := range actions {
		rows := map[state][]string{}
		for _, r := range resources {
			holds, unless := d.remains(s, to, a, r)
			if holds == No {
				same[state{}] = true
				continue
			}
			st := state{holds, strings.Join(unless, "\x00")}
			same[st] = true
			rows[st] = append(rows[st], r)
		}
		for st, list := range rows {
			if byState[st] == nil {
				byState[st] = map[string][]string{}
			}
			key := strings.Join(list, "\x00")
			byState[st][key] = append(byState[st][key], a)
		}
	}
	for st, rows := range byState {
		for key, list := range rows {
			g := whole
			g.Holds = st.holds
			if st.unless != "" {
				g.Unless = strings.Split(st.unless, "\x00")
			}
			if len(same) > 1 && !s.NotAction && len(s.Actions) <= maxAtoms {
				g.Actions = list
			}
			if len(same) > 1 && len(s.Resources) > 0 && !s.NotResource && len(resources) == len(s.Resources) {
				g.Resources = strings.Split(key, "\x00")
			}
			pieces[g.String()] = g
		}
	}
	keys := make([]string, 0, len(pieces))
	for k := range pieces {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	out := make([]Grant, len(keys))
	for i, k := range keys {
		out[i] = pieces[k]
	}
	return out
}

// denyable gives the action patterns that a Deny has to cover.
func (g Grant) denyable() []string {
	if g.NotAction {
		return []string{"*"}
	}
	return g.Actions
}

func sorted(list []string) []string {
	if list == nil {
		return nil
	}
	out := slices.Clone(list)
	slices.Sort(out)
	return slices.Compact(out)
}

// remains tells whether an Allow still gives something of an action pattern and a resource pattern to a grantee.
func (d *Document) remains(s *Statement, to Grantee, action, resource string) (Answer, []string) {
	result := No
	var unless []string
	for _, base := range d.contextsIn(to) {
		a, by := d.remainsFor(s, to, base, action, resource)
		result = result.or(a)
		for _, x := range by {
			if !slices.Contains(unless, x) {
				unless = append(unless, x)
			}
		}
	}
	if result != No {
		unless = append(unless, d.deniedInPart(to)...)
	}
	return result, unless
}

func (d *Document) remainsFor(s *Statement, to Grantee, base requestContext, action, resource string) (Answer, []string) {
	allow := &rule{st: s, vars: d.hasVariables(), applies: Yes, direct: true, free: true, granted: true}
	e := &evaluation{base: s.facts(base, d.hasVariables()), attached: true, resource: []*rule{allow}}
	e.resource = append(e.resource, d.deniesFor(to)...)
	area := newArea(lower(action))
	// First, what every action of the pattern meets.
	j := &judge{e: e, whole: true}
	var matched []Answer
	exact := true
	for _, r := range e.resource {
		m := r.applies
		if r != allow {
			m = m.and(r.speaksOf(area))
			exact = exact && m != Unknown
		}
		if m != No {
			j.rules, j.groups, matched = append(j.rules, r), append(j.groups, ofResource), append(matched, m)
		}
	}
	if s.NotAction && allow.speaksOf(area) == No {
		return No, nil
	}
	if len(j.rules) == 1 && len(s.Conditions) == 0 && !s.NotResource {
		return Yes, nil
	}
	// Most often one resource that fits is enough, and no walk is needed.
	if one := instance(resource); one != resource {
		k := *j
		k.fill(one, matched)
		if k.decision().Some == Yes {
			return Yes, j.touching(resource)
		}
	}
	j.fill(resource, matched)
	dec := j.decision()
	if dec.Some != Unknown || exact {
		return dec.Some, dec.Against
	}
	// Then single actions of it.
	tried := map[string]bool{}
	for _, one := range candidateActions(action) {
		if matchesAction(s, lower(one)) != Yes {
			continue
		}
		key := ""
		for _, r := range e.resource {
			key += matchesAction(r.st, lower(one)).String()[:1]
		}
		if tried[key] {
			continue
		}
		tried[key] = true
		if e.decide(lower(one), instance(resource)).Some == Yes || e.decide(lower(one), resource).Some == Yes {
			return Yes, dec.Against
		}
	}
	return Unknown, dec.Against
}

// fill takes the resources of a pattern apart, for rules whose actions match as given.
func (j *judge) fill(resource string, matched []Answer) {
	j.cells, j.whole = j.e.cells(j.rules, newArea(resource))
	for _, c := range j.cells {
		for i := range c.match {
			c.match[i] = c.match[i].and(matched[i])
		}
	}
}

// touching names the Deny statements that speak of some of the resources.
func (j *judge) touching(resource string) []string {
	to := newArea(resource)
	var out []string
	for _, r := range j.rules {
		if r.st.Effect != Deny {
			continue
		}
		touches := r.st.NotResource || r.st.Resources == nil
		for _, text := range r.st.Resources {
			for _, g := range resourceGlobs(text, r.vars, to).globs {
				if !r.st.NotResource {
					touches = touches || g.overlaps(to.glob)
				} else if g.covers(to.glob) {
					touches = false
				}
			}
		}
		if touches {
			out = append(out, r.String())
		}
	}
	return out
}

// speaksOf tells whether a statement's actions hold all of an area (Yes), none (No), or a part.
func (r *rule) speaksOf(to area) Answer {
	result := No
	for _, a := range r.st.Actions {
		switch rel, sure := relateAction(a, to); rel {
		case covered:
			result = result.or(answerIf(sure))
		case partly:
			result = result.or(Unknown)
		case apart:
		}
	}
	if r.st.NotAction {
		return result.not()
	}
	return result
}

// candidateActions gives existing actions that a pattern matches.
func candidateActions(pattern string) []string {
	g, _ := actionGlob(lower(pattern))
	var out []string
	for _, list := range [][]string{objectActions, bucketActions, keyActions, assumeActions} {
		for _, a := range list {
			if g.match(lower(a)) {
				out = append(out, a)
			}
		}
	}
	if len(out) == 0 {
		out = append(out, instance(pattern))
	}
	return out
}

var (
	keyActions = strings.Fields(`kms:Decrypt kms:Encrypt kms:GenerateDataKey kms:GenerateDataKeyWithoutPlaintext
		kms:ReEncryptFrom kms:ReEncryptTo kms:DescribeKey kms:CreateGrant kms:Sign kms:Verify kms:GetPublicKey
		kms:GenerateMac kms:VerifyMac kms:PutKeyPolicy kms:GetKeyPolicy kms:ListGrants kms:RevokeGrant kms:RetireGrant
		kms:ScheduleKeyDeletion kms:DisableKey kms:EnableKey kms:TagResource kms:DeriveSharedSecret`)
	assumeActions = strings.Fields(`sts:AssumeRole sts:AssumeRoleWithSAML sts:AssumeRoleWithWebIdentity`)
)
