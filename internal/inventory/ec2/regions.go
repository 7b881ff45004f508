package ec2

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/ourshare/ourshare/internal/awsapi"
)

// Region is one region that AWS lists for the account.
type Region struct {
	Name    string
	Enabled bool // opted in, or needing no opt-in
}

// ListRegions lists all regions of the account's partition by one call, with whether each is enabled for the account
// (OptInStatus opt-in-not-required, opted-in or not-opted-in; DescribeRegions, API reference).
func ListRegions(ctx context.Context, s *awsapi.Session) ([]Region, error) {
	out, err := client(s).DescribeRegions(awsapi.Declare(ctx, awsapi.RegionOps), &ec2.DescribeRegionsInput{AllRegions: aws.Bool(true)})
	if err != nil {
		return nil, err
	}
	var list []Region
	for _, r := range out.Regions {
		list = append(list, Region{aws.ToString(r.RegionName), aws.ToString(r.OptInStatus) != "not-opted-in"})
	}
	return list, nil
}
