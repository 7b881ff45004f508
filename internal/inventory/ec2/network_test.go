package ec2

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

var cnSession = &awsapi.Session{Account: &awsapi.Account{ID: "111122223333", Partition: "aws-cn"}, Region: "cn-north-1", Label: "cn-north-1"}

func TestSecurityGroupRow(t *testing.T) {
	got := securityGroupRow(cnSession, types.SecurityGroup{
		GroupId: aws.String("sg-1"), GroupName: aws.String("web"), OwnerId: aws.String("111122223333"), VpcId: aws.String("vpc-1"),
		IpPermissions: []types.IpPermission{{
			IpProtocol: aws.String("tcp"), FromPort: aws.Int32(22), ToPort: aws.Int32(23),
			IpRanges: []types.IpRange{{CidrIp: aws.String("10.0.0.0/8")}, {}}, Ipv6Ranges: []types.Ipv6Range{{CidrIpv6: aws.String("::/0")}},
			PrefixListIds:    []types.PrefixListId{{PrefixListId: aws.String("pl-1")}},
			UserIdGroupPairs: []types.UserIdGroupPair{{GroupId: aws.String("sg-2")}, {GroupName: aws.String("old")}},
		}},
		IpPermissionsEgress: []types.IpPermission{},
	})
	want := SecurityGroup{
		Resource: &inventory.Resource{
			Type: "AWS::EC2::SecurityGroup", ID: "sg-1", ARN: "arn:aws-cn:ec2:cn-north-1:111122223333:security-group/sg-1", Name: "web",
			Region: "cn-north-1", Tags: map[string]string{},
		},
		GroupName: "web", VPCID: "vpc-1", Owner: "111122223333",
		Inbound: []GroupRule{{
			Protocol: "tcp", From: aws.Int32(22), To: aws.Int32(23), CIDRs: []string{"10.0.0.0/8", ""}, CIDR6s: []string{"::/0"},
			PrefixLists: []string{"pl-1"}, Groups: []string{"sg-2", "old"},
		}},
		Outbound: []GroupRule{},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	named := securityGroupRow(cnSession, types.SecurityGroup{GroupName: aws.String("web"), Tags: []types.Tag{{Key: aws.String("Name"), Value: aws.String("front")}}})
	if named.Name != "front" || named.Inbound != nil || named.Outbound != nil {
		t.Errorf("the Name tag goes first and what was not given stays nil: %+v", named)
	}
}

func TestOwns(t *testing.T) {
	for owner, want := range map[string]bool{"111122223333": true, "444455556666": false, "": true} {
		if owns(cnSession, &owner) != want {
			t.Errorf("owns(%q) is not %v", owner, want)
		}
	}
	if !owns(cnSession, nil) {
		t.Error("a resource without an owner in the answer is dropped")
	}
}

func TestNetworkACLRow(t *testing.T) {
	got := networkACLRow(cnSession, types.NetworkAcl{
		NetworkAclId: aws.String("acl-1"), OwnerId: aws.String("111122223333"), VpcId: aws.String("vpc-1"), IsDefault: aws.Bool(true),
		Associations: []types.NetworkAclAssociation{{SubnetId: aws.String("subnet-2")}, {SubnetId: aws.String("subnet-1")}},
		Entries: []types.NetworkAclEntry{
			{RuleNumber: aws.Int32(100), Egress: aws.Bool(false), RuleAction: types.RuleActionAllow, Protocol: aws.String("6"), CidrBlock: aws.String("0.0.0.0/0"), PortRange: &types.PortRange{From: aws.Int32(22), To: aws.Int32(22)}},
			{RuleNumber: aws.Int32(101), Egress: aws.Bool(true), RuleAction: types.RuleActionDeny, Protocol: aws.String("58"), Ipv6CidrBlock: aws.String("::/0"), IcmpTypeCode: &types.IcmpTypeCode{Type: aws.Int32(-1), Code: aws.Int32(-1)}},
			{},
		},
	})
	want := []ACLEntry{
		{Number: aws.Int32(100), Egress: aws.Bool(false), Action: "allow", Protocol: "6", From: aws.Int32(22), To: aws.Int32(22), CIDR: "0.0.0.0/0"},
		{Number: aws.Int32(101), Egress: aws.Bool(true), Action: "deny", Protocol: "58", From: aws.Int32(-1), To: aws.Int32(-1), CIDR6: "::/0"},
		{},
	}
	if diff := cmp.Diff(want, got.Entries); diff != "" {
		t.Error(diff)
	}
	if !slices.Equal(got.Subnets, []string{"subnet-1", "subnet-2"}) || got.ARN != "arn:aws-cn:ec2:cn-north-1:111122223333:network-acl/acl-1" {
		t.Errorf("%+v", got)
	}
	if row := networkACLRow(cnSession, types.NetworkAcl{}); row.Subnets != nil || row.Default != nil {
		t.Errorf("what was not given is not nil: %+v", row)
	}
	if row := networkACLRow(cnSession, types.NetworkAcl{Associations: []types.NetworkAclAssociation{}}); row.Subnets == nil {
		t.Error("an empty list of associations reads as one that was not given")
	}
}

func TestFlowLogRow(t *testing.T) {
	got := flowLogRow(cnSession, types.FlowLog{
		FlowLogId: aws.String("fl-1"), ResourceId: aws.String("vpc-1"), TrafficType: types.TrafficTypeReject, FlowLogStatus: aws.String("ACTIVE"),
		DeliverLogsStatus: aws.String("FAILED"), DeliverLogsErrorMessage: aws.String("Access error"), LogGroupName: aws.String("flows"),
	})
	if got.ResourceID != "vpc-1" || got.TrafficType != "REJECT" || got.Status != "ACTIVE" || got.Delivery != "FAILED" ||
		got.DeliveryError != "Access error" || got.Destination != "flows" || got.ARN != "arn:aws-cn:ec2:cn-north-1:111122223333:vpc-flow-log/fl-1" {
		t.Errorf("%+v", got)
	}
}

func TestInstanceProfile(t *testing.T) {
	const profile = "arn:aws-cn:iam::111122223333:instance-profile/web"
	got := instanceRow(cnSession, types.Instance{InstanceId: aws.String("i-1"), IamInstanceProfile: &types.IamInstanceProfile{Arn: aws.String(profile)}})
	if got.InstanceProfile != profile {
		t.Errorf("%+v", got)
	}
	if got := instanceRow(cnSession, types.Instance{InstanceId: aws.String("i-1")}); got.InstanceProfile != "" {
		t.Errorf("without one: %+v", got)
	}
}

func TestInterfaceAddresses(t *testing.T) {
	got := interfaceOf(types.InstanceNetworkInterface{
		NetworkInterfaceId: aws.String("eni-1"),
		Association:        &types.InstanceNetworkInterfaceAssociation{PublicIp: aws.String("3.4.5.6")},
		PrivateIpAddresses: []types.InstancePrivateIpAddress{
			{Association: &types.InstanceNetworkInterfaceAssociation{PublicIp: aws.String("3.4.5.6")}},
			{Association: &types.InstanceNetworkInterfaceAssociation{PublicIp: aws.String("7.8.9.10")}},
			{Association: &types.InstanceNetworkInterfaceAssociation{CarrierIp: aws.String("155.1.2.3")}},
			{},
		},
	})
	if !slices.Equal(got.PublicIPv4, []string{"3.4.5.6", "7.8.9.10"}) || !slices.Equal(got.CarrierIPs, []string{"155.1.2.3"}) {
		t.Errorf("%+v", got)
	}
}

func TestPrefixListRow(t *testing.T) {
	ref := PrefixListRef{&inventory.Resource{ID: "pl-1"}}
	entries := []types.PrefixListEntry{{Cidr: aws.String("10.0.0.0/8")}, {}}
	for name, tt := range map[string]struct {
		answers [][]types.PrefixListEntry
		listed  bool
		entries []string
	}{
		"two pages":              {[][]types.PrefixListEntry{entries, entries}, true, []string{"10.0.0.0/8", "", "10.0.0.0/8", ""}},
		"empty":                  {[][]types.PrefixListEntry{{}}, true, []string{}},
		"no entries given":       {[][]types.PrefixListEntry{nil}, false, []string{}},
		"no answer":              {nil, false, []string{}},
		"one page without a set": {[][]types.PrefixListEntry{entries, nil}, false, []string{"10.0.0.0/8", ""}},
	} {
		if got := prefixListRow(ref, tt.answers); got.Listed != tt.listed || !slices.Equal(got.Entries, tt.entries) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// wireTable answers queries of EC2 by operation, prefix list and token.
type wireTable struct {
	answers map[string]string
	mu      sync.Mutex
	calls   []string
}

func (w *wireTable) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	q, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	key := strings.TrimSpace(strings.Join([]string{q.Get("Action"), q.Get("PrefixListId"), q.Get("NextToken")}, " "))
	w.mu.Lock()
	w.calls = append(w.calls, key+" "+q.Get("MaxResults"))
	w.mu.Unlock()
	status, answer := http.StatusOK, w.answers[key]
	if answer == "" {
		status = http.StatusForbidden
		answer = `<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors></Response>`
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"text/xml"}}, Body: io.NopCloser(strings.NewReader(answer)), Request: r}, nil
}

func TestPrefixListsByWire(t *testing.T) {
	w := &wireTable{answers: map[string]string{
		"GetCallerIdentity": `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333</Account><Arn>arn:aws:iam::111122223333:user/a</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>`,
		"DescribeSecurityGroups": `<DescribeSecurityGroupsResponse><securityGroupInfo>
			<item><ownerId>111122223333</ownerId><groupId>sg-1</groupId><ipPermissions><item><ipProtocol>-1</ipProtocol>
				<prefixListIds><item><prefixListId>pl-1</prefixListId></item><item><prefixListId>pl-2</prefixListId></item></prefixListIds></item></ipPermissions>
				<ipPermissionsEgress><item><ipProtocol>-1</ipProtocol><prefixListIds><item><prefixListId>pl-out</prefixListId></item></prefixListIds></item></ipPermissionsEgress></item>
			<item><ownerId>111122223333</ownerId><groupId>sg-2</groupId><ipPermissions><item><ipProtocol>tcp</ipProtocol>
				<prefixListIds><item><prefixListId>pl-1</prefixListId></item><item><prefixListId>pl-3</prefixListId></item><item><prefixListId>pl-5</prefixListId></item></prefixListIds></item></ipPermissions><ipPermissionsEgress/></item>
			<item><ownerId>444455556666</ownerId><groupId>sg-3</groupId><ipPermissions><item><ipProtocol>tcp</ipProtocol>
				<prefixListIds><item><prefixListId>pl-4</prefixListId></item></prefixListIds></item></ipPermissions></item>
			</securityGroupInfo></DescribeSecurityGroupsResponse>`,
		"GetManagedPrefixListEntries pl-1":     `<GetManagedPrefixListEntriesResponse><entrySet><item><cidr>10.0.0.0/8</cidr></item></entrySet><nextToken>two</nextToken></GetManagedPrefixListEntriesResponse>`,
		"GetManagedPrefixListEntries pl-1 two": `<GetManagedPrefixListEntriesResponse><entrySet><item><cidr>11.0.0.0/8</cidr></item></entrySet></GetManagedPrefixListEntriesResponse>`,
		"GetManagedPrefixListEntries pl-5":     `<GetManagedPrefixListEntriesResponse><requestId>r</requestId></GetManagedPrefixListEntriesResponse>`,
		"GetManagedPrefixListEntries pl-2":     `<GetManagedPrefixListEntriesResponse><entrySet><item><cidr>12.0.0.0/8</cidr></item></entrySet><nextToken>lost</nextToken></GetManagedPrefixListEntriesResponse>`,
	}}
	a, err := awsapi.Open(context.Background(), awsapi.Options{
		Region: "us-east-1", HTTPClient: w, Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""), Unpaced: true,
		Retryer: func() aws.Retryer { return aws.NopRetryer{} },
	})
	if err != nil {
		t.Fatal(err)
	}
	s := inventory.NewStore(a, []string{"us-east-1"}, time.Now)
	s.Collect(context.Background(), []*inventory.Node{PrefixLists.Node(), PrefixListRefs.Node(), SecurityGroups.Node(), DefaultSecurityGroups.Node()})
	got := inventory.Use(s.Bind("us-east-1"), PrefixLists)

	var rows, gaps []string
	for _, l := range got.List {
		listed := "part"
		if l.Listed {
			listed = "listed"
		}
		rows = append(rows, l.ID+" "+listed+" "+strings.Join(l.Entries, ","))
	}
	for _, g := range got.Gaps {
		gaps = append(gaps, g.Parent.ID+" "+string(g.Outcome))
	}
	if diff := cmp.Diff([]string{"pl-1 listed 10.0.0.0/8,11.0.0.0/8", "pl-2 part 12.0.0.0/8", "pl-3 part ", "pl-5 part "}, rows); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"pl-2 denied", "pl-3 denied", "pl-5 failed"}, gaps); diff != "" {
		t.Error(diff)
	}
	slices.Sort(w.calls)
	if diff := cmp.Diff([]string{
		"DescribeSecurityGroups 1000", "GetCallerIdentity ", "GetManagedPrefixListEntries pl-1 100", "GetManagedPrefixListEntries pl-1 two 100",
		"GetManagedPrefixListEntries pl-2 100", "GetManagedPrefixListEntries pl-2 lost 100", "GetManagedPrefixListEntries pl-3 100", "GetManagedPrefixListEntries pl-5 100",
	}, w.calls); diff != "" {
		t.Error(diff)
	}
	if err := got.Err(); !errors.As(err, new(*awsapi.Error)) {
		t.Errorf("the gap %v is no error of a call", err)
	}
	if groups := inventory.Use(s.Bind("us-east-1"), SecurityGroups).List; len(groups) != 2 || groups[0].Outbound == nil || groups[1].Outbound == nil {
		t.Errorf("%d groups", len(groups))
	}
}
