package rds

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

func session() *awsapi.Session {
	return &awsapi.Session{Account: &awsapi.Account{ID: "111122223333", Partition: "aws-cn"}, Region: "cn-north-1", Label: "cn-north-1"}
}

func TestEngines(t *testing.T) {
	for engine, want := range map[string]struct {
		judged    bool
		parameter string
	}{
		"mysql": {true, RequireSecureTransport}, "mariadb": {true, RequireSecureTransport}, "postgres": {true, ForceSSL},
		"aurora": {true, RequireSecureTransport}, "aurora-mysql": {true, RequireSecureTransport}, "aurora-postgresql": {true, ForceSSL},
		"sqlserver-ex": {true, ForceSSL}, "db2-se": {true, DB2Comm}, "oracle-ee": {true, ""},
		"custom-oracle-ee": {true, ""}, "custom-sqlserver-se": {true, ""}, "": {true, ""}, "something-new": {true, ""},
		"docdb": {false, ""}, "docdb-elastic": {false, ""}, "neptune": {false, ""},
	} {
		if judged(engine) != want.judged || TLSParameter(engine) != want.parameter {
			t.Errorf("%q: judged %v, parameter %q", engine, judged(engine), TLSParameter(engine))
		}
	}
	if Oracle("custom-oracle-ee") || !Oracle("oracle-se2-cdb") || Aurora("postgres") || !Aurora("aurora") {
		t.Error("an engine's family is wrong")
	}
}

func TestRowOfAnEmptyAnswer(t *testing.T) {
	row := instanceRow(session(), types.DBInstance{DBInstanceIdentifier: aws.String("db-1")})
	if row.ARN != "arn:aws-cn:rds:cn-north-1:111122223333:db:db-1" || row.Name != "db-1" || row.Tags == nil || row.Region != "cn-north-1" {
		t.Errorf("the resource is %+v", row.Resource)
	}
	if row.StorageEncrypted != nil || row.BackupRetentionDays != nil || row.PubliclyAccessible != nil || row.MultiAZ != nil || row.ParameterGroup() != "" {
		t.Errorf("what the answer did not say became a value: %+v", row)
	}
	c := clusterRow(session(), types.DBCluster{DBClusterIdentifier: aws.String("c-1")})
	if c.ARN != "arn:aws-cn:rds:cn-north-1:111122223333:cluster:c-1" || c.MultiAZ != nil || len(c.Members) != 0 {
		t.Errorf("the cluster is %+v", c)
	}
	s := clusterSnapshotRow(session(), types.DBClusterSnapshot{DBClusterSnapshotIdentifier: aws.String("s-1")})
	if s.ARN != "arn:aws-cn:rds:cn-north-1:111122223333:cluster-snapshot:s-1" || s.StorageEncrypted != nil || !s.OfCluster || s.manual() {
		t.Errorf("the snapshot is %+v", s)
	}
}

func TestRows(t *testing.T) {
	row := instanceRow(session(), types.DBInstance{
		DBInstanceIdentifier: aws.String("db-1"), DBInstanceArn: aws.String("arn:x"), Engine: aws.String("mysql"),
		TagList:                      []types.Tag{{Key: aws.String("Name"), Value: aws.String("orders")}},
		DBParameterGroups:            []types.DBParameterGroupStatus{{DBParameterGroupName: aws.String("pg"), ParameterApplyStatus: aws.String("in-sync")}},
		EnabledCloudwatchLogsExports: []string{"slowquery", "error"},
		StorageEncryptionType:        types.StorageEncryptionTypeSse,
		PendingModifiedValues: &types.PendingModifiedValues{
			MultiAZ: aws.Bool(true), MasterUserPassword: aws.String("secret"),
			PendingCloudwatchLogsExports: &types.PendingCloudwatchLogsExports{LogTypesToEnable: []string{"general", "audit"}},
		},
	})
	if row.ARN != "arn:x" || row.Name != "orders" || row.ParameterGroup() != "pg" || row.EncryptionType != "sse-rds" {
		t.Errorf("the row is %+v", row)
	}
	if !reflect.DeepEqual(row.LogExports, []string{"error", "slowquery"}) || !reflect.DeepEqual(row.Pending.LogsToEnable, []string{"audit", "general"}) {
		t.Errorf("lists are not sorted: %v, %v", row.LogExports, row.Pending.LogsToEnable)
	}
	b, err := json.Marshal(row)
	var back Instance
	if err != nil || json.Unmarshal(b, &back) != nil || !reflect.DeepEqual(row, back) {
		t.Errorf("the row does not survive saving: %v\n%+v\n%+v", err, row, back)
	}
	row.ParameterGroups = append(row.ParameterGroups, GroupStatus{Name: "other"})
	if row.ParameterGroup() != "" {
		t.Error("one of two parameter groups was taken for the one that decides")
	}
}

func TestOwnSnapshots(t *testing.T) {
	snap := func(id, arn, engine string) Snapshot {
		return snapshotRow(session(), types.DBSnapshot{DBSnapshotIdentifier: &id, DBSnapshotArn: &arn, Engine: &engine})
	}
	rows := own(session(), []Snapshot{
		snap("mine", "arn:aws-cn:rds:cn-north-1:111122223333:snapshot:mine", "mysql"),
		snap("theirs", "arn:aws-cn:rds:cn-north-1:999999999999:snapshot:theirs", "mysql"),
		snap("docs", "arn:aws-cn:rds:cn-north-1:111122223333:cluster-snapshot:docs", "docdb"),
		snap("built", "", "postgres"),
	})
	if len(rows) != 2 || rows[0].ID != "mine" || rows[1].ID != "built" {
		t.Errorf("own snapshots: %v", rows)
	}
}

func TestSharing(t *testing.T) {
	of := func(a types.DBSnapshotAttribute) (*string, []string) { return a.AttributeName, a.AttributeValues }
	for name, tt := range map[string]struct {
		in   []types.DBSnapshotAttribute
		want []string
	}{
		"no list":      {nil, nil},
		"no attribute": {[]types.DBSnapshotAttribute{}, []string{}},
		"another one":  {[]types.DBSnapshotAttribute{{AttributeName: aws.String("other"), AttributeValues: []string{"all"}}}, []string{}},
		"private":      {[]types.DBSnapshotAttribute{{AttributeName: aws.String("restore"), AttributeValues: []string{}}}, []string{}},
		"no values":    {[]types.DBSnapshotAttribute{{AttributeName: aws.String("restore")}}, nil},
		"public":       {[]types.DBSnapshotAttribute{{AttributeName: aws.String("restore"), AttributeValues: []string{"all", "1"}}}, []string{"1", "all"}},
	} {
		got := sharing(tt.in, of)
		b, err := json.Marshal(got)
		var back Sharing
		if err != nil || json.Unmarshal(b, &back) != nil || !reflect.DeepEqual(got.RestoreBy, tt.want) || !reflect.DeepEqual(got, back) {
			t.Errorf("%s: %#v, want %#v; saved %#v", name, got.RestoreBy, tt.want, back.RestoreBy)
		}
	}
}

func TestNamedParameter(t *testing.T) {
	lost := errors.New("lost")
	list := []types.Parameter{{ParameterName: aws.String("ssl"), ParameterValue: aws.String("1")}, {ParameterName: aws.String("rds.force_ssl")}}
	if p, err := named(ForceSSL, list, lost); err != nil || p.Value != nil {
		t.Errorf("found before the lost page: %+v, %v", p, err)
	}
	if _, err := named(ForceSSL, list[:1], lost); !errors.Is(err, lost) {
		t.Errorf("a lost page: %v", err)
	}
	if _, err := named(ForceSSL, list[:1], nil); !errors.Is(err, inventory.ErrAbsent) {
		t.Errorf("no such parameter: %v", err)
	}
	if p, err := named(DB2Comm, []types.Parameter{{ParameterName: aws.String("db2comm"), ParameterValue: aws.String("SSL")}}, nil); err != nil || p.Name != DB2Comm {
		t.Errorf("another case: %+v, %v", p, err)
	}
}

func TestWhoIsAsked(t *testing.T) {
	in := func(engine, cluster string, groups ...string) Instance {
		i := Instance{Engine: engine, ClusterID: cluster}
		for _, g := range groups {
			i.ParameterGroups = append(i.ParameterGroups, GroupStatus{Name: g})
		}
		return i
	}
	for _, tt := range []struct {
		row  Instance
		want bool
	}{
		{in("postgres", "", "pg"), true},
		{in("postgres", "c", "pg"), false},
		{in("aurora-mysql", "", "pg"), false},
		{in("oracle-ee", "", "pg"), false},
		{in("custom-sqlserver-ee", "", "pg"), false},
		{in("mysql", ""), false},
		{in("mysql", "", "a", "b"), false},
	} {
		if decidedByOwnGroup(tt.row) != tt.want {
			t.Errorf("%+v is asked for: %v", tt.row, !tt.want)
		}
	}
	one := []Member{{InstanceID: "i"}}
	for _, tt := range []struct {
		row  Cluster
		want bool
	}{
		{Cluster{Engine: "mysql", ParameterGroup: "g", Members: one}, true},
		{Cluster{Engine: "mysql", ParameterGroup: "g"}, false},
		{Cluster{Engine: "mysql", Members: one}, false},
		{Cluster{Engine: "new", ParameterGroup: "g", Members: one}, false},
	} {
		if decidesForMembers(tt.row) != tt.want {
			t.Errorf("%+v is asked for: %v", tt.row, !tt.want)
		}
	}
}

func TestOracleOptions(t *testing.T) {
	groups := []types.OptionGroup{
		{OptionGroupName: aws.String("native"), Options: []types.Option{{OptionName: aws.String("NATIVE_NETWORK_ENCRYPTION"), OptionSettings: []types.OptionSetting{
			{Name: aws.String("SQLNET.ENCRYPTION_CLIENT"), Value: aws.String("REJECTED")},
			{Name: aws.String("SQLNET.ENCRYPTION_SERVER"), Value: aws.String(" Required"), DefaultValue: aws.String("REQUESTED")},
		}}}},
		{OptionGroupName: aws.String("ssl"), Options: []types.Option{{OptionName: aws.String("SSL")}}},
		{OptionGroupName: aws.String("empty"), Options: []types.Option{}},
		{OptionGroupName: aws.String("silent")},
	}
	instance := func(id string, names ...string) Instance {
		i := Instance{Resource: &inventory.Resource{ID: id}, Engine: "oracle-ee"}
		for _, n := range names {
			i.OptionGroups = append(i.OptionGroups, GroupStatus{Name: n})
		}
		return i
	}
	instances := []Instance{instance("a", "native"), instance("b", "ssl", "empty"), instance("c", "gone"), instance("d", "silent")}
	want := map[string][]OracleOptions{
		"a": {{Group: "native", Said: true, Native: true, ServerSet: "REQUIRED"}},
		"b": {{Group: "ssl", Said: true, SSL: true}, {Group: "empty", Said: true}},
		"c": {}, "d": {{Group: "silent"}},
	}
	if got := ofInstances(instances, groups, nil); !reflect.DeepEqual(got, want) {
		t.Errorf("the whole listing gives %+v", got)
	}
	delete(want, "c")
	if got := ofInstances(instances, groups, errors.New("lost")); !reflect.DeepEqual(got, want) {
		t.Errorf("a part of the listing gives %+v", got)
	}
}
