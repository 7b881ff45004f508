package cloudfront

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// Distribution is one distribution: an address of the internet whose requests CloudFront carries to origins. The listing
// carries no tags. Names and values of headers that it adds are not kept: they may be shared secrets.
type Distribution struct {
	*inventory.Resource
	Enabled    *bool    `json:"enabled"` // nil: the answer did not say
	Status     string   `json:"status"`  // Deployed, InProgress
	DomainName string   `json:"domain_name"`
	Origins    []Origin `json:"origins"` // nil: the answer did not give them
}

// Origin is where a distribution gets what it serves.
type Origin struct {
	ID         string `json:"id"`
	DomainName string `json:"domain_name"`
	VPCOrigin  string `json:"vpc_origin"` // the id of the VPC origin; empty: it is none
	Owner      string `json:"owner"`      // the account of the VPC origin; empty: the answer did not say
	Policy     string `json:"policy"`     // of a custom origin: http-only, https-only, match-viewer
	HTTPPort   *int32 `json:"http_port"`  // of a custom origin
	HTTPSPort  *int32 `json:"https_port"`
	Used       bool   `json:"used"` // a cache behavior leads to it, or to a group that holds it
}

// Key is the distribution's id.
func (d Distribution) Key() string { return d.ID }

var distributionOps = awsapi.Calls("cloudfront:ListDistributions")

// Distributions are the account's distributions, disabled ones included.
var Distributions = inventory.Global("cloudfront.distributions", distributionOps,
	func(ctx context.Context, s *awsapi.Session) ([]Distribution, error) {
		if s.Partition != partitionAWS && s.Partition != partitionChina {
			return nil, nil
		}
		in := &cloudfront.ListDistributionsInput{MaxItems: aws.Int32(pageSize)}
		lists, err := awsapi.Pages(ctx, cloudfront.NewListDistributionsPaginator(client(s), in), func(o *cloudfront.ListDistributionsOutput) []*types.DistributionList {
			return []*types.DistributionList{o.DistributionList}
		})
		var rows []Distribution
		for _, l := range lists {
			if l == nil { // the SDK's paginator takes it for the last page
				return rows, broken(s, distributionOps, "the list")
			}
			for _, d := range l.Items {
				rows = append(rows, distributionRow(d))
			}
		}
		return rows, err
	})

func distributionRow(d types.DistributionSummary) Distribution {
	id, domain := aws.ToString(d.Id), aws.ToString(d.DomainName)
	row := Distribution{
		Resource: &inventory.Resource{Type: "AWS::CloudFront::Distribution", ID: id, ARN: aws.ToString(d.ARN), Name: domain, Region: awsapi.Global},
		Enabled:  d.Enabled, Status: aws.ToString(d.Status), DomainName: domain,
	}
	if d.Origins == nil {
		return row
	}
	used := usedOrigins(d)
	row.Origins = make([]Origin, 0, len(d.Origins.Items))
	for _, o := range d.Origins.Items {
		row.Origins = append(row.Origins, originOf(o, slices.Contains(used, aws.ToString(o.Id))))
	}
	return row
}

func originOf(o types.Origin, used bool) Origin {
	out := Origin{ID: aws.ToString(o.Id), DomainName: aws.ToString(o.DomainName), Used: used}
	if v := o.VpcOriginConfig; v != nil {
		out.VPCOrigin, out.Owner = aws.ToString(v.VpcOriginId), aws.ToString(v.OwnerAccountId)
	}
	if c := o.CustomOriginConfig; c != nil {
		out.Policy, out.HTTPPort, out.HTTPSPort = string(c.OriginProtocolPolicy), c.HTTPPort, c.HTTPSPort
	}
	return out
}

// usedOrigins are the ids of the origins, and of the origin groups' members, to which cache behaviors lead.
func usedOrigins(d types.DistributionSummary) []string {
	var ids []string
	if b := d.DefaultCacheBehavior; b != nil {
		ids = append(ids, aws.ToString(b.TargetOriginId))
	}
	if d.CacheBehaviors != nil {
		for _, b := range d.CacheBehaviors.Items {
			ids = append(ids, aws.ToString(b.TargetOriginId))
		}
	}
	if d.OriginGroups != nil {
		for _, g := range d.OriginGroups.Items {
			if g.Members == nil || !slices.Contains(ids, aws.ToString(g.Id)) {
				continue
			}
			for _, m := range g.Members.Items {
				ids = append(ids, aws.ToString(m.OriginId))
			}
		}
	}
	return ids
}
