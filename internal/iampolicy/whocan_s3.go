package iampolicy

import (
	"slices"
	"strings"
)

// S3Level tells whether an action of S3 is known to be about objects, or about the bucket itself ("Actions, resources, and
// condition keys for Amazon S3"). Neither: it is not among those that are known here.
func S3Level(action string) (object, bucket bool) {
	is := func(a string) bool { return strings.EqualFold(a, action) }
	return slices.ContainsFunc(objectActions, is), slices.ContainsFunc(bucketActions, is)
}

// PointsMatter tells whether requests by an access point can be allowed where others to the bucket are not: whether a
// policy of the bucket or of the account's users, groups and roles speaks of access points. Where none does, and both a
// bucket and its access point must allow, they give nobody more.
func (a *Account) PointsMatter(b *Bucket) bool {
	docs := []*Document{b.Policy}
	for i := range a.Identities {
		id := &a.Identities[i]
		for _, p := range id.Policies {
			docs = append(docs, p.Document)
		}
		if id.Boundary != nil {
			docs = append(docs, id.Boundary.Document)
		}
	}
	return slices.ContainsFunc(docs, func(d *Document) bool {
		return d != nil && slices.ContainsFunc(d.Statements, func(s Statement) bool {
			return slices.ContainsFunc(s.Conditions, func(t Test) bool {
				return isAccessPointKey(t.Key) || lower(t.Key) == keyPointOrigin
			})
		})
	})
}

// objectACLActions are what an object's ACL can give ("Access control list (ACL) overview", "Mapping of ACL permissions and
// access policy permissions").
var objectACLActions = []string{
	"s3:getobject", "s3:getobjectversion", "s3:getobjectacl", "s3:getobjectversionacl", "s3:putobjectacl", "s3:putobjectversionacl",
}

// ObjectACLs tells whether ACLs of single objects, which are not looked at, may give an action.
func (b *Bucket) ObjectACLs(action string) bool {
	return b.OwnerEnforced != Yes && slices.Contains(objectACLActions, lower(action))
}
