package ec2

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// Snapshot is one EBS snapshot that the account owns.
type Snapshot struct {
	*inventory.Resource
	State     string     `json:"state"` // pending, completed, error
	VolumeID  string     `json:"volume_id"`
	StartTime *time.Time `json:"start_time"`
	Encrypted *bool      `json:"encrypted"` // nil: the answer did not say
	SSEType   string     `json:"sse_type"`  // "reserved for future use" (Snapshot, API reference); empty until it is used
	KMSKey    string     `json:"kms_key"`   // the key's ARN, where encrypted
}

// Key is the snapshot's id.
func (s Snapshot) Key() string { return s.ID }

var snapshotOps = awsapi.Calls("ec2:DescribeSnapshots")

// Snapshots are the snapshots that the account owns. Without an owner the answer would hold every public snapshot there
// is (DescribeSnapshots, API reference).
var Snapshots = inventory.Regional("ec2.snapshots", snapshotOps,
	func(ctx context.Context, s *awsapi.Session) ([]Snapshot, error) {
		return listSnapshots(ctx, s, &ec2.DescribeSnapshotsInput{})
	})

// PublicSnapshots are those of Snapshots whose create volume permission names the group "all": one listing instead of a
// DescribeSnapshotAttribute call per snapshot ("if you specify a list of restorable users, only snapshots with create
// snapshot permissions for those users are returned ... or all for public snapshots"; DescribeSnapshots, API reference).
var PublicSnapshots = inventory.Regional("ec2.public-snapshots", snapshotOps,
	func(ctx context.Context, s *awsapi.Session) ([]Snapshot, error) {
		return listSnapshots(ctx, s, &ec2.DescribeSnapshotsInput{RestorableByUserIds: []string{"all"}})
	})

// listSnapshots refuses an answer without a <snapshotSet>: EC2 writes an empty one where there is nothing to list, and
// "not among the public ones" is a verdict.
func listSnapshots(ctx context.Context, s *awsapi.Session, in *ec2.DescribeSnapshotsInput) ([]Snapshot, error) {
	in.OwnerIds, in.MaxResults = []string{"self"}, aws.Int32(1000)
	pages := listed[ec2.DescribeSnapshotsOutput]{
		ec2.NewDescribeSnapshotsPaginator(client(s), in), func(o *ec2.DescribeSnapshotsOutput) bool { return o.Snapshots != nil },
		broken(s, snapshotOps, "the list of snapshots"),
	}
	return awsapi.Pages(ctx, pages, func(o *ec2.DescribeSnapshotsOutput) []Snapshot {
		rows := make([]Snapshot, 0, len(o.Snapshots))
		for _, snap := range o.Snapshots {
			rows = append(rows, snapshotRow(s, snap))
		}
		return rows
	})
}

func snapshotRow(s *awsapi.Session, snap types.Snapshot) Snapshot {
	tags := tagsOf(snap.Tags)
	id := aws.ToString(snap.SnapshotId)
	return Snapshot{
		Resource: &inventory.Resource{
			Type: "AWS::EC2::Snapshot", ID: id, ARN: ownerlessARN(s, "snapshot/"+id), Name: tags["Name"], Region: s.Region, Tags: tags,
		},
		State: string(snap.State), VolumeID: aws.ToString(snap.VolumeId), StartTime: snap.StartTime, Encrypted: snap.Encrypted,
		SSEType: string(snap.SseType), KMSKey: aws.ToString(snap.KmsKeyId),
	}
}

// ownerlessARN is the ARN of a snapshot or an image: it names no account (service authorization reference of EC2, resource
// types).
func ownerlessARN(s *awsapi.Session, resource string) string {
	return "arn:" + s.Partition + ":ec2:" + s.Region + "::" + resource
}
