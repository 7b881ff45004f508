package target_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ourshare/ourshare/internal/target"
)

func TestParseAccounts(t *testing.T) {
	// The second form is what `aws organizations list-accounts --query 'Accounts[].[Id,Name]' --output text` prints.
	got, err := target.ParseAccounts(strings.NewReader("\ufeff# all of ours\r\n111122223333\r\n\n444455556666\tShop, production\n777788889999, data \n"))
	want := []target.AccountLine{{"111122223333", ""}, {"444455556666", "Shop, production"}, {"777788889999", "data"}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	for input, sentence := range map[string]string{
		"":                             "names no account",
		"# none\n":                     "names no account",
		"11112222333\n":                `line 1: "11112222333" is no account`,
		"111122223333\nprod\n":         `line 2: "prod" is no account`,
		"111122223333\n111122223333 x": "line 2: the account 111122223333 stands in line 1",
		"111122223333 \xff":            "line 1: the name is no UTF-8",
		strings.Repeat("x", 1<<17):     "too long",
	} {
		if _, err := target.ParseAccounts(strings.NewReader(input)); err == nil || !strings.Contains(err.Error(), sentence) {
			t.Errorf("%.30q: %v, want %s", input, err, sentence)
		}
	}
}

func TestValidRoleName(t *testing.T) {
	for name, want := range map[string]bool{
		"audit": true, "audit/ourshare": true, "a/b/Our.Share+=,@-_": true, strings.Repeat("x", 64): true,
		"": false, "/audit": false, "audit/": false, "two words": false, "arn:aws:iam::1:role/x y": false, strings.Repeat("x", 65): false,
	} {
		if target.ValidRoleName(name) != want {
			t.Errorf("%q: %v", name, !want)
		}
	}
}
