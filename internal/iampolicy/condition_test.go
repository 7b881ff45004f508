package iampolicy

import "testing"

func TestHolds(t *testing.T) {
	here := present
	var unknown []value
	tests := []struct {
		operator string
		key      string
		values   []string
		have     []value
		want     Answer
	}{
		{"StringEquals", "k", []string{"a", "b"}, here("b"), Yes},
		{"StringEquals", "k", []string{"B"}, here("b"), No},
		{"StringEquals", "k", []string{"*"}, here("b"), No},
		{"StringEquals", "k", []string{"b"}, absent, No},
		{"StringEquals", "k", []string{"b"}, unknown, Unknown},
		{"StringEqualsIgnoreCase", "k", []string{"B"}, here("b"), Yes},
		{"StringNotEquals", "k", []string{"a", "b"}, here("b"), No},
		{"StringNotEquals", "k", []string{"a", "c"}, here("b"), Yes},
		{"StringNotEquals", "k", []string{"b"}, absent, Yes},
		{"StringLike", "k", []string{"a?c*"}, here("abc"), Yes},
		{"StringLike", "k", []string{"a?c*"}, here("Abc"), No},
		{"StringLike", "k", []string{"*"}, unknown, Unknown},
		{"StringLikeIfExists", "k", []string{"*"}, unknown, Yes},
		{"StringNotLike", "k", []string{"*"}, unknown, Unknown},
		{"StringEqualsIfExists", "k", []string{"b"}, absent, Yes},
		{"StringEqualsIfExists", "k", []string{"b"}, here("c"), No},
		{"StringNotEqualsIfExists", "k", []string{"b"}, absent, Yes},
		{"ForAllValues:StringEquals", "k", []string{"b"}, absent, Yes},
		{"ForAllValues:StringEquals", "k", []string{"b"}, here("c"), No},
		{"ForAnyValue:StringEquals", "k", []string{"b"}, absent, No},
		{"ForAnyValue:StringNotEquals", "k", []string{"b"}, absent, Unknown},
		{"Null", "k", []string{"true"}, absent, Yes},
		{"Null", "k", []string{"true"}, here("x"), No},
		{"Null", "k", []string{"false"}, here("x"), Yes},
		{"Null", "k", []string{"yes"}, here("x"), Unknown},
		{"Null", "k", []string{"true"}, unknown, Unknown},
		{"Bool", "AWS:securetransport", []string{"false"}, here("false"), Yes},
		{"Bool", "aws:SecureTransport", []string{"true"}, here("false"), No},
		{"Bool", "aws:SecureTransport", []string{"true", "false"}, here("false"), Yes},
		{"Bool", "aws:SecureTransport", []string{"False"}, here("false"), Unknown},
		{"Bool", "aws:SecureTransport", []string{"no"}, here("false"), Unknown},
		{"Bool", "k", []string{"false"}, here("false"), Unknown},
		{"NumericLessThan", "k", []string{"1.2"}, here("1.1"), Yes},
		{"NumericLessThan", "k", []string{"1.2"}, here("1.2"), No},
		{"NumericGreaterThanEquals", "k", []string{"1.2"}, here("1.2"), Yes},
		{"NumericNotEquals", "k", []string{"1"}, here("1.0"), No},
		{"NumericEquals", "k", []string{"inf"}, here("1"), Unknown},
		{"NumericEquals", "k", []string{"a"}, here("1"), Unknown},
		{"DateLessThan", "k", []string{"2030-01-01T00:00:00Z"}, here("2020-01-01T00:00:00Z"), Unknown},
		{"BinaryEquals", "k", []string{"YQ=="}, here("YQ=="), Unknown},
		{"IpAddress", "k", []string{"10.0.0.0/8", "1.0.0.0/8"}, here("1.2.3.4"), Yes},
		{"IpAddress", "k", []string{"1.2.3.4"}, here("1.2.3.4"), Yes},
		{"IpAddress", "k", []string{"1.2.3.4"}, here("1.2.3.5"), No},
		{"NotIpAddress", "k", []string{"1.0.0.0/8"}, here("1.2.3.4"), No},
		{"NotIpAddress", "k", []string{"1.0.0.0/8"}, absent, Yes},
		{"IpAddress", "k", []string{"2001:db8::/32"}, here("2001:db8::1"), Yes},
		{"IpAddress", "k", []string{"1.0.0.0/33"}, here("1.2.3.4"), Unknown},
		{"ArnLike", "k", []string{"arn:aws:s3:*:1:x/*"}, here("arn:aws:s3:eu:1:x/y:z"), Yes},
		{"ArnEquals", "k", []string{"arn:aws:*:eu:2:x/*"}, here("arn:aws:s3:eu:1:x/y"), No},
		{"ArnLike", "k", []string{"arn:aws:*:1:x/*"}, here("arn:aws:s3:eu:1:x/y"), Unknown},
		{"ArnLike", "k", []string{"*"}, here("arn:aws:s3:eu:1:x/y"), Unknown},
		{"StringEquals", "k", []string{"${aws:username}"}, here("b"), Unknown},
		{"Frobnicate", "k", []string{"b"}, here("b"), Unknown},
		{"stringequals", "k", []string{"b"}, absent, Unknown},
	}
	for _, tt := range tests {
		c := requestContext{}
		if tt.have != nil {
			c[lower(tt.key)] = tt.have
		}
		test := Test{parseOperator(tt.operator), tt.key, tt.values}
		if got := holds([]Test{test}, c, true); got != tt.want {
			t.Errorf("%s with %v: got %s, want %s", test, tt.have, got, tt.want)
		}
	}
}

func TestHoldsANDsTests(t *testing.T) {
	yes := Test{parseOperator("StringEquals"), "a", []string{"x"}}
	no := Test{parseOperator("StringEquals"), "a", []string{"y"}}
	open := Test{parseOperator("StringEquals"), "b", []string{"y"}}
	c := requestContext{"a": present("x")}
	for _, tt := range []struct {
		tests []Test
		want  Answer
	}{
		{nil, Yes},
		{[]Test{yes}, Yes},
		{[]Test{yes, no}, No},
		{[]Test{open, no}, No},
		{[]Test{yes, open}, Unknown},
	} {
		if got := holds(tt.tests, c, false); got != tt.want {
			t.Errorf("%v: got %s, want %s", tt.tests, got, tt.want)
		}
	}
}
