package iampolicy

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestKeyGrants(t *testing.T) {
	key := "arn:aws:kms:eu-west-1:" + mine + ":key/1"
	toAccount := `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + mine + `:root"},"Action":"kms:*","Resource":"*"}`
	denied := userWith(t, "denied", `{"Effect":"Deny","Action":"kms:*","Resource":"*"}`)
	bounded := userWith(t, "bounded")
	bounded.Boundary = &Policy{Name: "b", Document: mustParse(t, `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`)}
	a := &Account{ID: mine, Identities: []Identity{userWith(t, "plain"), denied, bounded, userWith(t, "admin", full)}}
	to := func(typ PrincipalType, id string, operations ...string) KeyGrant {
		return KeyGrant{ID: "g", Principal: Principal{typ, id}, Operations: operations}
	}
	root, admin := "root: yes/yes", "user/admin: yes/yes"
	for name, tt := range map[string]struct {
		grant KeyGrant
		extra string
		want  []string
	}{
		"a user":            {to(AWS, on+"user/plain", "Decrypt"), "", []string{root, admin, "user/plain: yes/yes"}},
		"another operation": {to(AWS, on+"user/plain", "Encrypt"), "", []string{root, admin}},
		"explicitly denied": {to(AWS, on+"user/denied", "Decrypt"), "", []string{root, admin}},
		"denied by the key": {to(AWS, on+"user/plain", "Decrypt"), `{"Effect":"Deny","Principal":{"AWS":"` + on + `user/plain"},"Action":"kms:Decrypt","Resource":"*"}`, []string{root, admin}},
		"beyond a boundary": {to(AWS, on+"user/bounded", "Decrypt"), "", []string{root, admin, "user/bounded: unknown/unknown"}},
		"to one that may":   {to(AWS, on+"user/admin", "Decrypt"), "", []string{root, admin}},
		"another account":   {to(AWS, "arn:aws:iam::"+theirs+":role/r", "Decrypt"), "", []string{root, admin, "principal arn:aws:iam::" + theirs + ":role/r: yes/yes"}},
		"a session of ours": {to(AWS, "arn:aws:sts::"+mine+":assumed-role/r/s", "Decrypt"), "", []string{root, admin, "principal arn:aws:sts::" + mine + ":assumed-role/r/s: yes/yes"}},
		"a service":         {to(Service, "rds.amazonaws.com", "Decrypt"), "", []string{root, admin, "service rds.amazonaws.com: yes/yes"}},
		"a service, denied": {to(Service, "rds.amazonaws.com", "Decrypt"), `{"Effect":"Deny","Principal":"*","Action":"kms:Decrypt","Resource":"*"}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			statements := []string{toAccount}
			if tt.extra != "" {
				statements = append(statements, tt.extra)
			}
			policy := &ResourcePolicy{Kind: KeyResource, Account: mine, Document: mustParse(t, statements...)}
			q := Question{Action: "kms:Decrypt", Resource: key, Policy: policy, Grants: []KeyGrant{tt.grant}, GrantsRead: true}
			list, complete := a.WhoCan(q)
			if diff := cmp.Diff(tt.want, said(list)); diff != "" || !complete {
				t.Errorf("complete %v: %s", complete, diff)
			}
			if len(policy.Document.Statements) != len(statements) {
				t.Error("the key's policy was changed")
			}
			policy.Document, policy.Unread = nil, true
			if list, complete = a.WhoCan(q); complete || strings.Contains(strings.Join(said(list), " "), "yes") {
				t.Errorf("without the key's policy a Deny is possible: %v", said(list))
			}
		})
	}
}

// Who uses a service brings about that it asks the key; of which organization an account is, no policy says.
func TestUndecided(t *testing.T) {
	a := &Account{ID: mine, Identities: []Identity{userWith(t, "u")}}
	for condition, want := range map[string]string{
		`{"StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com"}}`: `yes, if StringEquals kms:ViaService ["s3.eu-west-1.amazonaws.com"], `,
		`{"StringEquals":{"aws:PrincipalOrgID":"o-a"}}`:                    `unknown, if , it depends on StringEquals aws:PrincipalOrgID ["o-a"]`,
	} {
		policy := mustParse(t, `{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"kms:Decrypt","Resource":"*","Condition":`+condition+`}`)
		list, _ := a.WhoCan(Question{Action: "kms:Decrypt", Resource: "*", Policy: &ResourcePolicy{Kind: KeyResource, Account: mine, Document: policy}})
		for _, x := range list {
			if x.Who != on+"user/u" {
				continue
			}
			got := x.Decision.Some.String() + ", if " + strings.Join(x.Decision.If, " and ") + ", " + strings.Join(x.Notes, "; ")
			if got != want {
				t.Errorf("%s: got %s, want %s", condition, got, want)
			}
		}
	}
}

func TestWhoTakesARole(t *testing.T) {
	a := &Account{ID: mine, Identities: []Identity{userWith(t, "admin", full), userWith(t, "u")}}
	trust := mustParse(t,
		`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::`+mine+`:root"},"Action":"sts:AssumeRole"}`,
		`{"Effect":"Allow","Principal":{"Federated":"accounts.google.com"},"Action":"sts:AssumeRoleWithWebIdentity"}`)
	for action, want := range map[string][]string{
		"sts:AssumeRole":                {"user/admin: yes/yes"}, // not the root user
		"sts:AssumeRoleWithWebIdentity": {"federated accounts.google.com: yes/yes"},
	} {
		list, complete := a.WhoCan(Question{Action: action, Resource: on + "role/r", Policy: &ResourcePolicy{Kind: RoleTrust, Account: mine, Document: trust}})
		if diff := cmp.Diff(want, said(list)); diff != "" || !complete {
			t.Errorf("%s: complete %v: %s", action, complete, diff)
		}
	}
}
