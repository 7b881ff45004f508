package access

import (
	"testing"

	"github.com/ourshare/ourshare/internal/iampolicy"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/inventory/iam"
)

const (
	everything = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	adminARN   = "arn:aws:iam::aws:policy/AdministratorAccess"
	prefix     = "arn:aws:iam::111122223333:"
)

func row(kind iam.PrincipalKind, path string, change func(*iam.Principal)) iam.AuthorizationDetail {
	p := iam.Principal{Resource: &inventory.Resource{ID: path, ARN: prefix + path}, Kind: kind, PrincipalID: "AIDAEXAMPLEEXAMPLE12"}
	if change != nil {
		change(&p)
	}
	return iam.AuthorizationDetail{Principal: &p}
}

func TestOf(t *testing.T) {
	attached := []iam.AttachedPolicy{{ARN: adminARN, Name: "AdministratorAccess"}}
	rows := []iam.AuthorizationDetail{
		row(iam.UserKind, "user/bob", func(p *iam.Principal) { p.Attached = attached }),
		row(iam.UserKind, "user/ann", func(p *iam.Principal) { p.Groups = []string{"admins"} }),
		row(iam.GroupKind, "group/admins", func(p *iam.Principal) { p.Inline = []iam.InlinePolicy{{Name: "all", Document: new(everything)}} }),
		row(iam.UserKind, "user/kim", func(p *iam.Principal) { p.Inline = []iam.InlinePolicy{{Name: "all"}} }),
		row(iam.UserKind, "user/lee", func(p *iam.Principal) { p.Attached, p.Boundary = attached, new("") }),
		row(iam.UserKind, "user/max", func(p *iam.Principal) { p.Inline = []iam.InlinePolicy{{Name: "all", Document: new("{")}} }),
		row(iam.RoleKind, "role/r", nil),
	}
	policy := iam.AuthorizationDetail{Policy: &iam.ManagedPolicy{Resource: &inventory.Resource{ARN: adminARN}, Document: new(everything)}}
	self := inventory.NewAccount("aws", "111122223333", "global")
	answers := func(rows inventory.Rows[iam.AuthorizationDetail]) map[string]iampolicy.Answer {
		a := Of(self, rows)
		out := map[string]iampolicy.Answer{}
		for i := range a.Identities {
			id, ok := a.Identity(a.Identities[i].ARN)
			if !ok {
				t.Fatalf("%s is not found", a.Identities[i].ARN)
			}
			out[id.ARN[len(prefix):]] = a.Administrator(id).Answer
		}
		return out
	}
	got := answers(inventory.Rows[iam.AuthorizationDetail]{List: append(rows, policy)})
	for who, want := range map[string]iampolicy.Answer{
		"user/bob": iampolicy.Yes, "user/ann": iampolicy.Yes, "group/admins": iampolicy.Yes, "role/r": iampolicy.No,
		"user/kim": iampolicy.Unknown, "user/lee": iampolicy.Unknown, "user/max": iampolicy.Unknown,
	} {
		if got[who] != want {
			t.Errorf("%s: %s, want %s", who, got[who], want)
		}
	}
	if a := Of(self, inventory.Rows[iam.AuthorizationDetail]{List: append(rows, policy)}); len(a.Policies) != 1 || a.Policies[0].ARN != adminARN || a.Policies[0].Document == nil {
		t.Errorf("policies: %+v", a.Policies)
	}
	gap := []inventory.Gap{{Error: *inventory.DeniedError("iam:GetAccountAuthorizationDetails")}}
	cut := inventory.Rows[iam.AuthorizationDetail]{List: rows[:2], Gaps: gap} // neither the group nor the policy came
	got = answers(cut)
	if got["user/bob"] != iampolicy.Unknown || got["user/ann"] != iampolicy.Unknown {
		t.Errorf("without the rest of the listing: %v", got)
	}
	a := Of(self, cut)
	if len(a.Missing) != 1 || len(a.Gaps) != 1 {
		t.Errorf("missing %v, gaps %v", a.Missing, a.Gaps)
	}
	if r, _ := Of(self, inventory.Rows[iam.AuthorizationDetail]{List: rows[6:]}).Identity(prefix + "role/r"); !r.TrustUnread {
		t.Error("a trust policy that was not given counts as read")
	}
	if _, ok := a.Identity("arn:x"); ok {
		t.Error("found what is not there")
	}
}
