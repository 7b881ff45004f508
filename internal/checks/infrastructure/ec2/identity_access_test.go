package ec2

import (
	"testing"

	"github.com/ourshare/ourshare/internal/checks/checktest"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	ec2inv "github.com/ourshare/ourshare/internal/inventory/ec2"
)

func instance(change func(*ec2inv.Instance)) ec2inv.Instance {
	i := ec2inv.Instance{
		Resource: &inventory.Resource{Type: "AWS::EC2::Instance", ID: "i-1", ARN: "arn:aws:ec2:us-east-1:111122223333:instance/i-1", Region: "us-east-1"},
		State:    "running", MetadataState: "applied", MetadataEndpoint: "enabled", MetadataTokens: "required",
	}
	change(&i)
	return i
}

func TestInstanceIMDSv2(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*ec2inv.Instance)
		want   finding.Status
		text   string
	}{
		"required":             {func(*ec2inv.Instance) {}, finding.Pass, "IMDSv2 is required"},
		"optional":             {func(i *ec2inv.Instance) { i.MetadataTokens = "optional" }, finding.Fail, "IMDSv1 is allowed"},
		"stopped and optional": {func(i *ec2inv.Instance) { i.State, i.MetadataTokens = "stopped", "optional" }, finding.Fail, ""},
		"disabled":             {func(i *ec2inv.Instance) { i.MetadataTokens, i.MetadataEndpoint = "optional", "disabled" }, finding.Pass, "disabled"},
		"being changed":        {func(i *ec2inv.Instance) { i.MetadataState = "pending" }, finding.Unknown, "not in force"},
		"no options at all":    {func(i *ec2inv.Instance) { i.MetadataState, i.MetadataEndpoint, i.MetadataTokens = "", "", "" }, finding.Unknown, "does not say"},
		"managed by EKS":       {func(i *ec2inv.Instance) { i.Manager, i.MetadataTokens = "eks.amazonaws.com", "optional" }, finding.NotApplicable, "eks.amazonaws.com"},
	} {
		t.Run(name, func(t *testing.T) {
			f := checktest.New()
			checktest.Rows(f, ec2inv.Instances, instance(tt.change))
			checktest.Want(t, f.Run(instanceIMDSv2)["i-1"], tt.want, tt.text)
		})
	}
	t.Run("listing denied", func(t *testing.T) {
		f := checktest.New()
		checktest.Broken(f, ec2inv.Instances, "ec2:DescribeInstances", instance(func(*ec2inv.Instance) {}))
		got := f.Run(instanceIMDSv2)
		checktest.Want(t, got["i-1"], finding.Pass)
		checktest.Want(t, got[""], finding.Unknown, "denied")
	})
}
