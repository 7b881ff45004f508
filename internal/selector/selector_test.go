package selector

import "testing"

func TestPattern(t *testing.T) {
	for _, tt := range []struct {
		pattern, text string
		want          bool
	}{
		{"arn:aws:s3:::a", "arn:aws:s3:::a", true},
		{"arn:aws:s3:::a", "arn:aws:s3:::ab", false},
		{"arn:aws:s3:::a", "xarn:aws:s3:::a", false},
		{"arn:aws:s3:::*", "arn:aws:s3:::a/b:c", true},
		{"arn:aws:s3:::*", "arn:aws:s3:::", true},
		{"arn:*:x", "arn:\n:x", true},
		{"arn:aws:s3:::a?", "arn:aws:s3:::a", false},
		{"arn:aws:s3:::a?", "arn:aws:s3:::aé", true}, // a character, not a byte
		{"arn:aws:s3:::a.b", "arn:aws:s3:::axb", false},
		{`arn:aws:s3:::(a|b)\E[c]`, `arn:aws:s3:::(a|b)\E[c]`, true},
		{"arn:aws:s3:::a$", "arn:aws:s3:::a", false},
	} {
		if got := Pattern(tt.pattern).MatchString(tt.text); got != tt.want {
			t.Errorf("%q on %q: %v", tt.pattern, tt.text, got)
		}
	}
}

func TestString(t *testing.T) {
	s := Selector{Checks: []string{"a", "b"}, Accounts: []string{"111122223333"}, Resources: []string{"arn:aws:s3:::*"}, Tag: "env=test"}
	if got := s.String(); got != "check a or b, account 111122223333, resource arn:aws:s3:::*, tag env=test" || s.Empty() {
		t.Error(got)
	}
	if !(&Selector{}).Empty() {
		t.Error("a selector without keys is not empty")
	}
}
