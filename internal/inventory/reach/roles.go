package reach

import (
	"sync"

	"github.com/ourshare/ourshare/internal/iampolicy"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/inventory/access"
	"github.com/ourshare/ourshare/internal/inventory/iam"
)

// InstanceRoles are the roles that instances have by their instance profiles: what whoever takes an instance over may do. A
// profile holds one role at most (IAM user guide, "Use instance profiles").
type InstanceRoles struct {
	*inventory.Resource

	account *access.Account
	roles   map[string]string // by the profile's ARN: the role's
	asked   *sync.Map         // by the role's ARN: iampolicy.AdministratorResult
}

// AccountInstanceRoles has one row, of the account that all checks share. Roles name the profiles that hold them (RoleDetail, IAM API reference), so that the
// account's authorization details are all that it takes. It is computed again from a saved inventory.
var AccountInstanceRoles = inventory.Derived("reach.instance-roles", false,
	func(b *inventory.Binder) roleEvidence {
		return roleEvidence{inventory.Use(b, access.Accounts), inventory.Use(b, iam.AuthorizationDetails)}
	},
	func(in roleEvidence) (rows inventory.Rows[InstanceRoles]) {
		rows.Gaps = in.accounts.Gaps
		for _, a := range in.accounts.List { // one
			self := a.Subject()
			row := InstanceRoles{
				Resource: &inventory.Resource{Type: self.Type, ID: self.ID, ARN: self.ARN, Region: self.Region},
				account:  a, roles: map[string]string{}, asked: &sync.Map{},
			}
			for _, d := range in.details.List {
				if d.Principal == nil {
					continue
				}
				for _, profile := range d.Principal.InstanceProfiles {
					row.roles[profile] = d.Principal.ARN
				}
			}
			rows.List = append(rows.List, row)
		}
		return rows
	})

type roleEvidence struct {
	accounts inventory.Rows[*access.Account]
	details  inventory.Rows[iam.AuthorizationDetail]
}

// Key is the account's number.
func (r InstanceRoles) Key() string { return r.ID }

// Administrator says which role a profile holds, and whether that is an administrator. With an error it is not known.
func (r InstanceRoles) Administrator(profile string) (role string, result iampolicy.AdministratorResult, err error) {
	role, found := r.roles[profile]
	if !found {
		if len(r.account.Gaps) > 0 {
			return "", result, r.account.Gaps[0]
		}
		return "", result, inventory.Insufficient("the account's authorization details name no role of %s", profile)
	}
	if known, ok := r.asked.Load(role); ok {
		result = known.(iampolicy.AdministratorResult)
	} else {
		id, listed := r.account.Identity(role)
		if !listed {
			return role, result, inventory.Insufficient("the account's authorization details do not hold %s", role)
		}
		result = r.account.Administrator(id)
		r.asked.Store(role, result)
	}
	if result.Answer == iampolicy.Unknown {
		if len(r.account.Gaps) > 0 {
			return role, result, r.account.Gaps[0]
		}
		return role, result, inventory.Insufficient("%s: %s", role, result.Why)
	}
	return role, result, nil
}
