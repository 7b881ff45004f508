package ec2

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// Entrance is a way into VPCs beside their internet gateways, whose inside is not modelled: who stands at its other end is
// decided elsewhere. A "not reachable" names those that the account has.
type Entrance struct {
	*inventory.Resource
	State   string   `json:"state"`   // of the kind; empty: the answer did not say
	VPCs    []string `json:"vpcs"`    // into which it leads, sorted; empty where the answer names none
	Subnets []string `json:"subnets"` // where it stands in them, sorted
	Targets []string `json:"targets"` // ids or ARNs of what it leads to, sorted; empty: the whole VPC
}

// Key is the entrance's id.
func (e Entrance) Key() string { return e.ID }

// entrance makes a row; the path is that of its ARN, without the id.
func entrance(s *awsapi.Session, kind, path string, id, owner *string, tags map[string]string, state string) Entrance {
	name := aws.ToString(id)
	return Entrance{
		Resource: &inventory.Resource{
			Type: kind, ID: name, ARN: arnOf(s, nil, owner, path+"/"+name), Name: tags["Name"], Region: s.Region, Tags: tags,
		},
		State: state,
	}
}

// named are the ids that were given, sorted.
func named(ids ...*string) []string {
	var out []string
	for _, id := range ids {
		if aws.ToString(id) != "" {
			out = append(out, *id)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func sorted(ids []string) []string { return slices.Sorted(slices.Values(ids)) }
