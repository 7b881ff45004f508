// Package iampolicy reads the policy documents that AWS stores and decides what they mean.
//
// It is pure: no AWS client, no clock, no input or output. A document goes in as text, a verdict comes out with its
// proof: which statement, which principal, which condition, and why. Every verdict is an [Answer] of three values, and
// [Unknown] is given whenever AWS's own documentation does not settle the question; the package never guesses.
//
// [Parse] reads a document. [Document.S3Public] decides whether a bucket policy is public by Amazon S3's published
// definition. [Document.S3DeniesPlainHTTP] decides whether it denies every request that comes without TLS.
//
// [Document.Grants] tells what a resource's policy grants to whom. [Document.AssumableByAnyone],
// [Document.AssumableByOthers], [Document.ServiceTrusts] and [Document.ProviderTrusts] judge trust policies,
// [Document.KeyPublic] key policies, [Bucket.WritableByAnyone] and [Bucket.ExternalAccess] buckets. Over the users, groups and roles
// of an [Account], [Account.Decide] decides one request or a set of them, [Account.Administrator] tells who is an
// administrator, [NewEscalator] who can become one, and [Account.WhoCan] who may do something.
//
// The rules cite the page of AWS's documentation that they come from by its title:
//
//   - "Grammar of the IAM JSON policy language", "Condition operators", "Resource", "Principal", "NotPrincipal",
//     "Variables and tags", "Creating a condition with multiple keys or values" and "AWS global condition context
//     keys" in the IAM User Guide;
//   - "Blocking public access to your Amazon S3 storage" ("The meaning of public"), "Policies and permissions in
//     Amazon S3" and the policy key examples in the Amazon S3 User Guide;
//   - "Actions, resources, and condition keys for Amazon S3" in the Service Authorization Reference.
package iampolicy

import "fmt"

// Answer is a verdict of three values. The zero value is Unknown, so that a result nobody filled in claims nothing.
type Answer int

// The three answers.
const (
	Unknown Answer = iota // the documentation or this reasoning does not settle it
	Yes
	No
)

// String gives "yes", "no" or "unknown".
func (a Answer) String() string {
	switch a {
	case Yes:
		return "yes"
	case No:
		return "no"
	default:
		return "unknown"
	}
}

// not swaps Yes and No.
func (a Answer) not() Answer {
	switch a {
	case Yes:
		return No
	case No:
		return Yes
	default:
		return Unknown
	}
}

// and is Kleene's conjunction.
func (a Answer) and(b Answer) Answer {
	switch {
	case a == No || b == No:
		return No
	case a == Yes && b == Yes:
		return Yes
	default:
		return Unknown
	}
}

// or is Kleene's disjunction.
func (a Answer) or(b Answer) Answer { return a.not().and(b.not()).not() }

// agree gives the common answer of two cases of which either may be so, and Unknown where they differ.
func (a Answer) agree(b Answer) Answer {
	if a == b {
		return a
	}
	return Unknown
}

// answer turns a certain fact into an Answer.
func answer(b bool) Answer {
	if b {
		return Yes
	}
	return No
}

// Ref names a statement of a document: its place, counted from 0, and its Sid if it has one.
type Ref struct {
	Index int
	Sid   string
}

// String gives `statement 2 ("AllowCDN")`, counted from 1 as people do, or `statement 2` if there is no Sid.
func (r Ref) String() string {
	if r.Sid == "" {
		return fmt.Sprintf("statement %d", r.Index+1)
	}
	return fmt.Sprintf("statement %d (%q)", r.Index+1, r.Sid)
}
