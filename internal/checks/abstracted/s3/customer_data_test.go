package s3

import (
	"testing"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	s3inv "github.com/ourshare/ourshare/internal/inventory/s3"
)

func TestBucketVersioning(t *testing.T) {
	known := func(status string) inventory.Field[s3inv.Versioning] {
		return inventory.Known(s3inv.Versioning{Status: status})
	}
	runStates(t, bucketVersioning, s3inv.BucketVersioning, map[string]state[s3inv.Versioning]{
		"enabled":        {known("Enabled"), finding.Pass, []string{"enabled"}},
		"suspended":      {known("Suspended"), finding.Fail, []string{"suspended"}},
		"never":          {absent[s3inv.Versioning](), finding.Fail, []string{"never turned on"}},
		"an odd answer":  {known("Paused"), finding.Unknown, []string{`"Paused"`}},
		"case is strict": {known("enabled"), finding.Unknown, nil},
	})
}

func TestBucketLifecycle(t *testing.T) {
	rules := func(statuses ...string) inventory.Field[s3inv.Lifecycle] {
		var l s3inv.Lifecycle
		for _, s := range statuses {
			l.Rules = append(l.Rules, s3inv.LifecycleRule{ID: "rule", Status: s})
		}
		return inventory.Known(l)
	}
	runStates(t, bucketLifecycle, s3inv.BucketLifecycle, map[string]state[s3inv.Lifecycle]{
		"one enabled":             {rules("Enabled"), finding.Pass, []string{"1 of 1"}},
		"one of two enabled":      {rules("Disabled", "Enabled"), finding.Pass, []string{"1 of 2"}},
		"enabled and unsaid":      {rules("", "Enabled"), finding.Pass, nil},
		"all disabled":            {rules("Disabled", "Disabled"), finding.Fail, []string{"(2) are disabled"}},
		"disabled and unsaid":     {rules("Disabled", ""), finding.Unknown, []string{"does not say"}},
		"none":                    {absent[s3inv.Lifecycle](), finding.Fail, []string{"no lifecycle configuration"}},
		"an answer without rules": {rules(), finding.Unknown, []string{"without rules"}},
	})
}

func TestBucketObjectLock(t *testing.T) {
	runStates(t, bucketObjectLock, s3inv.BucketObjectLock, map[string]state[s3inv.ObjectLock]{
		"enabled": {inventory.Known(s3inv.ObjectLock{Enabled: "Enabled"}), finding.Pass, []string{"without a default retention"}},
		"with retention in days": {
			inventory.Known(s3inv.ObjectLock{Enabled: "Enabled", Mode: "COMPLIANCE", Days: new(int32(30))}),
			finding.Pass,
			[]string{"30 days in COMPLIANCE mode"},
		},
		"with retention in years": {
			inventory.Known(s3inv.ObjectLock{Enabled: "Enabled", Mode: "GOVERNANCE", Years: new(int32(7))}),
			finding.Pass,
			[]string{"7 years in GOVERNANCE mode"},
		},
		"mode without a period": {inventory.Known(s3inv.ObjectLock{Enabled: "Enabled", Mode: "GOVERNANCE"}), finding.Pass, []string{"does not name"}},
		"never":                 {absent[s3inv.ObjectLock](), finding.Fail, []string{"never enabled"}},
		"an empty answer":       {inventory.Known(s3inv.ObjectLock{}), finding.Unknown, []string{"does not say"}},
	})
}
