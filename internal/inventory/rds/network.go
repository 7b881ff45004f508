package rds

import (
	"cmp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
)

// Network says where in a VPC a DB instance is. An empty string and nil mean that the answer did not say: an instance that is
// being created has no endpoint yet.
type Network struct {
	VPCID         string   `json:"vpc_id"`
	Zone          string   `json:"zone"`
	SecondaryZone string   `json:"secondary_zone"` // of the standby of a Multi-AZ instance
	Subnets       []Subnet `json:"subnets"`        // of its subnet group, by id
	Groups        []string `json:"groups"`         // security groups, sorted; those about to be added or removed as well
	Address       string   `json:"address"`        // a DNS name
	Port          *int32   `json:"port"`
	Type          string   `json:"type"` // IPV4, DUAL
}

// Subnet is one subnet of a subnet group: the instance is in one of its zone, and moves at a failover.
type Subnet struct {
	ID   string `json:"id"`
	Zone string `json:"zone"`
}

// networkOf keeps groups in every state (active, adding, removing): each may be in force.
func networkOf(i types.DBInstance) Network {
	n := Network{Zone: aws.ToString(i.AvailabilityZone), SecondaryZone: aws.ToString(i.SecondaryAvailabilityZone), Type: aws.ToString(i.NetworkType)}
	if g := i.DBSubnetGroup; g != nil {
		n.VPCID = aws.ToString(g.VpcId)
		for _, s := range g.Subnets {
			subnet := Subnet{ID: aws.ToString(s.SubnetIdentifier)}
			if s.SubnetAvailabilityZone != nil {
				subnet.Zone = aws.ToString(s.SubnetAvailabilityZone.Name)
			}
			n.Subnets = append(n.Subnets, subnet)
		}
		slices.SortFunc(n.Subnets, func(a, b Subnet) int { return cmp.Compare(a.ID, b.ID) })
	}
	if i.VpcSecurityGroups != nil {
		n.Groups = []string{}
	}
	for _, g := range i.VpcSecurityGroups {
		n.Groups = append(n.Groups, aws.ToString(g.VpcSecurityGroupId))
	}
	slices.Sort(n.Groups)
	if e := i.Endpoint; e != nil {
		n.Address, n.Port = aws.ToString(e.Address), e.Port
	}
	return n
}
