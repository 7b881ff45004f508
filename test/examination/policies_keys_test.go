package examination

import (
	"testing"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/checks/checktest"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/inventory/kms"
)

type keyCase struct {
	want, label string
	state       string
	policy      inventory.Field[kms.Policy]
	grants      inventory.Rows[kms.Grant]
}

func keyVerdict(t tester, c keyCase) checks.Verdict {
	k := kms.Key{
		Resource: &inventory.Resource{Type: "AWS::KMS::Key", ID: "k1", ARN: "arn:aws:kms:us-east-1:" + own + ":key/k1", Name: "k1", Region: checktest.Region},
		Manager:  kms.CustomerManaged, State: c.state,
	}
	for i := range c.grants.Gaps {
		c.grants.Gaps[i].Parent = k.Resource
	}
	for i := range c.grants.List {
		c.grants.List[i].Resource = k.Resource
	}
	f := checktest.New()
	checktest.Rows(f, kms.Keys, k)
	if k.PolicyAsked() {
		checktest.Facts(f, kms.KeyPolicy, map[string]inventory.Field[kms.Policy]{k.ARN: c.policy})
	} else {
		notAsked := inventory.Failure[kms.Policy](inventory.ErrNotAsked)
		checktest.Facts(f, kms.KeyPolicy, map[string]inventory.Field[kms.Policy]{k.ARN: notAsked})
	}
	inventory.SetRows(f.Store, kms.Grants, checktest.Region, c.grants)
	return f.Run(check(t, "kms-key-not-public"))["k1"]
}

// The condition keys: [kms] (kms:CallerAccount is the caller's account; kms:ViaService limits the way, not the caller),
// [keys]. Grants name one principal: kms/latest/developerguide/grants.html.
func TestKeyNotPublic(t *testing.T) {
	text := func(statements ...string) inventory.Field[kms.Policy] {
		return known(kms.Policy{Document: document(statements...)})
	}
	use := func(who, condition string) inventory.Field[kms.Policy] {
		return text(allow(ownAcc+`"Action":"kms:*","Resource":"*"`), allow(who+`"Action":["kms:Decrypt","kms:GenerateDataKey*"],"Resource":"*"`+condition))
	}
	no := inventory.Rows[kms.Grant]{}
	gap := func() inventory.Rows[kms.Grant] {
		return inventory.Rows[kms.Grant]{Gaps: []inventory.Gap{{Error: *inventory.DeniedError("kms:ListGrants")}}}
	}
	to := func(who string) inventory.Rows[kms.Grant] {
		return inventory.Rows[kms.Grant]{List: []kms.Grant{{GrantID: "g", Grantee: who, Operations: []string{"Decrypt"}}}}
	}
	for _, c := range []keyCase{
		{"P", "the default policy", kms.Enabled, text(allow(ownAcc + `"Action":"kms:*","Resource":"*"`)), no},
		{"F", "everyone uses", kms.Enabled, use(anyAWS, ""), no},
		{"F", "everyone, in a list", kms.Enabled, use(`"Principal":{"AWS":["444455556666","*"]},`, ""), no},
		{"F", "everyone, disabled for now", kms.Disabled, use(anyAWS, ""), no},
		{"F", "everyone administers", kms.Enabled, text(allow(anyone + `"Action":"kms:PutKeyPolicy","Resource":"*"`)), no},
		{"F", "everyone grants", kms.Enabled, text(allow(anyone + `"Action":"kms:CreateGrant","Resource":"*"`)), no},
		{"P", "another account", kms.Enabled, use(otherAcc, ""), no},
		{"P", "everyone of the account", kms.Enabled, use(anyAWS, when("StringEquals", "kms:CallerAccount", `"111122223333"`)), no},
		{"P", "everyone of the account by a service", kms.Enabled, use(anyAWS,
			`,"Condition":{"StringEquals":{"kms:CallerAccount":"111122223333","kms:ViaService":"s3.us-east-1.amazonaws.com"}}`), no},
		{"F", "everyone by a service", kms.Enabled, use(anyAWS, when("StringEquals", "kms:ViaService", `"s3.us-east-1.amazonaws.com"`)), no},
		{"F", "everyone of any account", kms.Enabled, use(anyAWS, when("StringLike", "kms:CallerAccount", `"*"`)), no},
		{"F", "everyone of other accounts", kms.Enabled, use(anyAWS, when("StringNotEquals", "kms:CallerAccount", `"111122223333"`)), no},
		{"P", "everyone of an organization", kms.Enabled, use(anyAWS, when("StringEquals", "aws:PrincipalOrgID", `"o-a1b2c3d4e5"`)), no},
		{"F", "everyone in a context", kms.Enabled, use(anyAWS, when("StringEquals", "kms:EncryptionContext:app", `"x"`)), no},
		{"F", "grants for AWS's resources", kms.Enabled, text(allow(anyone + `"Action":"kms:CreateGrant","Resource":"*"` + when("Bool", "kms:GrantIsForAWSResource", `"true"`))), no},
		{"P", "everyone, denied", kms.Enabled, text(allow(anyone+`"Action":"kms:*","Resource":"*"`), deny(anyone+`"Action":"kms:*","Resource":"*"`)), no},
		{"P", "everyone, others denied", kms.Enabled, text(allow(anyone+`"Action":"kms:*","Resource":"*"`),
			deny(anyone+`"Action":"kms:*","Resource":"*"`+when("StringNotEquals", "kms:CallerAccount", `"111122223333"`))), no},
		{"F", "everyone, decrypting denied", kms.Enabled, text(allow(anyone+`"Action":"kms:*","Resource":"*"`), deny(anyone+`"Action":"kms:Decrypt","Resource":"*"`)), no},
		{"F", "all but one", kms.Enabled, text(allow(`"NotPrincipal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":"kms:*","Resource":"*"`)), no},
		{"F", "all but an action", kms.Enabled, text(allow(anyone + `"NotAction":"kms:ScheduleKeyDeletion","Resource":"*"`)), no},
		{"P", "from an office", kms.Enabled, use(anyAWS, when("IpAddress", "aws:SourceIp", `"203.0.113.0/24"`)), no},
		{"F", "from anywhere", kms.Enabled, use(anyAWS, when("IpAddress", "aws:SourceIp", `["0.0.0.0/1","128.0.0.0/1"]`)), no},
		{"P", "a grant to a role", kms.Enabled, use(ownAcc, ""), to("arn:aws:iam::444455556666:role/x")},
		{"U", "grants not read", kms.Enabled, use(ownAcc, ""), gap()},
		{"F", "grants not read, the policy proves", kms.Enabled, use(anyAWS, ""), gap()},
		{"U", "policy not read", kms.Enabled, lost[kms.Policy](), no},
		{"U", "policy not JSON", kms.Enabled, known(kms.Policy{Document: "{"}), no},
		{"N", "waiting for its deletion", "PendingDeletion", use(anyAWS, ""), no},
		{"F", "state not said", "", use(anyAWS, ""), no},
	} {
		judged(t, c.label, keyVerdict(t, c), c.want)
	}
}
