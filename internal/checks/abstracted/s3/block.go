package s3

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ourshare/ourshare/internal/inventory"
	s3inv "github.com/ourshare/ourshare/internal/inventory/s3"
)

// blocks is S3 Block Public Access at both levels of a bucket. What is in force is, setting by setting, what either level
// has on ("Blocking public access to your Amazon S3 storage", user guide); an organization's policy is in the account's.
type blocks struct {
	account, bucket inventory.Field[s3inv.PublicAccessBlock]
}

type blockFacts struct {
	account inventory.Facts[inventory.Account, s3inv.PublicAccessBlock]
	bucket  inventory.Facts[s3inv.Bucket, s3inv.PublicAccessBlock]
}

func readBlocks(b *inventory.Binder) blockFacts {
	return blockFacts{inventory.Read(b, s3inv.AccountPublicAccessBlock), inventory.Read(b, s3inv.BucketPublicAccessBlock)}
}

func (f blockFacts) of(b s3inv.Bucket) blocks { return blocks{f.account.Only(), f.bucket.Of(b)} }

// at tells whether a level has a setting on; a level without a configuration has none.
func at(level inventory.Field[s3inv.PublicAccessBlock], s s3inv.BlockSetting) inventory.Tri {
	p, err := level.Get()
	switch {
	case err == nil:
		return inventory.Is(s.On(p))
	case errors.Is(err, inventory.ErrAbsent):
		return inventory.No
	}
	return inventory.Unknown(err)
}

func (b blocks) inForce(s s3inv.BlockSetting) inventory.Tri {
	return at(b.account, s).Or(at(b.bucket, s))
}

// where names the levels that certainly have a setting on.
func (b blocks) where(s s3inv.BlockSetting) string {
	var levels []string
	if is(at(b.account, s)) {
		levels = append(levels, "the account")
	}
	if is(at(b.bucket, s)) {
		levels = append(levels, "the bucket")
	}
	return strings.Join(levels, " and ")
}

// names are the settings that a level certainly has on, in AWS's order.
func names(level inventory.Field[s3inv.PublicAccessBlock]) []string {
	on := []string{}
	for _, s := range s3inv.BlockSettings {
		if is(at(level, s)) {
			on = append(on, s.Name)
		}
	}
	return on
}

func (b blocks) describe() string {
	for _, level := range []struct {
		name  string
		field inventory.Field[s3inv.PublicAccessBlock]
	}{{"the account", b.account}, {"the bucket", b.bucket}} {
		if len(names(level.field)) == len(s3inv.BlockSettings) {
			return "at " + level.name
		}
	}
	parts := make([]string, 0, len(s3inv.BlockSettings))
	for _, s := range s3inv.BlockSettings {
		parts = append(parts, fmt.Sprintf("%s at %s", s.Name, b.where(s)))
	}
	return strings.Join(parts, ", ")
}

// is and isNot are what is certain.
func is(t inventory.Tri) bool {
	yes, known := t.Known()
	return known && yes
}

func isNot(t inventory.Tri) bool {
	yes, known := t.Known()
	return known && !yes
}

// failed is why a fact is not known; nil for a known or absent one.
func failed[V any](f inventory.Field[V]) error {
	_, err := f.Get()
	if errors.Is(err, inventory.ErrAbsent) {
		return nil
	}
	return err
}
