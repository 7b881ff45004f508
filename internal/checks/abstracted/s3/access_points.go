package s3

import (
	"errors"
	"slices"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/checks/policies"
	"github.com/ourshare/ourshare/internal/iampolicy"
	"github.com/ourshare/ourshare/internal/inventory"
	s3inv "github.com/ourshare/ourshare/internal/inventory/s3"
)

const pointsDetail = "Where the bucket policy leaves it to access points whom they let in, the policies and blocks of the account's access points and multi-region access points " +
	"decide; those of other accounts cannot be seen. "

// pointFacts is what is known of access points, of one region and of several.
type pointFacts struct {
	points  inventory.Rows[s3inv.AccessPoint]
	policy  inventory.Facts[s3inv.AccessPoint, s3inv.Policy]
	block   inventory.Facts[s3inv.AccessPoint, s3inv.PublicAccessBlock]
	regions inventory.Rows[s3inv.MultiRegionAccessPoint]
	theirs  inventory.Facts[s3inv.MultiRegionAccessPoint, s3inv.MultiRegionPolicy]
}

func readPoints(b *inventory.Binder) pointFacts {
	return pointFacts{
		inventory.Use(b, s3inv.AccessPoints), inventory.Read(b, s3inv.AccessPointPolicy), inventory.Read(b, s3inv.AccessPointPublicAccessBlock),
		inventory.Use(b, s3inv.MultiRegionAccessPoints), inventory.Read(b, s3inv.MultiRegionAccessPointPolicy),
	}
}

// point is one access point of a bucket. It gives something only where the bucket policy lets it ("Configuring IAM policies
// for using access points", user guide: both must allow).
type point struct {
	name, arn, account string
	vpc                bool // takes requests from one VPC alone, and is never public
	docs               []*iampolicy.Document
	unread             error         // why its policy is not known
	restricts          inventory.Tri // RestrictPublicBuckets of its own block
}

// points are those of one bucket, and why there may be more.
type points struct {
	list []point
	gaps []error
}

func (f pointFacts) of(b s3inv.Bucket) (out points) {
	for i := range f.points.Gaps { // an access point lies in its bucket's region
		if gap := &f.points.Gaps[i].Error; gap.Region == b.Region || b.Region == awsapi.Global || gap.Region == "" {
			out.gaps = append(out.gaps, gap)
		}
	}
	for i := range f.regions.Gaps {
		out.gaps = append(out.gaps, &f.regions.Gaps[i].Error)
	}
	for _, a := range f.points.List {
		if a.Bucket != b.ID || !a.OnOwnBucket() {
			continue
		}
		p := point{name: "access point " + a.ID, arn: a.ARN, account: a.AccountID, vpc: a.Origin == s3inv.VPCOrigin, restricts: at(f.block.Of(a), s3inv.RestrictPublicBuckets)}
		if p.vpc { // then it changes nothing, and is not read
			p.restricts = inventory.No
		}
		doc, err := f.policy.Of(a).Get()
		p.add(err, doc.Document)
		out.list = append(out.list, p)
	}
	for _, m := range f.regions.List {
		if !slices.ContainsFunc(m.Buckets, func(e s3inv.MultiRegionEndpoint) bool { return e.Bucket == b.ID }) {
			continue
		}
		p := point{name: "multi-region access point " + m.ID, arn: m.ARN, account: m.AccountID}
		p.restricts = inventory.Unknown(inventory.Insufficient("the answer does not hold the block of the %s", p.name))
		if m.PublicAccessBlock != nil {
			p.restricts = inventory.Is(m.PublicAccessBlock.RestrictPublicBuckets)
		}
		docs, err := f.theirs.Of(m).Get()
		p.add(err, docs.Documents()...)
		out.list = append(out.list, p)
	}
	return out
}

// add takes in a policy; one that is absent, or whose access point is gone, gives nothing.
func (p *point) add(err error, documents ...string) {
	if errors.Is(err, inventory.ErrAbsent) || errors.Is(err, inventory.ErrGone) {
		return
	}
	if err != nil {
		p.unread = err
		return
	}
	for _, text := range documents {
		doc, err := iampolicy.Parse(text)
		if err != nil {
			p.unread = policies.Unjudged("the policy of the "+p.name, err.Error())
			continue
		}
		p.docs = append(p.docs, doc)
	}
}

// delegated is what a bucket policy leaves to access points.
type delegated struct {
	bucket     s3inv.Bucket
	doc        *iampolicy.Document
	left       []iampolicy.Statement
	restricted inventory.Tri // RestrictPublicBuckets of bucket or account, which holds for access points as well
	points     points
}

// eachWay calls f for what each access point opens, as if it stood in the bucket's own policy: sure tells that all of it
// is really open. It returns why there may be more. toPublic leaves out those of a VPC's, which are never public.
func (d delegated) eachWay(toPublic bool, f func(p point, m *iampolicy.Bucket, sure bool)) (missing []error) {
	if len(d.left) == 0 {
		return nil
	}
	missing = slices.Clone(d.points.gaps)
	for _, s := range d.left {
		if !ownPointsOnly(s, d.bucket.Owner) {
			missing = append(missing, inventory.Insufficient("the bucket policy (%s) leaves it to access points of other accounts, which cannot be seen", s.Ref))
		}
	}
	for _, p := range d.points.list {
		if toPublic && p.vpc {
			continue
		}
		if p.unread != nil {
			missing = append(missing, p.unread)
		}
		for _, doc := range p.docs {
			policy, sure, named := d.through(p, doc)
			restricted := answer(d.restricted.Or(p.restricts))
			if named && restricted == iampolicy.Yes {
				restricted = iampolicy.Unknown // by AWS's definition its policy may not be public, which the block asks for
			}
			f(p, &iampolicy.Bucket{
				Name: d.bucket.ID, Account: d.bucket.Owner, Partition: d.bucket.Partition(), Policy: policy,
				RestrictPublicBuckets: restricted, IgnorePublicACLs: iampolicy.Yes, OwnerEnforced: iampolicy.Yes,
			}, sure)
		}
	}
	return missing
}

// sum ors what single ways answer; a way that is not sure opens at most perhaps.
type sum struct {
	open inventory.Tri
	why  []string
}

func (s *sum) add(p point, a iampolicy.Answer, sure bool, why []string) {
	if a == iampolicy.Yes && !sure {
		a = iampolicy.Unknown
	}
	line := p.name + ": " + policies.Some(why)
	t := policies.Truth(a, "what is open through the "+p.name, policies.Some(why))
	if block := p.restricts.Why(); a == iampolicy.Unknown && len(block) > 0 {
		t = inventory.Unknown(block...)
	}
	s.open = s.open.Or(t)
	if a == iampolicy.Yes {
		s.why = append(s.why, line)
	}
}

// missing keeps a No from standing where there may be more, unless RestrictPublicBuckets cuts that off.
func (s *sum) missing(errs []error, restricted inventory.Tri) {
	if len(errs) > 0 {
		s.open = s.open.Or(inventory.Unknown(errs...).And(restricted.Not()))
	}
}

// public tells whether an access point is public, and which.
func (d delegated) public() (inventory.Tri, []string) {
	s := sum{open: inventory.No}
	errs := d.eachWay(true, func(p point, m *iampolicy.Bucket, sure bool) {
		r := m.Policy.S3Public()
		s.add(p, least(r.Answer, negated(m.RestrictPublicBuckets)), sure, r.Why())
	})
	s.missing(errs, d.restricted)
	return s.open, s.why
}

func negated(a iampolicy.Answer) iampolicy.Answer {
	switch a {
	case iampolicy.Yes:
		return iampolicy.No
	case iampolicy.No:
		return iampolicy.Yes
	case iampolicy.Unknown:
	}
	return iampolicy.Unknown
}

// writable tells whether everyone can write through an access point, and which.
func (d delegated) writable() (inventory.Tri, []string) {
	s := sum{open: inventory.No}
	errs := d.eachWay(true, func(p point, m *iampolicy.Bucket, sure bool) {
		v := m.WritableByAnyone()
		s.add(p, v.Answer, sure, v.Why)
	})
	s.missing(errs, d.restricted)
	return s.open, s.why
}

// external gives who outside of the account may do what through access points.
func (d delegated) external() (list []iampolicy.External, missing []error) {
	more := d.eachWay(false, func(p point, m *iampolicy.Bucket, sure bool) {
		found, _ := m.ExternalAccess() // nothing of m is unread: eachWay comes here with a policy, and points have no ACL
		for _, x := range found {
			if p.vpc && policies.Open(x.Grantee) {
				continue // whoever is in the VPC
			}
			if !sure {
				x.Answer = least(x.Answer, iampolicy.Unknown)
			}
			if x.Answer == iampolicy.Unknown {
				missing = append(missing, p.restricts.Why()...)
			}
			x.Why = p.name + ": " + x.Why
			list = append(list, x)
		}
	})
	for _, by := range d.left {
		for _, account := range pointAccounts(by, d.bucket.Owner) {
			list = append(list, d.leftTo(account, by)...)
		}
	}
	return list, append(missing, more...)
}

// leftTo gives what another account may do by access points of its own, whose policies it writes: as if the bucket policy named
// it, Deny statements included.
func (d delegated) leftTo(account string, by iampolicy.Statement) (list []iampolicy.External) {
	by.Principals, by.NotPrincipal, by.Conditions = []iampolicy.Principal{{Type: iampolicy.AWS, ID: account}}, false, nil
	doc := &iampolicy.Document{Version: d.doc.Version, Statements: []iampolicy.Statement{by}}
	for _, s := range d.doc.Statements {
		if s.Effect == iampolicy.Deny {
			doc.Statements = append(doc.Statements, s)
		}
	}
	for _, g := range doc.Grants() {
		x := iampolicy.External{Grantee: g.Grantee, Actions: g.Actions, Answer: g.Holds, Why: "by access points of its own, " + g.String()}
		if !isNot(d.restricted) { // whether the block takes such a policy for a public one is not documented
			x.Answer = least(x.Answer, iampolicy.Unknown)
		}
		list = append(list, x)
	}
	return list
}

// notSeen names what of the access points could not be read and was not needed.
func (d delegated) notSeen(v checks.Verdict) checks.Verdict {
	if len(d.left) == 0 {
		return v
	}
	for _, err := range d.points.gaps {
		v = v.NotSeen("access points", err)
	}
	for _, p := range d.points.list {
		v = v.NotSeen("the policy of the "+p.name, p.unread)
		for _, err := range p.restricts.Why() {
			v = v.NotSeen("the block of the "+p.name, err)
		}
	}
	return v
}
