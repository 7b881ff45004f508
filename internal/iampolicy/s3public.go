package iampolicy

import (
	"fmt"
	"regexp"
	"strings"
)

// PublicResult is the verdict on "is this bucket policy public?" with its proof.
type PublicResult struct {
	// Answer is Yes (public), No (every Allow is limited) or Unknown.
	Answer Answer
	// Statements holds the judgement of every Allow statement, in the order of the document.
	Statements []PublicStatement
	// DelegatesToAccessPoints is set if an Allow that is open to everyone rests on nothing but s3:DataAccessPointArn
	// or s3:DataAccessPointAccount. The bucket policy is then not public by itself, but who may read depends on the
	// policies of the access points: a No must not be reported as "not public" before those were judged.
	DelegatesToAccessPoints bool
}

// PublicStatement is the judgement of one Allow statement.
type PublicStatement struct {
	Ref        Ref
	Answer     Answer   // Yes: it makes the policy public
	Principals []string // what the principals are, in the order of the document
	Conditions []string // what each condition does, in the order of the document
	Delegates  bool     // see DelegatesToAccessPoints
}

// Why tells in sentences, in the order of the document, what decided the answer: the public statements of a Yes, the
// undecided ones of an Unknown, all of a No.
func (r PublicResult) Why() []string {
	var out []string
	for _, s := range r.Statements {
		if s.Answer != r.Answer {
			continue
		}
		line := s.Ref.String() + ": " + strings.Join(s.Principals, "; ")
		if len(s.Conditions) > 0 {
			line += "; " + strings.Join(s.Conditions, "; ")
		}
		out = append(out, line)
	}
	if len(r.Statements) == 0 {
		out = append(out, "no statement allows anything")
	}
	return out
}

// S3Public decides whether a bucket policy is public by Amazon S3's published definition ("Blocking public access to
// your Amazon S3 storage", "The meaning of public"): a policy is public unless every Allow grants only to fixed values
// (no wildcard, no policy variable) of a principal or of one of the listed condition keys. Actions, resources and Deny
// statements play no part in it.
//
// One certainly public statement makes the answer Yes, whatever the others are; No needs every Allow certainly limited.
// It judges a policy attached to a bucket; access point policies follow other rules for s3:DataAccessPointArn.
func (d *Document) S3Public() PublicResult {
	r := PublicResult{Answer: No}
	for _, s := range d.Statements {
		if s.Effect != Allow {
			continue
		}
		p := s.public(d.hasVariables())
		r.Statements = append(r.Statements, p)
		r.Answer = r.Answer.or(p.Answer)
		r.DelegatesToAccessPoints = r.DelegatesToAccessPoints || p.Delegates
	}
	return r
}

// public judges one Allow. In what follows an Answer is to the question "is this a limit to fixed values?".
func (s *Statement) public(vars bool) PublicStatement {
	p := PublicStatement{Ref: s.Ref}
	limited := Yes
	switch {
	case s.Principals == nil:
		limited = Unknown
		p.Principals = []string{"no principal is named"}
	case s.NotPrincipal:
		// "NotPrincipal", section "NotPrincipal with Allow": everyone else, anonymous callers included.
		limited = No
		p.Principals = []string{fmt.Sprintf("everyone except %s is allowed", principalNames(s.Principals))}
	default:
		for _, one := range s.Principals {
			a, why := one.fixed()
			limited = limited.and(a)
			p.Principals = append(p.Principals, fmt.Sprintf("%s %s", one, why))
		}
	}
	byPrincipal, byOthers, byAccessPoint := limited, No, No
	for _, t := range s.Conditions {
		a, why := s.limits(t, vars)
		p.Conditions = append(p.Conditions, t.String()+" "+why)
		if isAccessPointKey(t.Key) {
			byAccessPoint = byAccessPoint.or(a)
		} else {
			byOthers = byOthers.or(a)
		}
	}
	p.Answer = byPrincipal.or(byOthers).or(byAccessPoint).not()
	p.Delegates = byPrincipal != Yes && byOthers != Yes && byAccessPoint != No
	return p
}

func principalNames(list []Principal) string {
	names := make([]string, len(list))
	for i, p := range list {
		names[i] = p.String()
	}
	return strings.Join(names, ", ")
}

var (
	accountID    = regexp.MustCompile(`^[0-9]{12}$`)
	principalARN = regexp.MustCompile(`^arn:aws[a-z-]*:(iam|sts)::([0-9]{12}|cloudfront):` +
		`(root|(user|role|assumed-role|federated-user)/[^*?]+)$`)
	uniqueID    = regexp.MustCompile(`^(AIDA|AROA|AGPA|ANPA|ASCA|APKA)[A-Z0-9]{12,}$`)
	canonicalID = regexp.MustCompile(`^[0-9a-f]{64}$`)
	serviceName = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)+$`)
)

// webIdentities are the public identity providers that "Principal" names: anyone can have an account there. The S3 page
// gives the first as its example of a public policy.
var webIdentities = map[string]bool{
	"graph.facebook.com": true, "accounts.google.com": true, "www.amazon.com": true,
	"cognito-identity.amazonaws.com": true,
}

// fixed tells whether a principal is one "AWS principal, user, role, or service principal". A wildcard that is part of a
// name is refused by AWS ("Principal": "You cannot use a wildcard to match part of a principal name or ARN"), so what
// it would mean is Unknown. A deleted user or role is shown by its unique id.
func (p Principal) fixed() (a Answer, why string) {
	switch {
	case p.everyone():
		return No, "is everyone"
	case strings.ContainsAny(p.ID, "*?$"):
		return Unknown, "has a wildcard that AWS does not define"
	case p.Type == AWS && (accountID.MatchString(p.ID) || principalARN.MatchString(p.ID)),
		p.Type == AWS && uniqueID.MatchString(p.ID),
		p.Type == CanonicalUser && canonicalID.MatchString(p.ID),
		p.Type == Service && serviceName.MatchString(p.ID):
		return Yes, "is a fixed principal"
	case p.Type == Federated && webIdentities[p.ID]:
		return No, "is anyone with an account at a public identity provider"
	case p.Type == Federated:
		return Unknown, "is an identity provider of its own"
	default:
		return Unknown, "is not of a form that AWS documents"
	}
}
