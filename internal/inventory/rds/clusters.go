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

// Cluster is one DB cluster of an RDS engine: an Aurora cluster, or a Multi-AZ cluster of RDS for MySQL or PostgreSQL. A
// nil pointer and an empty string mean that the answer did not say.
type Cluster struct {
	*inventory.Resource
	Engine        string `json:"engine"`
	EngineVersion string `json:"engine_version"`
	EngineMode    string `json:"engine_mode"`      // provisioned; serverless is Aurora Serverless v1
	Scalability   string `json:"scalability_type"` // standard, limitless
	Status        string `json:"status"`
	Source        string `json:"source"` // what it is a read replica of, an ARN

	StorageEncrypted        *bool      `json:"storage_encrypted"`
	EncryptionType          string     `json:"encryption_type"` // none, sse-rds, sse-kms
	KMSKeyID                string     `json:"kms_key_id"`
	BackupRetentionDays     *int32     `json:"backup_retention_days"`
	LatestRestorableTime    *time.Time `json:"latest_restorable_time"`
	DeletionProtection      *bool      `json:"deletion_protection"`
	PubliclyAccessible      *bool      `json:"publicly_accessible"` // of Multi-AZ clusters alone
	InternetAccessGateway   *bool      `json:"internet_access_gateway"`
	AutoMinorVersionUpgrade *bool      `json:"auto_minor_version_upgrade"`
	MultiAZ                 *bool      `json:"multi_az"`

	ParameterGroup string   `json:"parameter_group"` // the DB cluster parameter group
	Members        []Member `json:"members"`
	LogExports     []string `json:"log_exports"` // sorted; none where nothing is exported
	Pending        Pending  `json:"pending"`
}

// Member is an instance as its cluster shows it.
type Member struct {
	InstanceID           string `json:"instance_id"`
	ParameterGroupStatus string `json:"parameter_group_status"` // of the cluster's group on this member
}

// Key is the cluster's identifier.
func (c Cluster) Key() string { return c.ID }

// ParameterGroupStatus is how the cluster's parameter group stands on a member; empty where the answer did not say, or
// does not name it as a member.
func (c Cluster) ParameterGroupStatus(instanceID string) string {
	for _, m := range c.Members {
		if m.InstanceID == instanceID {
			return m.ParameterGroupStatus
		}
	}
	return ""
}

// Clusters are the account's DB clusters of RDS engines. IncludeShared stays off: clusters of other accounts are theirs.
var Clusters = inventory.Regional("rds.clusters", awsapi.Calls("rds:DescribeDBClusters"),
	func(ctx context.Context, s *awsapi.Session) ([]Cluster, error) {
		in := &rds.DescribeDBClustersInput{MaxRecords: aws.Int32(pageSize)}
		return awsapi.Pages(ctx, rds.NewDescribeDBClustersPaginator(client(s), in), func(o *rds.DescribeDBClustersOutput) []Cluster {
			var rows []Cluster
			for _, c := range o.DBClusters {
				if judged(aws.ToString(c.Engine)) {
					rows = append(rows, clusterRow(s, c))
				}
			}
			return rows
		})
	})

func clusterRow(s *awsapi.Session, c types.DBCluster) Cluster {
	row := Cluster{
		Resource: resource(s, "AWS::RDS::DBCluster", "cluster", c.DBClusterIdentifier, c.DBClusterArn, c.TagList),
		Engine:   aws.ToString(c.Engine), EngineVersion: aws.ToString(c.EngineVersion), EngineMode: aws.ToString(c.EngineMode),
		Scalability: string(c.ClusterScalabilityType), Status: aws.ToString(c.Status), Source: aws.ToString(c.ReplicationSourceIdentifier),
		StorageEncrypted: c.StorageEncrypted, EncryptionType: string(c.StorageEncryptionType), KMSKeyID: aws.ToString(c.KmsKeyId),
		BackupRetentionDays: c.BackupRetentionPeriod, LatestRestorableTime: c.LatestRestorableTime,
		DeletionProtection: c.DeletionProtection, PubliclyAccessible: c.PubliclyAccessible, InternetAccessGateway: c.InternetAccessGatewayEnabled,
		AutoMinorVersionUpgrade: c.AutoMinorVersionUpgrade, MultiAZ: c.MultiAZ,
		ParameterGroup: aws.ToString(c.DBClusterParameterGroup),
		LogExports:     slices.Sorted(slices.Values(c.EnabledCloudwatchLogsExports)),
	}
	for _, m := range c.DBClusterMembers {
		row.Members = append(row.Members, Member{aws.ToString(m.DBInstanceIdentifier), aws.ToString(m.DBClusterParameterGroupStatus)})
	}
	if p := c.PendingModifiedValues; p != nil {
		row.Pending = Pending{BackupRetentionDays: p.BackupRetentionPeriod}
		row.Pending.logs(p.PendingCloudwatchLogsExports)
	}
	return row
}
