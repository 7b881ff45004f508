package ec2

import "github.com/ourshare/ourshare/internal/inventory"

// RegionOfInstances is the account in a region where it has instances.
type RegionOfInstances struct {
	inventory.Account
	Instances int `json:"instances"`
}

type instancesOfRegion struct {
	accounts  []inventory.Account
	instances inventory.Rows[Instance]
}

// InstanceRegions has one row per region in which the account has an instance, running or not. A gap in the listing of
// instances leaves a gap and no row: what stands on this speaks for all instances of the region.
var InstanceRegions = inventory.Derived("ec2.instance-regions", true,
	func(b *inventory.Binder) instancesOfRegion {
		return instancesOfRegion{inventory.Use(b, inventory.Regions).List, inventory.Use(b, Instances)}
	},
	func(in instancesOfRegion) (rows inventory.Rows[RegionOfInstances]) {
		if len(in.instances.Gaps) > 0 {
			return inventory.Rows[RegionOfInstances]{Gaps: in.instances.Gaps}
		}
		if n := len(in.instances.List); n > 0 {
			for _, a := range in.accounts {
				rows.List = append(rows.List, RegionOfInstances{a, n})
			}
		}
		return rows
	})
