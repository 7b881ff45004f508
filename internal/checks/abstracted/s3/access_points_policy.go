package s3

import (
	"slices"
	"strings"

	"github.com/ourshare/ourshare/internal/checks/policies"
	"github.com/ourshare/ourshare/internal/iampolicy"
)

// through makes one policy of an access point's and of what the bucket's leaves to it: its Allow statements on the
// bucket's resources, and the Deny statements of both. named: it limits everyone by its own name or account, which limits
// nobody, though it is no wildcard.
func (d delegated) through(p point, doc *iampolicy.Document) (out *iampolicy.Document, sure, named bool) {
	out = &iampolicy.Document{Version: doc.Version}
	sure = true
	for _, s := range doc.Statements {
		if s.NotResource { // taken to allow all and to deny nothing, which is not sure
			s.Resources, s.NotResource, sure = []string{"*"}, false, false
			if s.Effect == iampolicy.Deny {
				continue
			}
		}
		s.Resources = d.onBucket(p, s.Resources)
		if len(s.Resources) == 0 {
			continue // of other access points
		}
		if s.Effect == iampolicy.Deny {
			out.Statements = append(out.Statements, s)
			continue
		}
		own, kept := iampolicy.Yes, []iampolicy.Test(nil)
		for _, t := range s.Conditions {
			if !aboutPoint(t) {
				kept = append(kept, t)
				continue
			}
			a := meets(t, p)
			own = least(own, a)
			if a == iampolicy.Unknown {
				kept = append(kept, t)
			}
			named = named || a == iampolicy.Yes && !slices.ContainsFunc(t.Values, func(v string) bool { return strings.ContainsAny(v, "*?") })
		}
		if own == iampolicy.No {
			continue
		}
		sure = sure && own == iampolicy.Yes && !named
		s.Conditions = kept
		for _, by := range d.left {
			let := iampolicy.Yes
			for _, t := range by.Conditions {
				let = least(let, meets(t, p))
			}
			actions, exact := common(by, s)
			if let == iampolicy.No || len(actions) == 0 {
				continue
			}
			sure = sure && let == iampolicy.Yes && exact && toEveryone(by)
			one := s
			one.Actions = actions
			out.Statements = append(out.Statements, one)
		}
	}
	for _, s := range d.doc.Statements {
		if s.Effect == iampolicy.Deny {
			out.Statements = append(out.Statements, s)
		}
	}
	return out, sure, named
}

// toEveryone tells whether a statement surely speaks to all that an access point may let in.
func toEveryone(s iampolicy.Statement) bool {
	return !s.NotPrincipal && slices.ContainsFunc(s.Principals, func(p iampolicy.Principal) bool {
		return p.Type == iampolicy.Everyone || p.Type == iampolicy.AWS && p.ID == "*"
	})
}

// onBucket turns an access point's resources into the bucket's: ARN is the bucket, ARN/object/KEY an object ("Access point
// ARNs").
func (d delegated) onBucket(p point, resources []string) (out []string) {
	for _, r := range resources {
		at, key, object := strings.Cut(r, "/object/")
		switch {
		case r == "*":
			out = append(out, r)
		case policies.Matches(at, p.arn) && object:
			out = append(out, d.bucket.ARN+"/"+key)
		case policies.Matches(at, p.arn) && strings.HasSuffix(at, "*"):
			out = append(out, d.bucket.ARN, d.bucket.ARN+"/*")
		case policies.Matches(at, p.arn):
			out = append(out, d.bucket.ARN)
		}
	}
	return out
}

func aboutPoint(t iampolicy.Test) bool {
	key := strings.ToLower(t.Key)
	return key == "s3:dataaccesspointarn" || key == "s3:dataaccesspointaccount"
}

// meets tells whether requests through an access point meet a test on it.
func meets(t iampolicy.Test, p point) iampolicy.Answer {
	op := t.Operator
	if !aboutPoint(t) || op.Negated || op.Qualifier != iampolicy.NoQualifier || slices.ContainsFunc(t.Values, func(v string) bool { return strings.Contains(v, "$") }) {
		return iampolicy.Unknown
	}
	is := p.account
	if strings.EqualFold(t.Key, "s3:DataAccessPointArn") {
		is = p.arn
	}
	switch op.Base {
	case "StringEquals", "StringLike", "ArnEquals", "ArnLike":
	default:
		return iampolicy.Unknown
	}
	for _, v := range t.Values {
		if v == is || op.Base != "StringEquals" && policies.Matches(v, is) {
			return iampolicy.Yes
		}
	}
	return iampolicy.No
}

// least is the And of two answers.
func least(a, b iampolicy.Answer) iampolicy.Answer {
	switch {
	case a == iampolicy.No || b == iampolicy.No:
		return iampolicy.No
	case a == iampolicy.Yes && b == iampolicy.Yes:
		return iampolicy.Yes
	}
	return iampolicy.Unknown
}

// ownPointsOnly tells whether a statement leaves it to access points of one account alone.
func ownPointsOnly(s iampolicy.Statement, owner string) bool {
	return slices.ContainsFunc(s.Conditions, func(t iampolicy.Test) bool {
		return aboutPoint(t) && !t.Operator.Negated && t.Operator.Qualifier == iampolicy.NoQualifier && !slices.ContainsFunc(t.Values, func(v string) bool {
			return v != owner && accountOf(v) != owner
		})
	})
}

// pointAccounts are the other accounts to whose access points a statement leaves it, if it asks for theirs by nothing else
// than their account or ARN ("Creating access points for buckets in other accounts": the bucket's policy must allow requests
// that come through the other account's access point, whose policy that account writes).
func pointAccounts(s iampolicy.Statement, owner string) (out []string) {
	for _, t := range s.Conditions {
		if !aboutPoint(t) || t.Operator.Negated || t.Operator.IfExists || t.Operator.Qualifier != iampolicy.NoQualifier || len(s.Conditions) > 1 {
			return nil
		}
		for _, v := range t.Values {
			if account := accountOf(v); account != "" {
				v = account
			}
			if len(v) == 12 && v != owner && !strings.ContainsAny(v, "*?$") {
				out = append(out, v)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func accountOf(arn string) string {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		return parts[4]
	}
	return ""
}

// common are the actions that two statements share; exact: no others, and all of them.
func common(bucket, point iampolicy.Statement) (actions []string, exact bool) {
	if bucket.NotAction {
		return point.Actions, false
	}
	if slices.ContainsFunc(bucket.Actions, func(a string) bool { return a == "*" || strings.EqualFold(a, "s3:*") }) {
		return point.Actions, true
	}
	if point.NotAction {
		return point.Actions, false
	}
	exact = true
	for _, a := range point.Actions {
		for _, b := range bucket.Actions {
			la, lb := strings.ToLower(a), strings.ToLower(b)
			switch {
			case !strings.Contains(lb, "?") && policies.Matches(lb, la):
				actions = append(actions, a)
			case !strings.Contains(la, "?") && policies.Matches(la, lb):
				actions = append(actions, b)
			case strings.ContainsAny(la, "*?") && strings.ContainsAny(lb, "*?"):
				actions, exact = append(actions, a), false
			}
		}
	}
	slices.Sort(actions)
	return slices.Compact(actions), exact
}
