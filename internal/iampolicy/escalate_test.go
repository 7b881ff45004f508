package iampolicy

import (
	"strings"
	"testing"
)

const (
	full = `{"Effect":"Allow","Action":"*","Resource":"*"}`
	on   = "arn:aws:iam::111111111111:"
)

func userWith(t testing.TB, name string, statements ...string) Identity {
	id := Identity{ARN: on + "user/" + name, Kind: User}
	if len(statements) > 0 {
		id.Policies = []Policy{{Name: "p", Document: mustParse(t, statements...)}}
	}
	return id
}

func roleWith(t testing.TB, name, trust string, statements ...string) Identity {
	id := userWith(t, name, statements...)
	id.ARN, id.Kind = on+"role/"+name, Role
	id.Trust = mustParse(t, trust)
	return id
}

func trustService(service string) string {
	return `{"Effect":"Allow","Principal":{"Service":"` + service + `"},"Action":"sts:AssumeRole"}`
}

func TestAdministrator(t *testing.T) {
	power := `{"Effect":"Allow","NotAction":["iam:*","organizations:*","account:*"],"Resource":"*"}`
	deny := func(action, resource, condition string) string {
		return `{"Effect":"Deny","Action":"` + action + `","Resource":"` + resource + `","Condition":{` + condition + `}}`
	}
	tests := []struct {
		name       string
		statements []string
		boundary   string
		want       Answer
		says       string // in If, Except or Why
	}{
		{"AdministratorAccess", []string{full}, "", Yes, ""},
		{"nothing", nil, "", No, ""},
		{"*:*", []string{`{"Effect":"Allow","Action":"*:*","Resource":"*"}`}, "", Yes, ""},
		{"PowerUserAccess", []string{power}, "", No, ""},
		{"PowerUserAccess and iam", []string{power, `{"Effect":"Allow","Action":["iam:*","organizations:*","account:*"],"Resource":"*"}`}, "", Yes, ""},
		{"PowerUserAccess and most of iam", []string{power, `{"Effect":"Allow","Action":["iam:*","account:*"],"Resource":"*"}`}, "", No, ""},
		{"iam:* alone is not everything", []string{`{"Effect":"Allow","Action":"iam:*","Resource":"*"}`}, "", No, ""},
		{"NotAction of one", []string{`{"Effect":"Allow","NotAction":"aws-portal:*","Resource":"*"}`}, "", No, ""},
		{"NotResource", []string{`{"Effect":"Allow","Action":"*","NotResource":"arn:aws:s3:::secret/*"}`}, "", No, ""},
		{"NotResource with the rest", []string{`{"Effect":"Allow","Action":"*","NotResource":"arn:aws:s3:::secret/*"}`, `{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::secret/*"}`}, "", Yes, ""},
		{"every resource by ARN", []string{`{"Effect":"Allow","Action":"*","Resource":"arn:aws:*"}`}, "", Unknown, ""},
		{"with MFA", []string{`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}`}, "", Yes, "MultiFactorAuthPresent"},
		{"from an address", []string{full, deny("*", "*", `"NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"}`)}, "", Yes, "SourceIp"},
		{"by a tag that was not read", []string{`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/admin":"yes"}}}`}, "", Unknown, ""},
		{"old sessions are revoked", []string{full, deny("*", "*", `"DateLessThan":{"aws:TokenIssueTime":"2026-01-01T00:00:00Z"}`)}, "", Yes, ""},
		{"everything denied", []string{full, deny("*", "*", "")}, "", No, "denies"},
		{"iam denied", []string{full, deny("iam:*", "*", "")}, "", No, "iam:*"},
		{"a little denied", []string{full, deny("cloudtrail:StopLogging", "*", "")}, "", Yes, "cloudtrail:StopLogging"},
		{"denied on one bucket", []string{full, deny("*", "arn:aws:s3:::secret/*", "")}, "", Yes, "secret"},
		{"a Deny on what was not read", []string{full, deny("*", "*", `"StringNotEquals":{"aws:PrincipalTag/admin":"yes"}`)}, "", Unknown, ""},
		{"allowed only with MFA, denied with it", []string{`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}`, deny("*", "*", `"Bool":{"aws:MultiFactorAuthPresent":"true"}`)}, "", Unknown, ""},
		{"a boundary", []string{full}, `{"Effect":"Allow","Action":["s3:*","ec2:*"],"Resource":"*"}`, No, "boundary"},
		{"a boundary of everything", []string{full}, full, Yes, ""},
		{"a boundary that denies iam", []string{full}, full + "," + deny("iam:*", "*", ""), No, ""},
	}
	for _, tt := range tests {
		id := userWith(t, "x", tt.statements...)
		if tt.boundary != "" {
			id.Boundary = &Policy{Name: "b", Document: mustParse(t, tt.boundary)}
		}
		a := &Account{ID: mine}
		got := a.Administrator(&id)
		if text := strings.Join(append(append([]string{got.Why}, got.If...), got.Except...), " "); got.Answer != tt.want || !strings.Contains(text, tt.says) {
			t.Errorf("%s: got %+v, want %s with %q", tt.name, got, tt.want, tt.says)
		}
		if got.Answer == Yes && len(got.Because) == 0 {
			t.Errorf("%s: a Yes without proof", tt.name)
		}
		id.Missing = []string{"an inline policy"}
		if less := a.Administrator(&id); less.Answer != Unknown && less.Answer != got.Answer {
			t.Errorf("%s: with less read, %s became %s", tt.name, got.Answer, less.Answer)
		} else if less.Answer == Yes {
			t.Errorf("%s: Yes although a Deny may be among what was not read", tt.name)
		}
	}
}

func TestAdministratorByGroup(t *testing.T) {
	u := userWith(t, "x")
	u.Groups = []string{"admins"}
	a := &Account{ID: mine, Identities: []Identity{u, {ARN: on + "group/path/admins", Kind: Group, Policies: []Policy{{Name: "all", Document: mustParse(t, full)}}}}}
	if got := a.Administrator(&a.Identities[0]); got.Answer != Yes || !strings.Contains(got.Because[0], "group admins") {
		t.Errorf("got %+v", got)
	}
	if got := a.Administrator(&a.Identities[1]); got.Answer != Yes {
		t.Errorf("the group: got %+v", got)
	}
	a.Identities = a.Identities[:1]
	if got := a.Administrator(&a.Identities[0]); got.Answer != Unknown {
		t.Errorf("the group was not read: got %+v", got)
	}
}

func TestCanEscalate(t *testing.T) {
	allow := func(actions, resource string) string {
		return `{"Effect":"Allow","Action":["` + strings.ReplaceAll(actions, " ", `","`) + `"],"Resource":"` + resource + `"}`
	}
	lambdaAdmin := roleWith(t, "admin", trustService("lambda.amazonaws.com"), full)
	ec2Admin := roleWith(t, "admin", trustService("ec2.amazonaws.com"), full)
	openAdmin := roleWith(t, "admin", `{"Effect":"Allow","Principal":{"AWS":"`+mine+`"},"Action":"sts:AssumeRole"}`, full)
	namedAdmin := roleWith(t, "admin", `{"Effect":"Allow","Principal":{"AWS":"`+on+`user/x"},"Action":"sts:AssumeRole"}`, full)
	lambda := "lambda:CreateFunction lambda:InvokeFunction"
	tests := []struct {
		name       string
		statements []string
		others     []Identity
		want       Answer
		path       string
	}{
		{"nothing", nil, []Identity{lambdaAdmin}, No, ""},
		{"reads", []string{allow("iam:Get* iam:List* s3:*", "*")}, []Identity{lambdaAdmin, openAdmin}, No, ""},
		{"PassRole and Lambda", []string{allow("iam:PassRole "+lambda, "*")}, []Identity{lambdaAdmin}, Yes, "user x → iam:PassRole on role admin + lambda:CreateFunction + lambda:InvokeFunction → role admin (administrator)"},
		{"PassRole without Lambda", []string{allow("iam:PassRole", "*")}, []Identity{lambdaAdmin}, No, ""},
		{"PassRole to another role", []string{allow("iam:PassRole", on+"role/worker"), allow(lambda, "*")}, []Identity{lambdaAdmin}, No, ""},
		{"PassRole to EC2's role", []string{allow("iam:PassRole "+lambda, "*")}, []Identity{ec2Admin}, No, ""},
		{"PassRole to EC2 only", []string{`{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}}`, allow(lambda, "*")}, []Identity{lambdaAdmin}, No, ""},
		{"PassRole to Lambda only", []string{`{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"lambda.amazonaws.com"}}}`, allow(lambda, "*")}, []Identity{lambdaAdmin}, Yes, "role admin (administrator)"},
		{"PassRole and EC2", []string{allow("iam:PassRole ec2:RunInstances", "*")}, []Identity{ec2Admin}, Yes, "ec2:RunInstances"},
		{"its own inline policy", []string{allow("iam:PutUserPolicy", on+"user/x")}, nil, Yes, "user x → iam:PutUserPolicy on user x → itself (administrator)"},
		{"its own inline policy by variable", []string{allow("iam:PutUserPolicy", on+"user/${aws:username}")}, nil, Yes, "itself"},
		{"another's inline policy", []string{allow("iam:PutUserPolicy", on+"user/y")}, nil, No, ""},
		{"an administrator's key", []string{allow("iam:CreateAccessKey", "*")}, []Identity{userWith(t, "boss", full)}, Yes, "iam:CreateAccessKey on user boss → user boss (administrator)"},
		{"its own key", []string{allow("iam:CreateAccessKey", on+"user/${aws:username}")}, []Identity{userWith(t, "boss", full)}, No, ""},
		{"AssumeRole of a role that trusts the account", []string{allow("sts:AssumeRole", "*")}, []Identity{openAdmin}, Yes, "sts:AssumeRole on role admin"},
		{"without AssumeRole", nil, []Identity{openAdmin}, No, ""},
		{"a role that trusts the user by name", nil, []Identity{namedAdmin}, Yes, "sts:AssumeRole on role admin"},
		{"AssumeRole of a role that trusts Lambda", []string{allow("sts:AssumeRole", "*")}, []Identity{lambdaAdmin}, No, ""},
		{"its trust policy", []string{allow("iam:UpdateAssumeRolePolicy", "*")}, []Identity{lambdaAdmin}, Yes, "iam:UpdateAssumeRolePolicy on role admin"},
		{"an existing function may or may not be there", []string{allow("lambda:UpdateFunctionCode", "*")}, []Identity{lambdaAdmin}, Unknown, "lambda:UpdateFunctionCode"},
		{"commands on instances", []string{allow("ssm:SendCommand", "*")}, []Identity{lambdaAdmin}, No, ""},
		{"denied", []string{allow("iam:*", "*"), `{"Effect":"Deny","Action":"iam:*","Resource":"*"}`}, []Identity{lambdaAdmin, userWith(t, "boss", full)}, No, ""},
		{
			"by way of another user",
			[]string{allow("iam:CreateAccessKey", on+"user/y")},
			[]Identity{userWith(t, "y", allow("iam:PassRole "+lambda, "*")), lambdaAdmin},
			Yes,
			"user x → iam:CreateAccessKey on user y → user y → iam:PassRole on role admin + lambda:CreateFunction + lambda:InvokeFunction → role admin (administrator)",
		},
	}
	for _, tt := range tests {
		x := userWith(t, "x", tt.statements...)
		a := &Account{ID: mine, Identities: append([]Identity{x}, tt.others...)}
		got := NewEscalator(a).CanEscalate(&a.Identities[0])
		first := ""
		if len(got.Paths) > 0 {
			first = got.Paths[0].Path
		}
		if got.Answer != tt.want || !strings.Contains(first, tt.path) {
			t.Errorf("%s: got %s %+v, want %s %q", tt.name, got.Answer, got.Paths, tt.want, tt.path)
		}
		// A boundary that allows nothing stops all but what a trust policy gives a user by name.
		a.Identities[0].Boundary = &Policy{Name: "b", Document: mustParse(t, `{"Effect":"Deny","Action":"*","Resource":"*"}`)}
		if got := NewEscalator(a).CanEscalate(&a.Identities[0]); got.Answer != No {
			t.Errorf("%s, behind a boundary: got %s %+v", tt.name, got.Answer, got.Paths)
		}
		a.Identities[0].Boundary = &Policy{Name: "b"}
		if got := NewEscalator(a).CanEscalate(&a.Identities[0]); tt.want == No && got.Answer == Yes {
			t.Errorf("%s, behind a boundary that was not read: got %s %+v", tt.name, got.Answer, got.Paths)
		}
	}
}

func TestPolicyVersions(t *testing.T) {
	arn := on + "policy/team"
	x := userWith(t, "x")
	x.Policies = []Policy{{Name: "team", ARN: arn, Document: mustParse(t, `{"Effect":"Allow","Action":"iam:CreatePolicyVersion","Resource":"`+arn+`"}`)}}
	a := &Account{ID: mine, Identities: []Identity{x}}
	if got := NewEscalator(a).CanEscalate(&a.Identities[0]); got.Answer != Yes || !strings.Contains(got.Paths[0].Path, "policy team") {
		t.Errorf("got %+v", got)
	}
	a.Identities[0].Boundary = &Policy{Name: "b", Document: mustParse(t, `{"Effect":"Allow","Action":["iam:CreatePolicyVersion","s3:*"],"Resource":"*"}`)}
	if got := NewEscalator(a).CanEscalate(&a.Identities[0]); got.Answer != No {
		t.Errorf("its boundary leaves it no more: got %+v", got)
	}
	a.Identities[0].Boundary.Document = mustParse(t, `{"Effect":"Allow","Action":["iam:*","s3:*"],"Resource":"*"}`)
	if got := NewEscalator(a).CanEscalate(&a.Identities[0]); got.Answer != Yes || !strings.Contains(got.Paths[0].Path, "iam:DeleteUserPermissionsBoundary") {
		t.Errorf("it can allow itself to take its boundary away: got %+v", got)
	}
}
