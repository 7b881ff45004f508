package iam

import "github.com/ourshare/ourshare/internal/inventory"

// Roles are the account's roles, as they stand in its authorization details. What could not be listed of those may be a
// role.
var Roles = inventory.Derived("iam.roles", false, useAuthorizationDetails,
	func(in inventory.Rows[AuthorizationDetail]) inventory.Rows[Principal] {
		out := inventory.Rows[Principal]{Gaps: in.Gaps}
		for _, d := range in.List {
			if d.Principal != nil && d.Principal.Kind == RoleKind {
				out.List = append(out.List, *d.Principal)
			}
		}
		return out
	})
