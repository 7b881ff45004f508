package reachable

import (
	"strings"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/iampolicy"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/inventory/reach"
)

// Roles are the roles of instances. They only explain: whoever takes over an instance whose role is an administrator has the
// account.
type Roles struct {
	rows inventory.Rows[reach.InstanceRoles]
}

// BindRoles asks for them.
func BindRoles(b *inventory.Binder) Roles {
	return Roles{inventory.Use(b, reach.AccountInstanceRoles)}
}

// Raise makes a fail critical where the role of the instance's profile is an administrator. Where that was not read the
// verdict stands, and says so. An empty profile is none.
func (r Roles) Raise(v checks.Verdict, profile string) checks.Verdict {
	const what = "whether its role is an administrator"
	if v.Status != finding.Fail || profile == "" {
		return v
	}
	if len(r.rows.List) != 1 {
		if err := r.rows.Err(); err != nil {
			return v.NotSeen(what, err)
		}
		return v.NotSeen(what, inventory.Insufficient("the account's roles are not known"))
	}
	role, is, err := r.rows.List[0].Administrator(profile)
	if role != "" {
		v = v.With("role", role)
	}
	switch {
	case err != nil:
		return v.NotSeen(what, err)
	case is.Answer != iampolicy.Yes:
		return v
	}
	v = v.As(finding.Critical).Adding("; critical, since its role %s is an administrator, %s: by %s", role, iampolicy.UnlessOrganization, shorten(is.Because, 3)).
		With("administrator_by", is.Because)
	if len(is.If) > 0 {
		v = v.Adding("; if %s", strings.Join(is.If, " and ")).With("administrator_if", is.If)
	}
	return v
}
