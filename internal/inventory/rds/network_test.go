package rds

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/google/go-cmp/cmp"
)

func TestNetworkOf(t *testing.T) {
	group := func(id, status string) types.VpcSecurityGroupMembership {
		return types.VpcSecurityGroupMembership{VpcSecurityGroupId: &id, Status: &status}
	}
	got := networkOf(types.DBInstance{
		AvailabilityZone: aws.String("us-east-1a"), SecondaryAvailabilityZone: aws.String("us-east-1b"), NetworkType: aws.String("DUAL"),
		Endpoint:          &types.Endpoint{Address: aws.String("db.example.com"), Port: aws.Int32(5432)},
		VpcSecurityGroups: []types.VpcSecurityGroupMembership{group("sg-3", "adding"), group("sg-2", "removing"), group("sg-1", "active")},
		DBSubnetGroup: &types.DBSubnetGroup{VpcId: aws.String("vpc-1"), Subnets: []types.Subnet{
			{SubnetIdentifier: aws.String("subnet-2"), SubnetAvailabilityZone: &types.AvailabilityZone{Name: aws.String("us-east-1b")}},
			{SubnetIdentifier: aws.String("subnet-1")},
		}},
	})
	want := Network{
		VPCID: "vpc-1", Zone: "us-east-1a", SecondaryZone: "us-east-1b", Type: "DUAL", Address: "db.example.com", Port: aws.Int32(5432),
		Groups: []string{"sg-1", "sg-2", "sg-3"}, Subnets: []Subnet{{ID: "subnet-1"}, {"subnet-2", "us-east-1b"}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(Network{}, networkOf(types.DBInstance{})); d != "" {
		t.Error(d)
	}
	if n := networkOf(types.DBInstance{VpcSecurityGroups: []types.VpcSecurityGroupMembership{}}); n.Groups == nil {
		t.Error("no groups read as groups that were not given")
	}
}
