package iampolicy

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// stronger tells whether an answer gives at least as much as another, where Unknown is between No and Yes.
func stronger(a, b Answer) bool {
	rank := map[Answer]int{No: 0, Unknown: 1, Yes: 2}
	return rank[a] >= rank[b]
}

// judged are all answers of one small world.
type judged struct {
	Decisions []Answer
	Grants    []Answer // by caller of the model and action: the best grant that covers it
	Anyone    Answer
	Writable  Answer
	Key       Answer
	Admin     Answer
	WhoCan    int
}

func (w world) judge(t *rapid.T) judged {
	a := &Account{ID: mine, Identities: []Identity{w.identity(t)}}
	id := &a.Identities[0]
	policy := parseRaw(t, w.resource)
	of := &ResourcePolicy{Account: mine, Document: policy}
	var j judged
	for _, action := range modelActions {
		for _, r := range modelAsked[:6] {
			j.Decisions = append(j.Decisions, a.Decide(id, action, r, of).Some)
		}
	}
	j.Anyone = policy.AssumableByAnyone().Answer
	j.Key = policy.KeyPublic().Answer
	b := &Bucket{Name: "b", Account: mine, Policy: policy, RestrictPublicBuckets: No, IgnorePublicACLs: Yes, OwnerEnforced: Yes}
	j.Writable = b.WritableByAnyone().Answer
	j.Admin = a.Administrator(id).Answer
	grants := policy.Grants()
	for _, who := range outsiders {
		best := No
		for _, g := range grants {
			if g.modelCovers(who) {
				best = best.or(g.Holds)
			}
		}
		j.Grants = append(j.Grants, best)
	}
	return j
}

// world is one identity and one resource policy.
type world struct {
	own, boundary, resource []rawStatement
	bounded                 bool
}

func (w world) identity(t *rapid.T) Identity {
	id := Identity{ARN: "arn:aws:iam::" + mine + ":user/alice", Kind: User, UniqueID: "AIDAEXAMPLEOFALICE123"}
	for i, s := range w.own {
		id.Policies = append(id.Policies, Policy{Name: fmt.Sprint(i), Document: parseRaw(t, []rawStatement{s})})
	}
	if w.bounded {
		id.Boundary = &Policy{Name: "b", Document: documentOf(t, w.boundary)}
	}
	return id
}

func drawWorld(t *rapid.T) world {
	w := world{own: drawStatements(t, false), resource: drawOutsiderPolicy(t), bounded: rapid.Bool().Draw(t, "bounded")}
	if w.bounded {
		w.boundary = drawStatements(t, false)
	}
	return w
}

// compare checks every answer of two judgements.
func (j judged) compare(t *rapid.T, what string, other judged, ok func(before, after Answer) bool) {
	check := func(name string, before, after Answer) {
		if !ok(before, after) {
			t.Fatalf("%s: %s was %s and is %s", what, name, before, after)
		}
	}
	for i := range j.Decisions {
		check(fmt.Sprint("decision ", i), j.Decisions[i], other.Decisions[i])
	}
	for i := range j.Grants {
		check("grants to "+outsiders[i].name, j.Grants[i], other.Grants[i])
	}
	check("assumable by anyone", j.Anyone, other.Anyone)
	check("key public", j.Key, other.Key)
	check("writable", j.Writable, other.Writable)
	check("administrator", j.Admin, other.Admin)
}

func TestJudgementIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		before := w.judge(t)
		with := func(effect string) world {
			out := w
			s := drawRequestStatement(t, false)
			s.Effect = effect
			out.own = append(slices.Clone(w.own), s)
			r := drawOutsiderPolicy(t)[0]
			r.Effect = effect
			out.resource = append(slices.Clone(w.resource), r)
			if w.bounded {
				out.boundary = append(slices.Clone(w.boundary), s)
			}
			return out
		}
		before.compare(t, "an added Allow", with("Allow").judge(t), func(b, a Answer) bool { return stronger(a, b) })
		after := with("Deny").judge(t)
		// A Deny can name somebody whom it leaves out, of whom it is then told that a grant perhaps reaches it.
		for i := range after.Grants {
			if after.Grants[i] == Unknown && before.Grants[i] == No {
				after.Grants[i] = No
			}
		}
		before.compare(t, "an added Deny", after, stronger)
	})
}

func TestJudgementIgnoresSpelling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		before := w.judge(t)
		same := func(b, a Answer) bool { return a == b }
		change := func(f func([]rawStatement) []rawStatement) world {
			return world{own: f(w.own), boundary: f(w.boundary), resource: f(w.resource), bounded: w.bounded}
		}
		before.compare(t, "order of statements", change(func(l []rawStatement) []rawStatement {
			l = slices.Clone(l)
			slices.Reverse(l)
			return l
		}).judge(t), same)
		before.compare(t, "statements twice", change(func(l []rawStatement) []rawStatement { return slices.Concat(l, l) }).judge(t), same)
		before.compare(t, "case of actions, order of lists, case of keys", change(func(l []rawStatement) []rawStatement {
			l = slices.Clone(l)
			for i := range l {
				for _, list := range []*[]string{&l[i].Action, &l[i].NotAction, &l[i].Resource, &l[i].NotResource} {
					*list = slices.Clone(*list)
					slices.Reverse(*list)
				}
				for _, list := range [][]string{l[i].Action, l[i].NotAction} {
					for k := range list {
						list[k] = strings.ToUpper(list[k])
					}
				}
				conditions := map[string]map[string][]string{}
				for op, keys := range l[i].Condition {
					conditions[op] = map[string][]string{}
					for k, v := range keys {
						conditions[op][strings.ToLower(k)] = v
					}
				}
				l[i].Condition = conditions
			}
			return l
		}).judge(t), same)
	})
}

func TestLessEvidenceIsUnknown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		a := &Account{ID: mine, Identities: []Identity{w.identity(t)}}
		id := &a.Identities[0]
		policy := parseRaw(t, w.resource)
		of := &ResourcePolicy{Account: mine, Document: policy}
		type seen struct{ some, all, admin, writable Answer }
		look := func(of *ResourcePolicy, b *Bucket) []seen {
			var out []seen
			for _, action := range modelActions {
				d := a.Decide(id, action, "arn:aws:s3:::b/*", of)
				out = append(out, seen{d.Some, d.All, a.Administrator(id).Answer, b.WritableByAnyone().Answer})
			}
			return out
		}
		b := Bucket{Name: "b", Account: mine, Policy: policy, RestrictPublicBuckets: rapid.SampledFrom([]Answer{Yes, No}).Draw(t, "restrict"), IgnorePublicACLs: No, OwnerEnforced: No}
		if rapid.Bool().Draw(t, "acl") {
			b.ACL = []ACLGrant{{groupAllUsers, "WRITE"}}
		}
		before := look(of, &b)
		id.Policies = slices.Clone(id.Policies)
		switch rapid.IntRange(0, 5).Draw(t, "lost") {
		case 0:
			if len(id.Policies) > 0 {
				id.Policies[0].Document = nil
			}
		case 1:
			id.Missing = []string{"inline policies"}
		case 2:
			if id.Boundary != nil {
				id.Boundary = &Policy{Name: "b"}
			}
		case 3:
			of = &ResourcePolicy{Account: mine, Unread: true}
			b.Policy, b.PolicyUnread = nil, true
		case 4:
			b.ACL, b.ACLUnread = nil, true
		case 5:
			b.RestrictPublicBuckets, b.OwnerEnforced = Unknown, Unknown
		}
		for i, after := range look(of, &b) {
			ok := func(b, a Answer) bool { return a == b || a == Unknown }
			x := before[i]
			if !ok(x.some, after.some) || !ok(x.all, after.all) || !ok(x.admin, after.admin) || !ok(x.writable, after.writable) {
				t.Fatalf("before %+v, after %+v", x, after)
			}
		}
	})
}

func TestJudgementIsDeterministic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		look := func() []any {
			a := &Account{ID: mine, Identities: []Identity{w.identity(t)}}
			policy := parseRaw(t, w.resource)
			b := &Bucket{Name: "b", Account: mine, Policy: policy}
			list, _ := a.WhoCan(Question{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/*", Bucket: b})
			external, _ := b.ExternalAccess()
			return []any{policy.Grants(), policy.AssumableByAnyone(), policy.AssumableByOthers(mine), external, list, a.Administrator(&a.Identities[0])}
		}
		if diff := cmp.Diff(look(), look()); diff != "" {
			t.Error(diff)
		}
	})
}

func FuzzJudgement(f *testing.F) {
	for _, s := range []string{
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"},{"Effect":"Deny","NotPrincipal":{"AWS":["111111111111"]},"NotAction":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}*","Condition":{"StringNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/x?"},"DateLessThan":{"aws:TokenIssueTime":"2026"}}}]}`,
		`{"Statement":{"Effect":"Allow","Principal":{"Federated":"token.actions.githubusercontent.com","Service":"x.eu-west-1.amazonaws.com","CanonicalUser":"z"},"Action":["sts:*","kms:D*","s3:Put*"],"Condition":{"ForAllValues:StringLikeIfExists":{"token.actions.githubusercontent.com:sub":"repo:*"},"ArnLike":{"aws:SourceArn":"arn:aws:s3:::b*"}}}}`,
		`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*:*","NotResource":["arn:*","arn:aws:iam::111111111111:user/${aws:username}"],"Condition":{"Null":{"aws:userid":"false"},"IpAddress":{"aws:SourceIp":["::/0","10.0.0.0/8"]}}}}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := Parse(s)
		if err != nil || len(s) > 4096 {
			t.Skip() // no document, or one so long that the fuzzer would try few
		}
		id := Identity{ARN: "arn:aws:iam::" + mine + ":role/x", Kind: Role, Trust: d, Policies: []Policy{{Name: "p", ARN: on + "policy/p", Document: d}}, Boundary: &Policy{Document: d}}
		user := Identity{ARN: on + "user/y", Kind: User, Policies: id.Policies, Groups: []string{"g"}}
		a := &Account{ID: mine, Identities: []Identity{id, user}}
		b := &Bucket{Name: "b", Account: mine, Policy: d}
		for _, g := range d.Grants() {
			if g.Holds == No || g.String() == "" || len(g.Actions) == 0 {
				t.Errorf("not a grant: %+v", g)
			}
		}
		for _, v := range []Verdict{d.AssumableByAnyone(), d.KeyPublic(), b.WritableByAnyone()} {
			if len(v.Why) == 0 {
				t.Error("a verdict without proof")
			}
		}
		d.AssumableByOthers(mine)
		d.ServiceTrusts()
		d.ProviderTrusts()
		b.ExternalAccess()
		a.WhoCan(Question{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/*", Bucket: b})
		e := NewEscalator(a)
		for i := range a.Identities {
			if r := e.CanEscalate(&a.Identities[i]); r.Answer == Yes && (len(r.Paths) == 0 || r.Paths[0].Answer != Yes) {
				t.Errorf("a Yes without a path: %+v", r)
			}
		}
	})
}
