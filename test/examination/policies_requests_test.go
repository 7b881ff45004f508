package examination

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"
)

// The judge of the random tests is deliberately simple: it tries requests. Its words are few, so that the requests that it tries tell
// all that they can mean apart.

// request is one request.
type request struct {
	who      string // ARN; "" is anonymous; a name without colons is a service
	action   string
	resource string
	tls      bool
	from     way
	external string
	loner    bool // the account of 444455556666 is in no organization, which policies do not say
}

// way is where a request comes from; through a VPC endpoint it has no aws:SourceIp ([keys]).
type way int

const (
	anywhere way = iota
	office       // 203.0.113.0/24
	endpoint
)

func (r request) account() string {
	if parts := strings.Split(r.who, ":"); len(parts) > 4 {
		return parts[4]
	}
	return ""
}

// organization: the own account, 777788889999 and 444455556666 are in one; others are in none.
func (r request) organization() string {
	if a := r.account(); a == own || a == "777788889999" || a == other && !r.loner {
		return "o-a1b2c3d4e5"
	}
	return ""
}

// term is a condition with its meaning.
type term struct {
	operator, key, value string
	holds                func(request) bool
	fixes                bool // limits everyone to fixed values, by S3's definition of public
}

// line is a statement.
type line struct {
	effect       string
	principal    string // JSON of the element; empty: none
	names        func(request) bool
	actions      []string
	notAction    bool
	resources    []string
	notResource  bool
	terms        []term
	everyone     bool // by its principal
	notPrincipal bool
}

func (l line) json() string {
	element := func(name string, list []string, not bool) string {
		if list == nil {
			return ""
		}
		if not {
			name = "Not" + name
		}
		text, _ := json.Marshal(list)
		return fmt.Sprintf(`,%q:%s`, name, text)
	}
	out := `{"Effect":"` + l.effect + `"`
	if l.principal != "" {
		key := "Principal"
		if l.notPrincipal {
			key = "NotPrincipal"
		}
		out += `,"` + key + `":` + l.principal
	}
	out += element("Action", l.actions, l.notAction) + element("Resource", l.resources, l.notResource)
	by := map[string]map[string]json.RawMessage{}
	for _, t := range l.terms {
		if by[t.operator] == nil {
			by[t.operator] = map[string]json.RawMessage{}
		}
		by[t.operator][t.key] = json.RawMessage(t.value)
	}
	if len(by) > 0 {
		text, _ := json.Marshal(by)
		out += `,"Condition":` + string(text)
	}
	return out + "}"
}

// fits matches a pattern with stars.
func fits(pattern, text string) bool {
	head, rest, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == text
	}
	if !strings.HasPrefix(text, head) {
		return false
	}
	for i := len(head); i <= len(text); i++ {
		if fits(rest, text[i:]) {
			return true
		}
	}
	return false
}

func listed1(list []string, not bool, text string) bool {
	return slices.ContainsFunc(list, func(p string) bool { return fits(p, text) }) != not
}

func (l line) speaksOf(r request) bool {
	if l.names != nil && l.names(r) == l.notPrincipal || !listed1(l.actions, l.notAction, r.action) {
		return false
	}
	if l.resources != nil && !listed1(l.resources, l.notResource, r.resource) {
		return false
	}
	return !slices.ContainsFunc(l.terms, func(t term) bool { return !t.holds(r) })
}

func allowed(lines []line, r request) bool {
	says := func(effect string) bool {
		return slices.ContainsFunc(lines, func(l line) bool { return l.effect == effect && l.speaksOf(r) })
	}
	return says("Allow") && !says("Deny")
}

func text(lines []line) string {
	parts := make([]string, len(lines))
	for i, l := range lines {
		parts[i] = l.json()
	}
	return document(parts...)
}

type party struct {
	json     string
	names    func(request) bool
	everyone bool
}

func exactly(who string) func(request) bool { return func(r request) bool { return r.who == who } }
func anyOf(account string) func(request) bool {
	return func(r request) bool { return r.account() == account }
}

var parties = []party{
	{`"*"`, func(request) bool { return true }, true},
	{`{"AWS":"*"}`, func(request) bool { return true }, true},
	{`{"AWS":["*","444455556666"]}`, func(request) bool { return true }, true},
	{`{"AWS":"arn:aws:iam::111122223333:root"}`, anyOf(own), false},
	{`{"AWS":"444455556666"}`, anyOf(other), false},
	{`{"AWS":"arn:aws:iam::444455556666:role/x"}`, exactly("arn:aws:iam::444455556666:role/x"), false},
	{`{"Service":"logging.s3.amazonaws.com"}`, exactly("logging.s3.amazonaws.com"), false},
}

var terms = []term{
	{"Bool", "aws:SecureTransport", `"false"`, func(r request) bool { return !r.tls }, false},
	{"Bool", "aws:SecureTransport", `["true"]`, func(r request) bool { return r.tls }, false},
	{"BoolIfExists", "aws:SecureTransport", `"false"`, func(r request) bool { return !r.tls }, false},
	{"IpAddress", "aws:SourceIp", `"203.0.113.0/24"`, func(r request) bool { return r.from == office }, true},
	{"IpAddress", "aws:SourceIp", `["0.0.0.0/1","128.0.0.0/1"]`, func(r request) bool { return r.from != endpoint }, false},
	{"NotIpAddress", "aws:SourceIp", `"203.0.113.0/24"`, func(r request) bool { return r.from != office }, false},
	{"StringEquals", "aws:PrincipalOrgID", `"o-a1b2c3d4e5"`, func(r request) bool { return r.organization() != "" }, true},
	{"StringNotEquals", "aws:PrincipalOrgID", `"o-a1b2c3d4e5"`, func(r request) bool { return r.organization() == "" }, false},
	{"StringEquals", "aws:PrincipalAccount", `"111122223333"`, func(r request) bool { return r.account() == own }, true},
	{"StringNotEquals", "aws:PrincipalAccount", `["111122223333","444455556666"]`, func(r request) bool { return r.account() != own && r.account() != other }, false},
}

func pick[T any](t *rapid.T, label string, list []T) T { return rapid.SampledFrom(list).Draw(t, label) }

func drawLine(t *rapid.T, effect string, actions, resources [][]string, words []term) line {
	p := pick(t, "principal", parties)
	l := line{effect: effect, principal: p.json, names: p.names, everyone: p.everyone}
	l.actions, l.notAction = pick(t, "actions", actions), rapid.IntRange(0, 5).Draw(t, "not action") == 0
	if resources != nil {
		l.resources, l.notResource = pick(t, "resources", resources), rapid.IntRange(0, 5).Draw(t, "not resource") == 0
	}
	for range rapid.IntRange(0, 2).Draw(t, "terms") {
		one := pick(t, "term", words)
		if !slices.ContainsFunc(l.terms, func(o term) bool { return o.key == one.key }) { // two of one key may contradict each other
			l.terms = append(l.terms, one)
		}
	}
	return l
}

func drawLines(t *rapid.T, actions, resources [][]string, words []term) []line {
	var out []line
	for range rapid.IntRange(1, 3).Draw(t, "statements") {
		out = append(out, drawLine(t, pick(t, "effect", []string{"Allow", "Deny", "Deny"}), actions, resources, words))
	}
	return out
}

var (
	callers = []string{
		"", "arn:aws:iam::111122223333:user/u", "arn:aws:iam::444455556666:user/u", "arn:aws:iam::444455556666:role/x",
		"arn:aws:iam::777788889999:user/u", "arn:aws:iam::999999999999:user/u", "logging.s3.amazonaws.com",
	}
	objectARN  = "arn:aws:s3:::" + bucket + "/"
	bucketARN  = "arn:aws:s3:::" + bucket
	s3Actions  = [][]string{{"*"}, {"s3:*"}, {"s3:Get*"}, {"s3:GetObject"}, {"s3:Put*", "s3:Get*"}, {"s3:ListBucket"}}
	s3Areas    = [][]string{{bucketARN, objectARN + "*"}, {bucketARN + "*"}, {objectARN + "*"}, {bucketARN}, {objectARN + "a/*"}, {objectARN + "a/*", bucketARN}}
	s3Requests = func() (out []request) {
		for _, who := range callers {
			for _, from := range []way{anywhere, office, endpoint} {
				for _, a := range []string{"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:GetObjectAcl", "s3:AbortMultipartUpload"} {
					for _, key := range []string{"a/x", "b"} {
						out = append(out, request{who: who, action: a, resource: objectARN + key, from: from})
					}
				}
				for _, a := range []string{"s3:ListBucket", "s3:GetBucketAcl", "s3:PutBucketPolicy", "s3:DeleteBucket"} {
					out = append(out, request{who: who, action: a, resource: bucketARN, from: from})
				}
			}
		}
		return out
	}()
)
