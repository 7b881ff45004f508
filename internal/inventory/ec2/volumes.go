package ec2

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// Volume is one EBS volume. Those that are being deleted are no rows.
type Volume struct {
	*inventory.Resource
	State       string   `json:"state"`        // creating, available, in-use, error
	Encrypted   *bool    `json:"encrypted"`    // nil: the answer did not say
	SSEType     string   `json:"sse_type"`     // "reserved for future use" (Volume, API reference); empty until it is used
	KMSKey      string   `json:"kms_key"`      // the key's ARN, where encrypted
	InstanceIDs []string `json:"instance_ids"` // what it is attached to, sorted
	Manager     string   `json:"manager"`      // the principal that manages it in the account (Operator), or empty
}

// Key is the volume's id.
func (v Volume) Key() string { return v.ID }

var volumeOps = awsapi.Calls("ec2:DescribeVolumes")

// Volumes are the account's EBS volumes, those that AWS services manage in it included.
var Volumes = inventory.Regional("ec2.volumes", volumeOps,
	func(ctx context.Context, s *awsapi.Session) ([]Volume, error) {
		in := &ec2.DescribeVolumesInput{MaxResults: aws.Int32(1000), IncludeManagedResources: aws.Bool(true)}
		pages := listed[ec2.DescribeVolumesOutput]{
			ec2.NewDescribeVolumesPaginator(client(s), in), func(o *ec2.DescribeVolumesOutput) bool { return o.Volumes != nil },
			broken(s, volumeOps, "the list of volumes"),
		}
		return awsapi.Pages(ctx, pages, func(o *ec2.DescribeVolumesOutput) []Volume {
			rows := make([]Volume, 0, len(o.Volumes))
			for _, v := range o.Volumes {
				if v.State != types.VolumeStateDeleting && v.State != types.VolumeStateDeleted {
					rows = append(rows, volumeRow(s, v))
				}
			}
			return rows
		})
	})

func volumeRow(s *awsapi.Session, v types.Volume) Volume {
	tags := tagsOf(v.Tags)
	id := aws.ToString(v.VolumeId)
	row := Volume{
		Resource: &inventory.Resource{
			Type: "AWS::EC2::Volume", ID: id, ARN: arn(s, "volume/"+id), Name: tags["Name"], Region: s.Region, Tags: tags,
		},
		State: string(v.State), Encrypted: v.Encrypted, SSEType: string(v.SseType), KMSKey: aws.ToString(v.KmsKeyId),
		Manager: manager(v.Operator),
	}
	for _, a := range v.Attachments {
		if id := aws.ToString(a.InstanceId); id != "" {
			row.InstanceIDs = append(row.InstanceIDs, id)
		}
	}
	slices.Sort(row.InstanceIDs)
	return row
}
