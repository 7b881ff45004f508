package iampolicy

import (
	"fmt"
	"slices"
	"strings"
)

// Bounds of what Parse accepts. A bucket policy may hold 20 KB and a managed policy 6,144 characters ("IAM and AWS STS
// quotas", "Bucket policies for Amazon S3"); the grammar nests six levels deep.
const (
	maxSize  = 256 << 10
	maxDepth = 16
)

// Effect is what a statement does with the requests it matches.
type Effect int

// The effects. The zero value is neither.
const (
	Allow Effect = iota + 1
	Deny
)

// String gives the effect as a policy spells it.
func (e Effect) String() string {
	switch e {
	case Allow:
		return "Allow"
	case Deny:
		return "Deny"
	default:
		return "no effect"
	}
}

// The versions of the policy language ("Grammar of the IAM JSON policy language"). A document without a Version is of
// the older one, which has no policy variables ("Variables and tags").
const (
	Version2008 = "2008-10-17"
	Version2012 = "2012-10-17"
)

// Document is a parsed policy.
type Document struct {
	Version    string // Version2008 or Version2012; Version2008 if the document names none
	ID         string
	Statements []Statement
}

// hasVariables tells whether `${...}` in this document stands for a value of the request.
func (d *Document) hasVariables() bool { return d.Version == Version2012 }

// Statement is one statement of a policy. A list that the document leaves out is nil.
type Statement struct {
	Ref          Ref
	Effect       Effect
	Principals   []Principal // nil in an identity policy
	NotPrincipal bool        // Principals are those that the statement does not apply to
	Actions      []string    // as written
	NotAction    bool        // Actions are those that the statement does not apply to
	Resources    []string    // as written; nil in a trust policy
	NotResource  bool        // Resources are those that the statement does not apply to
	Conditions   []Test      // ANDed, in the order of the document
}

// PrincipalType is the key under which a policy names a principal.
type PrincipalType string

// The types of "Grammar of the IAM JSON policy language". Everyone is the bare `"Principal": "*"`.
const (
	Everyone      PrincipalType = "*"
	AWS           PrincipalType = "AWS"
	Service       PrincipalType = "Service"
	Federated     PrincipalType = "Federated"
	CanonicalUser PrincipalType = "CanonicalUser"
)

// Principal is one principal that a statement names.
type Principal struct {
	Type PrincipalType
	ID   string // as written; "*" for Everyone
}

// String gives "*" or "AWS:arn:aws:iam::123456789012:root".
func (p Principal) String() string {
	if p.Type == Everyone {
		return "*"
	}
	return string(p.Type) + ":" + p.ID
}

// everyone tells whether p is everyone, anonymous callers included: `"*"` and `{"AWS": "*"}` are equivalent in a
// resource policy ("Principal", section "All principals").
func (p Principal) everyone() bool { return p.Type == Everyone || p.Type == AWS && p.ID == "*" }

// ParseError says what of a document could not be read, and where.
type ParseError struct {
	Path      string // "Statement[1].Condition.Bool", or "" for the document itself
	Statement int    // counted from 0, -1 outside the statements
	Sid       string // of that statement, if it was found
	Reason    string
}

// Error gives "policy: Statement[1] (Sid "x").Effect: missing"-like text.
func (e *ParseError) Error() string {
	var b strings.Builder
	b.WriteString("policy: ")
	if e.Path != "" {
		b.WriteString(e.Path)
		if e.Sid != "" {
			fmt.Fprintf(&b, " (Sid %q)", e.Sid)
		}
		b.WriteString(": ")
	}
	b.WriteString(e.Reason)
	return b.String()
}

// Parse reads a policy document by "Grammar of the IAM JSON policy language".
//
// Element names, effects and principal types are taken in AWS's own spelling only. Everything outside the grammar is an
// error, always a *ParseError: text that is not JSON, a name given twice in one object (also condition keys that differ
// only in case), an unknown element, a wrong type, an empty list, Action beside NotAction, a document larger than
// 256 KB. Principal and Resource may be absent, since identity policies have no principal and trust policies no
// resource. A condition operator that is not known is no error: it is kept, and what depends on it is Unknown.
func Parse(s string) (*Document, error) {
	root, err := decode(s)
	if err != nil {
		return nil, err
	}
	p := parser{statement: -1}
	d := &Document{Version: Version2008}
	for _, m := range p.object(root, "") {
		switch m.name {
		case "Version":
			d.Version = p.text(m.value, "Version")
			if p.err == nil && d.Version != Version2008 && d.Version != Version2012 {
				p.fail("Version", "unknown version %q", d.Version)
			}
		case "Id":
			d.ID = p.text(m.value, "Id")
		case "Statement":
			d.Statements = p.statements(m.value)
		default:
			p.fail("", "unknown element %q", m.name)
		}
	}
	if p.err == nil && d.Statements == nil {
		p.fail("", "no Statement")
	}
	if p.err != nil {
		return nil, p.err
	}
	return d, nil
}

// parser keeps the first error; after it, every method returns zero values.
type parser struct {
	statement int
	sid       string
	err       error
}

func (p *parser) fail(path, format string, args ...any) {
	if p.err == nil {
		p.err = &ParseError{Path: path, Statement: p.statement, Sid: p.sid, Reason: fmt.Sprintf(format, args...)}
	}
}

func (p *parser) object(n node, path string) []member {
	if p.err != nil {
		return nil
	}
	if n.kind != kindObject {
		p.fail(path, "an object is expected, not %s", n.kind)
	}
	return n.members
}

func (p *parser) text(n node, path string) string {
	if p.err == nil && n.kind != kindString {
		p.fail(path, "a string is expected, not %s", n.kind)
	}
	return n.text
}

// texts reads a string or a list of at least one.
func (p *parser) texts(n node, path string) []string {
	var out []string
	for i, item := range p.items(n, path) {
		out = append(out, p.text(item, itemPath(n, path, i)))
	}
	return out
}

// items gives the elements of a list, or a single value as a list of one.
func (p *parser) items(n node, path string) []node {
	if p.err != nil {
		return nil
	}
	if n.kind != kindList {
		return []node{n}
	}
	if len(n.list) == 0 {
		p.fail(path, "an empty list")
	}
	return n.list
}

func itemPath(n node, path string, i int) string {
	if n.kind != kindList {
		return path
	}
	return fmt.Sprintf("%s[%d]", path, i)
}

func (p *parser) statements(n node) []Statement {
	out := []Statement{}
	for i, item := range p.items(n, "Statement") {
		p.statement, p.sid = i, ""
		out = append(out, p.parseStatement(item, itemPath(n, "Statement", i), i))
	}
	p.statement, p.sid = -1, ""
	return out
}

func (p *parser) parseStatement(n node, path string, index int) Statement {
	s := Statement{Ref: Ref{Index: index}}
	members := p.object(n, path)
	for _, m := range members {
		if m.name == "Sid" {
			s.Ref.Sid = p.text(m.value, path+".Sid")
			p.sid = s.Ref.Sid
		}
	}
	for _, m := range members {
		at := path + "." + m.name
		switch m.name {
		case "Sid":
		case "Effect":
			switch text := p.text(m.value, at); text {
			case "Allow":
				s.Effect = Allow
			case "Deny":
				s.Effect = Deny
			default:
				p.fail(at, "unknown effect %q", text)
			}
		case "Principal", "NotPrincipal":
			if s.Principals != nil {
				p.fail(path, "both Principal and NotPrincipal")
			}
			s.NotPrincipal = m.name == "NotPrincipal"
			s.Principals = p.principals(m.value, at)
		case "Action", "NotAction":
			if s.Actions != nil {
				p.fail(path, "both Action and NotAction")
			}
			s.NotAction = m.name == "NotAction"
			s.Actions = p.texts(m.value, at)
		case "Resource", "NotResource":
			if s.Resources != nil {
				p.fail(path, "both Resource and NotResource")
			}
			s.NotResource = m.name == "NotResource"
			s.Resources = p.texts(m.value, at)
		case "Condition":
			s.Conditions = p.conditions(m.value, at)
		default:
			p.fail(path, "unknown element %q", m.name)
		}
	}
	if p.err == nil && s.Effect == 0 {
		p.fail(path, "no Effect")
	}
	if p.err == nil && s.Actions == nil {
		p.fail(path, "neither Action nor NotAction")
	}
	return s
}

func (p *parser) principals(n node, path string) []Principal {
	if n.kind == kindString {
		if n.text != "*" {
			p.fail(path, "%q is not a principal: \"*\" or an object is expected", n.text)
		}
		return []Principal{{Everyone, "*"}}
	}
	var out []Principal
	for _, m := range p.object(n, path) {
		t := PrincipalType(m.name)
		if !slices.Contains([]PrincipalType{AWS, Service, Federated, CanonicalUser}, t) {
			p.fail(path, "unknown type of principal %q", m.name)
		}
		for _, id := range p.texts(m.value, path+"."+m.name) {
			out = append(out, Principal{t, id})
		}
	}
	if p.err == nil && len(out) == 0 {
		p.fail(path, "no principal")
	}
	return out
}

func (p *parser) conditions(n node, path string) []Test {
	out := []Test{}
	for _, op := range p.object(n, path) {
		at := path + "." + op.name
		seen := map[string]bool{}
		keys := p.object(op.value, at)
		if p.err == nil && len(keys) == 0 {
			p.fail(at, "no condition key")
		}
		for _, key := range keys {
			low := lower(key.name)
			if seen[low] {
				p.fail(at, "condition key %q is given twice", key.name)
			}
			seen[low] = true
			out = append(out, Test{
				Operator: parseOperator(op.name),
				Key:      key.name,
				Values:   p.values(key.value, at+"."+key.name),
			})
		}
	}
	return out
}

// values reads condition values. Quotation marks are optional for numbers and booleans ("Grammar").
func (p *parser) values(n node, path string) []string {
	var out []string
	for i, item := range p.items(n, path) {
		switch item.kind {
		case kindString, kindNumber, kindBool:
			out = append(out, item.text)
		default:
			p.fail(itemPath(n, path, i), "a string, number or boolean is expected, not %s", item.kind)
		}
	}
	return out
}
