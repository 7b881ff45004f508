package rds

import (
	"context"
	"math"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// Oracle's options of encryption in transit, and the setting by which the first requires it.
const (
	NativeEncryption = "NATIVE_NETWORK_ENCRYPTION"
	SSLOption        = "SSL"
	EncryptionServer = "SQLNET.ENCRYPTION_SERVER"
)

// OracleOptions is what an option group says of encryption in transit. Other options, and settings that may hold
// anything, are not kept.
type OracleOptions struct {
	Group     string `json:"group"`
	Said      bool   `json:"said"` // whether the answer lists the group's options
	Native    bool   `json:"native_network_encryption"`
	SSL       bool   `json:"ssl"`
	ServerSet string `json:"encryption_server"` // REQUIRED, REQUESTED, ACCEPTED, REJECTED; empty: the answer did not say
}

// OracleInTransit are the option groups of each Oracle instance. DescribeOptionGroups lists every group with its options,
// so one listing answers for all of a region's instances; without an Oracle instance nothing is asked.
var OracleInTransit = inventory.Batch(Instances, "rds.oracle-option-groups", awsapi.Calls("rds:DescribeOptionGroups"), Instance.Key, math.MaxInt32,
	func(ctx context.Context, s *awsapi.Session, instances []Instance) (map[string][]OracleOptions, error) {
		in := &rds.DescribeOptionGroupsInput{MaxRecords: aws.Int32(pageSize)}
		groups, err := awsapi.Pages(ctx, rds.NewDescribeOptionGroupsPaginator(client(s), in),
			func(o *rds.DescribeOptionGroupsOutput) []types.OptionGroup { return o.OptionGroupsList })
		return ofInstances(instances, groups, err), err
	}, inventory.Where(func(i Instance) bool { return Oracle(i.Engine) }))

// ofInstances gives each instance its groups. Where a part of the listing is lost, an instance with a group in the lost
// part has no entry.
func ofInstances(instances []Instance, groups []types.OptionGroup, lost error) map[string][]OracleOptions {
	byName := map[string]OracleOptions{}
	for _, g := range groups {
		byName[aws.ToString(g.OptionGroupName)] = oracleOptions(g)
	}
	out := make(map[string][]OracleOptions, len(instances))
	for _, i := range instances {
		list := []OracleOptions{}
		for _, m := range i.OptionGroups {
			if o, found := byName[m.Name]; found {
				list = append(list, o)
			}
		}
		if len(list) == len(i.OptionGroups) || lost == nil {
			out[i.Key()] = list
		}
	}
	return out
}

func oracleOptions(g types.OptionGroup) OracleOptions {
	o := OracleOptions{Group: aws.ToString(g.OptionGroupName), Said: g.Options != nil}
	for _, opt := range g.Options {
		switch strings.ToUpper(aws.ToString(opt.OptionName)) {
		case SSLOption:
			o.SSL = true
		case NativeEncryption:
			o.Native = true
			for _, set := range opt.OptionSettings {
				if strings.EqualFold(aws.ToString(set.Name), EncryptionServer) {
					o.ServerSet = strings.ToUpper(strings.TrimSpace(aws.ToString(set.Value)))
				}
			}
		}
	}
	return o
}
