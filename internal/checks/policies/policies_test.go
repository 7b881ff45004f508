package policies

import (
	"testing"

	"github.com/ourshare/ourshare/internal/checks/checktest"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/iampolicy"
	"github.com/ourshare/ourshare/internal/inventory"
)

func TestMatches(t *testing.T) {
	for _, tt := range []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true},
		{"", "a", false},
		{"a", "", false},
		{"*", "", true},
		{"a*", "a", true},
		{"a*c", "abbc", true},
		{"a*c", "abcd", false},
		{"*b*b", "abab", true},
		{"a?c", "abc", true},
		{"a?", "a", false},
		{"a**", "ab", true},
		{"arn:aws:iam::*:role/ops-*", "arn:aws:iam::111122223333:role/ops-eu", true},
		{"arn:aws:iam::*:role/ops-*", "arn:aws:iam::111122223333:role/x/ops-eu", false},
	} {
		if got := Matches(tt.pattern, tt.text); got != tt.want {
			t.Errorf("%q, %q: %v", tt.pattern, tt.text, got)
		}
	}
}

func TestTrusted(t *testing.T) {
	trusted := Trusted{inventory.AccountIDs{"444455556666"}, inventory.OrganizationIDs{"o-a1b2c3d4e5"}}
	for g, want := range map[iampolicy.Grantee]bool{
		{Kind: iampolicy.ToAccount, ID: "444455556666", Account: "444455556666"}:                         true,
		{Kind: iampolicy.ToAccount, ID: "777788889999", Account: "777788889999"}:                         false,
		{Kind: iampolicy.ToPrincipal, ID: "arn:aws:iam::444455556666:role/x", Account: "444455556666"}:   true,
		{Kind: iampolicy.ToPrincipal, ID: "AROAABCDEFGHIJKLMNOPQ"}:                                       false,
		{Kind: iampolicy.ToOrganization, ID: "o-a1b2c3d4e5"}:                                             true,
		{Kind: iampolicy.ToOrganization, ID: "o-a1b2c3d4e5/r-a1b2/ou-a1b2-c3"}:                           true,
		{Kind: iampolicy.ToOrganization, ID: "o-a1b2c3d4e5x"}:                                            false,
		{Kind: iampolicy.ToAnyone, ID: "*"}:                                                              false,
		{Kind: iampolicy.ToCanonical, ID: "444455556666"}:                                                false,
		{Kind: iampolicy.ToUnclear, ID: "AWS:arn:aws:iam::444455556666:role/*", Account: "444455556666"}: false,
	} {
		if got := trusted.Has(g); got != want {
			t.Errorf("%s: %v", g, got)
		}
	}
}

func TestDecided(t *testing.T) {
	why := []string{"one", "two", "three", "four"}
	checktest.Want(t, Decided(iampolicy.Verdict{Answer: iampolicy.Yes, Why: why}, "it", "open", "closed"), finding.Fail, "open, unless an organization policy forbids it: one; two; three; and 1 more")
	checktest.Want(t, Decided(iampolicy.Verdict{Answer: iampolicy.No, Why: why[:1]}, "it", "open", "closed"), finding.Pass, "closed: one")
	checktest.Want(t, Decided(iampolicy.Verdict{Why: why[:1]}, "it", "open", "closed"), finding.Unknown, "it could not be judged: one")
}
