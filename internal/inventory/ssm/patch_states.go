package ssm

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// PatchState is what the last patch operation on a node left. A nil count means that the answer did not say; the SDK
// gives Missing and Failed as plain numbers, so that only the operation's end shows that somebody counted.
type PatchState struct {
	BaselineID string     `json:"baseline_id"`
	PatchGroup string     `json:"patch_group"`
	Operation  string     `json:"operation"` // Scan, Install
	Started    *time.Time `json:"started"`
	Ended      *time.Time `json:"ended"` // nil where the time is missing or zero

	Missing       int32  `json:"missing"`        // applicable, approved, not installed
	Failed        int32  `json:"failed"`         // tried by the last operation
	PendingReboot *int32 `json:"pending_reboot"` // installed, not in force before a reboot
	Rejected      *int32 `json:"rejected"`       // installed although on the rejected list

	CriticalNonCompliant *int32 `json:"critical_non_compliant"`
	SecurityNonCompliant *int32 `json:"security_non_compliant"`
	OtherNonCompliant    *int32 `json:"other_non_compliant"`

	AvailableSecurityUpdates *int32 `json:"available_security_updates"` // Windows: available, but not approved by the baseline
	InstallOverride          bool   `json:"install_override"`           // a list of its own decided; its URL is not kept, it may be signed
}

var patchStateOps = awsapi.Calls("ssm:DescribeInstancePatchStates")

// PatchStates are the patch states of the managed EC2 instances, 50 ids a call (DescribeInstancePatchStates, API reference);
// absent: no patch operation ever reported on the node.
var PatchStates = inventory.Batch(ManagedNodes, "ssm.patch-states", patchStateOps, ManagedNode.Key, 50,
	func(ctx context.Context, s *awsapi.Session, nodes []ManagedNode) (map[string]PatchState, error) {
		in := &ssm.DescribeInstancePatchStatesInput{MaxResults: aws.Int32(100)}
		for _, n := range nodes {
			in.InstanceIds = append(in.InstanceIds, n.ID)
		}
		pager := checked[ssm.DescribeInstancePatchStatesOutput]{
			ssm.NewDescribeInstancePatchStatesPaginator(client(s), in),
			func(o *ssm.DescribeInstancePatchStatesOutput) error { return wholeStates(s, o) },
		}
		states, err := awsapi.Pages(ctx, pager, func(o *ssm.DescribeInstancePatchStatesOutput) []types.InstancePatchState {
			return o.InstancePatchStates
		})
		out := make(map[string]PatchState, len(states))
		for _, p := range states {
			out[aws.ToString(p.InstanceId)] = patchState(p)
		}
		return out, err
	}, inventory.Where(ManagedNode.OnEC2))

func wholeStates(s *awsapi.Session, o *ssm.DescribeInstancePatchStatesOutput) error {
	if o.InstancePatchStates == nil {
		return broken(s, patchStateOps, "the list of patch states")
	}
	for _, p := range o.InstancePatchStates {
		if aws.ToString(p.InstanceId) == "" {
			return broken(s, patchStateOps, "the node of a patch state")
		}
	}
	return nil
}

func patchState(p types.InstancePatchState) PatchState {
	return PatchState{
		BaselineID: aws.ToString(p.BaselineId), PatchGroup: aws.ToString(p.PatchGroup), Operation: string(p.Operation),
		Started: given(p.OperationStartTime), Ended: given(p.OperationEndTime),
		Missing: p.MissingCount, Failed: p.FailedCount, PendingReboot: p.InstalledPendingRebootCount, Rejected: p.InstalledRejectedCount,
		CriticalNonCompliant: p.CriticalNonCompliantCount, SecurityNonCompliant: p.SecurityNonCompliantCount,
		OtherNonCompliant: p.OtherNonCompliantCount, AvailableSecurityUpdates: p.AvailableSecurityUpdateCount,
		InstallOverride: aws.ToString(p.InstallOverrideList) != "",
	}
}

// given is nil for a time that is missing or zero, Go's zero and the epoch alike.
func given(t *time.Time) *time.Time {
	if t == nil || t.Unix() <= 0 {
		return nil
	}
	return t
}
