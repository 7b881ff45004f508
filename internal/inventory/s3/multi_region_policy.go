package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	"github.com/aws/aws-sdk-go-v2/service/s3control/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// MultiRegionPolicy is the policy of a multi-region access point. A new one is proposed until all regions have it, so that
// both may be in force at the same time (EstablishedMultiRegionAccessPointPolicy, API reference).
type MultiRegionPolicy struct {
	Established string `json:"established"` // empty: none was established yet
	Proposed    string `json:"proposed"`    // empty: none; the same text as Established: nothing is under way
}

// Documents are the different policies that are in force somewhere.
func (p MultiRegionPolicy) Documents() []string {
	var out []string
	if p.Established != "" {
		out = append(out, p.Established)
	}
	if p.Proposed != "" && p.Proposed != p.Established {
		out = append(out, p.Proposed)
	}
	return out
}

// MultiRegionAccessPointPolicy is the policy of each multi-region access point; absent: the answer was whole, and holds
// neither an established nor a proposed one, or says so by its error code.
var MultiRegionAccessPointPolicy = inventory.Each(MultiRegionAccessPoints, "s3.multi-region-access-point-policy",
	awsapi.Calls("s3control:GetMultiRegionAccessPointPolicy"), MultiRegionAccessPoint.Key,
	func(ctx context.Context, s *awsapi.Session, m MultiRegionAccessPoint) (v MultiRegionPolicy, err error) {
		in := &s3control.GetMultiRegionAccessPointPolicyInput{AccountId: &m.AccountID, Name: &m.ID}
		o, err := controlClient(multiRegionSession(s)).GetMultiRegionAccessPointPolicy(ctx, in)
		if err != nil {
			return v, err
		}
		if v = multiRegionPolicyOf(o.Policy); v == (MultiRegionPolicy{}) {
			return v, inventory.ErrAbsent
		}
		return v, nil
	})

func multiRegionPolicyOf(p *types.MultiRegionAccessPointPolicyDocument) (v MultiRegionPolicy) {
	if p != nil && p.Established != nil {
		v.Established = aws.ToString(p.Established.Policy)
	}
	if p != nil && p.Proposed != nil {
		v.Proposed = aws.ToString(p.Proposed.Policy)
	}
	return v
}
