package cli

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/iampolicy"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/inventory/access"
	"github.com/ourshare/ourshare/internal/inventory/s3"
)

type bucketEvidence struct {
	account *access.Account
	buckets inventory.Rows[s3.Bucket]
	policy  inventory.Facts[s3.Bucket, s3.Policy]
	acl     inventory.Facts[s3.Bucket, s3.ACL]
	owner   inventory.Facts[s3.Bucket, s3.Ownership]
	block   inventory.Facts[s3.Bucket, s3.PublicAccessBlock]
	every   inventory.Facts[inventory.Account, s3.PublicAccessBlock] // the account's block

	points      inventory.Rows[s3.AccessPoint]
	pointPolicy inventory.Facts[s3.AccessPoint, s3.Policy]
	pointBlock  inventory.Facts[s3.AccessPoint, s3.PublicAccessBlock]
	worldwide   inventory.Rows[s3.MultiRegionAccessPoint]
	worldPolicy inventory.Facts[s3.MultiRegionAccessPoint, s3.MultiRegionPolicy]
}

func bindBucket(b *inventory.Binder) bucketEvidence {
	return bucketEvidence{
		access.Read(b), inventory.Use(b, s3.Buckets), inventory.Read(b, s3.BucketPolicy), inventory.Read(b, s3.BucketACL),
		inventory.Read(b, s3.BucketOwnership), inventory.Read(b, s3.BucketPublicAccessBlock), inventory.Read(b, s3.AccountPublicAccessBlock),
		inventory.Use(b, s3.AccessPoints), inventory.Read(b, s3.AccessPointPolicy), inventory.Read(b, s3.AccessPointPublicAccessBlock),
		inventory.Use(b, s3.MultiRegionAccessPoints), inventory.Read(b, s3.MultiRegionAccessPointPolicy),
	}
}

// bucket looks up in which region the bucket lies before it reads the rest, so that buckets and access points of other
// regions are not asked about.
func (a ask) bucket(ctx context.Context, from *opened) (*found, error) {
	name, _, _ := strings.Cut(a.rest, "/")
	regions, lost, err := from.listed(ctx)
	if err != nil {
		return nil, err
	}
	listing := from.store(regions...)
	list := func(b *inventory.Binder) inventory.Rows[s3.Bucket] { return inventory.Use(b, s3.Buckets) }
	listing.Collect(ctx, inventory.Plan(func(b *inventory.Binder) { list(b) }).Nodes)
	rows := list(listing.Bind(awsapi.Global))
	i := slices.IndexFunc(rows.List, func(b s3.Bucket) bool { return b.ID == name })
	if i < 0 {
		return a.noBucket(ctx, from, rows, lost, regions, name)
	}
	b := rows.List[i]
	store := listing
	if b.Region != awsapi.Global {
		store = from.store(b.Region)
	}
	store.Collect(ctx, inventory.Plan(func(b *inventory.Binder) { bindBucket(b) }).Nodes)
	e := bindBucket(store.Bind(awsapi.Global))
	f := &found{account: e.account, unread: e.account.Gaps, question: iampolicy.Question{Action: a.action, Resource: a.resource}}
	f.question.Bucket = f.model(e, b)
	if f.account.PointsMatter(f.question.Bucket) || f.question.Bucket.PolicyUnread {
		f.points(e, b)
	}
	if strings.Contains(a.rest, "/") && f.question.Bucket.OwnerEnforced != iampolicy.Yes {
		f.notes = append(f.notes, "objects that another account owns follow their own ACLs alone")
	}
	if f.question.Bucket.ObjectACLs(a.action) {
		f.notSeen = append(f.notSeen, "ACLs of single objects, which ourshare does not read: they may give more")
	}
	return f, nil
}

// noBucket: one that a whole listing does not have is not there. It may still be made.
func (a ask) noBucket(ctx context.Context, from *opened, rows inventory.Rows[s3.Bucket], lost []error, regions []string, name string) (*found, error) {
	if strings.EqualFold(a.action, "s3:CreateBucket") {
		account := readAccount(ctx, from.store())
		return &found{account: account, unread: account.Gaps, question: iampolicy.Question{Action: a.action, Resource: a.resource}}, nil
	}
	lost = append(lost, gapErrors(rows.Gaps)...)
	if len(lost) == 0 {
		return nil, usagef("no such bucket in account %s, in %s: %s", from.id, strings.Join(regions, ", "), name)
	}
	account := readAccount(ctx, from.store())
	return &found{
		account: account, unread: append(lost, account.Gaps...), question: iampolicy.Question{
			Action: a.action, Resource: a.resource, Bucket: &iampolicy.Bucket{Name: name, Account: from.id, Partition: from.partition, PolicyUnread: true, ACLUnread: true},
		},
	}, nil
}

// model is the bucket as the reasoning takes it.
func (f *found) model(e bucketEvidence, b s3.Bucket) *iampolicy.Bucket {
	m := &iampolicy.Bucket{Name: b.ID, Account: b.Owner, Partition: b.Partition()}
	say := func(what string, err error) {
		if errors.Is(err, inventory.ErrGone) {
			err = inventory.Insufficient("%s: the bucket was deleted meanwhile", what)
		}
		f.unread = append(f.unread, err)
	}
	p, err := e.policy.Of(b).Get()
	if err == nil {
		m.Policy, err = parsed("the bucket policy", p.Document)
	}
	if err != nil && !errors.Is(err, inventory.ErrAbsent) {
		m.PolicyUnread = true
		say("the bucket policy", err)
	}
	switch o, err := e.owner.Of(b).Get(); {
	case errors.Is(err, inventory.ErrAbsent): // ACLs work
		m.OwnerEnforced = iampolicy.No
	case err != nil:
		say("object ownership", err)
	case o.ObjectOwnership == "":
		say("object ownership", inventory.Insufficient("the answer does not name the object ownership"))
	default:
		m.OwnerEnforced = yesIf(o.ObjectOwnership == s3.BucketOwnerEnforced)
	}
	account, own := e.every.Only(), e.block.Of(b)
	m.IgnorePublicACLs = either(on(account, s3.IgnorePublicACLs), on(own, s3.IgnorePublicACLs))
	m.RestrictPublicBuckets = either(on(account, s3.RestrictPublicBuckets), on(own, s3.RestrictPublicBuckets))
	if m.IgnorePublicACLs == iampolicy.Unknown || m.RestrictPublicBuckets == iampolicy.Unknown {
		for _, field := range []inventory.Field[s3.PublicAccessBlock]{account, own} {
			if _, err := field.Get(); err != nil && !errors.Is(err, inventory.ErrAbsent) {
				say("block public access", err)
			}
		}
	}
	if m.OwnerEnforced != iampolicy.Yes { // else it has no effect
		f.acl(m, e.acl.Of(b), say)
	}
	return m
}

func (f *found) acl(m *iampolicy.Bucket, field inventory.Field[s3.ACL], say func(string, error)) {
	acl, err := field.Get()
	if err == nil && acl.Grants == nil {
		err = inventory.Insufficient("the answer holds no access control list")
	}
	m.OwnerCanonicalID = acl.Owner
	for _, g := range acl.Grants {
		who := cmp.Or(g.GroupURI, g.GranteeID)
		if who == "" || g.GroupURI != "" && !slices.Contains([]string{s3.AllUsers, s3.AuthenticatedUsers, s3.LogDelivery}, g.GroupURI) {
			err = inventory.Insufficient("the ACL grants %s to someone whom the answer does not name", g.Permission)
			continue
		}
		m.ACL = append(m.ACL, iampolicy.ACLGrant{Grantee: who, Permission: g.Permission})
	}
	if err != nil {
		m.ACLUnread = true
		say("the ACL", err)
	}
}

// on tells whether a level of block public access has a setting on; a level without a configuration has none.
func on(level inventory.Field[s3.PublicAccessBlock], s s3.BlockSetting) iampolicy.Answer {
	switch p, err := level.Get(); {
	case err == nil:
		return yesIf(s.On(p))
	case errors.Is(err, inventory.ErrAbsent):
		return iampolicy.No
	}
	return iampolicy.Unknown
}

func yesIf(b bool) iampolicy.Answer {
	if b {
		return iampolicy.Yes
	}
	return iampolicy.No
}

func either(a, b iampolicy.Answer) iampolicy.Answer {
	switch {
	case a == iampolicy.Yes || b == iampolicy.Yes:
		return iampolicy.Yes
	case a == iampolicy.No && b == iampolicy.No:
		return iampolicy.No
	}
	return iampolicy.Unknown
}

// points are the account's access points of the bucket. Those that another account made on it are not listed: the
// reasoning says where the bucket policy leaves it to them.
func (f *found) points(e bucketEvidence, b s3.Bucket) {
	for i := range e.points.Gaps { // an access point lies in its bucket's region
		if gap := &e.points.Gaps[i].Error; gap.Region == b.Region || gap.Region == "" || b.Region == awsapi.Global {
			f.unread, f.lost = append(f.unread, gap), true
		}
	}
	f.unread, f.lost = append(f.unread, gapErrors(e.worldwide.Gaps)...), f.lost || len(e.worldwide.Gaps) > 0
	for _, a := range e.points.List {
		if a.Bucket != b.ID || !a.OnOwnBucket() {
			continue
		}
		p := iampolicy.AccessPoint{Name: "access point " + a.ID, ARN: a.ARN, Account: a.AccountID, VPCOnly: a.Origin == s3.VPCOrigin, VPC: a.VPC}
		if block := e.pointBlock.Of(a); !p.VPCOnly { // else it changes nothing, and is not read
			p.RestrictPublicBuckets = on(block, s3.RestrictPublicBuckets)
			if _, err := block.Get(); p.RestrictPublicBuckets == iampolicy.Unknown {
				f.unread = append(f.unread, err)
			}
		}
		doc, err := e.pointPolicy.Of(a).Get()
		f.point(p, err, doc.Document)
	}
	for _, m := range e.worldwide.List {
		if !slices.ContainsFunc(m.Buckets, func(of s3.MultiRegionEndpoint) bool { return of.Bucket == b.ID }) {
			continue
		}
		p := iampolicy.AccessPoint{Name: "multi-region access point " + m.ID, ARN: m.ARN, Account: m.AccountID}
		if m.PublicAccessBlock != nil {
			p.RestrictPublicBuckets = yesIf(m.PublicAccessBlock.RestrictPublicBuckets)
		} else {
			f.unread = append(f.unread, inventory.Insufficient("the answer does not hold the block of the %s", p.Name))
		}
		docs, err := e.worldPolicy.Of(m).Get()
		f.point(p, err, docs.Documents()...)
	}
}

// point adds one with its policies; one that is gone gives nothing.
func (f *found) point(p iampolicy.AccessPoint, err error, documents ...string) {
	if errors.Is(err, inventory.ErrGone) {
		return
	}
	if err != nil && !errors.Is(err, inventory.ErrAbsent) {
		p.Unread = true
		f.unread = append(f.unread, err)
	}
	for _, text := range documents {
		if err != nil {
			break
		}
		doc, wrong := parsed("the policy of the "+p.Name, text)
		if wrong != nil {
			p.Unread = true
			f.unread = append(f.unread, wrong)
			continue
		}
		p.Policies = append(p.Policies, doc)
	}
	f.question.Points = append(f.question.Points, p)
}
