package ec2

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// Instance is one EC2 instance. Terminated ones, and those shutting down, are no rows: DescribeInstances shows them for
// up to an hour.
type Instance struct {
	*inventory.Resource
	State      string     `json:"state"` // pending, running, stopping, stopped
	Platform   string     `json:"platform"`
	ImageID    string     `json:"image_id"`
	LaunchTime *time.Time `json:"launch_time"`
	SubnetID   string     `json:"subnet_id"`
	VPCID      string     `json:"vpc_id"`

	// Metadata options; an empty string means that the answer did not say.
	MetadataState    string `json:"metadata_state"`    // pending: the values are not in force yet
	MetadataEndpoint string `json:"metadata_endpoint"` // enabled, disabled
	MetadataTokens   string `json:"metadata_tokens"`   // optional, required

	PublicIP   string             `json:"public_ip"`
	Interfaces []NetworkInterface `json:"interfaces"`
	Manager    string             `json:"manager"` // the principal that manages it in the account (Operator), or empty

	// InstanceProfile is the ARN of the instance profile, whose role the instance has; the answer has it "if applicable"
	// (Instance, API reference), so that empty is none.
	InstanceProfile string `json:"instance_profile"`
}

// NetworkInterface is an interface as its instance shows it.
type NetworkInterface struct {
	ID         string   `json:"id"`
	PublicIPv4 []string `json:"public_ipv4"` // of all its private addresses
	CarrierIPs []string `json:"carrier_ips"` // of a Wavelength Zone: reachable from the carrier's network, not from the internet
	IPv6       []string `json:"ipv6"`
	Groups     []string `json:"groups"`
	SubnetID   string   `json:"subnet_id"`
}

// Key is the instance's id.
func (i Instance) Key() string { return i.ID }

// Stopped reports an instance that is not running and not about to.
func (i Instance) Stopped() bool { return i.State == "stopped" || i.State == "stopping" }

var instanceOps = awsapi.Calls("ec2:DescribeInstances")

// Instances are the account's instances. IncludeManagedResources shows also those that AWS services manage in the
// account and that it may have hidden (DescribeInstances, API reference).
var Instances = inventory.Regional("ec2.instances", instanceOps,
	func(ctx context.Context, s *awsapi.Session) ([]Instance, error) {
		in := &ec2.DescribeInstancesInput{MaxResults: aws.Int32(1000), IncludeManagedResources: aws.Bool(true)}
		pages := listed[ec2.DescribeInstancesOutput]{
			ec2.NewDescribeInstancesPaginator(client(s), in), func(o *ec2.DescribeInstancesOutput) bool { return o.Reservations != nil },
			broken(s, instanceOps, "the list of reservations"),
		}
		return awsapi.Pages(ctx, pages, func(o *ec2.DescribeInstancesOutput) []Instance {
			var rows []Instance
			for _, r := range o.Reservations {
				for _, i := range r.Instances {
					if state := instanceState(i); state != "terminated" && state != "shutting-down" {
						rows = append(rows, instanceRow(s, i))
					}
				}
			}
			return rows
		})
	})

func instanceState(i types.Instance) string {
	if i.State == nil {
		return ""
	}
	return string(i.State.Name)
}

func instanceRow(s *awsapi.Session, i types.Instance) Instance {
	tags := tagsOf(i.Tags)
	id := aws.ToString(i.InstanceId)
	row := Instance{
		Resource: &inventory.Resource{
			Type: "AWS::EC2::Instance", ID: id, ARN: arn(s, "instance/"+id), Name: tags["Name"], Region: s.Region, Tags: tags,
		},
		State: instanceState(i), Platform: aws.ToString(i.PlatformDetails), ImageID: aws.ToString(i.ImageId),
		LaunchTime: i.LaunchTime, SubnetID: aws.ToString(i.SubnetId), VPCID: aws.ToString(i.VpcId),
		PublicIP: aws.ToString(i.PublicIpAddress), Manager: manager(i.Operator),
	}
	if p := i.IamInstanceProfile; p != nil {
		row.InstanceProfile = aws.ToString(p.Arn)
	}
	if m := i.MetadataOptions; m != nil {
		row.MetadataState, row.MetadataEndpoint, row.MetadataTokens = string(m.State), string(m.HttpEndpoint), string(m.HttpTokens)
	}
	for _, n := range i.NetworkInterfaces {
		row.Interfaces = append(row.Interfaces, interfaceOf(n))
	}
	return row
}

func interfaceOf(n types.InstanceNetworkInterface) NetworkInterface {
	out := NetworkInterface{ID: aws.ToString(n.NetworkInterfaceId), SubnetID: aws.ToString(n.SubnetId)}
	add := func(list []string, ip *string) []string {
		if ip == nil || *ip == "" || slices.Contains(list, *ip) {
			return list
		}
		return append(list, *ip)
	}
	associated := func(a *types.InstanceNetworkInterfaceAssociation) {
		if a != nil {
			out.PublicIPv4, out.CarrierIPs = add(out.PublicIPv4, a.PublicIp), add(out.CarrierIPs, a.CarrierIp)
		}
	}
	associated(n.Association)
	for _, p := range n.PrivateIpAddresses {
		associated(p.Association)
	}
	for _, a := range n.Ipv6Addresses {
		out.IPv6 = append(out.IPv6, aws.ToString(a.Ipv6Address))
	}
	for _, g := range n.Groups {
		out.Groups = append(out.Groups, aws.ToString(g.GroupId))
	}
	return out
}

// manager names the principal that manages a resource in the account, such as eks.amazonaws.com for EKS Auto Mode
// (OperatorResponse, API reference); empty where the account's own people do.
func manager(o *types.OperatorResponse) string {
	if o == nil || !aws.ToBool(o.Managed) {
		return ""
	}
	if p := aws.ToString(o.Principal); p != "" {
		return p
	}
	return "another principal"
}
