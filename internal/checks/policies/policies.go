// Package policies is what the checks that read policy documents share: whom the configuration trusts, and how an
// answer of the reasoning becomes a verdict.
package policies

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/iampolicy"
	"github.com/ourshare/ourshare/internal/inventory"
)

// Whom the configuration trusts.
var (
	TrustedAccounts = inventory.Param[inventory.AccountIDs]{
		Name: "trusted_accounts", Doc: "The other accounts, twelve digits each in quotes, that may have access.", Default: inventory.AccountIDs{},
	}
	TrustedOrganizations = inventory.Param[inventory.OrganizationIDs]{
		Name: "trusted_organizations", Doc: "The organizations (o-...) any account of which may have access.", Default: inventory.OrganizationIDs{},
	}
)

// Trusted are the accounts and organizations in force.
type Trusted struct {
	Accounts      inventory.AccountIDs
	Organizations inventory.OrganizationIDs
}

// ReadTrusted reads them.
func ReadTrusted(b *inventory.Binder) Trusted {
	return Trusted{inventory.Value(b, TrustedAccounts), inventory.Value(b, TrustedOrganizations)}
}

// Has reports whether a grantee is one of them, or belongs to one.
func (t Trusted) Has(g iampolicy.Grantee) bool {
	switch g.Kind {
	case iampolicy.ToAccount, iampolicy.ToPrincipal:
		return slices.Contains(t.Accounts, g.Account)
	case iampolicy.ToOrganization: // o-..., or a path that begins with it
		id, _, _ := strings.Cut(g.ID, "/")
		return slices.Contains(t.Organizations, id)
	default:
		return false
	}
}

// Open reports whether a grantee is everyone.
func Open(g iampolicy.Grantee) bool {
	return g.Kind == iampolicy.ToAnyone || g.Kind == iampolicy.ToAnyAccount
}

// Unjudged is a policy that was read and is beyond the reasoning; that is no gap.
func Unjudged(what, why string) error {
	return inventory.Insufficient("%s could not be judged: %s", what, why)
}

// Truth makes a truth of an answer; what and why name what is not decided.
func Truth(a iampolicy.Answer, what, why string) inventory.Tri {
	switch a {
	case iampolicy.Yes:
		return inventory.Yes
	case iampolicy.No:
		return inventory.No
	case iampolicy.Unknown:
	}
	return inventory.Unknown(Unjudged(what, why))
}

// maxReasons bounds a message, which must fit a ticket; evidence has all.
const maxReasons = 3

// Some joins the first reasons, and says how many there are besides.
func Some(reasons []string) string {
	if more := len(reasons) - maxReasons; more > 0 {
		return fmt.Sprintf("%s; and %d more", strings.Join(reasons[:maxReasons], "; "), more)
	}
	return strings.Join(reasons, "; ")
}

// Decided turns a verdict of the reasoning into one of the check: a Yes fails, "unless an organization policy forbids it".
func Decided(v iampolicy.Verdict, what, yes, no string) checks.Verdict {
	return checks.Decide(Truth(v.Answer, what, Some(v.Why)),
		checks.Fail("%s, %s: %s", yes, iampolicy.UnlessOrganization, Some(v.Why)).With("statements", v.Why),
		checks.Pass("%s: %s", no, Some(v.Why)))
}
