package iampolicy

import (
	"strings"
	"testing"
)

func allowOn(resource, actions string) string {
	return `{"Effect":"Allow","Action":["` + strings.ReplaceAll(actions, " ", `","`) + `"],"Resource":"` + resource + `"}`
}

func allowIf(resource, actions, condition string) string {
	return strings.TrimSuffix(allowOn(resource, actions), "}") + `,"Condition":{` + condition + `}}`
}

func denyIf(resource, actions, condition string) string {
	return strings.Replace(allowIf(resource, actions, condition), "Allow", "Deny", 1)
}

// What is gained in combination. Without another source the rows are what the actions do by the Service Authorization
// Reference and the API reference of IAM.
func TestCombinedEscalation(t *testing.T) {
	const (
		accountTrust = `{"Effect":"Allow","Principal":{"AWS":"` + mine + `"},"Action":"sts:AssumeRole"}`
		admins       = "arn:aws:iam::aws:policy/AdministratorAccess"
		iamFull      = "arn:aws:iam::aws:policy/IAMFullAccess"
		team         = on + "policy/team"
		limit        = on + "policy/limit"
	)
	worker := roleWith(t, "worker", accountTrust)
	lambdaWorker := roleWith(t, "worker", trustService("lambda.amazonaws.com"))
	y := userWith(t, "y")
	policyOf := func(arn string, statements ...string) Policy {
		return Policy{Name: arn[strings.LastIndexByte(arn, '/')+1:], ARN: arn, Document: mustParse(t, statements...)}
	}
	tests := []struct {
		name       string
		statements []string
		boundary   *Policy
		others     []Identity
		policies   []Policy
		want       Answer
		path       string
	}{
		{
			"a role's policies and the role",
			[]string{allowOn("*", "iam:AttachRolePolicy sts:AssumeRole")},
			nil,
			[]Identity{worker},
			nil, Yes,
			"user x → sts:AssumeRole on role worker + iam:AttachRolePolicy on role worker → role worker (administrator)",
		},
		{"a role's policies without the role", []string{allowOn("*", "iam:AttachRolePolicy")}, nil, []Identity{worker}, nil, No, ""},
		{"another role's policies", []string{allowOn(on+"role/other", "iam:PutRolePolicy"), allowOn("*", "sts:AssumeRole")}, nil, []Identity{worker}, nil, No, ""},
		{
			"a role's policies and passing it",
			[]string{allowOn("*", "iam:PutRolePolicy iam:PassRole lambda:CreateFunction lambda:InvokeFunction")},
			nil,
			[]Identity{lambdaWorker},
			nil, Yes,
			"user x → iam:PassRole on role worker + lambda:CreateFunction + lambda:InvokeFunction + iam:PutRolePolicy on role worker → role worker (administrator)",
		},
		{"a role's policies and its trust", []string{allowOn("*", "iam:PutRolePolicy iam:UpdateAssumeRolePolicy")}, nil, []Identity{lambdaWorker}, nil, Yes, "iam:UpdateAssumeRolePolicy on role worker + iam:PutRolePolicy"},
		{"a user's policies and its key", []string{allowOn(on+"user/y", "iam:PutUserPolicy iam:CreateAccessKey")}, nil, []Identity{y}, nil, Yes, "user y (administrator)"},
		{"a user's key and not its policies", []string{allowOn(on+"user/y", "iam:CreateAccessKey")}, nil, []Identity{y}, nil, No, ""},
		{
			"another user that may change the first",
			[]string{allowOn(on+"user/y", "iam:CreateAccessKey")},
			nil,
			[]Identity{userWith(t, "y", allowOn(on+"user/x", "iam:AttachUserPolicy"))},
			nil, Yes,
			"user x → iam:CreateAccessKey on user y → user y → iam:AttachUserPolicy on user x → itself (administrator)",
		},
		{"a new role", []string{allowOn(on+"role/app-*", "iam:CreateRole iam:PutRolePolicy")}, nil, nil, nil, Yes, "user x → iam:CreateRole on role app-x + iam:PutRolePolicy on role app-x → role app-x (administrator)"},
		{"a new role without policies", []string{allowOn("*", "iam:CreateRole")}, nil, nil, nil, No, ""},
		{"a new role of one name, policies of another", []string{allowOn(on+"role/app", "iam:CreateRole"), allowOn(on+"role/other", "iam:PutRolePolicy")}, nil, nil, nil, No, ""},
		{"a new role of a name within both", []string{allowOn(on+"role/app-*", "iam:CreateRole"), allowOn(on+"role/*-ci", "iam:PutRolePolicy")}, nil, nil, nil, Yes, "on role app-ci"},
		{"a new user", []string{allowOn("*", "iam:CreateUser iam:AttachUserPolicy iam:CreateAccessKey")}, nil, nil, nil, Yes, "(administrator)"},
		{"a new user without a key", []string{allowOn(on+"user/app-*", "iam:CreateUser iam:AttachUserPolicy")}, nil, nil, nil, No, ""},
		{
			"a new user in the administrators' group",
			[]string{allowOn("*", "iam:CreateUser iam:CreateAccessKey"), allowOn("*", "iam:AddUserToGroup")},
			nil,
			[]Identity{{ARN: on + "group/admins", Kind: Group, Policies: []Policy{policyOf(admins, full)}}},
			nil, Yes, "iam:AddUserToGroup on group admins",
		},
		{
			"its boundary deleted",
			[]string{full},
			&Policy{Name: "limit", ARN: limit, Document: mustParse(t, allowOn("*", "s3:* iam:DeleteUserPermissionsBoundary"))}, nil, nil, Yes,
			"user x → iam:DeleteUserPermissionsBoundary on user x → itself (administrator)",
		},
		{"its boundary replaced", []string{full}, &Policy{Name: "limit", ARN: limit, Document: mustParse(t, allowOn("*", "s3:* iam:PutUserPermissionsBoundary"))}, nil, nil, Yes, "iam:PutUserPermissionsBoundary"},
		{
			"its boundary replaced by itself alone", []string{full}, &Policy{Name: "limit", ARN: limit, Document: mustParse(t,
				allowOn("*", "s3:*"), allowIf("*", "iam:PutUserPermissionsBoundary", `"StringEquals":{"iam:PermissionsBoundary":"`+limit+`"}`))}, nil, nil, No, "",
		},
		{"its boundary's policy changed", []string{full}, &Policy{Name: "limit", ARN: limit, Document: mustParse(t, allowOn(limit, "iam:CreatePolicyVersion"))}, nil, nil, Yes, "iam:CreatePolicyVersion on policy limit"},
		{"its boundary is AWS's own", []string{full}, &Policy{Name: "b", ARN: "arn:aws:iam::aws:policy/x", Document: mustParse(t, allowOn("*", "iam:CreatePolicyVersion"))}, nil, nil, No, ""},
		{"its boundary stays", []string{full}, &Policy{Name: "limit", ARN: limit, Document: mustParse(t, allowOn("*", "s3:* ec2:*"))}, nil, nil, No, ""},
		// iam:PolicyARN.
		{"any policy but AWS's", []string{allowIf("*", "iam:AttachUserPolicy", `"ArnLike":{"iam:PolicyARN":"`+on+`policy/*"}`)}, nil, nil, []Policy{policyOf(team, allowOn("*", "s3:*"))}, No, ""},
		{"any policy of its own", []string{allowIf("*", "iam:AttachUserPolicy", `"ArnLike":{"iam:PolicyARN":"`+on+`policy/*"}`), allowOn("*", "iam:CreatePolicy")}, nil, nil, nil, Yes, "iam:CreatePolicy + iam:AttachUserPolicy on user x"},
		{"a policy that is read and harmless", []string{allowIf("*", "iam:AttachUserPolicy", `"StringEquals":{"iam:PolicyARN":"`+team+`"}`)}, nil, nil, []Policy{policyOf(team, allowOn("*", "s3:*"))}, No, ""},
		{"a policy that gives everything", []string{allowIf("*", "iam:AttachUserPolicy", `"StringEquals":{"iam:PolicyARN":"`+team+`"}`)}, nil, nil, []Policy{policyOf(team, full)}, Yes, "iam:AttachUserPolicy on user x"},
		{"a policy that leads on", []string{allowIf("*", "iam:AttachUserPolicy", `"StringEquals":{"iam:PolicyARN":"`+team+`"}`)}, nil, nil, []Policy{policyOf(team, allowOn("*", "iam:PutUserPolicy"))}, Yes, "iam:AttachUserPolicy on user x + iam:PutUserPolicy on user x"},
		{"a policy that can be changed", []string{allowIf("*", "iam:AttachUserPolicy", `"StringEquals":{"iam:PolicyARN":"`+team+`"}`), allowOn(team, "iam:CreatePolicyVersion")}, nil, nil, []Policy{policyOf(team, allowOn("*", "s3:*"))}, Yes, "iam:CreatePolicyVersion"},
		{"a policy that was not read", []string{allowIf("*", "iam:AttachUserPolicy", `"StringEquals":{"iam:PolicyARN":"`+team+`"}`)}, nil, nil, []Policy{{Name: "team", ARN: team}}, Unknown, ""},
		{"two policies of AWS's", []string{allowIf("*", "iam:AttachUserPolicy", `"ArnEquals":{"iam:PolicyARN":["arn:aws:iam::aws:policy/ReadOnlyAccess"]}`)}, nil, nil, []Policy{policyOf("arn:aws:iam::aws:policy/ReadOnlyAccess", allowOn("*", "s3:Get*"))}, No, ""},
		{"a policy of AWS's that was not read", []string{allowIf("*", "iam:AttachUserPolicy", `"ArnEquals":{"iam:PolicyARN":["arn:aws:iam::aws:policy/ReadOnlyAccess"]}`)}, nil, nil, nil, Unknown, ""},
		{"all but AdministratorAccess", []string{allowIf("*", "iam:AttachUserPolicy", `"ArnNotEquals":{"iam:PolicyARN":"`+admins+`"}`)}, nil, nil, nil, Yes, "iam:AttachUserPolicy on user x"},
		{"AdministratorAccess denied", []string{allowOn("*", "iam:AttachUserPolicy"), denyIf("*", "iam:AttachUserPolicy", `"ArnEquals":{"iam:PolicyARN":"`+admins+`"}`)}, nil, nil, nil, Yes, "iam:AttachUserPolicy on user x"},
		{"AdministratorAccess and IAMFullAccess denied", []string{allowOn("*", "iam:AttachUserPolicy"), denyIf("*", "iam:AttachUserPolicy", `"ArnEquals":{"iam:PolicyARN":["`+admins+`","`+iamFull+`"]}`)}, nil, nil, nil, Unknown, ""},
		// iam:PermissionsBoundary.
		{"a new role with any boundary", []string{allowIf("*", "iam:CreateRole iam:PutRolePolicy", `"StringEquals":{"iam:PermissionsBoundary":"`+limit+`"}`)}, nil, nil, []Policy{policyOf(limit, allowOn("*", "s3:*"))}, No, ""},
		{"a new role with a wide boundary", []string{allowIf("*", "iam:CreateRole iam:PutRolePolicy", `"StringEquals":{"iam:PermissionsBoundary":"`+limit+`"}`)}, nil, nil, []Policy{policyOf(limit, full)}, Yes, "iam:CreateRole"},
		{"a new role with a boundary that it can take away", []string{allowIf("*", "iam:CreateRole iam:PutRolePolicy", `"StringEquals":{"iam:PermissionsBoundary":"`+limit+`"}`)}, nil, nil, []Policy{policyOf(limit, allowOn("*", "iam:DeleteRolePermissionsBoundary"))}, Yes, "iam:DeleteRolePermissionsBoundary"},
		{"a new role with a boundary that was not read", []string{allowIf("*", "iam:CreateRole iam:PutRolePolicy", `"StringEquals":{"iam:PermissionsBoundary":"`+limit+`"}`)}, nil, nil, nil, Unknown, ""},
		{"policies of bounded users alone", []string{allowIf("*", "iam:PutUserPolicy", `"StringEquals":{"iam:PermissionsBoundary":"`+limit+`"}`)}, nil, nil, []Policy{policyOf(limit, allowOn("*", "s3:*"))}, No, ""},
	}
	for _, tt := range tests {
		x := userWith(t, "x", tt.statements...)
		x.Boundary = tt.boundary
		a := &Account{ID: mine, Identities: append([]Identity{x}, tt.others...), Policies: tt.policies}
		got := NewEscalator(a).CanEscalate(&a.Identities[0])
		first := ""
		if len(got.Paths) > 0 {
			first = got.Paths[0].Path
		}
		if got.Answer != tt.want || !strings.Contains(first, tt.path) {
			t.Errorf("%s: got %s %+v, want %s %q", tt.name, got.Answer, got.Paths, tt.want, tt.path)
		}
	}
}

// The example of "Permissions boundaries for IAM entities", "Delegating responsibility to others using permissions
// boundaries": María lets Zhang create users, but only with the boundary XCompanyBoundaries, and Zhang cannot become more.
func TestDelegatedBoundary(t *testing.T) {
	const company, delegated = on + "policy/XCompanyBoundaries", on + "policy/DelegatedUserBoundary"
	zhang := func(extra ...string) *Account {
		x := userWith(t, "Zhang", append([]string{allowOn("*", "s3:* cloudwatch:* ec2:* iam:*")}, extra...)...)
		x.Boundary = &Policy{Name: "DelegatedUserBoundary", ARN: delegated, Document: mustParse(t,
			allowIf("*", "iam:AttachUserPolicy iam:CreateUser iam:DeleteUserPolicy iam:DetachUserPolicy iam:PutUserPermissionsBoundary iam:PutUserPolicy",
				`"StringEquals":{"iam:PermissionsBoundary":"`+company+`"}`),
			allowOn("*", "cloudwatch:* iam:CreateAccessKey iam:CreateGroup iam:CreateLoginProfile iam:CreatePolicy iam:DeleteGroup iam:DeletePolicy iam:DeletePolicyVersion iam:DeleteUser iam:GetAccountPasswordPolicy iam:ListUsers"),
			denyIf(company, "iam:CreatePolicyVersion iam:DeletePolicy iam:DeletePolicyVersion iam:SetDefaultPolicyVersion", ""),
			denyIf("*", "iam:DeleteUserPermissionsBoundary", ""))}
		limit := Policy{Name: "XCompanyBoundaries", ARN: company, Document: mustParse(t, allowOn("*", "iam:ListUsers"), allowOn("*", "s3:* cloudwatch:* ec2:* dynamodb:*"))}
		return &Account{ID: mine, Identities: []Identity{x}, Policies: []Policy{limit, *x.Boundary}}
	}
	a := zhang()
	if got := NewEscalator(a).CanEscalate(&a.Identities[0]); got.Answer != No {
		t.Errorf("got %s %+v", got.Answer, got.Paths)
	}
	boss := userWith(t, "boss", full)
	a.Identities = append(a.Identities, boss)
	if got := NewEscalator(a).CanEscalate(&a.Identities[0]); got.Answer != Yes || !strings.Contains(got.Paths[0].Path, "iam:CreateAccessKey on user boss") {
		t.Errorf("the example lets Zhang make keys of everybody: got %s %+v", got.Answer, got.Paths)
	}
	a.Identities = a.Identities[:1]
	a.Policies[0].Document = mustParse(t, full)
	if got := NewEscalator(a).CanEscalate(&a.Identities[0]); got.Answer != Yes {
		t.Errorf("the boundary allows everything: got %s %+v", got.Answer, got.Paths)
	}
}

func TestGroupsEscalate(t *testing.T) {
	for statement, want := range map[string]Answer{
		allowOn(on+"user/${aws:username}", "iam:PutUserPolicy"): Yes,
		allowOn("*", "iam:AddUserToGroup"):                      Yes,
		allowOn("*", "s3:*"):                                    No,
	} {
		g := Identity{ARN: on + "group/devs", Kind: Group, Policies: []Policy{{Name: "p", Document: mustParse(t, statement)}}}
		boss := Identity{ARN: on + "group/boss", Kind: Group, Policies: []Policy{{Name: "p", Document: mustParse(t, full)}}}
		a := &Account{ID: mine, Identities: []Identity{g, boss}}
		if got := NewEscalator(a).CanEscalate(&a.Identities[0]); got.Answer != want {
			t.Errorf("%s: got %s %+v", statement, got.Answer, got.Paths)
		}
	}
}
