package iampolicy

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// plainContexts are those without MFA, which no condition here asks for.
var plainContexts = slices.DeleteFunc(slices.Clone(modelContexts), func(c modelContext) bool { return c["aws:MultiFactorAuthPresent"] != "" })

// outsider is a caller of a resource's policy in the model, seen from the resource alone.
type outsider struct {
	name, arn, account, org, service, sourceAccount string
}

var outsiders = []outsider{
	{name: "anonymous"},
	{name: "stranger", arn: "arn:aws:iam::" + stranger + ":user/someone", account: stranger, org: otherOrganization},
	{name: "loner", arn: "arn:aws:iam::" + stranger + ":user/someone", account: stranger},
	{name: "a stranger's role", arn: "arn:aws:iam::" + stranger + ":role/x", account: stranger, org: otherOrganization},
	{name: "a loner's role", arn: "arn:aws:iam::" + stranger + ":role/x", account: stranger},
	{name: "eve", arn: "arn:aws:iam::" + theirs + ":user/eve", account: theirs, org: "o-1"},
	{name: "adam", arn: "arn:aws:iam::" + theirs + ":user/adam", account: theirs, org: "o-1"},
	{name: "alice", arn: "arn:aws:iam::" + mine + ":user/alice", account: mine, org: "o-2"},
	{name: "trail", service: "cloudtrail.amazonaws.com", sourceAccount: mine},
	{name: "another's trail", service: "cloudtrail.amazonaws.com", sourceAccount: theirs},
}

var outsiderConditions = []map[string]map[string][]string{
	{},
	{},
	{},
	{},
	{"StringEquals": {"aws:PrincipalOrgID": {"o-1"}}},
	{"StringNotEquals": {"aws:PrincipalOrgID": {"o-1"}}},
	{"StringNotEqualsIfExists": {"aws:PrincipalOrgID": {"o-1"}}},
	{"StringEqualsIfExists": {"aws:PrincipalOrgID": {"o-1"}}},
	{"StringNotEquals": {"aws:PrincipalOrgID": {"o-1"}}, "Null": {"aws:PrincipalOrgID": {"false"}}},
	{"ArnNotLike": {"aws:PrincipalArn": {"arn:aws:iam::*:role/x"}}},
	{"StringEquals": {"aws:PrincipalAccount": {theirs}}},
	{"StringNotEquals": {"aws:PrincipalAccount": {theirs, mine}}},
	{"ArnLike": {"aws:PrincipalArn": {"arn:aws:iam::" + theirs + ":user/e*"}}},
	{"ArnNotLike": {"aws:PrincipalArn": {"arn:aws:iam::" + theirs + ":user/*"}}},
	{"StringEquals": {"aws:SourceAccount": {mine}}},
	{"Bool": {"aws:SecureTransport": {"false"}}},
	{"Bool": {"aws:SecureTransport": {"true"}}},
	{"IpAddress": {"aws:SourceIp": {"10.0.0.0/8"}}},
	{"NotIpAddress": {"aws:SourceIp": {"10.0.0.0/8"}}},
	{"Null": {"aws:PrincipalArn": {"true"}}},
}

var outsiderPrincipals = []map[string][]string{
	{"AWS": {"*"}},
	{"AWS": {"*"}},
	{"AWS": {theirs}},
	{"AWS": {"arn:aws:iam::" + theirs + ":user/eve"}},
	{"AWS": {mine}},
	{"Service": {"cloudtrail.amazonaws.com"}},
	{"AWS": {theirs, "*"}},
	{"AWS": {theirs}, "Service": {"cloudtrail.amazonaws.com"}},
}

func (s rawStatement) modelNamesOutsider(who outsider) bool {
	m := s.Principal.(map[string][]string)
	if who.service != "" {
		return slices.Contains(m["Service"], who.service) || slices.Contains(m["AWS"], "*")
	}
	return slices.ContainsFunc(m["AWS"], func(id string) bool {
		return id == "*" || who.arn != "" && (id == who.account || id == who.arn)
	})
}

func modelOutsider(list []rawStatement, who outsider, action, arn string, c modelContext) (allowedBy int, allowed bool) {
	c = maps.Clone(c)
	for key, v := range map[string]string{
		"aws:PrincipalArn": who.arn, "aws:PrincipalAccount": who.account, "aws:PrincipalOrgID": who.org,
		"aws:SourceAccount": who.sourceAccount,
	} {
		if v != "" {
			c[key] = v
		}
	}
	allowedBy = -1
	for i, s := range list {
		if !s.modelNamesOutsider(who) || !s.modelSpeaks(action, arn) || !s.modelHolds(c) {
			continue
		}
		if s.Effect == "Deny" {
			return -1, false
		}
		allowedBy = i
	}
	return allowedBy, allowedBy >= 0
}

// covers tells whether a grant is to a caller.
func (g Grant) modelCovers(who outsider) bool {
	switch g.Grantee.Kind {
	case ToAnyone:
		return true
	case ToAnyAccount:
		return who.account != "" || who.service != ""
	case ToAccount:
		return who.account == g.Grantee.ID
	case ToPrincipal:
		return who.arn == g.Grantee.ID
	case ToOrganization:
		return who.org == g.Grantee.ID
	case ToService:
		return who.service == g.Grantee.ID || who.service != "" && g.Grantee.ID == "*"
	default:
		return false
	}
}

func drawOutsiderPolicy(t *rapid.T) []rawStatement {
	var out []rawStatement
	for range rapid.IntRange(1, 4).Draw(t, "statements") {
		s := drawRequestStatement(t, false)
		s.Principal = rapid.SampledFrom(outsiderPrincipals).Draw(t, "principal")
		s.Condition = rapid.SampledFrom(outsiderConditions).Draw(t, "outsider condition")
		out = append(out, s)
	}
	return out
}

func TestGrantsAgreeWithModel(t *testing.T) {
	unknown, total := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		raw := drawOutsiderPolicy(t)
		grants := parseRaw(t, raw).Grants()
		fail := func(format string, args ...any) {
			text, _ := json.MarshalIndent(raw, "", " ")
			t.Errorf("%s\ngrants %q", text, grants)
			t.Fatalf(format, args...)
		}
		// Nothing that the model allows is left out.
		for _, who := range outsiders {
			for _, action := range modelActions {
				for _, arn := range modelResources {
					for _, c := range plainContexts {
						by, ok := modelOutsider(raw, who, action, arn, c)
						if ok && !slices.ContainsFunc(grants, func(g Grant) bool {
							s := rawStatement{Action: g.Actions, Resource: g.Resources}
							if g.NotAction {
								s.Action, s.NotAction = nil, g.Actions
							}
							if g.NotResource {
								s.Resource, s.NotResource = nil, g.Resources
							}
							return g.modelCovers(who) && s.modelSpeaks(action, arn)
						}) {
							fail("%s may %s on %s (%v) by statement %d, and no grant says so", who.name, action, arn, c, by+1)
						}
					}
				}
			}
		}
		// A grant to everyone that surely holds is used by someone unknown. Its action may be one of others than the model's.
		for _, g := range grants {
			total++
			if g.Holds == Unknown {
				unknown++
			}
			if g.Grantee.Kind != ToAnyone && g.Grantee.Kind != ToAnyAccount || g.Holds != Yes {
				continue
			}
			used := false
			for _, action := range append(slices.Clone(modelActions), "s3:GetObjectAcl", "s3:ListBucket", "s3:ListMultipartUploadParts", "s3:PutObjectAcl", "kms:Decrypt", "iam:x", "x") {
				for _, arn := range append(slices.Clone(modelResources), "arn:aws:s3:::x", "x", "arn:aws:s3:::b/logs/xx", "arn:aws:s3:::c/xxx", "arn:aws:s3:::b/axx", "arn:aws:s3:::x/a", "arn:aws:s3:::b/xx", "arn:aws:s3:::b/xxx") {
					for _, who := range outsiders[:5] {
						for _, c := range plainContexts {
							by, ok := modelOutsider(raw, who, action, arn, c)
							if used = used || ok && by >= 0; used {
								break
							}
						}
					}
				}
			}
			if !used {
				fail("nobody unknown uses %s", g)
			}
		}
	})
	t.Logf("%d of %d grants are unknown", unknown, total)
}

func TestWhoCanAgreesWithModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := drawOutsiderPolicy(t)
		b := &Bucket{Name: "b", Account: mine, Policy: parseRaw(t, raw), RestrictPublicBuckets: No, IgnorePublicACLs: Yes, OwnerEnforced: Yes}
		a := &Account{ID: mine}
		action := rapid.SampledFrom(modelActions[:3]).Draw(t, "action")
		list, _ := a.WhoCan(Question{Action: action, Resource: "arn:aws:s3:::b/*", Bucket: b})
		for _, who := range outsiders {
			if who.account == mine {
				continue
			}
			may := false
			for _, arn := range modelResources {
				for _, c := range plainContexts {
					if naive("arn:aws:s3:::b/*", arn) {
						_, ok := modelOutsider(raw, who, action, arn, c)
						may = may || ok
					}
				}
			}
			told := slices.ContainsFunc(list, func(x Access) bool { return x.Identity == nil && (Grant{Grantee: x.Grantee}).modelCovers(who) })
			if may && !told {
				text, _ := json.MarshalIndent(raw, "", " ")
				t.Fatalf("%s may %s, but the answer is %+v\n%s", who.name, action, list, text)
			}
		}
	})
}

func TestTrustAgreesWithModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := drawOutsiderPolicy(t)
		for i := range raw {
			raw[i].Resource, raw[i].NotResource, raw[i].NotAction = nil, nil, nil
			raw[i].Action = []string{rapid.SampledFrom([]string{"sts:AssumeRole", "sts:*", "sts:AssumeRoleWithSAML", "STS:assume*"}).Draw(t, "action")}
		}
		d := parseRaw(t, raw)
		anyone, others := d.AssumableByAnyone(), d.AssumableByOthers(mine)
		may := func(who outsider) (by int, ok bool) {
			with := slices.Clone(raw)
			for i := range with {
				with[i].Resource = []string{"*"}
			}
			for _, c := range plainContexts {
				// A stranger is nobody of the fixed network: who is denied everywhere else is limited to it, as by an Allow for it alone.
				if strings.HasPrefix(c["aws:SourceIp"], "10.") {
					continue
				}
				if by, ok := modelOutsider(with, who, "sts:AssumeRole", "role", c); ok {
					return by, true
				}
			}
			return -1, false
		}
		fail := func(format string, args ...any) {
			text, _ := json.MarshalIndent(raw, "", " ")
			t.Errorf("%s\n%+v\n%+v", text, anyone, others)
			t.Fatalf(format, args...)
		}
		by, strangerMay := -1, false
		for _, who := range outsiders[1:5] {
			if n, ok := may(who); ok {
				by, strangerMay = n, true
			}
		}
		if anyone.Answer == Yes && !strangerMay {
			fail("no stranger may")
		}
		if anyone.Answer == No && strangerMay && len(raw[by].Condition) == 0 {
			fail("a stranger may, by statement %d", by+1)
		}
		for _, who := range outsiders[1:7] {
			_, ok := may(who)
			if ok && !slices.ContainsFunc(others, func(f ForeignTrust) bool { return (Grant{Grantee: f.Grantee}).modelCovers(who) }) {
				fail("%s may, and is not told", who.name)
			}
		}
	})
}
