package awsapi

import "testing"

func TestCalls(t *testing.T) {
	ops := Calls("s3:GetBucketEncryption", "s3:GetEncryptionConfiguration").And("elbv2:DescribeListeners")
	if got := ops[0].Actions[0]; got != "s3:GetEncryptionConfiguration" {
		t.Errorf("action %q", got)
	}
	if got := ops[1].Actions[0]; got != "elasticloadbalancing:DescribeListeners" {
		t.Errorf("default action %q", got)
	}
	base := Calls("ec2:DescribeInstances")
	_, _ = base.And("ec2:DescribeVolumes"), base.And("ec2:DescribeSubnets")
	if len(base) != 1 {
		t.Errorf("And changed what it was called on: %v", base)
	}
	defer func() {
		if recover() == nil {
			t.Error("an unknown service was declared")
		}
	}()
	Calls("ec3:DescribeInstances")
}
