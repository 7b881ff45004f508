package kms

import (
	"errors"
	"strings"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/checks/policies"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/iampolicy"
	"github.com/ourshare/ourshare/internal/inventory"
	kmsinv "github.com/ourshare/ourshare/internal/inventory/kms"
	"github.com/ourshare/ourshare/internal/responsibility"
)

var serverSideEncryption = []*checks.Check{keyNotPublic}

type keyFacts struct {
	policy inventory.Facts[kmsinv.Key, kmsinv.Policy]
	grants inventory.Rows[kmsinv.Grant]
}

var keyNotPublic = checks.With(kmsinv.CustomerKeys, checks.Meta{
	ID:       "kms-key-not-public",
	Title:    "KMS keys are not open to everyone",
	Layer:    responsibility.ServerSideEncryption,
	Severity: finding.Critical,
	Risk:     "Anyone with an AWS account can use the key: what is encrypted under it is as readable as if it were not encrypted, and the key may be disabled or deleted.",
	Fix: checks.Fix{
		Text: "Name the accounts and roles that use the key as principals of its policy, or add kms:CallerAccount or aws:PrincipalOrgID; kms:ViaService alone limits nobody.",
		CLI:  "aws kms put-key-policy --key-id <key-id> --policy file://key-policy.json",
		URL:  "https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html",
	},
	Cites: []checks.Cite{{Framework: "FSBP", ID: "KMS.5"}},
	Detail: "Fails where a statement of the key's policy gives everyone the use or the administration of the key under no condition that fixes who asks or from where; Deny " +
		"statements count. kms:ViaService, an encryption context or a constraint of grants is no such condition, since callers of every account can meet it. Grants add to the " +
		"policy and name whom they are for: where they could not be read it is unknown, unless the policy already fails. Unknown also where the policy could not be read or " +
		"has a form whose meaning AWS does not document. Keys that wait for their deletion or are being made are not applicable; AWS-managed keys, whose policies nobody can " +
		"change, are not looked at. Policies of an organization are not looked at: they can only forbid.",
}, func(b *inventory.Binder) keyFacts {
	return keyFacts{inventory.Read(b, kmsinv.KeyPolicy), inventory.Use(b, kmsinv.Grants)}
}, func(in keyFacts, k kmsinv.Key) checks.Verdict {
	p, err := in.policy.Of(k).Get()
	switch {
	case errors.Is(err, inventory.ErrNotAsked):
		return checks.NotApplicable("nobody can use the key: its state is %s", k.State)
	case errors.Is(err, inventory.ErrGone):
		return checks.NotApplicable("gone during the scan")
	}
	byPolicy := judgePolicy(p, err)
	if byPolicy.Status != finding.Pass {
		return byPolicy
	}
	return checks.Decide(in.grantsName(k), byPolicy, checks.Fail("a grant of the key names no certain grantee"))
})

const keyPolicy = "the key policy"

func judgePolicy(p kmsinv.Policy, err error) checks.Verdict {
	if err != nil {
		return checks.Unknown(err)
	}
	doc, err := iampolicy.Parse(p.Document)
	if err != nil {
		return checks.Unknown(policies.Unjudged(keyPolicy, err.Error()))
	}
	return policies.Decided(doc.KeyPublic(), keyPolicy, "every AWS account can use the key", "not open to everyone")
}

// grantsName tells whether every grant of a key names its grantee, as AWS KMS asks for (CreateGrant, API reference:
// GranteePrincipal takes no wildcard).
func (in keyFacts) grantsName(k kmsinv.Key) inventory.Tri {
	named := inventory.Yes
	for _, g := range in.grants.List {
		who := g.Grantee + g.GranteeService
		if g.ARN == k.ARN && (who == "" || strings.ContainsAny(who, "*?")) {
			named = named.And(inventory.Unknown(inventory.Insufficient("the answer does not say whom the grant %s is for", g.GrantID)))
		}
	}
	for i := range in.grants.Gaps {
		gap := &in.grants.Gaps[i]
		// A gap without a parent is one of the keys' listing, which this key came through, or the whole dataset's.
		if gap.Parent != nil && gap.Parent.ARN == k.ARN || gap.Parent == nil && gap.Operation == "" {
			named = named.And(inventory.Unknown(&gap.Error))
		}
	}
	return named
}
