package iampolicy

import (
	"net/netip"
	"slices"
	"strings"
)

// The condition keys of "The meaning of public", in lower case. The three after aws:PrincipalOrgID are principal limits
// by the same reasoning as that one, which the page gives as an example.
const (
	keySourceIP           = "aws:sourceip"
	keyUserID             = "aws:userid"
	keyEncryptionKey      = "s3:x-amz-server-side-encryption-aws-kms-key-id"
	keyAccessPointARN     = "s3:dataaccesspointarn"
	keyAccessPointAccount = "s3:dataaccesspointaccount"
)

var limitingKeys = []string{
	"aws:sourcearn", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceowner", "aws:sourceaccount",
	keyEncryptionKey, keyUserID, keyAccessPointARN, keyAccessPointAccount,
	"aws:principalorgid", "aws:principalarn", "aws:principalaccount", "aws:principalorgpaths",
}

// harmlessKeys say nothing of who asks, or only of which kind, and are not on the page's list. Keys of aws: that are
// neither here nor in limitingKeys are newer than the list, or describe the caller in a way that it does not speak of:
// Unknown.
var harmlessKeys = []string{
	"aws:securetransport", "aws:referer", "aws:useragent", "aws:currenttime", "aws:epochtime", "aws:tokenissuetime",
	"aws:multifactorauthage", "aws:multifactorauthpresent", "aws:requestedregion", "aws:resourceaccount",
	"aws:resourceorgid", "aws:resourceorgpaths", "aws:tagkeys", "aws:principaltype", "aws:viaawsservice", "aws:calledvia",
	"aws:calledviafirst", "aws:calledvialast",
}

// unclearS3Keys are the keys of s3: that say which way a request came; the others describe the request itself.
var unclearS3Keys = []string{"s3:accesspointnetworkorigin", "s3:accessgrantsinstancearn", "s3:accesspointtag"}

func isAccessPointKey(key string) bool {
	key = lower(key)
	return key == keyAccessPointARN || key == keyAccessPointAccount
}

// requires tells whether the statement holds only for requests that have a key. "You can prevent missing context keys or
// context keys with empty values from evaluating to true by including a Null condition operator in your policy with a
// value of false" ("Multivalued context key examples").
func (s *Statement) requires(key string) bool {
	return slices.ContainsFunc(s.Conditions, func(t Test) bool {
		return t.Operator.Base == "Null" && lower(t.Key) == key &&
			!slices.ContainsFunc(t.Values, func(v string) bool { return v != "false" })
	})
}

// limitsNetwork tells whether another test of the statement may limit what comes through a VPC endpoint, and has no
// aws:SourceIp for that reason.
func (s *Statement) limitsNetwork(vars bool) bool {
	return slices.ContainsFunc(s.Conditions, func(t Test) bool {
		key := lower(t.Key)
		if key != "aws:sourcevpc" && key != "aws:sourcevpce" || !t.Operator.IfExists {
			return false
		}
		t.Operator.IfExists = false
		a, _ := s.limits(t, vars)
		return a != No
	})
}

// limits tells whether a test limits an Allow to fixed values of a key that counts, and why.
func (s *Statement) limits(t Test, vars bool) (a Answer, why string) {
	key := lower(t.Key)
	op := t.Operator
	switch {
	case key == keySourceIP, slices.Contains(limitingKeys, key):
	case slices.Contains(harmlessKeys, key), strings.HasPrefix(key, "aws:resourcetag/"),
		strings.HasPrefix(key, "aws:requesttag/"):
		return No, "is no limit: not a key that counts"
	case strings.HasPrefix(key, "s3:") && !slices.ContainsFunc(unclearS3Keys, func(k string) bool {
		return key == k || strings.HasPrefix(key, k+"/")
	}):
		return No, "is no limit: not a key that counts"
	default:
		return Unknown, "is undecided: AWS's definition does not speak of this key"
	}
	switch {
	case op.Base == "":
		return Unknown, "is undecided: the operator is not known"
	case op.Negated:
		return No, "is no limit: it excludes values and fixes none"
	case op.IfExists && key == keySourceIP && !s.requires(key) && s.limitsNetwork(vars):
		if a, why = t.limitsAddresses(); a == Yes {
			a, why = Unknown, "is undecided: it holds where the key is absent, and another condition may limit what then comes through a VPC"
		}
		return a, why
	case op.IfExists && !s.requires(key):
		return No, "is no limit: it holds where the key is absent"
	case op.Qualifier == ForAllValues && !s.requires(key):
		return No, "is no limit: ForAllValues holds where the key is absent"
	case op.Base == "Null":
		return No, "is no limit: it fixes no value"
	case key == keySourceIP:
		return t.limitsAddresses()
	}
	a = Yes
	for _, v := range t.Values {
		one := fixedValue(op.Base, key, v, vars)
		a = a.and(one)
	}
	switch {
	case a == Yes && key == keyEncryptionKey:
		// It was on the page's list until 2023 or later, and is on it no more; it says nothing of who asks.
		return Unknown, "is undecided: AWS's definition no longer speaks of this key"
	case a == Yes:
		return Yes, "limits to fixed values"
	case a == No:
		return No, "is no limit: a value is not fixed"
	default:
		return Unknown, "is undecided: AWS's definition does not say whether every value counts as fixed"
	}
}

// fixedValue tells whether one value of a test is fixed: "values that don't contain a wildcard or an IAM policy
// variable". Unknown where that sentence does not settle it: a wildcard under an operator that takes it literally, a
// variable where the language version has none, an operator that does not fit a string.
func fixedValue(base, key, v string, vars bool) Answer {
	wild := strings.ContainsAny(v, "*?")
	switch {
	case v == "":
		return Unknown
	case strings.Contains(v, "${"):
		if !vars || onlySpecial(v) {
			return Unknown
		}
		return No
	case key == keyUserID && strings.HasPrefix(v, "AROA") && strings.Contains(v, ":"):
		return Unknown // "aws:userid, outside the pattern AROLEID:*": which side of it is meant is not said
	}
	switch base {
	case "StringEquals", "StringEqualsIgnoreCase":
		if wild {
			return Unknown
		}
		return Yes
	case "StringLike", "ArnLike", "ArnEquals":
		if wild && key == keyAccessPointARN {
			return fixedAccessPoints(v)
		}
		if wild && key == "aws:principalorgpaths" && strings.HasPrefix(v, "o-") &&
			!strings.ContainsAny(v[:strings.IndexByte(v+"/", '/')], "*?") {
			return Unknown // a path under a fixed organization
		}
		return answer(!wild)
	default:
		return Unknown
	}
}

// onlySpecial tells whether every variable of v is one of `${*}`, `${?}` and `${$}`.
func onlySpecial(v string) bool { return compileGlob(v, true).exact }

// fixedAccessPoints judges a pattern of access points: "this value can contain a wildcard for the access point name
// without rendering the policy public, as long as the account id is fixed". A wildcard elsewhere is not spoken of,
// unless it leaves the account open.
func fixedAccessPoints(v string) Answer {
	seg := arnSegments(v)
	if len(seg) != 6 {
		if v == "*" {
			return No
		}
		return Unknown
	}
	switch {
	case strings.ContainsAny(seg[4], "*?"):
		return No
	case accountID.MatchString(seg[4]) && !strings.ContainsAny(strings.Join(seg[:4], ":"), "*?") &&
		strings.HasPrefix(seg[5], "accesspoint/"):
		return Yes
	default:
		return Unknown
	}
}

// limitsAddresses judges aws:SourceIp: ranges "broader than /8 for IPv4 and /32 for IPv6 (excluding RFC1918 private
// ranges)" are public. Every value must be narrow, since they are ORed. Narrow ranges that together make a broad one
// are not spoken of: Unknown.
func (t Test) limitsAddresses() (a Answer, why string) {
	if t.Operator.Base != "IpAddress" {
		return Unknown, "is undecided: addresses are compared with IpAddress"
	}
	var narrow []netip.Prefix
	for _, v := range t.Values {
		p, ok := parseCIDR(v)
		switch {
		case !ok || p.Addr().Is4In6() || broad(p) && ula.Overlaps(p) && p.Bits() >= ula.Bits():
			// stays Unknown, the zero Answer
		case broad(p):
			return No, "is no limit: " + v + " is broader than /8 (IPv4) or /32 (IPv6)"
		default:
			narrow = append(narrow, p)
			continue
		}
		why = "is undecided: " + v + " is not a range that AWS's definition speaks of"
	}
	switch {
	case why != "":
		return Unknown, why
	case slices.ContainsFunc(union(narrow), broad):
		return Unknown, "is undecided: the ranges together are broader than AWS's definition allows for one"
	default:
		return Yes, "limits to ranges that are narrow enough"
	}
}

// ula are the private addresses of IPv6: the page excepts the private ranges of RFC 1918, and does not speak of these.
var ula = netip.MustParsePrefix("fc00::/7")

// broad tells whether a range makes a policy public. The private ranges of RFC 1918 are excepted, but none of them is
// broader than /8.
func broad(p netip.Prefix) bool {
	if p.Addr().Is4() {
		return p.Bits() < 8
	}
	return p.Bits() < 32
}

// union merges ranges until no two halves of one range are left.
func union(list []netip.Prefix) []netip.Prefix {
	set := map[netip.Prefix]bool{}
	for len(list) > 0 {
		p := list[len(list)-1]
		list = list[:len(list)-1]
		if set[p] {
			continue
		}
		set[p] = true
		if p.Bits() == 0 {
			continue
		}
		parent := netip.PrefixFrom(p.Addr(), p.Bits()-1).Masked()
		if set[sibling(p, parent)] {
			list = append(list, parent)
		}
	}
	out := make([]netip.Prefix, 0, len(set))
	for p := range set {
		out = append(out, p)
	}
	return out
}

// sibling gives the other half of parent.
func sibling(p, parent netip.Prefix) netip.Prefix {
	if p.Addr() != parent.Addr() {
		return netip.PrefixFrom(parent.Addr(), p.Bits())
	}
	b := p.Addr().AsSlice()
	i := p.Bits() - 1
	b[i/8] ^= 0x80 >> (i % 8)
	a, _ := netip.AddrFromSlice(b)
	return netip.PrefixFrom(a, p.Bits())
}
