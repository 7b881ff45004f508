package examination

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/inventory/iam"
	"github.com/ourshare/ourshare/internal/inventory/s3"
)

// tally counts, so that a judge that always says unknown fails.
type tally map[finding.Status]int

func (n tally) check(t *testing.T, atMost float64) {
	t.Helper()
	all := n[finding.Pass] + n[finding.Fail] + n[finding.Unknown]
	t.Logf("%v", n)
	if all < 50 || n[finding.Pass] == 0 || n[finding.Fail] == 0 || float64(n[finding.Unknown]) > atMost*float64(all) {
		t.Errorf("of %d cases: %v", all, n)
	}
}

func (n tally) compare(t *rapid.T, v finding.Status, message string, fails bool, what string) {
	n[v]++
	if v == finding.Pass && fails || v == finding.Fail && !fails {
		t.Fatalf("%s (%s); the requests say fail: %t, for %s", v, message, fails, what)
	}
}

// Some request over plain HTTP is left, or none.
func TestRandomTLSOnly(t *testing.T) {
	n := tally{}
	rapid.Check(t, func(t *rapid.T) {
		lines := drawLines(t, s3Actions, s3Areas, terms[:6])
		lines = append(lines, line{effect: "Deny", principal: `"*"`, names: parties[0].names, actions: []string{"s3:*"}, resources: pick(t, "base", s3Areas), terms: terms[:1]})
		fails := slices.ContainsFunc(s3Requests, func(r request) bool {
			return !slices.ContainsFunc(lines, func(l line) bool { return l.effect == "Deny" && l.speaksOf(r) })
		})
		p := bare()
		p.policy = known(s3.Policy{Document: text(lines)})
		v := p.verdict(t, "s3-bucket-tls-only")
		n.compare(t, v.Status, v.Message, fails, text(lines))
	})
	n.check(t, 0.2)
}

// Public by AWS's definition, and what remains of it by the settings; with one piece of evidence denied the verdict stays, or is
// unknown where another value of that piece would change it.
func TestRandomPublic(t *testing.T) {
	n := tally{}
	policies := func(t *rapid.T) (change, bool) {
		if rapid.IntRange(0, 3).Draw(t, "none") == 0 {
			return func(p *pile) { p.policy = none[s3.Policy]() }, false
		}
		lines := drawLines(t, s3Actions, s3Areas, terms)
		public := slices.ContainsFunc(lines, func(l line) bool {
			return l.effect == "Allow" && l.everyone && !slices.ContainsFunc(l.terms, func(t term) bool { return t.fixes })
		})
		return func(p *pile) { p.policy = known(s3.Policy{Document: text(lines)}) }, public
	}
	sets := [][]string{{}, {"RestrictPublicBuckets"}, {"IgnorePublicAcls"}, {"BlockPublicAcls", "BlockPublicPolicy"}, {"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"}}
	acls := []string{"", s3.AllUsers, s3.AuthenticatedUsers, s3.LogDelivery}
	owners := []string{"", "BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"}
	type state struct {
		policy                  bool
		group, owner            string
		bucketBlock, accountSet []string
	}
	public := func(s state) bool {
		both := slices.Concat(s.bucketBlock, s.accountSet)
		aclIs := s.group == s3.AllUsers || s.group == s3.AuthenticatedUsers
		return s.policy && !slices.Contains(both, "RestrictPublicBuckets") ||
			aclIs && !slices.Contains(both, "IgnorePublicAcls") && s.owner != "BucketOwnerEnforced"
	}
	rapid.Check(t, func(t *rapid.T) {
		set, isPublic := policies(t)
		s := state{policy: isPublic, group: pick(t, "group", acls), owner: pick(t, "owner", owners), bucketBlock: pick(t, "block", sets), accountSet: pick(t, "account", sets)}
		p := bare(set, bucketBlock(s.bucketBlock...), accountBlock(s.accountSet...))
		if s.group != "" {
			grant(s.group, pick(t, "permission", []string{"READ", "WRITE", "READ_ACP", "FULL_CONTROL"}))(p)
		}
		if s.owner != "" {
			owned(s.owner)(p)
		}
		v := p.verdict(t, "s3-bucket-not-public")
		n.compare(t, v.Status, v.Message, public(s), fmt.Sprintf("%+v", s))
		var others []state
		switch rapid.IntRange(0, 4).Draw(t, "denied") {
		case 0:
			p.policy = lost[s3.Policy]()
			for _, b := range []bool{false, true} {
				o := s
				o.policy = b
				others = append(others, o)
			}
		case 1:
			p.acl = lost[s3.ACL]()
			for _, g := range acls {
				o := s
				o.group = g
				others = append(others, o)
			}
		case 2:
			p.ownership = lost[s3.Ownership]()
			for _, by := range owners {
				o := s
				o.owner = by
				others = append(others, o)
			}
		case 3:
			p.block = lost[s3.PublicAccessBlock]()
			for _, names := range sets {
				o := s
				o.bucketBlock = names
				others = append(others, o)
			}
		default:
			p.account = lost[s3.PublicAccessBlock]()
			for _, names := range sets {
				o := s
				o.accountSet = names
				others = append(others, o)
			}
		}
		after := p.verdict(t, "s3-bucket-not-public")
		open := slices.ContainsFunc(others, func(o state) bool { return public(o) != public(s) })
		if open && after.Status != finding.Unknown || !open && v.Status != finding.Unknown && after.Status != v.Status {
			t.Fatalf("%+v: %s (%s); it could be otherwise: %t; with all evidence %s", s, after.Status, after.Message, open, v.Status)
		}
	})
	n.check(t, 0.2)
}

// A role's trust policy, by trying callers. For everyone: strangers who bring what they can; for other accounts: all but the own
// account's.
func TestRandomTrust(t *testing.T) {
	anyone, others, together := tally{}, tally{}, 0
	words := append(slices.Clone(terms[3:]),
		term{"StringEquals", "sts:ExternalId", `"x7"`, func(r request) bool { return r.external == "x7" }, false},
		term{"StringNotEquals", "sts:ExternalId", `"x7"`, func(r request) bool { return r.external != "x7" }, false},
	)
	actions := [][]string{{"sts:AssumeRole"}, {"sts:*"}, {"sts:TagSession"}, {"sts:Assume*"}}
	rapid.Check(t, func(t *rapid.T) {
		lines := drawLines(t, actions, nil, words)
		tried := func(who []string, ways ...way) bool {
			for _, w := range who {
				for _, from := range ways {
					for _, id := range []string{"", "x7"} {
						for _, loner := range []bool{false, true} {
							if allowed(lines, request{who: w, action: "sts:AssumeRole", from: from, external: id, tls: true, loner: loner}) {
								return true
							}
						}
					}
				}
			}
			return false
		}
		trust := text(lines)
		r := func(id string) (finding.Status, string) {
			v := assumedBy(t, id, trust)
			return v.Status, v.Message
		}
		status, message := r("iam-role-assumable-by-anyone")
		stranger := []string{"arn:aws:iam::999999999999:user/u"}
		// What only several Deny statements together limit to an address may be called open: strangers do get in, from there.
		denials := len(slices.DeleteFunc(slices.Clone(lines), func(l line) bool { return l.effect != "Deny" }))
		ways := []way{anywhere, endpoint}
		if status == finding.Fail && denials > 1 && !tried(stranger, ways...) {
			together++
			ways = append(ways, office)
		}
		anyone.compare(t, status, message, tried(stranger, ways...), trust)
		status, message = r("iam-role-assumable-by-other-accounts")
		foreign := []string{"arn:aws:iam::444455556666:user/u", "arn:aws:iam::444455556666:role/x", "arn:aws:iam::777788889999:user/u", "arn:aws:iam::999999999999:user/u"}
		others.compare(t, status, message, tried(foreign, anywhere, office, endpoint), trust)
	})
	anyone.check(t, 0.2)
	if all := anyone[finding.Fail]; together*20 > all {
		t.Errorf("%d of %d fails are open from one address alone", together, all)
	}
	others.check(t, 0.3)
}

func assumedBy(t tester, id, trust string) (v struct {
	Status  finding.Status
	Message string
},
) {
	r := principal(iam.RoleKind, "door")
	r.Trust = &trust
	c := &crowd{judged: r}
	c.judged.ID = "judged"
	got := c.verdict(t, id)
	v.Status, v.Message = got.Status, got.Message
	if reason := inventory.Reason(got.Why...); reason != nil {
		v.Message = reason.Text
	}
	return v
}
