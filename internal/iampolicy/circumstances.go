package iampolicy

import (
	"net/netip"
	"slices"
	"strings"
)

// A request has circumstances, which its caller brings about: with or without MFA, from this address or that one, with
// this header. A decision is tried in those that the policies name, so that an answer can say "if".

// chosenKeys are keys whose value the caller chooses, or can bring about: any value that a policy names, another, or none.
var chosenKeys = []string{
	"aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip", "aws:useragent", "aws:referer", "aws:tagkeys", "sts:externalid",
	"sts:rolesessionname", "sts:sourceidentity", "aws:sourceidentity", "s3:prefix", "s3:delimiter", "s3:max-keys",
	"aws:username", keyPrincipalType, // of strangers; the account's own are known
}

// Dates: a session that starts late enough satisfies every test that ends older ones. Other dates are not modelled.
const (
	keyTokenIssueTime = "aws:tokenissuetime"
	lateDate          = "9999-12-31T23:59:59Z"
)

// maxCircumstances bounds the circumstances tried for one decision.
const maxCircumstances = 192

// candidates gives the values of a circumstance to try, or nil if the key is none.
func candidates(key string, named []string) [][]value {
	yesNo := [][]value{present("true"), present("false")}
	switch key {
	case "aws:multifactorauthpresent":
		return append(yesNo, absent)
	case "aws:multifactorauthage":
		return [][]value{present("1"), absent}
	case keySecureTransport:
		return yesNo
	case "aws:viaawsservice":
		return [][]value{present("false")}
	case "aws:calledvia", "aws:calledviafirst", "aws:calledvialast", "kms:viaservice":
		return [][]value{absent}
	case keyTokenIssueTime:
		return [][]value{present(lateDate)}
	case "aws:requestedregion":
		return append(textCandidates(named), present("us-east-1"))
	case keySourceIP:
		return addressCandidates(named)
	}
	if slices.Contains(chosenKeys, key) || strings.HasPrefix(key, "s3:x-amz-") || strings.HasPrefix(key, "aws:requesttag/") {
		return append(textCandidates(named), present("some-other-value"), absent)
	}
	return nil
}

func textCandidates(named []string) [][]value {
	var out [][]value
	for _, v := range named[:min(len(named), 8)] {
		if !strings.Contains(v, "${") {
			out = append(out, present(instance(v)))
		}
	}
	return out
}

func addressCandidates(named []string) [][]value {
	out := [][]value{present("1.2.3.4"), absent}
	for _, v := range named[:min(len(named), 8)] {
		if p, ok := parseCIDR(v); ok && !p.Addr().Is4In6() {
			for _, a := range []netip.Addr{p.Addr(), p.Addr().Prev()} {
				if a.IsValid() && a.Is4() {
					out = append(out, present(a.String()))
				}
			}
		}
	}
	return out
}

// circumstances gives the contexts to try: first the base, in which nothing is decided, then the others.
func circumstances(base requestContext, rules []*rule) []requestContext {
	named := map[string][]string{}
	for _, r := range rules {
		if r.unread {
			continue
		}
		for _, t := range r.st.Conditions {
			key := lower(t.Key)
			if _, known := base[key]; known {
				continue
			}
			values := t.Values
			if t.Operator.Base == "Null" || t.Operator.Base == "Bool" {
				values = nil
			}
			for _, v := range values {
				if !slices.Contains(named[key], v) {
					named[key] = append(named[key], v)
				}
			}
			if values == nil && named[key] == nil {
				named[key] = []string{}
			}
		}
	}
	keys := make([]string, 0, len(named))
	for key := range named {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	out := []requestContext{base}
	tried := []requestContext{base}
	for _, key := range keys {
		slices.Sort(named[key])
		list := candidates(key, named[key])
		if len(list) == 0 {
			continue
		}
		if len(tried)*len(list) > maxCircumstances {
			list = list[:1]
		}
		var next []requestContext
		for _, c := range tried {
			for _, v := range list {
				next = append(next, merged(c, requestContext{key: v}))
			}
		}
		tried = next
	}
	if len(tried) > 1 || len(tried[0]) != len(base) {
		out = append(out, tried...)
	}
	return out
}

// conditions decides a Condition block, dates of late sessions included.
func (r *rule) conditions(c requestContext) Answer {
	result := Yes
	for _, t := range r.st.Conditions {
		if result = result.and(testHolds(t, c, r.vars)); result == No {
			break
		}
	}
	return result
}

func testHolds(t Test, c requestContext, vars bool) Answer {
	op, date := strings.CutPrefix(t.Operator.Base, "Date")
	if v, ok := c[lower(t.Key)]; date && ok && len(v) == 1 && v[0].text == lateDate && lower(t.Key) == keyTokenIssueTime {
		for _, want := range t.Values {
			if len(want) < 10 || want[4] != '-' || want[0] > '8' {
				return Unknown // not a date such as 2030-01-01T00:00:00Z
			}
		}
		return t.signed(answer(strings.HasPrefix(op, "GreaterThan")))
	}
	return t.holds(c, vars)
}
