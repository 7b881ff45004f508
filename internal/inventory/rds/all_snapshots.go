package rds

import (
	"slices"

	"github.com/ourshare/ourshare/internal/inventory"
)

type bothKinds struct{ db, cluster inventory.Rows[Snapshot] }

// Snapshots are the snapshots of both kinds, with the gaps of both listings.
var Snapshots = inventory.Derived("rds.snapshots", true,
	func(b *inventory.Binder) bothKinds {
		return bothKinds{db: inventory.Use(b, DBSnapshots), cluster: inventory.Use(b, ClusterSnapshots)}
	},
	func(in bothKinds) inventory.Rows[Snapshot] {
		return inventory.Rows[Snapshot]{
			List: slices.Concat(in.db.List, in.cluster.List),
			Gaps: slices.Concat(in.db.Gaps, in.cluster.Gaps),
		}
	})
