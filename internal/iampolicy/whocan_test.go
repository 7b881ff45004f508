package iampolicy

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWhoCanReadABucket(t *testing.T) {
	reader := userWith(t, "reader", `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}`)
	folder := userWith(t, "folder", `{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::b/${aws:username}/*"}`)
	mfa := userWith(t, "mfa", `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}`)
	nothing := userWith(t, "nothing")
	unread := userWith(t, "unread")
	unread.Missing = []string{"inline policies"}
	banned := userWith(t, "banned", full)
	bounded := roleWith(t, "bounded", trustService("ec2.amazonaws.com"), full)
	bounded.Boundary = &Policy{Name: "b", Document: mustParse(t, `{"Effect":"Allow","Action":"ec2:*","Resource":"*"}`)}
	named := roleWith(t, "named", trustService("ec2.amazonaws.com"))
	a := &Account{ID: mine, Identities: []Identity{reader, folder, mfa, nothing, unread, banned, bounded, named}}
	b := &Bucket{
		Name: "b", Account: mine, RestrictPublicBuckets: No, IgnorePublicACLs: Yes, OwnerEnforced: Yes,
		Policy: mustParse(t,
			`{"Effect":"Allow","Principal":{"AWS":"`+on+`role/named"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}`,
			`{"Effect":"Allow","Principal":{"AWS":"`+theirs+`"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/shared/*"}`,
			`{"Effect":"Allow","Principal":{"AWS":"333333333333"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::b/*"}`,
			`{"Effect":"Deny","Principal":{"AWS":"`+on+`user/banned"},"Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]}`),
	}
	ask := func() []string {
		list, _ := a.WhoCan(Question{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/*", Bucket: b})
		var out []string
		for _, x := range list {
			out = append(out, strings.TrimPrefix(x.Who, on)+": "+x.Decision.Some.String()+", all "+x.Decision.All.String()+", "+x.Decision.Resource)
		}
		return out
	}
	want := []string{
		"arn:aws:iam::111111111111:root: yes, all yes, arn:aws:s3:::b/x",
		"role/named: yes, all yes, arn:aws:s3:::b/x",
		"user/folder: yes, all no, arn:aws:s3:::b/folder/",
		"user/mfa: yes, all yes, arn:aws:s3:::b/x",
		"user/reader: yes, all yes, arn:aws:s3:::b/x",
		"user/unread: unknown, all unknown, ",
		"account 222222222222: yes, all no, arn:aws:s3:::b/shared/",
	}
	want[0] = strings.TrimPrefix(want[0], on)
	got := ask()
	for i := range got {
		// The resources are examples; which one is of no account here.
		got[i] = got[i][:strings.LastIndex(got[i], ",")]
	}
	for i := range want {
		want[i] = want[i][:strings.LastIndex(want[i], ",")]
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	b.PolicyUnread, b.Policy = true, nil
	if _, complete := a.WhoCan(Question{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/*", Bucket: b}); complete {
		t.Error("complete without the bucket's policy")
	}
	for _, line := range ask() {
		if strings.Contains(line, ": yes") {
			t.Errorf("without the bucket's policy a Deny is possible: %s", line)
		}
	}
}

func TestWhoCanUseAKey(t *testing.T) {
	user := userWith(t, "u", `{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*"}`)
	admin := userWith(t, "a", full)
	a := &Account{ID: mine, Identities: []Identity{admin, user, userWith(t, "n")}}
	key := on[:len("arn:aws:")] + "kms:eu-west-1:" + mine + ":key/1"
	who := func(policy string) (out []string) {
		list, complete := a.WhoCan(Question{Action: "kms:Decrypt", Resource: key, Policy: &ResourcePolicy{Kind: KeyResource, Account: mine, Document: mustParse(t, policy)}})
		if complete {
			t.Error("grants of the key are not known")
		}
		for _, x := range list {
			out = append(out, strings.TrimPrefix(x.Who, on)+" "+x.Decision.Some.String())
		}
		return out
	}
	tests := []struct {
		name, policy string
		want         []string
	}{
		{"default policy", `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + mine + `:root"},"Action":"kms:*","Resource":"*"}`, []string{"root yes", "user/a yes", "user/u yes"}},
		{"without the account", `{"Effect":"Allow","Principal":{"AWS":"` + on + `user/n"},"Action":"kms:*","Resource":"*"}`, []string{"user/n yes"}},
		{"another account", `{"Effect":"Allow","Principal":{"AWS":"` + theirs + `"},"Action":"kms:Decrypt","Resource":"*"}`, []string{"account " + theirs + " yes"}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, who(tt.policy)); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

func TestBucketACLs(t *testing.T) {
	tests := []struct {
		name             string
		acl              []ACLGrant
		unread           bool
		ignore, enforced Answer
		writable         Answer
		external         int
	}{
		{"none", nil, false, No, No, No, 0},
		{"everyone writes", []ACLGrant{{groupAllUsers, "WRITE"}}, false, No, No, Yes, 1},
		{"everyone with an account changes the ACL", []ACLGrant{{groupAuthenticatedUsers, "WRITE_ACP"}}, false, No, No, Yes, 1},
		{"everyone reads", []ACLGrant{{groupAllUsers, "READ"}}, false, No, No, No, 1},
		{"ignored", []ACLGrant{{groupAllUsers, "WRITE"}}, false, Yes, No, No, 0},
		{"switched off", []ACLGrant{{groupAllUsers, "FULL_CONTROL"}}, false, No, Yes, No, 0},
		{"perhaps ignored", []ACLGrant{{groupAllUsers, "WRITE"}}, false, Unknown, No, Unknown, 1},
		{"the owner", []ACLGrant{{"owner", "FULL_CONTROL"}}, false, No, No, No, 0},
		{"another account", []ACLGrant{{"other", "FULL_CONTROL"}}, false, No, No, No, 1},
		{"log delivery", []ACLGrant{{groupLogDelivery, "WRITE"}}, false, No, No, No, 0},
		{"not read", nil, true, No, No, Unknown, 0},
		{"not read, but switched off", nil, true, No, Yes, No, 0},
	}
	for _, tt := range tests {
		b := &Bucket{
			Name: "b", Account: mine, ACL: tt.acl, ACLUnread: tt.unread, OwnerCanonicalID: "owner",
			IgnorePublicACLs: tt.ignore, OwnerEnforced: tt.enforced, RestrictPublicBuckets: No,
		}
		if got := b.WritableByAnyone(); got.Answer != tt.writable {
			t.Errorf("%s: writable is %s, want %s: %q", tt.name, got.Answer, tt.writable, got.Why)
		}
		list, unread := b.ExternalAccess()
		if len(list) != tt.external || (len(unread) > 0) != (tt.unread && tt.enforced != Yes) {
			t.Errorf("%s: got %+v, unread %q", tt.name, list, unread)
		}
	}
}

func TestExternalAccess(t *testing.T) {
	b := &Bucket{
		Name: "b", Account: mine, RestrictPublicBuckets: No, OwnerEnforced: Yes,
		Policy: mustParse(t,
			allow(`{"AWS":["`+mine+`","`+theirs+`","arn:aws:iam::333333333333:role/r"]}`, ""),
			allow(`"*"`, `{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}`),
			allow(`{"Service":"cloudtrail.amazonaws.com"}`, ""),
			allow(`{"AWS":"arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"}`, "")),
	}
	say := func() (out []string) {
		list, _ := b.ExternalAccess()
		for _, x := range list {
			out = append(out, x.Grantee.String()+": "+x.Answer.String())
		}
		return out
	}
	want := []string{
		"account " + theirs + ": yes", "organization o-1: yes",
		"principal arn:aws:iam::333333333333:role/r: yes", "principal arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1: unknown",
	}
	if diff := cmp.Diff(want, say()); diff != "" {
		t.Error(diff)
	}
	b.RestrictPublicBuckets = Yes // the policy is not public, so nothing is cut off
	if diff := cmp.Diff(want, say()); diff != "" {
		t.Error(diff)
	}
	b.Policy = mustParse(t, allow(`{"AWS":"`+theirs+`"}`, ""), allow(`"*"`, ""))
	if got := say(); len(got) != 0 {
		t.Errorf("a public policy cuts off every other account, got %q", got)
	}
}
