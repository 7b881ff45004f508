package iampolicy

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Qualifier is the set qualifier before a condition operator ("Creating a condition with multiple keys or values").
type Qualifier int

// The qualifiers.
const (
	NoQualifier Qualifier = iota
	ForAllValues
	ForAnyValue
)

// Operator is a condition operator, taken apart.
type Operator struct {
	Text      string // as written
	Qualifier Qualifier
	Base      string // "StringLike", without Not, qualifier and IfExists; "" if the operator is not known
	Negated   bool   // StringNotLike, NotIpAddress, ...
	IfExists  bool
}

// Test is one entry of a Condition block: an operator, a key and the values, which are ORed (NORed if negated).
type Test struct {
	Operator Operator
	Key      string   // as written; keys are compared without regard to case
	Values   []string // booleans and numbers as they are spelled
}

// String gives `IpAddress aws:SourceIp ["10.0.0.0/8"]`.
func (t Test) String() string {
	return fmt.Sprintf("%s %s %s", t.Operator.Text, t.Key, quoted(t.Values))
}

// quoted prints a list for a message, the first eight of it.
func quoted(list []string) string {
	more := ""
	if n := len(list); n > 8 {
		list, more = list[:8], fmt.Sprintf(" and %d more", n-8)
	}
	return fmt.Sprintf("%q", list) + more
}

// negatedOperators maps the negated operators to what they negate ("Condition operators").
var negatedOperators = map[string]string{
	"StringNotEquals": "StringEquals", "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
	"StringNotLike": "StringLike", "NumericNotEquals": "NumericEquals", "DateNotEquals": "DateEquals",
	"NotIpAddress": "IpAddress", "ArnNotEquals": "ArnEquals", "ArnNotLike": "ArnLike",
}

// positiveOperators are the others.
var positiveOperators = []string{
	"StringEquals", "StringEqualsIgnoreCase", "StringLike", "NumericEquals", "NumericLessThan",
	"NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals", "DateEquals", "DateLessThan",
	"DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals", "Bool", "BinaryEquals", "IpAddress", "ArnEquals",
	"ArnLike", "Null",
}

// parseOperator takes an operator apart. AWS's spelling alone is recognised; whether another is taken by AWS is not
// documented, so Base stays empty. Null takes neither IfExists ("...IfExists condition operators") nor a qualifier.
func parseOperator(text string) Operator {
	op := Operator{Text: text}
	name := text
	if rest, ok := strings.CutPrefix(name, "ForAllValues:"); ok {
		op.Qualifier, name = ForAllValues, rest
	} else if rest, ok := strings.CutPrefix(name, "ForAnyValue:"); ok {
		op.Qualifier, name = ForAnyValue, rest
	}
	name, op.IfExists = strings.CutSuffix(name, "IfExists")
	if base, ok := negatedOperators[name]; ok {
		op.Base, op.Negated = base, true
	} else if slices.Contains(positiveOperators, name) {
		op.Base = name
	}
	if op.Base == "Null" && text != "Null" {
		op.Base = ""
	}
	return op
}

// value is what is known of one condition key of a request.
type value struct {
	known   bool // false: the key may be absent or have any value
	present bool
	text    string
}

// requestContext gives, by key in lower case, the values that a key may have; a key it does not hold is not known.
// Several values mean that AWS's documentation leaves open which of them a request has.
type requestContext map[string][]value

var absent = []value{{known: true}}

func present(text string) []value { return []value{{known: true, present: true, text: text}} }

// holds decides a Condition block for a request: every test must hold.
func holds(tests []Test, c requestContext, vars bool) Answer {
	result := Yes
	for _, t := range tests {
		if result = result.and(t.holds(c, vars)); result == No {
			break
		}
	}
	return result
}

func (t Test) holds(c requestContext, vars bool) Answer {
	key := lower(t.Key)
	values, ok := c[key]
	if !ok {
		values = []value{{}}
	}
	result := t.holdsFor(key, values[0], vars)
	for _, v := range values[1:] {
		result = result.agree(t.holdsFor(key, v, vars))
	}
	return result
}

func (t Test) holdsFor(key string, v value, vars bool) Answer {
	switch {
	case t.Operator.Base == "":
		return Unknown
	case !v.known:
		// The key may be absent, or have any value.
		if t.Operator.Base != "Null" && t.matchesAll() {
			return t.holdsAbsent().agree(t.signed(Yes))
		}
		return Unknown
	case t.Operator.Base == "Null":
		return t.holdsNull(!v.present)
	case !v.present:
		return t.holdsAbsent()
	}
	result := No
	for _, want := range t.Values {
		result = result.or(match(t.Operator.Base, key, want, v.text, vars))
	}
	return t.signed(result)
}

func (t Test) signed(a Answer) Answer {
	if t.Operator.Negated {
		return a.not()
	}
	return a
}

// matchesAll tells whether every value a key can have matches.
func (t Test) matchesAll() bool {
	return t.Operator.Base == "StringLike" && slices.Contains(t.Values, "*")
}

// holdsAbsent decides a test whose key the request does not have: false, true for a negated operator, and true with
// IfExists ("Condition operators"); true with ForAllValues and false with ForAnyValue ("Creating a condition with
// multiple keys or values"). Where two of these rules disagree nothing is documented.
func (t Test) holdsAbsent() Answer {
	positive := answer(t.Operator.Negated || t.Operator.IfExists)
	switch t.Operator.Qualifier {
	case ForAllValues:
		return Yes
	case ForAnyValue:
		return No.agree(positive)
	default:
		return positive
	}
}

func (t Test) holdsNull(isNull bool) Answer {
	result := No
	for _, want := range t.Values {
		switch want {
		case "true":
			result = result.or(answer(isNull))
		case "false":
			result = result.or(answer(!isNull))
		default:
			result = Unknown
		}
	}
	return result
}

// booleanKeys hold "true" or "false". Which operators besides Bool work on them is not documented: a string operator
// that would not match is taken as not matching, one that would is Unknown.
var booleanKeys = []string{
	keySecureTransport, "aws:principalisawsservice", "aws:viaawsservice", "aws:multifactorauthpresent",
}

// match compares one value of a policy with one of a request.
func match(base, key, want, got string, vars bool) Answer {
	boolean := slices.Contains(booleanKeys, key)
	if vars && strings.Contains(want, "${") {
		if strings.HasPrefix(base, "String") || strings.HasPrefix(base, "Arn") {
			return Unknown
		}
	}
	var result Answer
	switch base {
	case "StringEquals":
		result = answer(want == got)
	case "StringEqualsIgnoreCase":
		result = answer(strings.EqualFold(want, got))
	case "StringLike":
		result = answer(compileGlob(want, false).match(got))
	case "ArnEquals", "ArnLike":
		return matchARN(want, got)
	case "Bool":
		return matchBool(boolean, want, got)
	case "IpAddress":
		return matchIP(want, got)
	default:
		if op, ok := strings.CutPrefix(base, "Numeric"); ok {
			return matchNumber(op, want, got)
		}
		return Unknown // dates and binary values are not modelled
	}
	if boolean && result == Yes {
		return Unknown
	}
	return result
}

// matchBool takes the spellings true and false alone: what AWS makes of another is not documented.
func matchBool(boolean bool, want, got string) Answer {
	if !boolean || want != "true" && want != "false" {
		return Unknown
	}
	return answer(want == got)
}

func matchNumber(op, want, got string) Answer {
	w, err1 := strconv.ParseFloat(want, 64)
	g, err2 := strconv.ParseFloat(got, 64)
	if err1 != nil || err2 != nil || strings.ContainsAny(want, "xXpPnN_") {
		return Unknown // hexadecimal, infinity and the like are Go's spellings
	}
	switch op {
	case "Equals":
		return answer(g == w)
	case "LessThan":
		return answer(g < w)
	case "LessThanEquals":
		return answer(g <= w)
	case "GreaterThan":
		return answer(g > w)
	case "GreaterThanEquals":
		return answer(g >= w)
	default:
		return Unknown
	}
}

// parseCIDR reads an address range. An address without a prefix is a range of one ("IP address condition operators").
func parseCIDR(s string) (netip.Prefix, bool) {
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	p, err := netip.ParsePrefix(s)
	return p.Masked(), err == nil
}

func matchIP(want, got string) Answer {
	p, ok := parseCIDR(want)
	a, err := netip.ParseAddr(got)
	if !ok || err != nil || p.Addr().Is4In6() {
		return Unknown
	}
	return answer(p.Contains(a))
}

// arnSegments splits an ARN into its six components, the last of which may hold colons.
func arnSegments(s string) []string { return strings.SplitN(s, ":", 6) }

// matchARN compares component by component ("Amazon Resource Name (ARN) condition operators").
func matchARN(want, got string) Answer {
	w, g := arnSegments(want), arnSegments(got)
	if len(w) != 6 || len(g) != 6 {
		return Unknown
	}
	for i := range w {
		if !compileGlob(w[i], false).match(g[i]) {
			return No
		}
	}
	return Yes
}
