package ssm

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// ManagedNode is one machine that Systems Manager knows: an EC2 instance (i-...) or another server (mi-...).
type ManagedNode struct {
	*inventory.Resource
	PingStatus   string     `json:"ping_status"` // Online, ConnectionLost, Inactive; empty: the answer did not say
	LastPing     *time.Time `json:"last_ping"`
	AgentVersion string     `json:"agent_version"`
	Platform     string     `json:"platform"` // name and version of the operating system
}

// Key is the node's id.
func (n ManagedNode) Key() string { return n.ID }

// OnEC2 reports whether the node is an EC2 instance; servers elsewhere have ids of the form mi-....
func (n ManagedNode) OnEC2() bool { return strings.HasPrefix(n.ID, "i-") }

var managedNodeOps = awsapi.Calls("ssm:DescribeInstanceInformation")

// ManagedNodes are the machines that Systems Manager knows, stopped and terminated ones aside (DescribeInstanceInformation,
// API reference). DescribeInstanceProperties would give larger pages (1,000 instead of 50), but the API reference presents it
// as the console's own operation and does not say which nodes it lists: no verdict may rest on that.
var ManagedNodes = inventory.Regional("ssm.managed-nodes", managedNodeOps,
	func(ctx context.Context, s *awsapi.Session) ([]ManagedNode, error) {
		in := &ssm.DescribeInstanceInformationInput{MaxResults: aws.Int32(50)}
		pager := checked[ssm.DescribeInstanceInformationOutput]{
			ssm.NewDescribeInstanceInformationPaginator(client(s), in),
			func(o *ssm.DescribeInstanceInformationOutput) error { return wholeNodes(s, o) },
		}
		return awsapi.Pages(ctx, pager, func(o *ssm.DescribeInstanceInformationOutput) []ManagedNode {
			rows := make([]ManagedNode, 0, len(o.InstanceInformationList))
			for _, i := range o.InstanceInformationList {
				rows = append(rows, nodeRow(s, i))
			}
			return rows
		})
	})

func wholeNodes(s *awsapi.Session, o *ssm.DescribeInstanceInformationOutput) error {
	if o.InstanceInformationList == nil {
		return broken(s, managedNodeOps, "the list of managed nodes")
	}
	for _, i := range o.InstanceInformationList {
		if aws.ToString(i.InstanceId) == "" {
			return broken(s, managedNodeOps, "the id of a managed node")
		}
	}
	return nil
}

func nodeRow(s *awsapi.Session, i types.InstanceInformation) ManagedNode {
	n := ManagedNode{
		Resource: &inventory.Resource{
			Type: "AWS::SSM::ManagedInstance", ID: aws.ToString(i.InstanceId), Name: aws.ToString(i.Name), Region: s.Region,
		},
		PingStatus: string(i.PingStatus), LastPing: i.LastPingDateTime, AgentVersion: aws.ToString(i.AgentVersion),
		Platform: strings.TrimSpace(aws.ToString(i.PlatformName) + " " + aws.ToString(i.PlatformVersion)),
	}
	n.ARN = "arn:" + s.Partition + ":ssm:" + s.Region + ":" + s.ID + ":managed-instance/" + n.ID
	if n.OnEC2() {
		n.ARN = "arn:" + s.Partition + ":ec2:" + s.Region + ":" + s.ID + ":instance/" + n.ID
	}
	return n
}
