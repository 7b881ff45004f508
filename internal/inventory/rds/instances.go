package rds

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// Instance is one DB instance of an RDS engine: a database of its own, or a member of a cluster. A nil pointer and an
// empty string mean that the answer did not say.
type Instance struct {
	*inventory.Resource
	Engine        string `json:"engine"`
	EngineVersion string `json:"engine_version"`
	Status        string `json:"status"` // available, creating, stopped, ...
	ClusterID     string `json:"cluster_id"`

	// What it is a read replica of: an instance or a cluster, by identifier or (in another region) ARN.
	SourceInstance string `json:"source_instance"`
	SourceCluster  string `json:"source_cluster"`

	StorageEncrypted        *bool      `json:"storage_encrypted"`
	EncryptionType          string     `json:"encryption_type"` // none, sse-rds, sse-kms
	KMSKeyID                string     `json:"kms_key_id"`
	BackupRetentionDays     *int32     `json:"backup_retention_days"`
	LatestRestorableTime    *time.Time `json:"latest_restorable_time"`
	DeletionProtection      *bool      `json:"deletion_protection"`
	PubliclyAccessible      *bool      `json:"publicly_accessible"`
	AutoMinorVersionUpgrade *bool      `json:"auto_minor_version_upgrade"`
	MultiAZ                 *bool      `json:"multi_az"`

	ParameterGroups []GroupStatus `json:"parameter_groups"` // DB parameter groups; AWS attaches one
	OptionGroups    []GroupStatus `json:"option_groups"`
	LogExports      []string      `json:"log_exports"` // sorted; none where nothing is exported: the answer leaves the list out
	Pending         Pending       `json:"pending"`
	Network         Network       `json:"network"`
}

// GroupStatus is a parameter or option group as it stands on an instance: in-sync, pending-reboot, applying, ...
type GroupStatus struct {
	Name   string `json:"name"`
	Status string `json:"status"`
}

// Pending is what was asked for and is not in force yet (PendingModifiedValues).
type Pending struct {
	MultiAZ             *bool    `json:"multi_az,omitempty"`
	BackupRetentionDays *int32   `json:"backup_retention_days,omitempty"`
	LogsToEnable        []string `json:"logs_to_enable,omitempty"`
	LogsToDisable       []string `json:"logs_to_disable,omitempty"`
}

// Key is the instance's identifier.
func (i Instance) Key() string { return i.ID }

// ParameterGroup is the name of the one DB parameter group, or empty where the answer names none or several.
func (i Instance) ParameterGroup() string {
	if len(i.ParameterGroups) != 1 {
		return ""
	}
	return i.ParameterGroups[0].Name
}

// Instances are the account's DB instances of RDS engines.
var Instances = inventory.Regional("rds.instances", awsapi.Calls("rds:DescribeDBInstances"),
	func(ctx context.Context, s *awsapi.Session) ([]Instance, error) {
		in := &rds.DescribeDBInstancesInput{MaxRecords: aws.Int32(pageSize)}
		return awsapi.Pages(ctx, rds.NewDescribeDBInstancesPaginator(client(s), in), func(o *rds.DescribeDBInstancesOutput) []Instance {
			var rows []Instance
			for _, i := range o.DBInstances {
				if judged(aws.ToString(i.Engine)) {
					rows = append(rows, instanceRow(s, i))
				}
			}
			return rows
		})
	})

func instanceRow(s *awsapi.Session, i types.DBInstance) Instance {
	row := Instance{
		Resource: resource(s, "AWS::RDS::DBInstance", "db", i.DBInstanceIdentifier, i.DBInstanceArn, i.TagList),
		Engine:   aws.ToString(i.Engine), EngineVersion: aws.ToString(i.EngineVersion), Status: aws.ToString(i.DBInstanceStatus),
		ClusterID:      aws.ToString(i.DBClusterIdentifier),
		SourceInstance: aws.ToString(i.ReadReplicaSourceDBInstanceIdentifier), SourceCluster: aws.ToString(i.ReadReplicaSourceDBClusterIdentifier),
		StorageEncrypted: i.StorageEncrypted, EncryptionType: string(i.StorageEncryptionType), KMSKeyID: aws.ToString(i.KmsKeyId),
		BackupRetentionDays: i.BackupRetentionPeriod, LatestRestorableTime: i.LatestRestorableTime,
		DeletionProtection: i.DeletionProtection, PubliclyAccessible: i.PubliclyAccessible,
		AutoMinorVersionUpgrade: i.AutoMinorVersionUpgrade, MultiAZ: i.MultiAZ,
		LogExports: slices.Sorted(slices.Values(i.EnabledCloudwatchLogsExports)),
		Network:    networkOf(i),
	}
	for _, g := range i.DBParameterGroups {
		row.ParameterGroups = append(row.ParameterGroups, GroupStatus{aws.ToString(g.DBParameterGroupName), aws.ToString(g.ParameterApplyStatus)})
	}
	for _, g := range i.OptionGroupMemberships {
		row.OptionGroups = append(row.OptionGroups, GroupStatus{aws.ToString(g.OptionGroupName), aws.ToString(g.Status)})
	}
	if p := i.PendingModifiedValues; p != nil {
		row.Pending = Pending{MultiAZ: p.MultiAZ, BackupRetentionDays: p.BackupRetentionPeriod}
		row.Pending.logs(p.PendingCloudwatchLogsExports)
	}
	return row
}

func (p *Pending) logs(l *types.PendingCloudwatchLogsExports) {
	if l != nil {
		p.LogsToEnable = slices.Sorted(slices.Values(l.LogTypesToEnable))
		p.LogsToDisable = slices.Sorted(slices.Values(l.LogTypesToDisable))
	}
}
