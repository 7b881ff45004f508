package rds

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

func (c Cluster) parameterGroup() string { return c.ParameterGroup }

// ClusterTLSParameters are the parameters that require TLS, of the DB cluster parameter groups of clusters that have
// members: one call per group. Absent: the group has no such parameter.
var ClusterTLSParameters = inventory.Each(Clusters, "rds.cluster-tls-parameters", awsapi.Calls("rds:DescribeDBClusterParameters"), Cluster.parameterGroup,
	func(ctx context.Context, s *awsapi.Session, c Cluster) (Parameter, error) {
		name := TLSParameter(c.Engine)
		in := &rds.DescribeDBClusterParametersInput{
			DBClusterParameterGroupName: aws.String(c.ParameterGroup), Filters: nameFilter(name), MaxRecords: aws.Int32(pageSize),
		}
		list, err := awsapi.Pages(ctx, rds.NewDescribeDBClusterParametersPaginator(client(s), in),
			func(o *rds.DescribeDBClusterParametersOutput) []types.Parameter { return o.Parameters })
		return named(name, list, err)
	}, inventory.Where(decidesForMembers))

func decidesForMembers(c Cluster) bool {
	return TLSParameter(c.Engine) != "" && c.ParameterGroup != "" && len(c.Members) > 0
}
