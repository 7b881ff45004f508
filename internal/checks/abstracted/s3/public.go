package s3

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/iampolicy"
	"github.com/ourshare/ourshare/internal/inventory"
	s3inv "github.com/ourshare/ourshare/internal/inventory/s3"
)

// access is all that decides whether a bucket is public. The rules are those of "Blocking public access to your Amazon S3
// storage" and "Controlling ownership of objects and disabling ACLs for your bucket" in the user guide:
//
//	public = policy public AND NOT RestrictPublicBuckets
//	      OR policy leaves it to access points AND one of them is public AND NOT RestrictPublicBuckets of its own, the bucket or the account
//	      OR ACL public AND NOT IgnorePublicAcls AND NOT BucketOwnerEnforced
//
// in Kleene's logic: what was read and decides does so, whatever else could not be read.
type access struct {
	policy inventory.Field[s3inv.Policy]
	acl    inventory.Field[s3inv.ACL]
	owner  inventory.Field[s3inv.Ownership]
	blocks blocks
	points points
}

type accessFacts struct {
	policy inventory.Facts[s3inv.Bucket, s3inv.Policy]
	acl    inventory.Facts[s3inv.Bucket, s3inv.ACL]
	owner  inventory.Facts[s3inv.Bucket, s3inv.Ownership]
	blocks blockFacts
	points pointFacts
}

func readAccess(b *inventory.Binder) accessFacts {
	return accessFacts{
		policy: inventory.Read(b, s3inv.BucketPolicy),
		acl:    inventory.Read(b, s3inv.BucketACL),
		owner:  inventory.Read(b, s3inv.BucketOwnership),
		blocks: readBlocks(b),
		points: readPoints(b),
	}
}

func (f accessFacts) of(b s3inv.Bucket) access {
	return access{policy: f.policy.Of(b), acl: f.acl.Of(b), owner: f.owner.Of(b), blocks: f.blocks.of(b), points: f.points.of(b)}
}

func (a access) gone() bool {
	return gone(failed(a.policy), failed(a.acl), failed(a.owner), failed(a.blocks.bucket))
}

// policyPublic tells whether the policy by itself lets the public in, and what says so.
func (a access) policyPublic() (public inventory.Tri, why []string) {
	p, err := a.policy.Get()
	switch {
	case errors.Is(err, inventory.ErrAbsent):
		return inventory.No, nil
	case err != nil:
		return inventory.Unknown(err), nil
	}
	doc, err := iampolicy.Parse(p.Document)
	if err != nil {
		return inventory.Unknown(unjudged(err.Error())), nil
	}
	r := doc.S3Public()
	switch r.Answer {
	case iampolicy.Yes:
		return inventory.Yes, r.Why()
	case iampolicy.No:
		return inventory.No, nil
	case iampolicy.Unknown:
	}
	return inventory.Unknown(unjudged(some(r.Why()))), nil
}

// aclPublic tells whether the ACL in effect grants something to a group that everyone can be in, and what.
func (a access) aclPublic() (public inventory.Tri, grants []string) {
	acl, err := a.acl.Get()
	if err != nil {
		return inventory.Unknown(err), nil
	}
	if acl.Grants == nil {
		return inventory.Unknown(inventory.Insufficient("the answer holds no access control list")), nil
	}
	public = inventory.No
	for _, g := range acl.Grants {
		t := toPublic(g)
		public = public.Or(t)
		if is(t) {
			grants = append(grants, fmt.Sprintf("%s to %s", g.Permission, audience(g)))
		}
	}
	slices.Sort(grants)
	return public, slices.Compact(grants)
}

// toPublic: only the groups AllUsers and AuthenticatedUsers are public ("The meaning of public"). A grantee that the
// answer does not describe, and a group that AWS does not document, may be.
func toPublic(g s3inv.Grant) inventory.Tri {
	switch {
	case g.GroupURI == s3inv.AllUsers, g.GroupURI == s3inv.AuthenticatedUsers:
		return inventory.Yes
	case g.GroupURI == s3inv.LogDelivery:
		return inventory.No
	case g.GroupURI != "":
		return inventory.Unknown(inventory.Insufficient("the ACL grants %s to a group that is not documented: %s", g.Permission, g.GroupURI))
	case g.GranteeType == "CanonicalUser", g.GranteeType == "AmazonCustomerByEmail":
		return inventory.No
	}
	return inventory.Unknown(inventory.Insufficient("the ACL grants %s to someone whom the answer does not name", g.Permission))
}

func audience(g s3inv.Grant) string {
	if g.GroupURI == s3inv.AllUsers {
		return g.Group() + " (anyone on the internet)"
	}
	return g.Group() + " (anyone with an AWS account)"
}

// aclsOff tells whether object ownership disables ACLs; ownership that was never set does not.
func (a access) aclsOff() inventory.Tri {
	o, err := a.owner.Get()
	switch {
	case errors.Is(err, inventory.ErrAbsent):
		return inventory.No
	case err != nil:
		return inventory.Unknown(err)
	case o.ObjectOwnership == "":
		return inventory.Unknown(inventory.Insufficient("the answer does not name the object ownership"))
	}
	return inventory.Is(o.ObjectOwnership == s3inv.BucketOwnerEnforced)
}

func (a access) verdict(b s3inv.Bucket) checks.Verdict {
	if a.gone() {
		return checks.NotApplicable("gone during the scan")
	}
	policy, why := a.policyPublic()
	acl, grants := a.aclPublic()
	restricted, ignored, off := a.blocks.inForce(s3inv.RestrictPublicBuckets), a.blocks.inForce(s3inv.IgnorePublicACLs), a.aclsOff()

	byPolicy := policy.And(restricted.Not())
	byACL := acl.And(ignored.Not()).And(off.Not())
	left := delegated{}
	if doc, err := a.document(); err == nil {
		left = a.delegated(b, doc)
	}
	byPoint, ways := left.public()
	v := checks.Decide(byPolicy.Or(byPoint).Or(byACL),
		a.isPublic(is(byPolicy), why, is(byACL), grants, ways),
		a.isNotPublic(policy, ignored, off, len(left.left) > 0))
	if v.Status == finding.Unknown {
		return v
	}
	return left.notSeen(a.notSeen(v))
}

func (a access) isPublic(byPolicy bool, why []string, byACL bool, grants, byPoint []string) checks.Verdict {
	var ways []string
	v := checks.Verdict{}
	if byPolicy {
		ways = append(ways, "by its policy ("+some(why)+")")
		v = v.With("public_statements", why)
	}
	if len(byPoint) > 0 {
		ways = append(ways, "by its access points ("+some(byPoint)+")")
		v = v.With("public_access_points", byPoint)
	}
	if byACL {
		ways = append(ways, "by its ACL ("+strings.Join(grants, ", ")+")")
		v = v.With("public_grants", grants)
	}
	fail := checks.Fail("the bucket is public %s", strings.Join(ways, " and "))
	fail.Evidence = v.Evidence
	return fail
}

// isNotPublic says what keeps the public out, way by way. "No public grant" is said of the ACL in effect, never of the
// stored one, which cannot be read while it is neutralised.
func (a access) isNotPublic(policy, ignored, off inventory.Tri, toPoints bool) checks.Verdict {
	byPolicy := "RestrictPublicBuckets at " + a.blocks.where(s3inv.RestrictPublicBuckets) + " keeps the public out whatever the policy says"
	if _, err := a.policy.Get(); errors.Is(err, inventory.ErrAbsent) {
		byPolicy = "there is no bucket policy"
	} else if isNot(policy) && toPoints && isNot(a.blocks.inForce(s3inv.RestrictPublicBuckets)) {
		byPolicy = "the bucket policy leaves it to access points, none of which lets the public in"
	} else if isNot(policy) && !toPoints {
		byPolicy = "the bucket policy lets no public in"
	} else if is(policy) {
		byPolicy = "the policy is public, but RestrictPublicBuckets at " + a.blocks.where(s3inv.RestrictPublicBuckets) + " cuts it off"
	}
	byACL := "the ACL in effect grants nothing to a public group; ACLs of single objects can work here and were not seen"
	switch {
	case is(off):
		byACL = "ACLs are disabled (BucketOwnerEnforced)"
	case is(ignored):
		byACL = "IgnorePublicAcls at " + a.blocks.where(s3inv.IgnorePublicACLs) + " takes the effect from public ACLs, stored ones included"
	}
	v := checks.Pass("not public: %s; %s", byPolicy, byACL).
		With("account_block", names(a.blocks.account)).With("bucket_block", names(a.blocks.bucket))
	if o, err := a.owner.Get(); err == nil {
		v = v.With("object_ownership", o.ObjectOwnership)
	}
	return v
}

// notSeen names what could not be read and was not needed.
func (a access) notSeen(v checks.Verdict) checks.Verdict {
	return v.NotSeen("the bucket policy", failed(a.policy)).
		NotSeen("the bucket's ACL", failed(a.acl)).
		NotSeen("the object ownership", failed(a.owner)).
		NotSeen("the account's public access block", failed(a.blocks.account)).
		NotSeen("the bucket's public access block", failed(a.blocks.bucket))
}
