package kms

import "github.com/ourshare/ourshare/internal/inventory"

// CustomerKeys are the keys that the account itself manages, or that it may: nobody but AWS sets anything of the others.
var CustomerKeys = inventory.Derived("kms.customer-keys", true,
	func(b *inventory.Binder) inventory.Rows[Key] { return inventory.Use(b, Keys) },
	func(in inventory.Rows[Key]) inventory.Rows[Key] {
		out := inventory.Rows[Key]{Gaps: in.Gaps}
		for _, k := range in.List {
			if k.Manager != AWSManaged {
				out.List = append(out.List, k)
			}
		}
		return out
	})
