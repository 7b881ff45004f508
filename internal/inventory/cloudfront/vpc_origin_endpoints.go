package cloudfront

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// VPCOriginEndpoint says on which ports CloudFront connects to a VPC origin; nil and empty: the answer did not say.
type VPCOriginEndpoint struct {
	HTTPPort  *int32 `json:"http_port"`
	HTTPSPort *int32 `json:"https_port"`
	Policy    string `json:"policy"` // http-only, https-only, match-viewer
}

var endpointOps = awsapi.Calls("cloudfront:GetVpcOrigin")

// VPCOriginEndpoints are the ports of each VPC origin; the listing has only what it leads to.
var VPCOriginEndpoints = inventory.Each(VPCOrigins, "cloudfront.vpc-origin-endpoints", endpointOps, VPCOrigin.Key,
	func(ctx context.Context, s *awsapi.Session, v VPCOrigin) (e VPCOriginEndpoint, err error) {
		o, err := client(s).GetVpcOrigin(ctx, &cloudfront.GetVpcOriginInput{Id: &v.ID})
		switch {
		case err != nil:
			return e, err
		case o.VpcOrigin == nil || o.VpcOrigin.VpcOriginEndpointConfig == nil:
			return e, broken(s, endpointOps, "the endpoint")
		}
		return endpointOf(*o.VpcOrigin.VpcOriginEndpointConfig), nil
	})

func endpointOf(c types.VpcOriginEndpointConfig) VPCOriginEndpoint {
	return VPCOriginEndpoint{HTTPPort: c.HTTPPort, HTTPSPort: c.HTTPSPort, Policy: string(c.OriginProtocolPolicy)}
}
