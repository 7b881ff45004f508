package ec2

import (
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
	"github.com/google/go-cmp/cmp"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// pathWire answers queries of EC2 by operation and what tells its calls apart.
type pathWire struct {
	answers map[string]string
	mu      sync.Mutex
	calls   []string
}

func (w *pathWire) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	q, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	op := q.Get("Action")
	key := strings.Join(strings.Fields(strings.Join([]string{op, q.Get("PrefixListId"), q.Get("Filter.1.Value.1"), q.Get("NextToken")}, " ")), " ")
	w.mu.Lock()
	w.calls = append(w.calls, strings.TrimSpace(key+" "+q.Get("MaxResults")))
	w.mu.Unlock()
	status, answer := http.StatusOK, "<"+op+"Response>"+w.answers[key]+"</"+op+"Response>"
	if w.answers[key] == "" {
		status, answer = http.StatusForbidden, `<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors></Response>`
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"text/xml"}}, Body: io.NopCloser(strings.NewReader(answer)), Request: r}, nil
}

func collectPaths(t *testing.T, w *pathWire, nodes ...*inventory.Node) *inventory.Binder {
	t.Helper()
	w.answers["GetCallerIdentity"] = `<GetCallerIdentityResult><Account>111122223333</Account><Arn>arn:aws:iam::111122223333:user/a</Arn></GetCallerIdentityResult>`
	a, err := awsapi.Open(t.Context(), awsapi.Options{
		Region: "us-east-1", HTTPClient: w, Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""), Unpaced: true,
		Retryer: func() aws.Retryer { return aws.NopRetryer{} },
	})
	if err != nil {
		t.Fatal(err)
	}
	s := inventory.NewStore(a, []string{"us-east-1"}, time.Now)
	s.Collect(t.Context(), append(nodes, inventory.Regions.Node()))
	slices.Sort(w.calls)
	w.calls = slices.DeleteFunc(w.calls, func(c string) bool { return c == "GetCallerIdentity" })
	return s.Bind("us-east-1")
}

func ids[T inventory.Row](rows inventory.Rows[T]) []string {
	var out []string
	for _, r := range rows.List {
		out = append(out, r.Subject().ID)
	}
	for _, g := range rows.Gaps {
		gap := string(g.Outcome) + " " + g.Operation
		if g.Parent != nil {
			gap += " of " + g.Parent.ID
		}
		out = append(out, gap)
	}
	return out
}

func TestSharedVPCsByWire(t *testing.T) {
	w := &pathWire{answers: map[string]string{
		"DescribeSubnets": `<subnetSet><item><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId><ownerId>111122223333</ownerId></item>
			<item><subnetId>subnet-2</subnetId><vpcId>vpc-2</vpcId><ownerId>444455556666</ownerId></item></subnetSet><nextToken>two</nextToken>`,
		"DescribeSubnets two": `<subnetSet><item><subnetId>subnet-3</subnetId><vpcId>vpc-2</vpcId><ownerId>444455556666</ownerId></item>
			<item><subnetId>subnet-4</subnetId><vpcId>vpc-3</vpcId><ownerId>444455556666</ownerId></item>
			<item><subnetId>subnet-5</subnetId><vpcId>vpc-4</vpcId></item></subnetSet>`,
		"DescribeNetworkAcls vpc-2": `<networkAclSet><item><networkAclId>acl-2</networkAclId><vpcId>vpc-2</vpcId><ownerId>444455556666</ownerId></item></networkAclSet>`,
		"DescribeSecurityGroups vpc-2": `<securityGroupInfo><item><groupId>sg-2</groupId><ownerId>444455556666</ownerId></item>
			<item><groupId>sg-own</groupId><ownerId>111122223333</ownerId></item></securityGroupInfo>`,
		"DescribeSecurityGroups vpc-3": `<securityGroupInfo/>`,
	}}
	b := collectPaths(t, w, Subnets.Node(), SharedNetworkACLs.Node(), SharedSecurityGroups.Node())
	if diff := cmp.Diff([]string{"subnet-1", "subnet-2", "subnet-3", "subnet-4", "subnet-5"}, ids(inventory.Use(b, Subnets))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"acl-2", "denied ec2:DescribeNetworkAcls of vpc-3"}, ids(inventory.Use(b, SharedNetworkACLs))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"sg-2"}, ids(inventory.Use(b, SharedSecurityGroups))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{
		"DescribeNetworkAcls vpc-2 1000", "DescribeNetworkAcls vpc-3 1000", "DescribeSecurityGroups vpc-2 1000", "DescribeSecurityGroups vpc-3 1000",
		"DescribeSubnets 1000", "DescribeSubnets two 1000",
	}, w.calls); diff != "" {
		t.Error(diff)
	}
}

func TestVPCBlockPublicAccessByWire(t *testing.T) {
	options := func(mode string) string {
		return `<vpcBlockPublicAccessOptions><internetGatewayBlockMode>` + mode + `</internetGatewayBlockMode><state>update-complete</state></vpcBlockPublicAccessOptions>`
	}
	const one = `<vpcBlockPublicAccessExclusionSet><item><exclusionId>vpcbpa-exclude-1</exclusionId><resourceArn>arn:vpc</resourceArn>
		<internetGatewayExclusionMode>allow-egress</internetGatewayExclusionMode><state>create-complete</state></item></vpcBlockPublicAccessExclusionSet>`
	for name, tt := range map[string]struct {
		answers                    map[string]string
		options, exclusions, calls []string
	}{
		"off: no exclusion is asked for": {
			map[string]string{"DescribeVpcBlockPublicAccessOptions": options("off")}, []string{"111122223333"}, nil, []string{"DescribeVpcBlockPublicAccessOptions"},
		},
		"on, two pages": {
			map[string]string{
				"DescribeVpcBlockPublicAccessOptions": options("block-ingress"), "DescribeVpcBlockPublicAccessExclusions": one + "<nextToken>two</nextToken>",
				"DescribeVpcBlockPublicAccessExclusions two": one,
			},
			[]string{"111122223333"},
			[]string{"vpcbpa-exclude-1", "vpcbpa-exclude-1"},
			[]string{"DescribeVpcBlockPublicAccessExclusions 1000", "DescribeVpcBlockPublicAccessExclusions two 1000", "DescribeVpcBlockPublicAccessOptions"},
		},
		"the second page is denied": {
			map[string]string{
				"DescribeVpcBlockPublicAccessOptions": options("block-ingress"), "DescribeVpcBlockPublicAccessExclusions": one + "<nextToken>two</nextToken>",
			},
			[]string{"111122223333"},
			[]string{"vpcbpa-exclude-1", "denied ec2:DescribeVpcBlockPublicAccessExclusions of 111122223333"},
			[]string{"DescribeVpcBlockPublicAccessExclusions 1000", "DescribeVpcBlockPublicAccessExclusions two 1000", "DescribeVpcBlockPublicAccessOptions"},
		},
		"an answer without the mode": {
			map[string]string{"DescribeVpcBlockPublicAccessOptions": "<requestId>1</requestId>"},
			[]string{"failed ec2:DescribeVpcBlockPublicAccessOptions"},
			[]string{"failed ec2:DescribeVpcBlockPublicAccessOptions"},
			[]string{"DescribeVpcBlockPublicAccessOptions"},
		},
		"denied": {
			map[string]string{},
			[]string{"denied ec2:DescribeVpcBlockPublicAccessOptions"},
			[]string{"denied ec2:DescribeVpcBlockPublicAccessOptions"},
			[]string{"DescribeVpcBlockPublicAccessOptions"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := &pathWire{answers: tt.answers}
			b := collectPaths(t, w, VPCBlockPublicAccessOptions.Node(), VPCBlockExclusions.Node())
			if diff := cmp.Diff(tt.options, ids(inventory.Use(b, VPCBlockPublicAccessOptions))); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tt.exclusions, ids(inventory.Use(b, VPCBlockExclusions))); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tt.calls, w.calls); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPathListingsByWire(t *testing.T) {
	w := &pathWire{answers: map[string]string{
		"DescribeSubnets":           `<subnetSet/>`,
		"DescribeRouteTables":       `<routeTableSet><item><routeTableId>rtb-1</routeTableId><routeSet><item><destinationPrefixListId>pl-route</destinationPrefixListId><gatewayId>igw-1</gatewayId></item><item><destinationPrefixListId>pl-in</destinationPrefixListId></item></routeSet></item></routeTableSet>`,
		"DescribeInternetGateways":  `<internetGatewaySet><item><internetGatewayId>igw-1</internetGatewayId></item></internetGatewaySet>`,
		"DescribeNetworkInterfaces": `<networkInterfaceSet><item><networkInterfaceId>eni-1</networkInterfaceId><requesterId>amazon-elb</requesterId><groupSet><item><groupId>sg-elb</groupId></item></groupSet></item></networkInterfaceSet>`,
		"DescribeSecurityGroups": `<securityGroupInfo>
			<item><groupId>sg-elb</groupId><ipPermissions><item><prefixListIds><item><prefixListId>pl-in</prefixListId></item></prefixListIds></item></ipPermissions>
				<ipPermissionsEgress><item><prefixListIds><item><prefixListId>pl-out</prefixListId></item></prefixListIds></item></ipPermissionsEgress></item>
			<item><groupId>sg-2</groupId><ipPermissionsEgress><item><prefixListIds><item><prefixListId>pl-unused</prefixListId></item></prefixListIds></item></ipPermissionsEgress></item>
			</securityGroupInfo>`,
		"GetManagedPrefixListEntries pl-route":     `<entrySet><item><cidr>10.0.0.0/8</cidr></item></entrySet>`,
		"DescribeVpcPeeringConnections":            `<vpcPeeringConnectionSet><item><vpcPeeringConnectionId>pcx-1</vpcPeeringConnectionId></item></vpcPeeringConnectionSet>`,
		"DescribeTransitGatewayVpcAttachments":     `<transitGatewayVpcAttachments><item><transitGatewayAttachmentId>tgw-attach-1</transitGatewayAttachmentId></item></transitGatewayVpcAttachments>`,
		"DescribeVpnGateways":                      `<vpnGatewaySet><item><vpnGatewayId>vgw-1</vpnGatewayId></item></vpnGatewaySet>`,
		"DescribeVpcEndpointServiceConfigurations": `<serviceConfigurationSet><item><serviceId>vpce-svc-1</serviceId></item></serviceConfigurationSet>`,
		"DescribeCarrierGateways":                  `<carrierGatewaySet><item><carrierGatewayId>cagw-1</carrierGatewayId></item></carrierGatewaySet>`,
		"DescribeInstanceConnectEndpoints":         `<instanceConnectEndpointSet><item><instanceConnectEndpointId>eice-1</instanceConnectEndpointId></item></instanceConnectEndpointSet>`,
		"DescribeVerifiedAccessEndpoints":          `<verifiedAccessEndpointSet><item><verifiedAccessEndpointId>vae-1</verifiedAccessEndpointId></item></verifiedAccessEndpointSet>`,
	}}
	b := collectPaths(
		t, w, RouteTables.Node(), InternetGateways.Node(), ENIs.Node(), PathPrefixLists.Node(), VPCPeeringConnections.Node(), TransitGatewayAttachments.Node(),
		VPNGateways.Node(), VPCEndpointServices.Node(), CarrierGateways.Node(), InstanceConnectEndpoints.Node(), VerifiedAccessEndpoints.Node(), ClientVPNEndpoints.Node(),
	)
	for name, tt := range map[string]struct{ got, want []string }{
		"route tables":     {ids(inventory.Use(b, RouteTables)), []string{"rtb-1"}},
		"gateways":         {ids(inventory.Use(b, InternetGateways)), []string{"igw-1"}},
		"interfaces":       {ids(inventory.Use(b, ENIs)), []string{"eni-1"}},
		"lists":            {ids(inventory.Use(b, PathPrefixLists)), []string{"pl-route", "pl-out", "denied ec2:GetManagedPrefixListEntries of pl-out"}},
		"peering":          {ids(inventory.Use(b, VPCPeeringConnections)), []string{"pcx-1"}},
		"transit":          {ids(inventory.Use(b, TransitGatewayAttachments)), []string{"tgw-attach-1"}},
		"VPN":              {ids(inventory.Use(b, VPNGateways)), []string{"vgw-1"}},
		"services":         {ids(inventory.Use(b, VPCEndpointServices)), []string{"vpce-svc-1"}},
		"carrier":          {ids(inventory.Use(b, CarrierGateways)), []string{"cagw-1"}},
		"instance connect": {ids(inventory.Use(b, InstanceConnectEndpoints)), []string{"eice-1"}},
		"verified access":  {ids(inventory.Use(b, VerifiedAccessEndpoints)), []string{"vae-1"}},
		"client VPN":       {ids(inventory.Use(b, ClientVPNEndpoints)), []string{"denied ec2:DescribeClientVpnEndpoints"}},
	} {
		if diff := cmp.Diff(tt.want, tt.got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if diff := cmp.Diff([]string{
		"DescribeCarrierGateways 1000", "DescribeClientVpnEndpoints 1000", "DescribeInstanceConnectEndpoints 50", "DescribeInternetGateways 1000",
		"DescribeNetworkInterfaces 1000", "DescribeRouteTables 100", "DescribeSecurityGroups 1000", "DescribeSubnets 1000",
		"DescribeTransitGatewayVpcAttachments 1000", "DescribeVerifiedAccessEndpoints 1000", "DescribeVpcEndpointServiceConfigurations 1000",
		"DescribeVpcPeeringConnections 1000", "DescribeVpnGateways", "GetManagedPrefixListEntries pl-out 100", "GetManagedPrefixListEntries pl-route 100",
	}, w.calls); diff != "" {
		t.Error(diff)
	}
}

func TestPrefixListNamesByWire(t *testing.T) {
	w := &pathWire{answers: map[string]string{
		"DescribeSecurityGroups": `<securityGroupInfo><item><groupId>sg-1</groupId><ipPermissions><item><prefixListIds><item><prefixListId>pl-1</prefixListId></item>
			<item><prefixListId>pl-gone</prefixListId></item></prefixListIds></item></ipPermissions></item></securityGroupInfo>`,
		"DescribeManagedPrefixLists pl-1": `<prefixListSet><item><prefixListId>pl-1</prefixListId><prefixListName>com.amazonaws.global.cloudfront.origin-facing</prefixListName>
			<ownerId>AWS</ownerId></item></prefixListSet>`,
	}}
	b := collectPaths(t, w, PrefixListNames.Node())
	names := inventory.Read(b, PrefixListNames)
	refs := inventory.Use(b, PrefixListRefs).List
	if got, err := names.Of(refs[0]).Get(); err != nil || got != (PrefixListName{"com.amazonaws.global.cloudfront.origin-facing", "AWS"}) {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := names.Of(refs[1]).Get(); err == nil {
		t.Error("a list without an answer has a name")
	}
	if diff := cmp.Diff([]string{"DescribeManagedPrefixLists pl-1 100", "DescribeSecurityGroups 1000"}, w.calls); diff != "" {
		t.Error(diff)
	}
}

func TestAnswersWithoutTheirList(t *testing.T) {
	w := &pathWire{answers: map[string]string{
		"DescribeSubnets": "<requestId>1</requestId>", "DescribeRouteTables": "<requestId>1</requestId>", "DescribeInternetGateways": "<requestId>1</requestId>",
		"DescribeNetworkInterfaces": "<requestId>1</requestId>",
	}}
	b := collectPaths(t, w, Subnets.Node(), RouteTables.Node(), InternetGateways.Node(), ENIs.Node())
	for op, err := range map[string]error{
		"subnets": inventory.Use(b, Subnets).Err(), "tables": inventory.Use(b, RouteTables).Err(), "gateways": inventory.Use(b, InternetGateways).Err(),
		"interfaces": inventory.Use(b, ENIs).Err(),
	} {
		if err == nil || !strings.Contains(err.Error(), "lacks the list") {
			t.Errorf("%s: %v", op, err)
		}
	}
}
