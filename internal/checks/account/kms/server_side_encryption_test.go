package kms

import (
	"testing"

	"github.com/ourshare/ourshare/internal/checks/checktest"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	kmsinv "github.com/ourshare/ourshare/internal/inventory/kms"
)

const keyARN = "arn:aws:kms:us-east-1:111122223333:key/k1"

func key(change func(*kmsinv.Key)) kmsinv.Key {
	k := kmsinv.Key{
		Resource: &inventory.Resource{Type: "AWS::KMS::Key", ID: "k1", ARN: keyARN, Name: "orders", Region: "us-east-1"},
		Manager:  kmsinv.CustomerManaged, State: kmsinv.Enabled,
	}
	if change != nil {
		change(&k)
	}
	return k
}

func allow(principal, condition string) string {
	if condition != "" {
		condition = `,"Condition":` + condition
	}
	return `{"Effect":"Allow","Principal":` + principal + `,"Action":"kms:*","Resource":"*"` + condition + `}`
}

func policy(statements string) inventory.Field[kmsinv.Policy] {
	return inventory.Known(kmsinv.Policy{Document: `{"Version":"2012-10-17","Statement":[` + statements + `]}`})
}

const own, everyone = `{"AWS":"arn:aws:iam::111122223333:root"}`, `{"AWS":"*"}`

func TestKeyNotPublic(t *testing.T) {
	closed, public := policy(allow(own, "")), policy(allow(everyone, ""))
	denied := inventory.Failure[kmsinv.Policy](inventory.DeniedError("kms:GetKeyPolicy"))
	grantTo := func(who string) inventory.Rows[kmsinv.Grant] {
		return inventory.Rows[kmsinv.Grant]{List: []kmsinv.Grant{{Resource: key(nil).Resource, GrantID: "g1", Grantee: who}}}
	}
	gap := func(parent *inventory.Resource, operation string) inventory.Rows[kmsinv.Grant] {
		return inventory.Rows[kmsinv.Grant]{Gaps: []inventory.Gap{{Error: *inventory.DeniedError(operation), Parent: parent}}}
	}
	none := inventory.Rows[kmsinv.Grant]{}
	for label, tt := range map[string]struct {
		key    kmsinv.Key
		policy inventory.Field[kmsinv.Policy]
		grants inventory.Rows[kmsinv.Grant]
		want   finding.Status
		texts  []string
	}{
		"the default policy":      {key(nil), closed, none, finding.Pass, []string{"not open to everyone"}},
		"everyone":                {key(nil), public, none, finding.Fail, []string{"every AWS account", "statement 1", "unless an organization policy forbids it"}},
		"everyone of the account": {key(nil), policy(allow(everyone, `{"StringEquals":{"kms:CallerAccount":"111122223333"}}`)), none, finding.Pass, nil},
		"everyone by a service":   {key(nil), policy(allow(everyone, `{"StringEquals":{"kms:ViaService":"s3.us-east-1.amazonaws.com"}}`)), none, finding.Fail, nil},
		"everyone, denied": {
			key(nil), policy(allow(everyone, "") + `,{"Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"*"}`), none, finding.Pass, nil,
		},
		"another account":           {key(nil), policy(allow(`{"AWS":"444455556666"}`, "")), none, finding.Pass, nil},
		"a wildcard in an account":  {key(nil), policy(allow(`{"AWS":"arn:aws:iam::*:root"}`, "")), none, finding.Unknown, []string{"could not be judged"}},
		"disabled, everyone":        {key(func(k *kmsinv.Key) { k.State = kmsinv.Disabled }), public, none, finding.Fail, nil},
		"pending deletion":          {key(func(k *kmsinv.Key) { k.State = "PendingDeletion" }), inventory.Failure[kmsinv.Policy](inventory.ErrNotAsked), none, finding.NotApplicable, []string{"PendingDeletion"}},
		"gone":                      {key(nil), inventory.Failure[kmsinv.Policy](inventory.ErrGone), none, finding.NotApplicable, []string{"gone"}},
		"policy denied":             {key(nil), denied, none, finding.Unknown, []string{"kms:GetKeyPolicy"}},
		"not JSON":                  {key(nil), inventory.Known(kmsinv.Policy{Document: "{"}), none, finding.Unknown, []string{"could not be judged"}},
		"a grant":                   {key(nil), closed, grantTo("arn:aws:iam::444455556666:role/x"), finding.Pass, nil},
		"a grant to nobody named":   {key(nil), closed, grantTo(""), finding.Unknown, []string{"g1"}},
		"grants denied":             {key(nil), closed, gap(key(nil).Resource, "kms:ListGrants"), finding.Unknown, []string{"kms:ListGrants"}},
		"grants denied, everyone":   {key(nil), public, gap(key(nil).Resource, "kms:ListGrants"), finding.Fail, nil},
		"another key's denied":      {key(nil), closed, gap(&inventory.Resource{ID: "k2", ARN: keyARN + "2"}, "kms:ListGrants"), finding.Pass, nil},
		"the rest of keys not seen": {key(nil), closed, gap(nil, "kms:ListKeys"), finding.Pass, nil},
	} {
		t.Run(label, func(t *testing.T) {
			f := checktest.New()
			checktest.Rows(f, kmsinv.Keys, tt.key, kmsinv.Key{Resource: &inventory.Resource{ID: "aws"}, Manager: kmsinv.AWSManaged})
			checktest.Facts(f, kmsinv.KeyPolicy, map[string]inventory.Field[kmsinv.Policy]{keyARN: tt.policy})
			inventory.SetRows(f.Store, kmsinv.Grants, checktest.Region, tt.grants)
			got := f.Run(keyNotPublic)
			checktest.Want(t, got["k1"], tt.want, tt.texts...)
			if len(got) != 1 {
				t.Errorf("%d verdicts, want none on the AWS-managed key", len(got))
			}
		})
	}
	t.Run("grants not collected", func(t *testing.T) {
		f := checktest.New()
		checktest.Rows(f, kmsinv.Keys, key(nil))
		checktest.Facts(f, kmsinv.KeyPolicy, map[string]inventory.Field[kmsinv.Policy]{keyARN: closed})
		checktest.Want(t, f.Run(keyNotPublic)["k1"], finding.Unknown, "kms.grants")
	})
	t.Run("listing broken", func(t *testing.T) {
		f := checktest.New()
		checktest.Broken(f, kmsinv.Keys, "kms:ListKeys", key(nil))
		checktest.Facts(f, kmsinv.KeyPolicy, map[string]inventory.Field[kmsinv.Policy]{keyARN: public})
		checktest.Rows(f, kmsinv.Grants)
		got := f.Run(keyNotPublic)
		checktest.Want(t, got["k1"], finding.Fail)
		checktest.Want(t, got[""], finding.Unknown, "kms:ListKeys")
	})
}
