package rds

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// Parameter is one parameter of a group. Value is nil where the group leaves it to the engine.
type Parameter struct {
	Name   string  `json:"name"`
	Value  *string `json:"value"`
	Source string  `json:"source"` // user, system, engine-default
}

// TLSParameters are the parameters that require TLS, of the DB parameter groups that instances outside of clusters use:
// one call per group. Absent: the group has no such parameter.
var TLSParameters = inventory.Each(Instances, "rds.tls-parameters", awsapi.Calls("rds:DescribeDBParameters"), Instance.ParameterGroup,
	func(ctx context.Context, s *awsapi.Session, i Instance) (Parameter, error) {
		name := TLSParameter(i.Engine)
		in := &rds.DescribeDBParametersInput{
			DBParameterGroupName: aws.String(i.ParameterGroup()), Filters: nameFilter(name), MaxRecords: aws.Int32(pageSize),
		}
		list, err := awsapi.Pages(ctx, rds.NewDescribeDBParametersPaginator(client(s), in),
			func(o *rds.DescribeDBParametersOutput) []types.Parameter { return o.Parameters })
		return named(name, list, err)
	}, inventory.Where(decidedByOwnGroup))

func decidedByOwnGroup(i Instance) bool {
	return i.ClusterID == "" && !Aurora(i.Engine) && TLSParameter(i.Engine) != "" && i.ParameterGroup() != ""
}

// named picks the parameter: whoever answers may not have filtered.
func named(name string, list []types.Parameter, err error) (Parameter, error) {
	for _, p := range list {
		if strings.EqualFold(aws.ToString(p.ParameterName), name) {
			return Parameter{Name: name, Value: p.ParameterValue, Source: aws.ToString(p.Source)}, nil
		}
	}
	if err != nil {
		return Parameter{}, err
	}
	return Parameter{}, inventory.ErrAbsent
}
