package reach

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/ourshare/ourshare/internal/exposure"
	"github.com/ourshare/ourshare/internal/inventory"
)

// User is a network interface that has a security group.
type User struct {
	Interface, Instance string
	Owner               string   // the service that runs it (amazon-elb, amazon-rds); empty for the account's own
	Groups              []string // all of them
	// VPC are the IPv4 addresses of its VPC; empty where the VPC was not listed.
	VPC exposure.Addresses
}

// String is "eni-5 (i-6)", "eni-7 of amazon-rds" or "eni-8".
func (u User) String() string {
	switch {
	case u.Instance != "":
		return u.Interface + " (" + u.Instance + ")"
	case u.Owner != "":
		return u.Interface + " of " + u.Owner
	}
	return u.Interface
}

// Users are the interfaces of a security group, sorted by id, as far as they were listed; the errors are of what was not.
func (n Network) Users(group string) ([]User, []error) { return n.users[group], n.usersLost }

// groupUsers looks at each interface once.
func (m *maker) groupUsers() (users map[string][]User, lost []error) {
	vpcs := map[string]exposure.Addresses{}
	for _, v := range m.in.vpcs.List {
		var blocks []netip.Prefix
		for _, text := range v.CIDRs {
			if p, err := netip.ParsePrefix(text); err == nil && p.Addr().Is4() {
				blocks = append(blocks, p.Masked())
			}
		}
		vpcs[v.ID] = exposure.FromPrefixes(blocks...)
	}
	users = map[string][]User{}
	for _, e := range m.in.enis.List {
		if e.Groups == nil {
			lost = append(lost, inventory.Insufficient("the answer does not give the security groups of %s", e.ID))
		}
		u := User{Interface: e.ID, Instance: e.InstanceID, Groups: slices.Compact(slices.Sorted(slices.Values(e.Groups))), VPC: vpcs[e.VPCID]}
		if e.Manager != "" || e.RequesterManaged != nil && *e.RequesterManaged {
			u.Owner = cmp.Or(e.Manager, e.RequesterID, e.InterfaceType)
		}
		for _, g := range u.Groups {
			users[g] = append(users[g], u)
		}
	}
	for _, list := range users {
		slices.SortFunc(list, func(a, b User) int { return cmp.Compare(a.Interface, b.Interface) })
	}
	for i := range m.in.enis.Gaps {
		lost = append(lost, &m.in.enis.Gaps[i].Error)
	}
	return users, lost
}
