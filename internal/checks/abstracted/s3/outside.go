package s3

import (
	"errors"
	"slices"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/checks/policies"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/iampolicy"
	"github.com/ourshare/ourshare/internal/inventory"
	s3inv "github.com/ourshare/ourshare/internal/inventory/s3"
	"github.com/ourshare/ourshare/internal/responsibility"
)

// fromOutside are the checks of what those outside of the account may do with a bucket.
var fromOutside = []*checks.Check{bucketWritableByAnyone, bucketExternalAccess}

const bucketPolicy = "the bucket policy"

var bucketWritableByAnyone = checks.With(s3inv.Buckets, checks.Meta{
	ID:       "s3-bucket-writable-by-anyone",
	Title:    "S3 buckets cannot be written to by just anyone",
	Layer:    responsibility.IdentityAccess,
	Severity: finding.Critical,
	Risk:     "Anyone can replace or delete what the bucket holds, store what they like at your expense and in your name, or give themself more.",
	Fix: checks.Fix{
		Text: "Block public access for the bucket at once; then take the statement out of the policy, or the grant out of the ACL; let uploads in by presigned URLs.",
		CLI: "aws s3api put-public-access-block --bucket <bucket> --public-access-block-configuration " +
			"BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true",
		URL: blockGuide,
	},
	Cites: []checks.Cite{
		{Framework: "FSBP", ID: "S3.3"},
		{Framework: "Prowler", ID: "s3_bucket_policy_public_write_access"},
		{Framework: "Prowler", ID: "s3_bucket_public_write_acl"},
	},
	Detail: "Fails where the policy lets everyone change the bucket or its objects, by any action that neither gets nor lists, or where the ACL gives WRITE, WRITE_ACP or " +
		"FULL_CONTROL to AllUsers or AuthenticatedUsers. Conditions limit everyone as Amazon S3's definition of public says; Deny statements count; RestrictPublicBuckets cuts a " +
		"public policy off, IgnorePublicAcls and BucketOwnerEnforced a public ACL. What was read and decides does so, whatever else could not be read. " + pointsDetail +
		"ACLs of single objects are not read. Policies of an organization are not looked at: they can only forbid.",
}, readAccess, func(in accessFacts, b s3inv.Bucket) checks.Verdict { return in.of(b).writable(b) })

var bucketExternalAccess = checks.With(s3inv.Buckets, checks.Meta{
	ID:       "s3-bucket-external-access",
	Title:    "S3 buckets are open to trusted accounts only",
	Layer:    responsibility.IdentityAccess,
	Severity: finding.Medium,
	Risk:     "Who controls the other account decides who reads or changes the data, and keeps it when the reason for sharing is gone.",
	Fix: checks.Fix{
		Text: "Take out of policy and ACL those that no longer need the bucket, narrow the others to the roles and objects that they need, and list the accounts that are meant in ourshare.yaml.",
		CLI:  "aws s3api put-bucket-policy --bucket <bucket> --policy file://policy.json",
		URL:  "https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html",
	},
	Cites: []checks.Cite{{Framework: "Prowler", ID: "s3_bucket_cross_account_access"}},
	Detail: "Fails where the policy or the ACL gives another account, a principal of one, an organization, a canonical user or everyone anything, and it is listed neither " +
		"under trusted_accounts nor trusted_organizations; whether the other account lets its own principals use it is for that account to say. Deny statements count, and so " +
		"does what RestrictPublicBuckets, IgnorePublicAcls and BucketOwnerEnforced cut off. AWS services and identity providers are no accounts. Unknown where the policy, or an ACL that can " +
		"have effect, could not be read, where the account of a grantee is not known, or where conditions do not say whether it is another one. " + pointsDetail +
		"ACLs of single objects are not read. Policies of an organization are not looked at: they can only forbid.",
}, func(b *inventory.Binder) externalFacts {
	return externalFacts{readAccess(b), policies.ReadTrusted(b)}
}, func(in externalFacts, b s3inv.Bucket) checks.Verdict { return in.access.of(b).external(b, in.trusted) })

type externalFacts struct {
	access  accessFacts
	trusted policies.Trusted
}

func answer(t inventory.Tri) iampolicy.Answer {
	switch {
	case is(t):
		return iampolicy.Yes
	case isNot(t):
		return iampolicy.No
	}
	return iampolicy.Unknown
}

// model is the bucket as the reasoning takes it, with why a part of it is missing. Statements that leave it to access
// points are taken out: they give nothing by themselves.
func (a access) model(b s3inv.Bucket) (m *iampolicy.Bucket, left delegated, missing []error) {
	m = &iampolicy.Bucket{
		Name: b.ID, Account: b.Owner, Partition: b.Partition(),
		IgnorePublicACLs:      answer(a.blocks.inForce(s3inv.IgnorePublicACLs)),
		RestrictPublicBuckets: answer(a.blocks.inForce(s3inv.RestrictPublicBuckets)),
		OwnerEnforced:         answer(a.aclsOff()),
	}
	doc, err := a.document()
	if err != nil && !errors.Is(err, inventory.ErrAbsent) {
		m.PolicyUnread = true
		missing = append(missing, err)
	}
	if doc != nil {
		left = a.delegated(b, doc)
		own := *doc
		own.Statements = slices.DeleteFunc(slices.Clone(doc.Statements), func(s iampolicy.Statement) bool {
			return slices.ContainsFunc(left.left, func(d iampolicy.Statement) bool { return d.Ref == s.Ref })
		})
		m.Policy = &own
	}
	acl, err := a.acl.Get()
	if err == nil && acl.Grants == nil {
		err = inventory.Insufficient("the answer holds no access control list")
	}
	m.OwnerCanonicalID = acl.Owner
	for _, g := range acl.Grants {
		who := g.GroupURI + g.GranteeID
		if who == "" || g.GroupURI != "" && !slices.Contains([]string{s3inv.AllUsers, s3inv.AuthenticatedUsers, s3inv.LogDelivery}, g.GroupURI) {
			err = inventory.Insufficient("the ACL grants %s to someone whom the answer does not name", g.Permission)
			continue
		}
		m.ACL = append(m.ACL, iampolicy.ACLGrant{Grantee: who, Permission: g.Permission})
	}
	if err != nil {
		m.ACLUnread = true
		missing = append(missing, err)
	}
	for _, err := range []error{failed(a.owner), failed(a.blocks.account), failed(a.blocks.bucket)} {
		if err != nil {
			missing = append(missing, err)
		}
	}
	return m, left, missing
}

// document is the bucket policy; ErrAbsent: there is none.
func (a access) document() (*iampolicy.Document, error) {
	p, err := a.policy.Get()
	if err != nil {
		return nil, err
	}
	doc, err := iampolicy.Parse(p.Document)
	if err != nil {
		return nil, policies.Unjudged(bucketPolicy, err.Error())
	}
	return doc, nil
}

func (a access) delegated(b s3inv.Bucket, doc *iampolicy.Document) delegated {
	return delegated{b, doc, delegations(doc), a.blocks.inForce(s3inv.RestrictPublicBuckets), a.points}
}

// delegations are the statements that leave it to access points whom they let in, and are not public by themselves.
func delegations(doc *iampolicy.Document) (out []iampolicy.Statement) {
	for _, judged := range doc.S3Public().Statements {
		for _, s := range doc.Statements {
			if judged.Delegates && judged.Answer == iampolicy.No && s.Ref == judged.Ref {
				out = append(out, s)
			}
		}
	}
	return out
}

func (a access) writable(b s3inv.Bucket) checks.Verdict {
	if a.gone() {
		return checks.NotApplicable("gone during the scan")
	}
	m, left, missing := a.model(b)
	v := m.WritableByAnyone()
	direct := policies.Truth(v.Answer, "who may write", policies.Some(v.Why))
	if v.Answer == iampolicy.Unknown && len(missing) > 0 {
		direct = inventory.Unknown(missing...)
	}
	through, why := left.writable()
	if v.Answer == iampolicy.Yes {
		why = append(slices.Clone(v.Why), why...)
	}
	out := checks.Decide(direct.Or(through),
		checks.Fail("anyone can write to the bucket, %s: %s", iampolicy.UnlessOrganization, policies.Some(why)).With("ways", why),
		checks.Pass("not everyone can write to the bucket: %s", policies.Some(v.Why)))
	if out.Status == finding.Unknown {
		return out
	}
	return left.notSeen(a.notSeen(out))
}

func (a access) external(b s3inv.Bucket, trusted policies.Trusted) checks.Verdict {
	if a.gone() {
		return checks.NotApplicable("gone during the scan")
	}
	m, left, missing := a.model(b)
	list, unread := m.ExternalAccess()
	more, undecided := left.external()
	list = append(list, more...)
	var sure, perhaps, meant []string
	for _, x := range list {
		switch {
		case trusted.Has(x.Grantee):
			meant = append(meant, x.Why)
		case x.Answer == iampolicy.Yes:
			sure = append(sure, x.Why)
		default:
			perhaps = append(perhaps, x.Why)
		}
	}
	if len(unread) > 0 || len(perhaps) > 0 {
		undecided = append(undecided, missing...)
		if len(perhaps) > 0 {
			undecided = append(undecided, policies.Unjudged("who has access", policies.Some(perhaps)))
		}
	}
	switch {
	case len(sure) > 0:
		v := checks.Fail("open beyond the account, and to those not trusted, %s: %s", iampolicy.UnlessOrganization, policies.Some(sure)).With("external", sure)
		return left.notSeen(a.notSeen(v))
	case len(undecided) > 0:
		return checks.Unknown(undecided...)
	case len(meant) > 0:
		return left.notSeen(a.notSeen(checks.Pass("open beyond the account to trusted ones only: %s", policies.Some(meant)).With("trusted", meant)))
	}
	return left.notSeen(a.notSeen(checks.Pass("neither policy nor ACL opens the bucket beyond the account")))
}
