package reach_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/inventory/ec2"
	"github.com/ourshare/ourshare/internal/inventory/reach/reachtest"
)

func TestUsers(t *testing.T) {
	yes := true
	a := reachtest.New()
	database, spare := a.ENIs[0], a.ENIs[0]
	database.Resource = reachtest.Resource("AWS::EC2::NetworkInterface", "eni-0")
	database.InstanceID, database.RequesterManaged, database.RequesterID = "", &yes, "amazon-rds"
	database.Groups = []string{"sg-2", "sg-1", "sg-1"}
	spare.Resource = reachtest.Resource("AWS::EC2::NetworkInterface", "eni-2")
	spare.InstanceID, spare.Groups = "", nil
	a.ENIs = append(a.ENIs, database, spare)
	n := network(t, a)
	texts := func(group string) (list []string) {
		users, lost := n.Users(group)
		for _, u := range users {
			list = append(list, u.String())
			if u.VPC.String() != "10.0.0.0/16" {
				t.Errorf("%s is in %s", u, u.VPC)
			}
		}
		if len(lost) != 1 || inventory.Reason(lost...).Gap {
			t.Errorf("lost: %v, want the groups of eni-2", lost)
		}
		return list
	}
	for group, want := range map[string][]string{"sg-1": {"eni-0 of amazon-rds", "eni-1 (i-1)"}, "sg-2": {"eni-0 of amazon-rds"}, "sg-3": nil} {
		if diff := cmp.Diff(want, texts(group)); diff != "" {
			t.Errorf("%s: %s", group, diff)
		}
	}
	a = reachtest.New()
	a.VPC = ec2.VPC{Resource: reachtest.Resource("AWS::EC2::VPC", "vpc-2"), Owner: reachtest.Owner}
	if users, lost := network(t, a).Users("sg-1"); len(users) != 1 || !users[0].VPC.IsEmpty() || len(lost) != 0 {
		t.Errorf("without the VPC: %v, lost %v", users, lost)
	}
	a = reachtest.New()
	a.Lost = []string{"ec2:DescribeNetworkInterfaces"}
	if users, lost := network(t, a).Users("sg-1"); len(users) != 0 || !inventory.Reason(lost...).Gap {
		t.Errorf("without interfaces: %v, lost %v", users, lost)
	}
}
