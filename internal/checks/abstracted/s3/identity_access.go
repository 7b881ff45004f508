package s3

import (
	"strings"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	s3inv "github.com/ourshare/ourshare/internal/inventory/s3"
	"github.com/ourshare/ourshare/internal/responsibility"
)

var identityAccess = []*checks.Check{accountPublicAccessBlock, bucketPublicAccessBlock, bucketNotPublic, bucketACLsDisabled}

const blockGuide = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html"

var accountPublicAccessBlock = checks.OnDetail(s3inv.AccountPublicAccessBlock, checks.Meta{
	ID:       "s3-account-public-access-block",
	Title:    "The account blocks public access to all its S3 buckets",
	Layer:    responsibility.IdentityAccess,
	Severity: finding.High,
	Risk:     "Without the account's block, each bucket stands alone: one wrong policy or ACL on one bucket publishes its data.",
	Fix: checks.Fix{
		Text: "Turn all four settings on for the account, or for the whole organization by an S3 policy; serve what must be public through CloudFront, or from an account of its own.",
		CLI: "aws s3control put-public-access-block --account-id <account-id> --public-access-block-configuration " +
			"BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true",
		URL: blockGuide,
	},
	Cites: []checks.Cite{{Framework: "FSBP", ID: "S3.1"}, {Framework: "CIS 7.0", ID: "3.1.4"}, {Framework: "Prowler", ID: "s3_account_level_public_access_blocks"}},
	Detail: "Passes where all four settings are in force for the account, set by itself or by a policy of its organization. No configuration means " +
		"that all four are off; a setting that the configuration leaves out is off.",
}, checks.Fail("the account has no public access block: all four settings are off").With("off", off(s3inv.PublicAccessBlock{})),
	func(_ inventory.Account, p s3inv.PublicAccessBlock) checks.Verdict {
		missing := off(p)
		if len(missing) > 0 {
			return checks.Fail("off for the account: %s", strings.Join(missing, ", ")).With("off", missing)
		}
		return checks.Pass("all four settings are in force for the account")
	})

func off(p s3inv.PublicAccessBlock) []string {
	var list []string
	for _, s := range s3inv.BlockSettings {
		if !s.On(p) {
			list = append(list, s.Name)
		}
	}
	return list
}

var bucketPublicAccessBlock = checks.With(s3inv.Buckets, checks.Meta{
	ID:       "s3-bucket-public-access-block",
	Title:    "S3 buckets have every setting of the public access block on, by themselves or by their account",
	Layer:    responsibility.IdentityAccess,
	Severity: finding.High,
	Risk:     "Each setting that is off leaves a way open by which a policy or an ACL can make the bucket or its objects public, today or with the next change.",
	Fix: checks.Fix{
		Text: "Turn all four settings on for the bucket or, better, for the account, after checking that nothing is meant to be public.",
		CLI: "aws s3api put-public-access-block --bucket <bucket> --public-access-block-configuration " +
			"BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true",
		URL: blockGuide,
	},
	Cites: []checks.Cite{{Framework: "FSBP", ID: "S3.8"}, {Framework: "CIS 7.0", ID: "3.1.4"}, {Framework: "Prowler", ID: "s3_bucket_level_public_access_block"}},
	Detail: "Each of the four settings counts where either the bucket or the account has it on; the account's answer includes its organization's policy. " +
		"Passes where all four are in force, fails where one is off at both levels, and is unknown where a level could not be read and the other one does not decide.",
}, readBlocks, func(in blockFacts, bucket s3inv.Bucket) checks.Verdict {
	b := in.of(bucket)
	if gone(failed(b.bucket)) {
		return checks.NotApplicable("gone during the scan")
	}
	all, missing := inventory.Yes, []string(nil)
	for _, s := range s3inv.BlockSettings {
		t := b.inForce(s)
		all = all.And(t)
		if isNot(t) {
			missing = append(missing, s.Name)
		}
	}
	v := checks.Decide(all,
		checks.Pass("all four settings are in force: %s", b.describe()),
		checks.Fail("off at the bucket and at the account: %s", strings.Join(missing, ", ")).With("off", missing))
	if v.Status == finding.Unknown {
		return v
	}
	return v.With("account_block", names(b.account)).With("bucket_block", names(b.bucket)).
		NotSeen("the account's public access block", failed(b.account)).
		NotSeen("the bucket's public access block", failed(b.bucket))
})

var bucketNotPublic = checks.With(s3inv.Buckets, checks.Meta{
	ID:       "s3-bucket-not-public",
	Title:    "S3 buckets are not public, neither by policy nor by ACL",
	Layer:    responsibility.IdentityAccess,
	Severity: finding.Critical,
	Revision: 2,
	Risk:     "Anyone, without an account or with any AWS account, can list, read or write what the bucket's policy or ACL opens.",
	Fix: checks.Fix{
		Text: "Block public access for the bucket at once; then take the public statement out of the policy, or the public grant out of the ACL, and disable ACLs.",
		CLI: "aws s3api put-public-access-block --bucket <bucket> --public-access-block-configuration " +
			"BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true",
		URL: blockGuide,
	},
	Cites: []checks.Cite{{Framework: "FSBP", ID: "S3.2"}, {Framework: "FSBP", ID: "S3.3"}, {Framework: "Prowler", ID: "s3_bucket_public_access"}},
	Detail: "A policy is public by Amazon S3's own definition: an Allow that is not limited to fixed principals or to fixed values of the condition keys " +
		"that AWS lists. RestrictPublicBuckets, of the bucket or the account, cuts a public policy off. An ACL is public where it grants anything to AllUsers or " +
		"AuthenticatedUsers; IgnorePublicAcls, of the bucket or the account, and the ownership BucketOwnerEnforced take the effect from it. What was read and " +
		"proves that the bucket is public, or that it is not, decides even if something else could not be read. " + pointsDetail +
		"RestrictPublicBuckets holds for them as well. A policy of a form beyond the reasoning is unknown. ACLs of single objects are not " +
		"read: where they can have an effect, the passing message says so. Deny statements play no part in AWS's definition, nor here.",
}, readAccess, func(in accessFacts, b s3inv.Bucket) checks.Verdict { return in.of(b).verdict(b) })

var bucketACLsDisabled = checks.OnDetail(s3inv.BucketOwnership, checks.Meta{
	ID:       "s3-bucket-acls-disabled",
	Title:    "S3 buckets have ACLs disabled",
	Layer:    responsibility.IdentityAccess,
	Severity: finding.Medium,
	Risk: "While ACLs work, whoever may write an object can also publish it, and objects that other accounts upload may belong to those accounts; " +
		"the bucket's policy alone then does not tell who has access.",
	Fix: checks.Fix{
		Text: "Replace the grants that are still needed by policy statements, then set object ownership to BucketOwnerEnforced.",
		CLI:  "aws s3api put-bucket-ownership-controls --bucket <bucket> --ownership-controls 'Rules=[{ObjectOwnership=BucketOwnerEnforced}]'",
		URL:  "https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html",
	},
	Cites:  []checks.Cite{{Framework: "Prowler", ID: "s3_bucket_acl_prohibited"}},
	Detail: "Passes where object ownership is BucketOwnerEnforced. BucketOwnerPreferred, ObjectWriter, and ownership that was never set, fail: ACLs work there.",
}, checks.Fail("ACLs are enabled: object ownership was never set, which works as ObjectWriter"), func(_ s3inv.Bucket, o s3inv.Ownership) checks.Verdict {
	switch o.ObjectOwnership {
	case s3inv.BucketOwnerEnforced:
		return checks.Pass("ACLs are disabled: object ownership is BucketOwnerEnforced").With("object_ownership", o.ObjectOwnership)
	case "":
		return checks.Unknown(inventory.Insufficient("the answer does not name the object ownership"))
	}
	return checks.Fail("ACLs are enabled: object ownership is %s", o.ObjectOwnership).With("object_ownership", o.ObjectOwnership)
})
