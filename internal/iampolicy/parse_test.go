package iampolicy

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	got, err := Parse(`{
		"Statement": [
			{"Sid": "one", "Effect": "Allow", "Principal": {"AWS": ["123456789012", "*"], "Service": "a.amazonaws.com"},
			 "Action": "s3:GetObject", "Resource": ["arn:aws:s3:::b/*"],
			 "Condition": {"ForAnyValue:StringNotLikeIfExists": {"aws:PrincipalTag/x": ["a", "b"]}, "Bool": {"k": false},
			               "NumericLessThan": {"n": 1.20}, "bool": {"k": true}}},
			{"Effect": "Deny", "NotPrincipal": "*", "NotAction": ["a:b"], "NotResource": "*", "Condition": {}}
		],
		"Id": "policy",
		"Version": "2012-10-17"
	}`)
	if err != nil {
		t.Fatal(err)
	}
	want := &Document{
		Version: Version2012,
		ID:      "policy",
		Statements: []Statement{
			{
				Ref:        Ref{0, "one"},
				Effect:     Allow,
				Principals: []Principal{{AWS, "123456789012"}, {AWS, "*"}, {Service, "a.amazonaws.com"}},
				Actions:    []string{"s3:GetObject"},
				Resources:  []string{"arn:aws:s3:::b/*"},
				Conditions: []Test{
					{Operator{"ForAnyValue:StringNotLikeIfExists", ForAnyValue, "StringLike", true, true}, "aws:PrincipalTag/x", []string{"a", "b"}},
					{Operator{Text: "Bool", Base: "Bool"}, "k", []string{"false"}},
					{Operator{Text: "NumericLessThan", Base: "NumericLessThan"}, "n", []string{"1.20"}},
					{Operator{Text: "bool"}, "k", []string{"true"}},
				},
			},
			{
				Ref: Ref{1, ""}, Effect: Deny, Principals: []Principal{{Everyone, "*"}}, NotPrincipal: true,
				Actions: []string{"a:b"}, NotAction: true, Resources: []string{"*"}, NotResource: true, Conditions: []Test{},
			},
		},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestParseSingleStatementOfTheOlderVersion(t *testing.T) {
	d, err := Parse(`{"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole"}}`)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Statements) != 1 || d.Version != Version2008 || d.hasVariables() || d.Statements[0].Resources != nil {
		t.Errorf("got %+v", d)
	}
}

func TestParseErrors(t *testing.T) {
	statement := func(s string) string { return `{"Statement": [{"Effect":"Allow","Action":"*"}, {` + s + `}]}` }
	tests := []struct{ name, in, want string }{
		{"empty", ``, "not JSON"},
		{"no JSON", `{"Statement": [}`, "not JSON"},
		{"two documents", `{"Statement":{"Effect":"Deny","Action":"*"}} {}`, "not JSON"},
		{"not an object", `[]`, "an object is expected, not a list"},
		{"null", `null`, "an object is expected, not null"},
		{"not UTF-8", "{\"Id\":\"\xff\"}", "not UTF-8"},
		{"too large", `{"Id":"` + strings.Repeat("x", maxSize) + `"}`, "larger than"},
		{"too deep", strings.Repeat("[", 500) + strings.Repeat("]", 500), "nested too deep"},
		{"very deep", strings.Repeat("[", 100000), "not JSON"},
		{"no statement", `{"Version":"2012-10-17"}`, "no Statement"},
		{"no statements", `{"Statement":[]}`, "Statement: an empty list"},
		{"version", `{"Version":"2012-10-18","Statement":[]}`, `Version: unknown version "2012-10-18"`},
		{"version as number", `{"Version":2012,"Statement":[]}`, "Version: a string is expected, not a number"},
		{"unknown element", `{"Statment":[]}`, `unknown element "Statment"`},
		{"case of an element", `{"statement":[]}`, `unknown element "statement"`},
		{"twice", `{"Id":"a","Id":"b","Statement":[]}`, `"Id" is given twice`},
		{"twice by escape", `{"Id":"a","\u0049d":"b","Statement":[]}`, `"Id" is given twice`},
		{"effect twice", statement(`"Effect":"Deny","Effect":"Allow","Action":"*"`), `Statement[1]: "Effect" is given twice`},
		{"operator twice", statement(`"Effect":"Deny","Action":"*","Condition":{"Bool":{"a":"b"},"Bool":{"c":"d"}}`), `Statement[1].Condition: "Bool" is given twice`},
		{"key twice", statement(`"Effect":"Deny","Action":"*","Condition":{"Bool":{"a":"b","a":"d"}}`), `Statement[1].Condition.Bool: "a" is given twice`},
		{"key twice by case", statement(`"Effect":"Deny","Action":"*","Condition":{"Bool":{"aws:a":"b","AWS:A":"d"}}`), `Statement[1].Condition.Bool: condition key "AWS:A" is given twice`},
		{"effect", statement(`"Sid":"x","Effect":"allow","Action":"*"`), `Statement[1].Effect (Sid "x"): unknown effect "allow"`},
		{"no effect", statement(`"Action":"*","Sid":"x"`), `Statement[1] (Sid "x"): no Effect`},
		{"no action", statement(`"Effect":"Allow"`), `Statement[1]: neither Action nor NotAction`},
		{"both actions", statement(`"Effect":"Allow","Action":"*","NotAction":"*"`), "both Action and NotAction"},
		{"both resources", statement(`"Effect":"Allow","Action":"*","NotResource":"*","Resource":"*"`), "both Resource and NotResource"},
		{"both principals", statement(`"Effect":"Allow","Action":"*","Principal":"*","NotPrincipal":"*"`), "both Principal and NotPrincipal"},
		{"unknown in statement", statement(`"Effect":"Allow","Action":"*","Conditions":{}`), `Statement[1]: unknown element "Conditions"`},
		{"bare principal", statement(`"Effect":"Allow","Action":"*","Principal":"123456789012"`), `Statement[1].Principal: "123456789012" is not a principal`},
		{"type of principal", statement(`"Effect":"Allow","Action":"*","Principal":{"aws":"*"}`), `unknown type of principal "aws"`},
		{"no principal", statement(`"Effect":"Allow","Action":"*","Principal":{}`), "no principal"},
		{"empty principals", statement(`"Effect":"Allow","Action":"*","Principal":{"AWS":[]}`), "Statement[1].Principal.AWS: an empty list"},
		{"list of principals", statement(`"Effect":"Allow","Action":"*","Principal":["*"]`), "an object is expected, not a list"},
		{"action number", statement(`"Effect":"Allow","Action":["*",1]`), "Statement[1].Action[1]: a string is expected, not a number"},
		{"empty action", statement(`"Effect":"Allow","Action":[]`), "an empty list"},
		{"condition list", statement(`"Effect":"Allow","Action":"*","Condition":[]`), "an object is expected, not a list"},
		{"condition without key", statement(`"Effect":"Allow","Action":"*","Condition":{"Bool":{}}`), "no condition key"},
		{"condition null", statement(`"Effect":"Allow","Action":"*","Condition":{"Bool":{"a":null}}`), "Statement[1].Condition.Bool.a: a string, number or boolean is expected, not null"},
		{"condition empty", statement(`"Effect":"Allow","Action":"*","Condition":{"Bool":{"a":[]}}`), "an empty list"},
		{"condition nested", statement(`"Effect":"Allow","Action":"*","Condition":{"Bool":{"a":["b",["c"]]}}`), "Condition.Bool.a[1]: a string, number or boolean"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, err := Parse(tt.in)
			if _, ok := errors.AsType[*ParseError](err); !ok {
				t.Fatalf("got %v and error %v, want a ParseError", d, err)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %q does not say %q", err, tt.want)
			}
		})
	}
}

func TestParseOperator(t *testing.T) {
	tests := []struct {
		in   string
		want Operator
	}{
		{"StringEquals", Operator{Base: "StringEquals"}},
		{"StringNotEqualsIgnoreCaseIfExists", Operator{Base: "StringEqualsIgnoreCase", Negated: true, IfExists: true}},
		{"NotIpAddress", Operator{Base: "IpAddress", Negated: true}},
		{"ForAllValues:ArnNotLike", Operator{Base: "ArnLike", Negated: true, Qualifier: ForAllValues}},
		{"ForAnyValue:DateGreaterThanEqualsIfExists", Operator{Base: "DateGreaterThanEquals", IfExists: true, Qualifier: ForAnyValue}},
		{"Null", Operator{Base: "Null"}},
		{"NullIfExists", Operator{IfExists: true}},
		{"ForAnyValue:Null", Operator{Qualifier: ForAnyValue}},
		{"NotBool", Operator{}},
		{"stringequals", Operator{}},
		{"ForAnyValue:ForAnyValue:Bool", Operator{Qualifier: ForAnyValue}},
		{"", Operator{}},
	}
	for _, tt := range tests {
		tt.want.Text = tt.in
		if got := parseOperator(tt.in); got != tt.want {
			t.Errorf("parseOperator(%q) = %+v, want %+v", tt.in, got, tt.want)
		}
	}
	for _, base := range positiveOperators {
		if op := parseOperator(base); op.Base != base || op.Negated {
			t.Errorf("parseOperator(%q) = %+v", base, op)
		}
	}
}
