package iampolicy

import (
	"fmt"
	"slices"
	"strings"
)

// ACLGrant is one grant of a bucket's access control list.
type ACLGrant struct {
	Grantee    string // a group's URI or a canonical user id
	Permission string // READ, WRITE, READ_ACP, WRITE_ACP, FULL_CONTROL
}

// Bucket is what decides over the access to a general purpose bucket from outside its account.
type Bucket struct {
	Name      string
	Account   string // the owner's
	Partition string // empty means "aws"
	Policy    *Document
	// PolicyUnread is set where the policy could not be read; without it, a nil Policy is none.
	PolicyUnread bool
	ACL          []ACLGrant
	ACLUnread    bool
	// OwnerCanonicalID is the owner's, whose own grants are left out.
	OwnerCanonicalID string
	// The effective settings of every level. The zero value is Unknown.
	IgnorePublicACLs      Answer
	RestrictPublicBuckets Answer
	// OwnerEnforced tells whether object ownership is BucketOwnerEnforced, which switches ACLs off.
	OwnerEnforced Answer
}

func (b *Bucket) arn() string {
	partition := b.Partition
	if partition == "" {
		partition = "aws"
	}
	return "arn:" + partition + ":s3:::" + b.Name
}

// The groups of "Access control list (ACL) overview" that are everyone, and everyone with an AWS account.
const (
	groupAllUsers           = "http://acs.amazonaws.com/groups/global/AllUsers"
	groupAuthenticatedUsers = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
	groupLogDelivery        = "http://acs.amazonaws.com/groups/s3/LogDelivery"
)

// bucketWrites and objectWrites change a bucket or what is in it.
var (
	bucketWrites = slices.DeleteFunc(slices.Clone(bucketActions), readsOnly)
	objectWrites = append(slices.DeleteFunc(slices.Clone(objectActions), readsOnly), replication...)
	// A replication rule of a stranger's own bucket writes here with these ("Granting permissions when the source and
	// destination buckets are owned by different AWS accounts").
	replication = []string{"s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags", "s3:ObjectOwnerOverrideToBucketOwner"}
)

func readsOnly(action string) bool {
	name, _ := strings.CutPrefix(action, "s3:")
	return strings.HasPrefix(name, "Get") || strings.HasPrefix(name, "List")
}

// WritableByAnyone tells whether everyone can change a bucket or the objects in it, by its policy or its ACL, after block
// public access and object ownership. "Everyone" is limited as S3Public defines it; Deny statements count. Object ACLs
// and access points are not looked at.
//
// Sources: "Blocking public access to your Amazon S3 storage", "Controlling ownership of objects and disabling ACLs for your
// bucket", "Access control list (ACL) overview", Amazon S3 User Guide.
func (b *Bucket) WritableByAnyone() Verdict {
	list := []Verdict{b.policyWritable()}
	for _, g := range b.ACL {
		group := aclGroup(g.Grantee)
		if group == "" || !slices.Contains([]string{"WRITE", "WRITE_ACP", "FULL_CONTROL"}, g.Permission) {
			continue
		}
		v := Verdict{Answer: b.IgnorePublicACLs.or(b.OwnerEnforced).not()}
		v.Why = []string{fmt.Sprintf("the ACL gives %s to %s%s", g.Permission, group, b.aclWords())}
		list = append(list, v)
	}
	if b.ACLUnread {
		list = append(list, Verdict{
			Answer: No.agree(b.IgnorePublicACLs.or(b.OwnerEnforced).not()), Why: []string{"the ACL could not be read" + b.aclWords()},
		})
	}
	return strongest(list, "neither policy nor ACL lets everyone write")
}

func aclGroup(grantee string) string {
	switch grantee {
	case groupAllUsers:
		return "everyone"
	case groupAuthenticatedUsers:
		return "everyone with an AWS account"
	default:
		return ""
	}
}

func (b *Bucket) aclWords() string {
	switch {
	case b.OwnerEnforced == Yes:
		return ", but ACLs are switched off (BucketOwnerEnforced)"
	case b.IgnorePublicACLs == Yes:
		return ", but IgnorePublicAcls makes public ACLs have no effect"
	case b.OwnerEnforced == Unknown || b.IgnorePublicACLs == Unknown:
		return "; whether ACLs have effect is not known"
	default:
		return ""
	}
}

// restricted tells whether RestrictPublicBuckets cuts off everyone but the owner's account and AWS's services, which it
// does where the policy is public.
func (b *Bucket) restricted() Answer {
	if b.Policy == nil {
		return No
	}
	return b.RestrictPublicBuckets.and(b.Policy.S3Public().Answer)
}

func (b *Bucket) policyWritable() Verdict {
	switch {
	case b.PolicyUnread && b.RestrictPublicBuckets == Yes:
		return Verdict{Answer: No, Why: []string{"RestrictPublicBuckets cuts off what a public policy would give"}}
	case b.PolicyUnread:
		return Verdict{Answer: Unknown, Why: []string{"the policy could not be read"}}
	case b.Policy == nil:
		return Verdict{Answer: No, Why: []string{"there is no policy"}}
	}
	vars := b.Policy.hasVariables()
	var list []Verdict
	for i := range b.Policy.Statements {
		s := &b.Policy.Statements[i]
		if s.Effect != Allow {
			continue
		}
		for _, to := range s.granteesOf(vars) {
			limited := func(string, string) Answer { return Unknown }
			switch {
			case to.open():
				limited = func(action, resource string) Answer {
					return b.Policy.limitedFor(s, []string{action}, []string{resource})
				}
			case to.Kind == ToFederated && webIdentities[to.ID], to.Kind == ToUnclear:
			default:
				continue
			}
			var may, perhaps []string
			for _, level := range []struct {
				actions  []string
				resource string
			}{{objectWrites, b.arn() + "/*"}, {bucketWrites, b.arn()}} {
				for _, action := range level.actions {
					if m := matchesAction(s, lower(action)); m == No {
						continue
					}
					switch a, _ := b.Policy.remains(s, to, action, level.resource); a.and(limited(action, level.resource).not()) {
					case Yes:
						may = append(may, action)
					case Unknown:
						perhaps = append(perhaps, action)
					default:
					}
				}
			}
			v := Verdict{Answer: No}
			switch {
			case len(may) > 0:
				v.Answer = Yes.and(b.restricted().not())
				v.add(s.Ref, "%s may %s%s%s", to, shortList(may), conditionWords(s), b.restrictWords())
			case len(perhaps) > 0:
				v.Answer = Unknown.and(b.restricted().not())
				v.add(s.Ref, "%s may perhaps %s%s%s", to, shortList(perhaps), conditionWords(s), b.restrictWords())
			default:
				continue
			}
			list = append(list, v)
		}
	}
	return strongest(list, "no statement of the policy lets everyone write")
}

func (b *Bucket) restrictWords() string {
	switch b.restricted() {
	case Yes:
		return ", but RestrictPublicBuckets cuts that off"
	case Unknown:
		return "; whether RestrictPublicBuckets cuts that off is not known"
	default:
		return ""
	}
}

func shortList(list []string) string {
	if len(list) > 4 {
		return strings.Join(list[:4], ", ") + fmt.Sprintf(" and %d more", len(list)-4)
	}
	return strings.Join(list, ", ")
}

// External is what someone outside the bucket's account may do.
type External struct {
	Grantee Grantee
	Actions []string // as the policy writes them, or the ACL's permission
	Answer  Answer   // Yes: may; Unknown: may perhaps
	Why     string   // the statement or ACL grant
}

// ExternalAccess tells which other accounts, principals, organizations and canonical users, or everyone, may do what to the
// bucket, in a fixed order. AWS services and identity providers are not among them, nor is what RestrictPublicBuckets cuts
// off (with a public policy: "access ... is restricted to only AWS service principals and authorized users within the
// bucket owner's account"). unread says what could not be read, each of which may give more.
func (b *Bucket) ExternalAccess() (list []External, unread []string) {
	if b.PolicyUnread {
		unread = append(unread, "the policy")
	}
	if b.Policy != nil {
		cut := b.restricted()
		for _, g := range b.Policy.Grants() {
			if g.Grantee.Account == b.Account && b.Account != "" || g.Grantee.Kind == ToService || g.Grantee.Kind == ToFederated ||
				g.Grantee.Kind == ToCanonical && g.Grantee.ID == b.OwnerCanonicalID {
				continue
			}
			x := External{Grantee: g.Grantee, Actions: g.Actions, Answer: g.Holds.and(cut.not()), Why: g.String()}
			if g.Grantee.Kind == ToUnclear || g.Grantee.Kind == ToPrincipal && g.Grantee.Account == "" ||
				g.Grantee.Kind == ToCanonical && b.OwnerCanonicalID == "" {
				x.Answer = x.Answer.and(Unknown)
				x.Why += "; of which account it is is not known"
			}
			if g.Grantee.open() && g.Limited != No {
				// Who can meet the conditions is not said by them: it may be the bucket's own account.
				x.Answer = x.Answer.and(Unknown)
			}
			if g.NotAction {
				x.Actions = []string{"all but " + strings.Join(g.Actions, ", ")}
			}
			if x.Answer != No {
				list = append(list, x)
			}
		}
	}
	if b.ACLUnread && b.OwnerEnforced != Yes {
		unread = append(unread, "the ACL")
	}
	for _, g := range b.ACL {
		if g.Grantee == b.OwnerCanonicalID || g.Grantee == groupLogDelivery || b.OwnerEnforced == Yes {
			continue
		}
		x := External{Grantee: Grantee{ToCanonical, g.Grantee, ""}, Actions: []string{g.Permission}, Answer: b.OwnerEnforced.not()}
		if group := aclGroup(g.Grantee); group != "" {
			x.Grantee = Grantee{ToAnyone, "*", ""}
			x.Answer = x.Answer.and(b.IgnorePublicACLs.not())
		} else if b.OwnerCanonicalID == "" {
			x.Answer = x.Answer.and(Unknown)
		}
		x.Why = fmt.Sprintf("the ACL gives %s to %s%s", g.Permission, x.Grantee, b.aclWords())
		if x.Answer != No {
			list = append(list, x)
		}
	}
	slices.SortStableFunc(list, func(a, b External) int { return compareGrantees(a.Grantee, b.Grantee) })
	return list, unread
}
