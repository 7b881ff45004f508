package iampolicy

import (
	"fmt"
	"slices"
	"strings"
)

// bucketActions and objectActions are actions that a client's request to a bucket or an object asks for ("Actions,
// resources, and condition keys for Amazon S3"); the commonest first, since the first that is not denied is the one that
// is told. Actions that S3 itself asks for on a bucket owner's behalf (replication) are left out.
var (
	bucketActions = strings.Fields(`
		s3:ListBucket s3:GetBucketLocation s3:ListBucketVersions s3:ListBucketMultipartUploads s3:GetBucketPolicy
		s3:PutBucketPolicy s3:DeleteBucketPolicy s3:GetBucketAcl s3:PutBucketAcl s3:DeleteBucket
		s3:GetBucketPolicyStatus s3:GetBucketPublicAccessBlock s3:PutBucketPublicAccessBlock s3:GetBucketCORS
		s3:PutBucketCORS s3:GetBucketLogging s3:PutBucketLogging s3:GetBucketNotification s3:PutBucketNotification
		s3:GetBucketObjectLockConfiguration s3:PutBucketObjectLockConfiguration s3:GetBucketOwnershipControls
		s3:PutBucketOwnershipControls s3:GetBucketRequestPayment s3:PutBucketRequestPayment s3:GetBucketTagging
		s3:PutBucketTagging s3:GetBucketVersioning s3:PutBucketVersioning s3:GetBucketWebsite s3:PutBucketWebsite
		s3:DeleteBucketWebsite s3:GetAccelerateConfiguration s3:PutAccelerateConfiguration
		s3:GetAnalyticsConfiguration s3:PutAnalyticsConfiguration s3:GetEncryptionConfiguration
		s3:PutEncryptionConfiguration s3:GetIntelligentTieringConfiguration s3:PutIntelligentTieringConfiguration
		s3:GetInventoryConfiguration s3:PutInventoryConfiguration s3:GetLifecycleConfiguration
		s3:PutLifecycleConfiguration s3:GetMetricsConfiguration s3:PutMetricsConfiguration
		s3:GetReplicationConfiguration s3:PutReplicationConfiguration`)
	objectActions = strings.Fields(`
		s3:GetObject s3:PutObject s3:DeleteObject s3:GetObjectVersion s3:DeleteObjectVersion s3:GetObjectAcl
		s3:PutObjectAcl s3:AbortMultipartUpload s3:ListMultipartUploadParts s3:RestoreObject s3:GetObjectAttributes
		s3:GetObjectVersionAttributes s3:GetObjectTagging s3:PutObjectTagging s3:DeleteObjectTagging
		s3:GetObjectVersionAcl s3:PutObjectVersionAcl s3:GetObjectVersionTagging s3:PutObjectVersionTagging
		s3:DeleteObjectVersionTagging s3:GetObjectLegalHold s3:PutObjectLegalHold s3:GetObjectRetention
		s3:PutObjectRetention s3:GetObjectTorrent s3:GetObjectVersionTorrent`)
)

// The keys that tell a request with TLS from one without.
const (
	keySecureTransport = "aws:securetransport"
	keyTLSVersion      = "s3:tlsversion"
)

// overHTTP sets what every request without TLS has.
func overHTTP(c requestContext) {
	c[keySecureTransport] = present("false")
	c[keyTLSVersion] = []value{{known: true}, {known: true, present: true, text: "0"}}
}

// caller is one way a request can be made: by whom, and with which values of condition keys.
type caller struct {
	name    string
	who     Principal // the zero Principal is an anonymous caller
	signed  bool      // by someone who is not known further, if who is zero
	service bool      // an AWS service that calls by itself; nothing is known of the way it comes
	action  string    // the only one that has a value of the context; empty: any
	context requestContext
}

// witness is a request over plain HTTP that no statement denies.
type witness struct {
	action, resource string
	object           bool
	by               string
}

func (w witness) String() string {
	what := "the bucket itself (" + w.resource + ")"
	if w.object {
		what = "an object (such as " + w.resource + ")"
	}
	return fmt.Sprintf("requests to %s over plain HTTP are not denied: %s by %s", what, w.action, w.by)
}

// search looks for requests that no statement can deny, at most one to the bucket and one to an object.
func (t *tlsProof) search() []witness {
	var out []witness
	t.work = budget
	callers := t.callers()
	t.matches = map[bool][][]Answer{}
	for _, l := range t.levels() {
		t.matches[l.object] = make([][]Answer, len(t.denies))
		for i := range t.denies {
			for _, action := range l.actions {
				t.matches[l.object][i] = append(t.matches[l.object][i], t.denies[i].actions.match(lower(action)))
			}
		}
		tried := map[string]bool{}
		for _, c := range callers {
			if w, ok := t.searchAs(c, l, tried); ok {
				out = append(out, w)
				break
			}
		}
	}
	return out
}

func (t *tlsProof) searchAs(c caller, l level, tried map[string]bool) (witness, bool) {
	var reach []int // the statements that may apply to this caller
	for i := range t.denies {
		x := &t.denies[i]
		if x.appliesTo(c).and(holds(x.Conditions, c.context, x.vars)) != No {
			reach = append(reach, i)
		}
	}
	for n, action := range l.actions {
		if c.action != "" && c.action != action {
			continue
		}
		var may []int
		for _, i := range reach {
			if t.matches[l.object][i][n] != No {
				may = append(may, i)
			}
		}
		key := fmt.Sprint(may)
		if tried[key] {
			continue
		}
		tried[key] = true
		w := witness{action: action, object: l.object, by: c.name}
		t.eachResource(l, may, func(answers []Answer, resource string) bool {
			if !slices.ContainsFunc(answers, func(a Answer) bool { return a != No }) {
				w.resource = resource
			}
			return w.resource == ""
		})
		// An object key has at most 1,024 bytes ("Naming Amazon S3 objects").
		if w.resource != "" && len(w.resource)-len(t.arn) <= 1025 {
			return w, true
		}
	}
	return witness{}, false
}

// appliesTo tells whether a statement's Principal or NotPrincipal takes in a caller.
func (x *deny) appliesTo(c caller) Answer {
	if x.Principals == nil {
		return Unknown
	}
	named := No
	for _, p := range x.Principals {
		named = named.or(p.isCaller(c))
	}
	if !x.NotPrincipal {
		return named
	}
	// "NotPrincipal", section "NotPrincipal with Deny": where a user or role is named without its account, "the policy
	// might deny access to the entire account containing the principal".
	if named == Yes && c.who.Type == AWS && !isAccount(c.who.ID) {
		return Unknown
	}
	return named.not()
}

func (p Principal) isCaller(c caller) Answer {
	fixed, _ := p.fixed()
	switch {
	case p.everyone():
		return Yes
	case c.who == Principal{} && !c.signed:
		// No account, user, role or service is an anonymous caller.
		if fixed == Yes || p.Type == Federated {
			return No
		}
		return Unknown
	case c.who == p:
		return Yes
	case fixed == Yes && c.who.Type == AWS && p.Type == AWS && accountOf(c.who.ID) != "" && accountOf(p.ID) != "" &&
		accountOf(p.ID) != accountOf(c.who.ID),
		fixed == Yes && c.who.Type == AWS && p.Type == Service, fixed == Yes && c.who.Type == Service:
		return No
	default:
		return Unknown
	}
}

// isAccount tells whether an AWS principal is an account.
func isAccount(id string) bool { return accountID.MatchString(id) || strings.HasSuffix(id, ":root") }

// accountOf gives the account of an AWS principal, or "".
func accountOf(id string) string {
	if accountID.MatchString(id) {
		return id
	}
	if seg := arnSegments(id); len(seg) == 6 {
		return seg[4]
	}
	return ""
}
