package iampolicy

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// A model of escalation, apart from the reasoning: an account whose state really changes. Whoever is controlled does all that
// it may, one request at a time, until nothing changes; then somebody who is controlled is an administrator, or nobody is.
// What each action does is written from the API reference of IAM, STS and Lambda, who may from the model of model_test.go.

// modelPolicy is a managed policy; AWS's own cannot be changed.
type modelPolicy struct {
	arn        string
	statements []rawStatement
}

type modelIdentity struct {
	arn, kind string // "user", "role", "group"
	inline    []rawStatement
	attached  []*modelPolicy
	boundary  *modelPolicy
	groups    []*modelIdentity
	trust     []string // of a role: ARNs, an account, "lambda"
}

type modelAccount struct {
	list     []*modelIdentity
	policies []*modelPolicy
	ours     map[*modelIdentity]bool // controlled
}

var modelFull = []rawStatement{{Effect: "Allow", Action: []string{"*"}, Resource: []string{"*"}, Condition: map[string]map[string][]string{}}}

func (id *modelIdentity) statements() []rawStatement {
	out := slices.Clone(id.inline)
	for _, p := range id.attached {
		out = append(out, p.statements...)
	}
	for _, g := range id.groups {
		out = append(out, g.statements()...)
	}
	return out
}

func (id *modelIdentity) may(action, resource string, c modelContext) bool {
	if id.kind == "group" {
		return false
	}
	own := id.statements()
	if modelAny(own, "Deny", action, resource, c) || !modelAny(own, "Allow", action, resource, c) {
		return false
	}
	return id.boundary == nil ||
		!modelAny(id.boundary.statements, "Deny", action, resource, c) && modelAny(id.boundary.statements, "Allow", action, resource, c)
}

// mayOnSome: policies of functions are not told apart by what an ARN is of.
func (id *modelIdentity) mayOnSome(action string) bool {
	return slices.ContainsFunc(append([]string{"arn:aws:lambda:us-east-1:" + mine + ":function:f"}, escalationResources...), func(resource string) bool {
		return id.may(action, resource, modelContext{})
	})
}

// administrator: all permissions, within a boundary of all, and one of the ways to give permissions is not denied.
func (id *modelIdentity) administrator() bool {
	all := func(list []rawStatement) bool {
		return slices.ContainsFunc(list, func(s rawStatement) bool {
			return s.Effect == "Allow" && slices.Contains(s.Action, "*") && slices.Contains(s.Resource, "*") && len(s.Condition) == 0
		})
	}
	own := id.statements()
	denies := own
	if id.boundary != nil {
		if !all(id.boundary.statements) {
			return false
		}
		denies = append(slices.Clone(own), id.boundary.statements...)
	}
	return all(own) && slices.ContainsFunc(grantingActions, func(action string) bool {
		return !slices.ContainsFunc(denies, func(s rawStatement) bool {
			return s.Effect == "Deny" && modelMatches(s.Action, action, true) && slices.Contains(s.Resource, "*") && len(s.Condition) == 0
		})
	})
}

func boundaryContext(id *modelIdentity) modelContext {
	if id.boundary == nil {
		return modelContext{}
	}
	return modelContext{"iam:PermissionsBoundary": id.boundary.arn}
}

// step lets one controlled identity do everything it may once, and tells whether the state changed.
func (a *modelAccount) step(by *modelIdentity) (changed bool) {
	give := func(list *[]rawStatement) {
		if !slices.ContainsFunc(*list, func(s rawStatement) bool { return fmt.Sprint(s) == fmt.Sprint(modelFull[0]) }) {
			*list, changed = append(slices.Clone(*list), modelFull...), true
		}
	}
	control := func(id *modelIdentity) {
		if !a.ours[id] {
			a.ours[id], changed = true, true
		}
	}
	attach := func(action string, to *modelIdentity, c modelContext) {
		for _, p := range a.policies {
			with := modelContext{"iam:PolicyARN": p.arn}
			for k, v := range c {
				with[k] = v
			}
			if !slices.Contains(to.attached, p) && by.may(action, to.arn, with) {
				to.attached, changed = append(to.attached, p), true
			}
		}
	}
	for _, p := range a.policies {
		if strings.Contains(p.arn, mine) && by.may("iam:CreatePolicyVersion", p.arn, modelContext{}) {
			give(&p.statements)
		}
	}
	for _, to := range slices.Clone(a.list) {
		kind := map[string]string{"user": "User", "role": "Role", "group": "Group"}[to.kind]
		c := modelContext{}
		if to.kind != "group" {
			c = boundaryContext(to)
		}
		if by.may("iam:Put"+kind+"Policy", to.arn, c) {
			give(&to.inline)
		}
		attach("iam:Attach"+kind+"Policy", to, c)
		if to.boundary != nil {
			if by.may("iam:Delete"+kind+"PermissionsBoundary", to.arn, c) {
				to.boundary, changed = nil, true
			} else if by.may("iam:Put"+kind+"PermissionsBoundary", to.arn, modelContext{"iam:PermissionsBoundary": a.policies[0].arn}) {
				if to.boundary != a.policies[0] {
					to.boundary, changed = a.policies[0], true
				}
			}
		}
		switch to.kind {
		case "user":
			if by.may("iam:CreateAccessKey", to.arn, modelContext{}) {
				control(to)
			}
		case "group":
			for id := range a.ours {
				if id.kind == "user" && !slices.Contains(id.groups, to) && by.may("iam:AddUserToGroup", to.arn, modelContext{}) {
					id.groups, changed = append(id.groups, to), true
				}
			}
		case "role":
			passes := by.may("iam:PassRole", to.arn, modelContext{"iam:PassedToService": "lambda.amazonaws.com"})
			if by.may("iam:UpdateAssumeRolePolicy", to.arn, c) || a.assumes(by, to) || passes && slices.Contains(to.trust, "lambda") &&
				by.mayOnSome("lambda:CreateFunction") && by.mayOnSome("lambda:InvokeFunction") {
				control(to)
			}
		}
	}
	for _, b := range append([]*modelPolicy{nil}, a.policies...) {
		id := &modelIdentity{arn: on + "role/new", kind: "role", boundary: b}
		made := slices.ContainsFunc(a.list, func(x *modelIdentity) bool { return x.arn == id.arn && x.boundary == b })
		if !made && by.may("iam:CreateRole", id.arn, boundaryContext(id)) {
			a.list = append(a.list, id)
			control(id)
		}
	}
	return changed
}

// assumes decides sts:AssumeRole: a trust policy that names the account leaves it to identity policies; one that names a user
// gives it by itself, and one that names a role within the boundary ("Permissions boundaries for IAM entities").
func (a *modelAccount) assumes(by, to *modelIdentity) bool {
	const action = "sts:AssumeRole"
	denied := modelAny(by.statements(), "Deny", action, to.arn, nil) || by.boundary != nil && modelAny(by.boundary.statements, "Deny", action, to.arn, nil)
	switch {
	case by.kind == "group" || denied:
		return false
	case slices.Contains(to.trust, by.arn):
		return by.kind == "user" || by.boundary == nil || modelAny(by.boundary.statements, "Allow", action, to.arn, nil)
	default:
		return slices.Contains(to.trust, mine) && by.may(action, to.arn, nil)
	}
}

func (a *modelAccount) escalates(start *modelIdentity) bool {
	a.ours = map[*modelIdentity]bool{start: true}
	for changed := true; changed; {
		changed = false
		for _, id := range slices.Clone(a.list) {
			if id.administrator() && a.ours[id] {
				return true
			}
			if a.ours[id] && a.step(id) {
				changed = true
			}
		}
	}
	return slices.ContainsFunc(a.list, func(id *modelIdentity) bool { return a.ours[id] && id.administrator() })
}

var (
	escalationActions = []string{
		"iam:PutUserPolicy", "iam:AttachUserPolicy", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:PutGroupPolicy", "iam:AttachGroupPolicy",
		"iam:CreateAccessKey", "sts:AssumeRole", "iam:UpdateAssumeRolePolicy", "iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction",
		"iam:DeleteUserPermissionsBoundary", "iam:DeleteRolePermissionsBoundary", "iam:PutUserPermissionsBoundary", "iam:CreatePolicyVersion",
		"iam:AddUserToGroup", "iam:CreateRole", "s3:GetObject", "lambda:CreateFunction", "lambda:InvokeFunction", "iam:PassRole",
	}
	escalationResources  = []string{"*", on + "user/x", on + "user/y", on + "role/r", on + "role/s", on + "group/g", on + "policy/team", on + "policy/limit", on + "role/*", on + "user/*"}
	escalationConditions = []map[string]map[string][]string{
		{},
		{},
		{},
		{},
		{"StringEquals": {"iam:PassedToService": {"lambda.amazonaws.com"}}},
		{"StringEquals": {"iam:PassedToService": {"ec2.amazonaws.com"}}},
		{"StringNotEquals": {"iam:PassedToService": {"ec2.amazonaws.com"}}},
		{"StringEquals": {"iam:PolicyARN": {on + "policy/team"}}},
		{"ArnEquals": {"iam:PolicyARN": {on + "policy/limit", "arn:aws:iam::aws:policy/IAMFullAccess"}}},
		{"StringEquals": {"iam:PermissionsBoundary": {on + "policy/limit"}}},
		{"Null": {"iam:PermissionsBoundary": {"true"}}},
	}
)

func drawEscalation(t *rapid.T, most int) []rawStatement {
	out := make([]rawStatement, 0, most)
	for range rapid.IntRange(0, most).Draw(t, "statements") {
		s := rawStatement{
			Effect:    rapid.SampledFrom([]string{"Allow", "Allow", "Allow", "Allow", "Deny"}).Draw(t, "effect"),
			Action:    rapid.SliceOfN(rapid.SampledFrom(escalationActions), 1, 5).Draw(t, "actions"),
			Resource:  []string{rapid.SampledFrom(escalationResources).Draw(t, "resource")},
			Condition: rapid.SampledFrom(escalationConditions).Draw(t, "condition"),
		}
		if rapid.IntRange(0, 3).Draw(t, "on all") == 0 {
			s.Resource = []string{"*"}
		}
		out = append(out, s)
	}
	return out
}

func drawModelAccount(t *rapid.T) *modelAccount {
	aws := func(name string, list ...rawStatement) *modelPolicy {
		return &modelPolicy{"arn:aws:iam::aws:policy/" + name, list}
	}
	a := &modelAccount{policies: []*modelPolicy{
		aws("AdministratorAccess", modelFull...), aws("IAMFullAccess", rawStatement{Effect: "Allow", Action: []string{"iam:*"}, Resource: []string{"*"}, Condition: map[string]map[string][]string{}}),
		{on + "policy/team", allowsOnly(drawEscalation(t, 2))},
		{on + "policy/limit", drawEscalation(t, 3)},
	}}
	team, limit := a.policies[2], a.policies[3]
	g := &modelIdentity{arn: on + "group/g", kind: "group", inline: drawEscalation(t, 1)}
	for _, name := range []string{"user/x", "user/y", "role/r", "role/s"} {
		kind, _, _ := strings.Cut(name, "/")
		id := &modelIdentity{arn: on + name, kind: kind, inline: drawEscalation(t, 3)}
		pick := func(what string) bool { return rapid.IntRange(0, 4).Draw(t, what) == 0 }
		if name != "user/x" && pick("all") {
			id.inline = append(id.inline, modelFull...)
		}
		if pick("team") {
			id.attached = []*modelPolicy{team}
		}
		if pick("bounded") {
			id.boundary = limit
		}
		if kind == "user" && pick("in the group") {
			id.groups = []*modelIdentity{g}
		}
		if kind == "role" {
			id.trust = []string{rapid.SampledFrom([]string{mine, "lambda", on + "user/y", on + "role/r", "ec2"}).Draw(t, "trust")}
		}
		a.list = append(a.list, id)
	}
	a.list = append(a.list, g)
	return a
}

// allowsOnly keeps the policy that may be attached from taking something away: the order of steps would matter.
func allowsOnly(list []rawStatement) []rawStatement {
	return slices.DeleteFunc(list, func(s rawStatement) bool { return s.Effect == "Deny" })
}

// reasoned gives the account to the reasoning.
func (a *modelAccount) reasoned(t *rapid.T) *Account {
	out := &Account{ID: mine}
	policy := func(p *modelPolicy) Policy {
		return Policy{Name: p.arn[strings.LastIndexByte(p.arn, '/')+1:], ARN: p.arn, Document: documentOf(t, p.statements)}
	}
	for _, p := range a.policies[1:] {
		out.Policies = append(out.Policies, policy(p))
	}
	for _, m := range a.list {
		id := Identity{ARN: m.arn, Kind: IdentityKind(m.kind), Policies: []Policy{{Name: "inline", Document: documentOf(t, m.inline)}}}
		for _, p := range m.attached {
			id.Policies = append(id.Policies, policy(p))
		}
		for _, g := range m.groups {
			id.Groups = append(id.Groups, g.arn)
		}
		if m.boundary != nil {
			b := policy(m.boundary)
			id.Boundary = &b
		}
		if m.kind == "role" {
			s := rawStatement{Effect: "Allow", Action: []string{"sts:AssumeRole"}, Principal: map[string][]string{"AWS": {m.trust[0]}}, Condition: map[string]map[string][]string{}}
			if !strings.HasPrefix(m.trust[0], "arn:") && m.trust[0] != mine {
				s.Principal = map[string][]string{"Service": {m.trust[0] + ".amazonaws.com"}}
			}
			id.Trust = parseRaw(t, []rawStatement{s})
		}
		out.Identities = append(out.Identities, id)
	}
	return out
}

func TestEscalationAgreesWithModel(t *testing.T) {
	var yes, no, unknown int
	rapid.Check(t, func(t *rapid.T) {
		m := drawModelAccount(t)
		a := m.reasoned(t)
		text, _ := json.MarshalIndent(a, "", " ")
		e := NewEscalator(a)
		already := m.list[0].administrator()
		if got := e.Administrator(&a.Identities[0]).Answer; got != answer(already) {
			t.Fatalf("administrator is %s, and the model says %t\n%s", got, already, text)
		}
		if already {
			return
		}
		got, want := e.CanEscalate(&a.Identities[0]), m.escalates(m.list[0])
		switch {
		case got.Answer == Unknown:
			unknown++
			reasons := 0
			for _, p := range got.Paths {
				if p.Answer == Unknown && p.Unsure != "" && p.Unsure != undecidedPath {
					reasons++
				}
			}
			if reasons == 0 || want {
				t.Fatalf("unknown, and the model says %t: %+v\n%s", want, got.Paths, text)
			}
		case got.Answer == Yes && !want || got.Answer == No && want:
			t.Fatalf("%s, and the model says %t: %+v\n%s", got.Answer, want, got.Paths, text)
		case want:
			yes++
		default:
			no++
		}
	})
	t.Logf("%d yes, %d no, %d unknown", yes, no, unknown)
	if yes == 0 || no == 0 {
		t.Error("the universe has only one answer")
	}
}
