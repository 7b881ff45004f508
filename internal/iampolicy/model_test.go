package iampolicy

import (
	"encoding/json"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// A model of AWS's evaluation logic, apart from the reasoning: it decides one request at a time, all of whose values are
// known, from the raw JSON. It is written from "How AWS enforcement code logic evaluates requests to allow or deny access",
// "Cross-account policy evaluation logic", "Permissions boundaries for IAM entities" and "Condition operators".

const (
	mine   = "111111111111"
	theirs = "222222222222"
)

// modelCaller is a principal of the universe.
type modelCaller struct {
	arn, account, kind string
	bounded            bool
	identity, boundary []rawStatement
}

// modelContext is what a request holds besides.
type modelContext map[string]string

var modelContexts = func() []modelContext {
	var out []modelContext
	for _, mfa := range []string{"", "true", "false"} {
		for _, ip := range []string{"10.0.0.1", "9.9.9.9", ""} {
			for _, tls := range []string{"true", "false"} {
				c := modelContext{"aws:SecureTransport": tls}
				if mfa != "" {
					c["aws:MultiFactorAuthPresent"] = mfa
				}
				if ip != "" {
					c["aws:SourceIp"] = ip
				}
				out = append(out, c)
			}
		}
	}
	return out
}()

func modelMatches(list []string, v string, fold bool) bool {
	return slices.ContainsFunc(list, func(p string) bool {
		if fold {
			return naive(strings.ToLower(p), strings.ToLower(v))
		}
		if p == "*" {
			return true
		}
		return naive(p, v)
	})
}

func (s rawStatement) modelSpeaks(action, resource string) bool {
	a := s.Action != nil && modelMatches(s.Action, action, true) || s.NotAction != nil && !modelMatches(s.NotAction, action, true)
	r := s.Resource != nil && modelMatches(s.Resource, resource, false) ||
		s.NotResource != nil && !modelMatches(s.NotResource, resource, false)
	return a && r
}

func (s rawStatement) modelHolds(c modelContext) bool {
	for op, keys := range s.Condition {
		for key, want := range keys {
			got, there := c[key]
			base, ifExists := strings.CutSuffix(op, "IfExists")
			var ok bool
			switch base {
			case "Bool", "StringEquals", "ArnEquals":
				ok = there && slices.Contains(want, got) || !there && ifExists
			case "StringNotEquals":
				ok = !there || !slices.Contains(want, got)
			case "StringLike", "ArnLike":
				ok = there && slices.ContainsFunc(want, func(p string) bool { return naive(p, got) }) || !there && ifExists
			case "StringNotLike", "ArnNotLike":
				ok = !there || !slices.ContainsFunc(want, func(p string) bool { return naive(p, got) })
			case "Null":
				ok = there == (want[0] == "false")
			case "IpAddress", "NotIpAddress":
				in := there && slices.ContainsFunc(want, func(p string) bool {
					return netip.MustParsePrefix(p).Contains(netip.MustParseAddr(got))
				})
				ok = in && base == "IpAddress" || !in && base == "NotIpAddress" || !there && ifExists
			default:
				panic("the model does not know " + op)
			}
			if !ok {
				return false
			}
		}
	}
	return true
}

func modelAny(list []rawStatement, effect string, action, resource string, c modelContext) bool {
	return slices.ContainsFunc(list, func(s rawStatement) bool {
		return s.Effect == effect && s.modelSpeaks(action, resource) && s.modelHolds(c)
	})
}

// modelNames tells how a resource's statement names a caller: "", "account", "role" or "free".
func (s rawStatement) modelNames(who modelCaller) string {
	best := ""
	for _, id := range s.Principal.(map[string][]string)["AWS"] {
		switch {
		case id == "*":
			return "free"
		case id == who.arn && who.kind == "user":
			return "free"
		case id == who.arn:
			best = "role"
		case id == who.account && best == "":
			best = "account"
		}
	}
	return best
}

// modelAllows decides one request.
func modelAllows(who modelCaller, resource []rawStatement, owner, action, arn string, c modelContext) bool {
	c = maps.Clone(c)
	c["aws:PrincipalArn"], c["aws:PrincipalAccount"] = who.arn, who.account
	var byAccount, byRole, free bool
	for _, s := range resource {
		name := s.modelNames(who)
		if name == "" || !s.modelSpeaks(action, arn) || !s.modelHolds(c) {
			continue
		}
		if s.Effect == "Deny" {
			return false
		}
		byAccount, byRole, free = byAccount || name == "account", byRole || name == "role", free || name == "free"
	}
	if modelAny(who.identity, "Deny", action, arn, c) || modelAny(who.boundary, "Deny", action, arn, c) {
		return false
	}
	byIdentity := modelAny(who.identity, "Allow", action, arn, c)
	within := !who.bounded || modelAny(who.boundary, "Allow", action, arn, c)
	if who.account != owner {
		return (byAccount || byRole || free) && byIdentity && within
	}
	return free || byRole && within || byIdentity && within
}

var (
	modelActions   = []string{"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "iam:PassRole"}
	modelResources = []string{
		"arn:aws:s3:::b/a", "arn:aws:s3:::b/ab", "arn:aws:s3:::b/logs/x", "arn:aws:s3:::c/a", "arn:aws:s3:::b/", "arn:aws:s3:::b/zz",
	}
	modelAsked = append([]string{"arn:aws:s3:::b/*", "arn:aws:s3:::*", "arn:aws:s3:::b/a*", "arn:aws:s3:::b/?"}, modelResources...)

	drawnActions   = []string{"*", "s3:*", "s3:Get*", "S3:putobject", "s3:*Object", "s3:DeleteObject", "iam:*", "iam:PassRole"}
	drawnResources = []string{
		"*", "arn:aws:s3:::*", "arn:aws:s3:::b/*", "arn:aws:s3:::b/a*", "arn:aws:s3:::b/logs/*", "arn:aws:s3:::c/*", "arn:aws:s3:::b/a",
		"arn:aws:s3:::b/??", "arn:aws:s3:::?/a",
	}
	drawnPrincipals = []string{
		"*", mine, theirs, "arn:aws:iam::" + mine + ":user/alice", "arn:aws:iam::" + mine + ":role/app",
		"arn:aws:iam::" + theirs + ":user/eve",
	}
	drawnConditions = []map[string]map[string][]string{
		{},
		{},
		{},
		{"Bool": {"aws:MultiFactorAuthPresent": {"true"}}},
		{"BoolIfExists": {"aws:MultiFactorAuthPresent": {"false"}}},
		{"Null": {"aws:MultiFactorAuthPresent": {"true"}}},
		{"Bool": {"aws:SecureTransport": {"false"}}},
		{"IpAddress": {"aws:SourceIp": {"10.0.0.0/8"}}},
		{"NotIpAddress": {"aws:SourceIp": {"10.0.0.0/8"}}},
		{"NotIpAddressIfExists": {"aws:SourceIp": {"10.0.0.0/8"}}},
		{"ArnLike": {"aws:PrincipalArn": {"arn:aws:iam::" + mine + ":user/*"}}},
		{"ArnNotLike": {"aws:PrincipalArn": {"arn:aws:iam::" + mine + ":role/*"}}},
		{"StringNotEquals": {"aws:PrincipalAccount": {mine}}},
		{"Bool": {"aws:MultiFactorAuthPresent": {"true"}}, "IpAddress": {"aws:SourceIp": {"10.0.0.0/8"}}},
	}
)

func drawList(t *rapid.T, what string, from []string) (list, not []string) {
	list = rapid.SliceOfN(rapid.SampledFrom(from), 1, 3).Draw(t, what)
	if rapid.IntRange(0, 4).Draw(t, "not "+what) == 0 {
		return nil, list
	}
	return list, nil
}

func drawRequestStatement(t *rapid.T, withPrincipal bool) rawStatement {
	s := rawStatement{
		Effect:    rapid.SampledFrom([]string{"Allow", "Allow", "Deny"}).Draw(t, "effect"),
		Condition: rapid.SampledFrom(drawnConditions).Draw(t, "condition"),
	}
	s.Action, s.NotAction = drawList(t, "actions", drawnActions)
	s.Resource, s.NotResource = drawList(t, "resources", drawnResources)
	if withPrincipal {
		s.Principal = map[string][]string{"AWS": rapid.SliceOfN(rapid.SampledFrom(drawnPrincipals), 1, 2).Draw(t, "principals")}
	}
	return s
}

func drawStatements(t *rapid.T, withPrincipal bool) []rawStatement {
	n := rapid.IntRange(0, 4).Draw(t, "statements")
	out := make([]rawStatement, 0, n)
	for range n {
		out = append(out, drawRequestStatement(t, withPrincipal))
	}
	return out
}

func documentOf(t *rapid.T, list []rawStatement) *Document {
	if len(list) == 0 {
		return &Document{Version: Version2012}
	}
	return parseRaw(t, list)
}

func drawCaller(t *rapid.T) modelCaller {
	who := rapid.SampledFrom([]modelCaller{
		{arn: "arn:aws:iam::" + mine + ":user/alice", account: mine, kind: "user"},
		{arn: "arn:aws:iam::" + mine + ":user/bob", account: mine, kind: "user"},
		{arn: "arn:aws:iam::" + mine + ":role/app", account: mine, kind: "role"},
		{arn: "arn:aws:iam::" + theirs + ":user/eve", account: theirs, kind: "user"},
	}).Draw(t, "who")
	who.identity = drawStatements(t, false)
	if who.bounded = rapid.IntRange(0, 2).Draw(t, "bounded") == 0; who.bounded {
		who.boundary = drawStatements(t, false)
	}
	return who
}

// identityOf gives the caller to the reasoning, its statements split between a user and a group now and then.
func identityOf(t *rapid.T, who modelCaller) (*Account, *Identity) {
	a := &Account{ID: mine}
	id := Identity{ARN: who.arn, Kind: IdentityKind(who.kind)}
	list := who.identity
	if who.kind == "user" && len(list) > 1 && rapid.Bool().Draw(t, "in a group") {
		id.Groups = []string{"devs"}
		a.Identities = append(a.Identities, Identity{
			ARN: "arn:aws:iam::" + mine + ":group/devs", Kind: Group, Policies: []Policy{{Name: "g", Document: documentOf(t, list[:1])}},
		})
		list = list[1:]
	}
	for _, s := range list {
		id.Policies = append(id.Policies, Policy{Name: "p", Document: documentOf(t, []rawStatement{s})})
	}
	if who.bounded {
		id.Boundary = &Policy{Name: "b", Document: documentOf(t, who.boundary)}
	}
	return a, &id
}

func TestDecisionAgreesWithModel(t *testing.T) {
	unknown, total := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		who := drawCaller(t)
		raw := drawStatements(t, true)
		a, id := identityOf(t, who)
		of := &ResourcePolicy{Account: mine}
		if len(raw) > 0 {
			of.Document = parseRaw(t, raw)
		}
		for _, action := range modelActions {
			for _, asked := range modelAsked {
				d := a.Decide(id, action, asked, of)
				total++
				check := func(ok bool, what string) {
					if !ok {
						text, _ := json.MarshalIndent([]any{who, raw}, "", " ")
						t.Fatalf("%s on %s by %s: got %+v, but %s\n%s", action, asked, who.arn, d, what, text)
					}
				}
				some, always := false, true
				allIn := make([]bool, len(modelContexts))
				for n, c := range modelContexts {
					allIn[n] = true
					for _, r := range modelResources {
						if !naive(asked, r) {
							continue
						}
						ok := modelAllows(who, raw, mine, action, r, c)
						some, always, allIn[n] = some || ok, always && ok, allIn[n] && ok
					}
				}
				switch d.Some {
				case Yes:
					ever, ever2 := false, true
					for _, c := range modelContexts {
						ok := modelAllows(who, raw, mine, action, d.Resource, c)
						ever, ever2 = ever || ok, ever2 && ok
					}
					check(naive(asked, d.Resource), "the resource is not among those asked for")
					check(ever, "the model never allows it on "+d.Resource)
					check(len(d.If) > 0 || ever2, "the model does not always allow it on "+d.Resource)
				case No:
					check(!some, "the model allows it")
				case Unknown:
					unknown++
					check(!some, "the model allows it in some circumstances")
				}
				switch d.All {
				case Yes:
					check(slices.Contains(allIn, true), "the model never allows all of them")
				case No:
					check(asked == "arn:aws:s3:::b/*" || asked == "arn:aws:s3:::*" || strings.ContainsAny(asked, "*?") || !always,
						"the model allows all of them")
				default:
				}
			}
		}
	})
	t.Logf("%d of %d decisions are unknown", unknown, total)
	if unknown*20 > total {
		t.Errorf("%d of %d decisions are unknown", unknown, total)
	}
}
