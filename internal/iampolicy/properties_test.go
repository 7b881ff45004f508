package iampolicy

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// rawStatement is a statement as a test draws it; its JSON is made by encoding/json.
type rawStatement struct {
	Effect      string
	Principal   any      `json:",omitempty"`
	Action      []string `json:",omitempty"`
	NotAction   []string `json:",omitempty"`
	Resource    []string `json:",omitempty"`
	NotResource []string `json:",omitempty"`
	Condition   map[string]map[string][]string
}

func parseRaw(t *rapid.T, list []rawStatement) *Document {
	text, err := json.Marshal(map[string]any{"Version": Version2012, "Statement": list})
	if err != nil {
		t.Fatal(err)
	}
	d, err := Parse(string(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return d
}

var (
	principals = []any{
		"*",
		map[string][]string{"AWS": {"*"}},
		map[string][]string{"AWS": {"123456789012"}},
		map[string][]string{"AWS": {"123456789012", "*"}},
		map[string][]string{"AWS": {"bob"}},
		map[string][]string{"Service": {"a.amazonaws.com"}, "Federated": {"x.example.com"}},
	}
	conditions = []map[string]map[string][]string{
		{},
		{},
		{"Bool": {"aws:SecureTransport": {"false"}}},
		{"Bool": {"aws:SecureTransport": {"true"}}},
		{"BoolIfExists": {"aws:SecureTransport": {"false"}}, "IpAddress": {"aws:SourceIp": {"1.2.0.0/16"}}},
		{"NotIpAddress": {"aws:SourceIp": {"1.2.0.0/16"}}},
		{"StringEquals": {"aws:PrincipalOrgID": {"o-1"}}},
		{"StringNotEquals": {"aws:PrincipalOrgID": {"o-1"}}},
		{"StringLike": {"aws:SourceVpc": {"vpc-*"}}},
		{"StringEquals": {"s3:DataAccessPointAccount": {"123456789012"}}},
		{"StringEquals": {"aws:PrincipalTag/x": {"y"}}},
	}
	actions   = []string{"*", "s3:*", "S3:Get*", "s3:Put*", "s3:*Object", "s3:ListBucket", "iam:*"}
	resources = []string{
		"*", "arn:aws:s3:::b", "arn:aws:s3:::b/*", "arn:aws:s3:::b*", "arn:aws:s3:::b/a*", "arn:aws:s3:::b/?",
		"arn:aws:s3:::b/*a", "arn:*:s3:::b/*", "arn:aws:s3:::c/*",
	}
)

func drawStatement(effects ...string) *rapid.Generator[rawStatement] {
	return rapid.Custom(func(t *rapid.T) rawStatement {
		s := rawStatement{
			Effect:    rapid.SampledFrom(effects).Draw(t, "effect"),
			Principal: rapid.SampledFrom(principals).Draw(t, "principal"),
			Condition: rapid.SampledFrom(conditions).Draw(t, "condition"),
		}
		list := rapid.SliceOfN(rapid.SampledFrom(actions), 1, 3).Draw(t, "actions")
		if rapid.IntRange(0, 3).Draw(t, "not action") == 0 {
			s.NotAction = list
		} else {
			s.Action = list
		}
		list = rapid.SliceOfN(rapid.SampledFrom(resources), 1, 3).Draw(t, "resources")
		if rapid.IntRange(0, 3).Draw(t, "not resource") == 0 {
			s.NotResource = list
		} else {
			s.Resource = list
		}
		return s
	})
}

func drawPolicy(t *rapid.T) []rawStatement {
	return rapid.SliceOfN(drawStatement("Allow", "Deny", "Deny"), 1, 5).Draw(t, "statements")
}

// answers gives both verdicts.
func answers(t *rapid.T, list []rawStatement) [2]Answer {
	d := parseRaw(t, list)
	return [2]Answer{d.S3Public().Answer, d.S3DeniesPlainHTTP("aws", "b").Answer}
}

func TestSpellingDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := drawPolicy(t)
		want := answers(t, list)
		check := func(what string, other []rawStatement) {
			if got := answers(t, other); got != want {
				t.Fatalf("%s: got %v, want %v\n%+v\n%+v", what, got, want, list, other)
			}
		}
		check("order of statements", rapid.Permutation(list).Draw(t, "order"))
		check("statements twice", slices.Concat(list, list))
		change := func(f func(*rawStatement)) []rawStatement {
			out := slices.Clone(list)
			for i := range out {
				f(&out[i])
			}
			return out
		}
		check("order in lists", change(func(s *rawStatement) {
			for _, l := range []*[]string{&s.Action, &s.NotAction, &s.Resource, &s.NotResource} {
				*l = slices.Clone(*l)
				slices.Reverse(*l)
			}
		}))
		check("case of actions", change(func(s *rawStatement) {
			for _, l := range []*[]string{&s.Action, &s.NotAction} {
				*l = slices.Clone(*l)
				for i := range *l {
					(*l)[i] = strings.ToUpper((*l)[i])
				}
			}
		}))
		check("case of keys", change(func(s *rawStatement) {
			out := map[string]map[string][]string{}
			for op, keys := range s.Condition {
				out[op] = map[string][]string{}
				for k, v := range keys {
					out[op][strings.ToUpper(k)] = v
				}
			}
			s.Condition = out
		}))
		var split []rawStatement
		for _, s := range list {
			list, one := s.Action, func(s *rawStatement, v string) { s.Action = []string{v} }
			if s.Action == nil {
				list, one = s.Resource, func(s *rawStatement, v string) { s.Resource = []string{v} }
			}
			if list == nil {
				split = append(split, s)
			}
			for _, v := range list {
				part := s
				one(&part, v)
				split = append(split, part)
			}
		}
		check("lists split into statements", split)
	})
}

func TestMoreStatements(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := drawPolicy(t)
		before := answers(t, list)
		allowed := answers(t, append(slices.Clone(list), drawStatement("Allow").Draw(t, "allow")))
		if before[0] == Yes && allowed[0] != Yes || before[0] == Unknown && allowed[0] == No {
			t.Errorf("an Allow made a policy less public: %v, %v", before, allowed)
		}
		if before[1] != allowed[1] {
			t.Errorf("an Allow changed what is denied: %v, %v", before, allowed)
		}
		denied := answers(t, append(slices.Clone(list), drawStatement("Deny").Draw(t, "deny")))
		if before[1] == Yes && denied[1] != Yes || before[1] == Unknown && denied[1] == No {
			t.Errorf("a Deny allowed something: %v, %v", before, denied)
		}
		if before[0] != denied[0] {
			t.Errorf("a Deny changed what is public: %v, %v", before, denied)
		}
	})
}

func TestVerdictsAreDeterministic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := drawPolicy(t)
		a, b := parseRaw(t, list), parseRaw(t, list)
		if d := cmp.Diff(a.S3Public(), b.S3Public()); d != "" {
			t.Error(d)
		}
		if d := cmp.Diff(a.S3DeniesPlainHTTP("aws", "b"), b.S3DeniesPlainHTTP("aws", "b")); d != "" {
			t.Error(d)
		}
	})
}

// A model of the Deny statements above, apart from the reasoning: every request of a small universe is tried.
type modelRequest struct {
	action, resource string
	anonymous        bool
	ip, org          string // "" is absent
}

func (s rawStatement) modelDenies(r modelRequest) (denied, sure bool) {
	in := func(list []string, v string, fold bool) bool {
		return slices.ContainsFunc(list, func(p string) bool {
			if fold {
				p, v = strings.ToLower(p), strings.ToLower(v)
			}
			return naive(p, v)
		})
	}
	everyone := s.Principal == "*"
	if m, ok := s.Principal.(map[string][]string); ok {
		if slices.Contains(m["AWS"], "bob") || m["Federated"] != nil {
			return false, false
		}
		everyone = slices.Contains(m["AWS"], "*")
	}
	matches := s.Effect == "Deny" && everyone &&
		(s.Action != nil && in(s.Action, r.action, true) || s.NotAction != nil && !in(s.NotAction, r.action, true)) &&
		(s.Resource != nil && in(s.Resource, r.resource, false) || s.NotResource != nil && !in(s.NotResource, r.resource, false))
	near := strings.HasPrefix(r.ip, "1.2.")
	for op, keys := range s.Condition {
		for key := range maps.Keys(keys) {
			switch op + " " + key {
			case "Bool aws:SecureTransport", "BoolIfExists aws:SecureTransport":
				matches = matches && keys[key][0] == "false"
			case "IpAddress aws:SourceIp":
				matches = matches && near
			case "NotIpAddress aws:SourceIp":
				matches = matches && !near
			case "StringEquals aws:PrincipalOrgID":
				matches = matches && r.org == "o-1"
			case "StringNotEquals aws:PrincipalOrgID":
				matches = matches && r.org != "o-1"
			default: // keys that no request of the universe has
				matches = false
			}
		}
	}
	return matches, true
}

func TestTLSAgreesWithModel(t *testing.T) {
	var universe []modelRequest
	for _, ip := range []string{"", "9.9.9.9", "1.2.3.4"} {
		for _, org := range []string{"", "o-1", "o-2"} {
			for _, action := range bucketActions {
				universe = append(universe, modelRequest{action, "arn:aws:s3:::b", org == "", ip, org})
			}
			for _, action := range objectActions {
				for _, key := range []string{"a", "b", "ab", "ba", "bb", "aa", "bbb"} {
					universe = append(universe, modelRequest{action, "arn:aws:s3:::b/" + key, org == "", ip, org})
				}
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		list := drawPolicy(t)
		left := ""
		for _, r := range universe {
			denied := false
			for _, s := range list {
				if s.Effect != "Deny" {
					continue
				}
				d, sure := s.modelDenies(r)
				if !sure {
					t.Skip("the model says nothing of this condition")
				}
				denied = denied || d
			}
			if !denied {
				left = r.action + " " + r.resource
				break
			}
		}
		got := parseRaw(t, list).S3DeniesPlainHTTP("aws", "b")
		if got.Answer == Yes && left != "" || got.Answer == No && left == "" {
			t.Fatalf("got %s %q, but the model has %q left", got.Answer, got.Remaining, left)
		}
	})
}
