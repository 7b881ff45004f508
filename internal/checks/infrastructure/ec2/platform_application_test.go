package ec2

import (
	"testing"

	"github.com/ourshare/ourshare/internal/checks/checktest"
	"github.com/ourshare/ourshare/internal/finding"
	ec2inv "github.com/ourshare/ourshare/internal/inventory/ec2"
)

func TestApplicationPlatform(t *testing.T) {
	t.Run("instances", func(t *testing.T) {
		f := checktest.New()
		checktest.Rows(f, ec2inv.Instances, instance(running), instance(as("stopped")))
		got := f.Run(applicationPlatform)
		checktest.Want(t, got[checktest.Account], finding.Manual, "who patches")
		if len(got) != 1 {
			t.Errorf("findings: %v", got)
		}
	})
	t.Run("no instance", func(t *testing.T) {
		f := checktest.New()
		checktest.Rows(f, ec2inv.Instances)
		if got := f.Run(applicationPlatform); len(got) != 0 {
			t.Errorf("findings: %v", got)
		}
	})
	t.Run("listing denied", func(t *testing.T) {
		f := checktest.New()
		checktest.Broken(f, ec2inv.Instances, "ec2:DescribeInstances")
		checktest.Want(t, f.Run(applicationPlatform)[""], finding.Unknown, "denied")
	})
	t.Run("second page lost", func(t *testing.T) { // one finding, not a question and an unknown about the same account
		f := checktest.New()
		checktest.Broken(f, ec2inv.Instances, "ec2:DescribeInstances", instance(running))
		got := f.Run(applicationPlatform)
		checktest.Want(t, got[""], finding.Unknown, "denied")
		if len(got) != 1 {
			t.Errorf("findings: %v", got)
		}
	})
	t.Run("not collected", func(t *testing.T) {
		checktest.Want(t, checktest.New().Run(applicationPlatform)[""], finding.Unknown, "does not hold")
	})
}
