package s3

import (
	"testing"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/checks/checktest"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	s3inv "github.com/ourshare/ourshare/internal/inventory/s3"
)

const (
	anyPrincipal = `"*"`
	partner      = `{"AWS":"arn:aws:iam::444455556666:root"}`
	partnerRole  = `{"AWS":"arn:aws:iam::444455556666:role/x"}`
	inOrg        = `{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}`
	office       = `{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`
	denyWrites   = `,{"Effect":"Deny","Principal":"*","Action":"s3:Put*","Resource":"*"}`
)

func may(principal, action, condition string) string {
	if condition != "" {
		condition = `,"Condition":` + condition
	}
	return `{"Sid":"Share","Effect":"Allow","Principal":` + principal + `,"Action":"` + action + `","Resource":["arn:aws:s3:::` + name + `","arn:aws:s3:::` + name + `/*"]` + condition + `}`
}

// owned is an ACL as AWS answers it: with the owner, who has all of it.
func owned(list ...s3inv.Grant) *aclField {
	all := append([]s3inv.Grant{{GranteeType: "CanonicalUser", GranteeID: "owner", Permission: "FULL_CONTROL"}}, list...)
	return new(inventory.Known(s3inv.ACL{Owner: "owner", Grants: all}))
}

func group(uri, permission string) s3inv.Grant {
	return s3inv.Grant{GranteeType: "Group", GroupURI: uri, Permission: permission}
}

func TestFromOutside(t *testing.T) {
	canonical := s3inv.Grant{GranteeType: "CanonicalUser", GranteeID: "someone", Permission: "READ"}
	trusted := map[string]any{"trusted_accounts": inventory.AccountIDs{"444455556666"}, "trusted_organizations": inventory.OrganizationIDs{"o-a1b2c3d4e5"}}
	writes, reads := policy(may(anyPrincipal, "s3:PutObject", "")), policy(may(anyPrincipal, "s3:GetObject", ""))
	shared := policy(may(partner, "s3:GetObject", ""))
	write, external := bucketWritableByAnyone, bucketExternalAccess
	for label, tt := range map[string]struct {
		check  *checks.Check
		s      setting
		params map[string]any
		want   finding.Status
		texts  []string
	}{
		"nothing":                        {write, setting{}, nil, finding.Pass, nil},
		"everyone writes":                {write, setting{policy: &writes}, nil, finding.Fail, []string{"s3:PutObject", "Share", "unless an organization policy forbids it"}},
		"everyone reads":                 {write, setting{policy: &reads}, nil, finding.Pass, nil},
		"everyone: a pattern of reads":   {write, setting{policy: new(policy(may(anyPrincipal, "s3:Get*", "")))}, nil, finding.Pass, nil},
		"everyone: all actions":          {write, setting{policy: new(policy(may(anyPrincipal, "s3:*", "")))}, nil, finding.Fail, nil},
		"everyone deletes":               {write, setting{policy: new(policy(may(anyPrincipal, "s3:Delete*", "")))}, nil, finding.Fail, nil},
		"writing is denied":              {write, setting{policy: new(policy(may(anyPrincipal, "s3:PutObject", "") + denyWrites))}, nil, finding.Pass, nil},
		"from an office":                 {write, setting{policy: new(policy(may(anyPrincipal, "s3:PutObject", office)))}, nil, finding.Pass, nil},
		"writing, restricted":            {write, setting{policy: &writes, account: &restrict}, nil, finding.Pass, []string{"RestrictPublicBuckets"}},
		"writing, blocks prove nothing":  {write, setting{policy: &writes, account: &newOnly}, nil, finding.Fail, nil},
		"writing, account denied":        {write, setting{policy: &writes, account: &acctDenied}, nil, finding.Unknown, []string{"s3control:GetPublicAccessBlock"}},
		"policy denied":                  {write, setting{policy: &policyDenied}, nil, finding.Unknown, []string{"s3:GetBucketPolicy"}},
		"policy denied, restricted":      {write, setting{policy: &policyDenied, bucket: &restrict}, nil, finding.Pass, []string{"not seen: the bucket policy"}},
		"policy not JSON":                {write, setting{policy: new(inventory.Known(s3inv.Policy{Document: "{"}))}, nil, finding.Unknown, []string{"could not be judged"}},
		"ACL: everyone writes":           {write, setting{acl: owned(group(s3inv.AllUsers, "WRITE"))}, nil, finding.Fail, []string{"the ACL gives WRITE to everyone"}},
		"ACL: any account rewrites it":   {write, setting{acl: owned(group(s3inv.AuthenticatedUsers, "WRITE_ACP"))}, nil, finding.Fail, nil},
		"ACL: everyone reads":            {write, setting{acl: owned(group(s3inv.AllUsers, "READ"))}, nil, finding.Pass, nil},
		"ACL: log delivery writes":       {write, setting{acl: owned(group(s3inv.LogDelivery, "WRITE"))}, nil, finding.Pass, nil},
		"ACL: everyone writes, ignored":  {write, setting{acl: owned(group(s3inv.AllUsers, "WRITE")), bucket: &ignore}, nil, finding.Pass, nil},
		"ACL: everyone writes, ACLs off": {write, setting{acl: owned(group(s3inv.AllUsers, "WRITE")), owner: &enforced}, nil, finding.Pass, nil},
		"ACL: everyone writes, owner denied": {
			write, setting{acl: owned(group(s3inv.AllUsers, "WRITE")), owner: &ownerDenied}, nil, finding.Unknown, []string{"s3:GetBucketOwnershipControls"},
		},
		"ACL: nobody named":          {write, setting{acl: owned(s3inv.Grant{Permission: "WRITE"})}, nil, finding.Unknown, []string{"does not name"}},
		"ACL: a group without a URI": {write, setting{acl: owned(s3inv.Grant{GranteeType: "Group", Permission: "WRITE"})}, nil, finding.Unknown, nil},
		"ACL denied":                 {write, setting{acl: &aclDenied}, nil, finding.Unknown, []string{"s3:GetBucketAcl"}},
		"ACL denied, ACLs off":       {write, setting{acl: &aclDenied, owner: &enforced}, nil, finding.Pass, []string{"not seen: the bucket's ACL"}},
		"ACL denied, policy decides": {write, setting{acl: &aclDenied, policy: &writes}, nil, finding.Fail, nil},
		"ACL: no list":               {write, setting{acl: new(inventory.Known(s3inv.ACL{}))}, nil, finding.Unknown, []string{"no access control list"}},
		"write: gone":                {write, setting{policy: new(vanished[s3inv.Policy]())}, nil, finding.NotApplicable, nil},

		"outside: nothing":                  {external, setting{acl: owned()}, nil, finding.Pass, nil},
		"outside: an account":               {external, setting{acl: owned(), policy: &shared}, nil, finding.Fail, []string{"account 444455556666", "s3:GetObject", "unless an organization"}},
		"outside: a role of one":            {external, setting{acl: owned(), policy: new(policy(may(partnerRole, "s3:GetObject", "")))}, nil, finding.Fail, []string{"role/x"}},
		"outside: trusted":                  {external, setting{acl: owned(), policy: &shared}, trusted, finding.Pass, []string{"trusted ones only"}},
		"outside: one of two trusted":       {external, setting{acl: owned(), policy: new(policy(may(`{"AWS":["444455556666","777788889999"]}`, "s3:GetObject", "")))}, trusted, finding.Fail, []string{"777788889999"}},
		"outside: an organization":          {external, setting{acl: owned(), policy: new(policy(may(anyPrincipal, "s3:GetObject", inOrg)))}, nil, finding.Fail, []string{"o-a1b2c3d4e5"}},
		"outside: a trusted organization":   {external, setting{acl: owned(), policy: new(policy(may(anyPrincipal, "s3:GetObject", inOrg)))}, trusted, finding.Pass, nil},
		"outside: everyone":                 {external, setting{acl: owned(), policy: &reads}, trusted, finding.Fail, []string{"anyone"}},
		"outside: everyone, restricted":     {external, setting{acl: owned(), policy: &reads, bucket: &restrict}, nil, finding.Pass, nil},
		"outside: an account, restricted":   {external, setting{acl: owned(), policy: &shared, bucket: &restrict}, nil, finding.Fail, nil},
		"outside: everyone of an office":    {external, setting{acl: owned(), policy: new(policy(may(anyPrincipal, "s3:GetObject", office)))}, nil, finding.Unknown, []string{"could not be judged"}},
		"outside: the own account":          {external, setting{acl: owned(), policy: &closedPolicy}, nil, finding.Pass, nil},
		"outside: a service":                {external, setting{acl: owned(), policy: new(policy(may(`{"Service":"logging.s3.amazonaws.com"}`, "s3:PutObject", "")))}, nil, finding.Pass, nil},
		"outside: denied":                   {external, setting{acl: owned(), policy: new(policy(may(partner, "s3:PutObject", "") + denyWrites))}, nil, finding.Pass, nil},
		"outside: policy denied":            {external, setting{acl: owned(), policy: &policyDenied}, nil, finding.Unknown, []string{"s3:GetBucketPolicy"}},
		"outside: policy denied, restrict":  {external, setting{acl: owned(), policy: &policyDenied, bucket: &restrict}, nil, finding.Unknown, nil},
		"outside: ACL":                      {external, setting{acl: owned(canonical)}, nil, finding.Fail, []string{"READ", "someone"}},
		"outside: ACL, ACLs off":            {external, setting{acl: owned(canonical), owner: &enforced}, nil, finding.Pass, nil},
		"outside: ACL, ignored":             {external, setting{acl: owned(canonical), bucket: &ignore}, nil, finding.Fail, nil},
		"outside: ACL to everyone":          {external, setting{acl: owned(group(s3inv.AllUsers, "READ"))}, nil, finding.Fail, nil},
		"outside: ACL to everyone, ignored": {external, setting{acl: owned(group(s3inv.AllUsers, "READ")), bucket: &ignore}, nil, finding.Pass, nil},
		"outside: ACL to log delivery":      {external, setting{acl: owned(group(s3inv.LogDelivery, "WRITE"))}, nil, finding.Pass, nil},
		"outside: the owner is not named":   {external, setting{acl: &private}, nil, finding.Unknown, nil},
		"outside: ACL denied":               {external, setting{acl: &aclDenied}, nil, finding.Unknown, []string{"s3:GetBucketAcl"}},
		"outside: ACL denied, ACLs off":     {external, setting{acl: &aclDenied, owner: &enforced}, nil, finding.Pass, []string{"not seen: the bucket's ACL"}},
		"outside: ACL denied, shared":       {external, setting{acl: &aclDenied, policy: &shared}, nil, finding.Fail, []string{"not seen: the bucket's ACL"}},
		"outside: ACL denied, owner denied": {external, setting{acl: &aclDenied, owner: &ownerDenied}, nil, finding.Unknown, []string{"s3:GetBucketAcl"}},
		"outside: gone":                     {external, setting{bucket: new(vanished[s3inv.PublicAccessBlock]())}, nil, finding.NotApplicable, nil},
	} {
		t.Run(label, func(t *testing.T) {
			checktest.Want(t, tt.s.runWith(tt.check, tt.params), tt.want, tt.texts...)
		})
	}
}
