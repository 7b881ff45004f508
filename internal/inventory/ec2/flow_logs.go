package ec2

import (
	"cmp"
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// FlowLog is one flow log: of a VPC, a subnet, an interface or a transit gateway. An empty string means that the answer
// did not say.
type FlowLog struct {
	*inventory.Resource
	ResourceID    string `json:"resource_id"`    // what is monitored
	TrafficType   string `json:"traffic_type"`   // ACCEPT, REJECT, ALL
	Status        string `json:"status"`         // ACTIVE
	Delivery      string `json:"delivery"`       // SUCCESS, FAILED
	DeliveryError string `json:"delivery_error"` // Rate limited, Access error, Unknown error
	Destination   string `json:"destination"`    // the ARN, or the name of a log group
}

// Key is the flow log's id.
func (l FlowLog) Key() string { return l.ID }

var flowLogOps = awsapi.Calls("ec2:DescribeFlowLogs")

// FlowLogs are the account's flow logs.
var FlowLogs = inventory.Regional("ec2.flow-logs", flowLogOps,
	func(ctx context.Context, s *awsapi.Session) ([]FlowLog, error) {
		in := &ec2.DescribeFlowLogsInput{MaxResults: aws.Int32(1000)}
		pages := listed[ec2.DescribeFlowLogsOutput]{
			ec2.NewDescribeFlowLogsPaginator(client(s), in), func(o *ec2.DescribeFlowLogsOutput) bool { return o.FlowLogs != nil },
			broken(s, flowLogOps, "the list of flow logs"),
		}
		return awsapi.Pages(ctx, pages, func(o *ec2.DescribeFlowLogsOutput) []FlowLog {
			rows := make([]FlowLog, 0, len(o.FlowLogs))
			for _, l := range o.FlowLogs {
				rows = append(rows, flowLogRow(s, l))
			}
			return rows
		})
	})

func flowLogRow(s *awsapi.Session, l types.FlowLog) FlowLog {
	tags, id := tagsOf(l.Tags), aws.ToString(l.FlowLogId)
	return FlowLog{
		Resource: &inventory.Resource{
			Type: "AWS::EC2::FlowLog", ID: id, ARN: arn(s, "vpc-flow-log/"+id), Name: tags["Name"], Region: s.Region, Tags: tags,
		},
		ResourceID: aws.ToString(l.ResourceId), TrafficType: string(l.TrafficType), Status: aws.ToString(l.FlowLogStatus),
		Delivery: aws.ToString(l.DeliverLogsStatus), DeliveryError: aws.ToString(l.DeliverLogsErrorMessage),
		Destination: cmp.Or(aws.ToString(l.LogDestination), aws.ToString(l.LogGroupName)),
	}
}
