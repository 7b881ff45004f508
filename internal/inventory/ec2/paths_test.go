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
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

func TestSubnetRow(t *testing.T) {
	associated := &types.SubnetCidrBlockState{State: types.SubnetCidrBlockStateCodeAssociated}
	got := subnetRow(cnSession, types.Subnet{
		SubnetId: aws.String("subnet-1"), VpcId: aws.String("vpc-1"), OwnerId: aws.String("444455556666"), State: types.SubnetStateAvailable,
		AvailabilityZone: aws.String("cn-north-1a"), CidrBlock: aws.String("10.0.0.0/24"),
		BlockPublicAccessStates: &types.BlockPublicAccessStates{InternetGatewayBlockMode: types.BlockPublicAccessModeBlockIngress},
		Ipv6CidrBlockAssociationSet: []types.SubnetIpv6CidrBlockAssociation{
			{Ipv6CidrBlock: aws.String("2600:2::/64"), Ipv6CidrBlockState: associated},
			{Ipv6CidrBlock: aws.String("2600:1::/64"), Ipv6CidrBlockState: associated},
			{Ipv6CidrBlock: aws.String("2600:3::/64"), Ipv6CidrBlockState: &types.SubnetCidrBlockState{State: types.SubnetCidrBlockStateCodeDisassociated}},
			{Ipv6CidrBlock: aws.String("2600:4::/64")},
		},
	})
	want := Subnet{
		Resource: &inventory.Resource{
			Type: "AWS::EC2::Subnet", ID: "subnet-1", ARN: "arn:aws-cn:ec2:cn-north-1:444455556666:subnet/subnet-1", Region: "cn-north-1", Tags: map[string]string{},
		},
		VPCID: "vpc-1", Owner: "444455556666", State: "available", Zone: "cn-north-1a", CIDR: "10.0.0.0/24",
		IPv6CIDRs: []string{"2600:1::/64", "2600:2::/64"}, BlockMode: "block-ingress",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if row := subnetRow(cnSession, types.Subnet{SubnetArn: aws.String("arn:given")}); row.ARN != "arn:given" || row.BlockMode != "" || row.Owner != "" || row.IPv6CIDRs != nil {
		t.Errorf("%+v", row)
	}
}

func TestRouteTableRow(t *testing.T) {
	got := routeTableRow(cnSession, types.RouteTable{
		RouteTableId: aws.String("rtb-1"), VpcId: aws.String("vpc-1"), OwnerId: aws.String("111122223333"),
		Associations: []types.RouteTableAssociation{
			{Main: aws.Bool(true), AssociationState: &types.RouteTableAssociationState{State: types.RouteTableAssociationStateCodeAssociated}},
			{Main: aws.Bool(false), SubnetId: aws.String("subnet-1")},
			{GatewayId: aws.String("igw-1")},
		},
		Routes: []types.Route{
			{DestinationCidrBlock: aws.String("10.0.0.0/16"), GatewayId: aws.String("local"), State: types.RouteStateActive, Origin: types.RouteOriginCreateRouteTable},
			{DestinationIpv6CidrBlock: aws.String("::/0"), EgressOnlyInternetGatewayId: aws.String("eigw-1"), State: types.RouteStateBlackhole},
			{DestinationPrefixListId: aws.String("pl-1"), GatewayId: aws.String("vpce-1")},
		},
	})
	if diff := cmp.Diff([]RouteAssociation{{Main: aws.Bool(true), State: "associated"}, {Main: aws.Bool(false), Subnet: "subnet-1"}, {Gateway: "igw-1"}}, got.Associations); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]Route{
		{CIDR: "10.0.0.0/16", Kind: TargetLocal, Target: "local", State: "active", Origin: "CreateRouteTable"},
		{CIDR6: "::/0", Kind: TargetEgressOnly, Target: "eigw-1", State: "blackhole"},
		{PrefixList: "pl-1", Kind: TargetVPCEndpoint, Target: "vpce-1"},
	}, got.Routes); diff != "" {
		t.Error(diff)
	}
	if row := routeTableRow(cnSession, types.RouteTable{}); row.Routes != nil || row.Associations != nil {
		t.Error("lists that were not given are not nil")
	}
	if row := routeTableRow(cnSession, types.RouteTable{Routes: []types.Route{}, Associations: []types.RouteTableAssociation{}}); row.Routes == nil || row.Associations == nil {
		t.Error("empty lists read as lists that were not given")
	}
}

func TestRouteTargets(t *testing.T) {
	for name, tt := range map[string]struct {
		in           types.Route
		kind, target string
	}{
		"internet gateway":     {types.Route{GatewayId: aws.String("igw-1")}, TargetInternetGateway, "igw-1"},
		"virtual private":      {types.Route{GatewayId: aws.String("vgw-1")}, TargetVPNGateway, "vgw-1"},
		"egress-only as such":  {types.Route{GatewayId: aws.String("eigw-1")}, TargetEgressOnly, "eigw-1"},
		"NAT":                  {types.Route{NatGatewayId: aws.String("nat-1")}, TargetNATGateway, "nat-1"},
		"transit":              {types.Route{TransitGatewayId: aws.String("tgw-1")}, TargetTransitGateway, "tgw-1"},
		"peering":              {types.Route{VpcPeeringConnectionId: aws.String("pcx-1")}, TargetPeering, "pcx-1"},
		"an instance has both": {types.Route{InstanceId: aws.String("i-1"), NetworkInterfaceId: aws.String("eni-1")}, TargetNetworkInterface, "eni-1"},
		"instance alone":       {types.Route{InstanceId: aws.String("i-1")}, TargetInstance, "i-1"},
		"carrier":              {types.Route{CarrierGatewayId: aws.String("cagw-1")}, TargetCarrierGateway, "cagw-1"},
		"local gateway":        {types.Route{LocalGatewayId: aws.String("lgw-1")}, TargetLocalGateway, "lgw-1"},
		"core network":         {types.Route{CoreNetworkArn: aws.String("arn:core")}, TargetCoreNetwork, "arn:core"},
		"odb":                  {types.Route{OdbNetworkArn: aws.String("arn:odb")}, TargetODBNetwork, "arn:odb"},
		"a gateway to come":    {types.Route{GatewayId: aws.String("xgw-1")}, TargetOther, "xgw-1"},
		"nothing":              {types.Route{}, TargetOther, ""},
	} {
		if r := routeOf(tt.in); r.Kind != tt.kind || r.Target != tt.target {
			t.Errorf("%s: %s %s", name, r.Kind, r.Target)
		}
	}
}

func TestInternetGatewayRow(t *testing.T) {
	got := internetGatewayRow(cnSession, types.InternetGateway{
		InternetGatewayId: aws.String("igw-1"), Attachments: []types.InternetGatewayAttachment{{VpcId: aws.String("vpc-1"), State: "available"}, {}},
	})
	if diff := cmp.Diff([]GatewayAttachment{{"vpc-1", "available"}, {}}, got.Attachments); diff != "" || got.ARN != "arn:aws-cn:ec2:cn-north-1:111122223333:internet-gateway/igw-1" {
		t.Errorf("%s %s", got.ARN, diff)
	}
	if row := internetGatewayRow(cnSession, types.InternetGateway{}); row.Attachments != nil {
		t.Error("attachments that were not given are not nil")
	}
	if row := internetGatewayRow(cnSession, types.InternetGateway{Attachments: []types.InternetGatewayAttachment{}}); row.Attachments == nil {
		t.Error("no attachments read as attachments that were not given")
	}
}

func TestENIRow(t *testing.T) {
	public := func(ip string) *types.NetworkInterfaceAssociation {
		return &types.NetworkInterfaceAssociation{PublicIp: &ip, IpOwnerId: aws.String("amazon")}
	}
	got := eniRow(cnSession, types.NetworkInterface{
		NetworkInterfaceId: aws.String("eni-1"), VpcId: aws.String("vpc-1"), SubnetId: aws.String("subnet-1"), OwnerId: aws.String("111122223333"),
		Status: "in-use", Description: aws.String("ELB app/web/50dc6c495c0c9188"), InterfaceType: "interface", RequesterId: aws.String("amazon-elb"),
		RequesterManaged: aws.Bool(true), DenyAllIgwTraffic: aws.Bool(false), SourceDestCheck: aws.Bool(true),
		Operator:    &types.OperatorResponse{Managed: aws.Bool(true), Principal: aws.String("eks.amazonaws.com")},
		Attachment:  &types.NetworkInterfaceAttachment{InstanceId: aws.String("i-1"), InstanceOwnerId: aws.String("111122223333"), Status: "attached", DeviceIndex: aws.Int32(1)},
		Groups:      []types.GroupIdentifier{{GroupId: aws.String("sg-1")}},
		Association: public("3.4.5.6"), PrivateIpAddress: aws.String("10.0.0.1"),
		PrivateIpAddresses: []types.NetworkInterfacePrivateIpAddress{
			{PrivateIpAddress: aws.String("10.0.0.2"), Association: &types.NetworkInterfaceAssociation{PublicIp: aws.String("7.8.9.10"), AllocationId: aws.String("eipalloc-1")}},
			{PrivateIpAddress: aws.String("10.0.0.1"), Primary: aws.Bool(true), Association: public("3.4.5.6")},
			{PrivateIpAddress: aws.String("10.0.0.3"), Association: &types.NetworkInterfaceAssociation{CarrierIp: aws.String("155.1.2.3")}},
			{PrivateIpAddress: aws.String("10.0.0.4")},
		},
		Ipv6Addresses: []types.NetworkInterfaceIpv6Address{{Ipv6Address: aws.String("2600::1")}},
		Ipv4Prefixes:  []types.Ipv4PrefixSpecification{{Ipv4Prefix: aws.String("10.0.1.0/28")}},
		Ipv6Prefixes:  []types.Ipv6PrefixSpecification{{Ipv6Prefix: aws.String("2600:1::/80")}},
	})
	want := ENI{
		Resource: &inventory.Resource{
			Type: "AWS::EC2::NetworkInterface", ID: "eni-1", ARN: "arn:aws-cn:ec2:cn-north-1:111122223333:network-interface/eni-1", Region: "cn-north-1", Tags: map[string]string{},
		},
		VPCID: "vpc-1", SubnetID: "subnet-1", Owner: "111122223333", Status: "in-use", Description: "ELB app/web/50dc6c495c0c9188", InterfaceType: "interface",
		RequesterID: "amazon-elb", RequesterManaged: aws.Bool(true), Manager: "eks.amazonaws.com", InstanceID: "i-1", InstanceOwner: "111122223333",
		AttachmentStatus: "attached", DeviceIndex: aws.Int32(1), Groups: []string{"sg-1"}, IPv6: []string{"2600::1"}, Prefixes: []string{"10.0.1.0/28", "2600:1::/80"},
		DenyAllIGWTraffic: aws.Bool(false), SourceDestCheck: aws.Bool(true),
		Addresses: []Address{
			{Private: "10.0.0.1", Public: "3.4.5.6", IPOwner: "amazon"}, {Private: "10.0.0.2", Public: "7.8.9.10", Allocation: "eipalloc-1"},
			{Private: "10.0.0.3", CarrierIP: "155.1.2.3"}, {Private: "10.0.0.4"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	bare := eniRow(cnSession, types.NetworkInterface{})
	if bare.Groups != nil || bare.Addresses != nil || bare.IPv6 != nil || bare.DenyAllIGWTraffic != nil || bare.RequesterManaged != nil {
		t.Errorf("what was not given: %+v", bare)
	}
	empty := eniRow(cnSession, types.NetworkInterface{
		Groups: []types.GroupIdentifier{}, PrivateIpAddresses: []types.NetworkInterfacePrivateIpAddress{}, Ipv6Addresses: []types.NetworkInterfaceIpv6Address{},
	})
	if empty.Groups == nil || empty.Addresses == nil || empty.IPv6 == nil {
		t.Errorf("what is empty reads as not given: %+v", empty)
	}
	alone := eniRow(cnSession, types.NetworkInterface{Association: public("3.4.5.6"), PrivateIpAddress: aws.String("10.0.0.1")})
	if diff := cmp.Diff([]Address{{Private: "10.0.0.1", Public: "3.4.5.6", IPOwner: "amazon"}}, alone.Addresses); diff != "" {
		t.Errorf("the association without private addresses: %s", diff)
	}
}

func TestWhoOwnsAnInterface(t *testing.T) {
	for name, tt := range map[string]struct {
		e        ENI
		elb, nat bool
	}{
		"application":      {ENI{InterfaceType: "interface", RequesterID: "amazon-elb"}, true, false},
		"by description":   {ENI{InterfaceType: "interface", Description: "ELB web"}, true, false},
		"network":          {ENI{InterfaceType: "network_load_balancer"}, true, false},
		"gateway":          {ENI{InterfaceType: "gateway_load_balancer"}, true, false},
		"NAT":              {ENI{InterfaceType: "nat_gateway"}, false, true},
		"NAT in the model": {ENI{InterfaceType: "natGateway"}, false, true},
		"an instance's":    {ENI{InterfaceType: "interface", Description: "ELBOW"}, false, false},
		"a database's":     {ENI{InterfaceType: "interface", RequesterID: "amazon-rds"}, false, false},
	} {
		if tt.e.OfLoadBalancer() != tt.elb || tt.e.OfNATGateway() != tt.nat {
			t.Errorf("%s: load balancer %v, NAT %v", name, tt.e.OfLoadBalancer(), tt.e.OfNATGateway())
		}
	}
}

func TestVPCBlockOff(t *testing.T) {
	for name, tt := range map[string]struct {
		b    VPCBlockPublicAccess
		want bool
	}{
		"off":             {VPCBlockPublicAccess{Mode: "off", State: "default-state"}, true},
		"state not said":  {VPCBlockPublicAccess{Mode: "off"}, true},
		"about to change": {VPCBlockPublicAccess{Mode: "off", State: "update-in-progress"}, false},
		"ingress":         {VPCBlockPublicAccess{Mode: "block-ingress", State: "update-complete"}, false},
		"both":            {VPCBlockPublicAccess{Mode: "block-bidirectional"}, false},
		"mode not said":   {VPCBlockPublicAccess{}, false},
	} {
		if tt.b.Off() != tt.want {
			t.Errorf("%s: not %v", name, tt.want)
		}
	}
}

func TestEntranceRows(t *testing.T) {
	vpc := func(id string) *types.VpcPeeringConnectionVpcInfo {
		return &types.VpcPeeringConnectionVpcInfo{VpcId: &id}
	}
	for name, tt := range map[string]struct {
		got                    Entrance
		id, state              string
		vpcs, subnets, targets []string
	}{
		"peering": {
			peeringRow(cnSession, types.VpcPeeringConnection{
				VpcPeeringConnectionId: aws.String("pcx-1"), AccepterVpcInfo: vpc("vpc-2"), RequesterVpcInfo: vpc("vpc-1"),
				Status: &types.VpcPeeringConnectionStateReason{Code: "active"},
			}), "vpc-peering-connection/pcx-1", "active", []string{"vpc-1", "vpc-2"}, nil, nil,
		},
		"transit": {
			transitRow(cnSession, types.TransitGatewayVpcAttachment{
				TransitGatewayAttachmentId: aws.String("tgw-attach-1"), VpcId: aws.String("vpc-1"), SubnetIds: []string{"subnet-2", "subnet-1"}, State: "available",
			}), "transit-gateway-attachment/tgw-attach-1", "available", []string{"vpc-1"}, []string{"subnet-1", "subnet-2"}, nil,
		},
		"VPN": {
			vpnGatewayRow(cnSession, types.VpnGateway{VpnGatewayId: aws.String("vgw-1"), State: "available", VpcAttachments: []types.VpcAttachment{
				{VpcId: aws.String("vpc-3"), State: "detached"}, {VpcId: aws.String("vpc-2"), State: "detaching"}, {VpcId: aws.String("vpc-1")}, {},
			}}), "vpn-gateway/vgw-1", "available", []string{"vpc-1", "vpc-2"}, nil, nil,
		},
		"endpoint service": {
			endpointServiceRow(cnSession, types.ServiceConfiguration{
				ServiceId: aws.String("vpce-svc-1"), ServiceState: "Available", NetworkLoadBalancerArns: []string{"arn:b"}, GatewayLoadBalancerArns: []string{"arn:a"},
			}), "vpc-endpoint-service/vpce-svc-1", "Available", nil, nil, []string{"arn:a", "arn:b"},
		},
		"carrier": {
			carrierGatewayRow(cnSession, types.CarrierGateway{CarrierGatewayId: aws.String("cagw-1"), VpcId: aws.String("vpc-1"), State: "available"}),
			"carrier-gateway/cagw-1", "available", []string{"vpc-1"}, nil, nil,
		},
		"instance connect": {
			instanceConnectRow(cnSession, types.Ec2InstanceConnectEndpoint{
				InstanceConnectEndpointId: aws.String("eice-1"), VpcId: aws.String("vpc-1"), SubnetId: aws.String("subnet-1"), State: "create-complete",
			}), "instance-connect-endpoint/eice-1", "create-complete", []string{"vpc-1"}, []string{"subnet-1"}, nil,
		},
		"verified access": {
			verifiedAccessRow(cnSession, types.VerifiedAccessEndpoint{
				VerifiedAccessEndpointId: aws.String("vae-1"), Status: &types.VerifiedAccessEndpointStatus{Code: "active"},
				LoadBalancerOptions:     &types.VerifiedAccessEndpointLoadBalancerOptions{LoadBalancerArn: aws.String("arn:lb"), SubnetIds: []string{"subnet-1"}},
				NetworkInterfaceOptions: &types.VerifiedAccessEndpointEniOptions{NetworkInterfaceId: aws.String("eni-1")},
				RdsOptions:              &types.VerifiedAccessEndpointRdsOptions{RdsDbInstanceArn: aws.String("arn:db")},
				CidrOptions:             &types.VerifiedAccessEndpointCidrOptions{Cidr: aws.String("10.0.0.0/24"), SubnetIds: []string{"subnet-0"}},
			}), "verified-access-endpoint/vae-1", "active", nil, []string{"subnet-0", "subnet-1"}, []string{"10.0.0.0/24", "arn:db", "arn:lb", "eni-1"},
		},
		"client VPN": {
			clientVPNRow(cnSession, types.ClientVpnEndpoint{
				ClientVpnEndpointId: aws.String("cvpn-1"), VpcId: aws.String("vpc-1"), Status: &types.ClientVpnEndpointStatus{Code: "available"},
			}), "client-vpn-endpoint/cvpn-1", "available", []string{"vpc-1"}, nil, nil,
		},
		"nothing of peering":         {peeringRow(cnSession, types.VpcPeeringConnection{}), "vpc-peering-connection/", "", nil, nil, nil},
		"nothing of verified access": {verifiedAccessRow(cnSession, types.VerifiedAccessEndpoint{}), "verified-access-endpoint/", "", nil, nil, nil},
		"nothing of client VPN":      {clientVPNRow(cnSession, types.ClientVpnEndpoint{}), "client-vpn-endpoint/", "", nil, nil, nil},
	} {
		if tt.got.ARN != "arn:aws-cn:ec2:cn-north-1:111122223333:"+tt.id || tt.got.State != tt.state || tt.got.Tags == nil {
			t.Errorf("%s: %s %s", name, tt.got.ARN, tt.got.State)
		}
		if !slices.Equal(tt.got.VPCs, tt.vpcs) || !slices.Equal(tt.got.Subnets, tt.subnets) || !slices.Equal(tt.got.Targets, tt.targets) {
			t.Errorf("%s: %+v", name, tt.got)
		}
	}
}

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
			[]string{"111122223333"}, []string{"vpcbpa-exclude-1", "vpcbpa-exclude-1"},
			[]string{"DescribeVpcBlockPublicAccessExclusions 1000", "DescribeVpcBlockPublicAccessExclusions two 1000", "DescribeVpcBlockPublicAccessOptions"},
		},
		"the second page is denied": {
			map[string]string{
				"DescribeVpcBlockPublicAccessOptions": options("block-ingress"), "DescribeVpcBlockPublicAccessExclusions": one + "<nextToken>two</nextToken>",
			},
			[]string{"111122223333"}, []string{"vpcbpa-exclude-1", "denied ec2:DescribeVpcBlockPublicAccessExclusions of 111122223333"},
			[]string{"DescribeVpcBlockPublicAccessExclusions 1000", "DescribeVpcBlockPublicAccessExclusions two 1000", "DescribeVpcBlockPublicAccessOptions"},
		},
		"an answer without the mode": {
			map[string]string{"DescribeVpcBlockPublicAccessOptions": "<requestId>1</requestId>"},
			[]string{"failed ec2:DescribeVpcBlockPublicAccessOptions"}, []string{"failed ec2:DescribeVpcBlockPublicAccessOptions"},
			[]string{"DescribeVpcBlockPublicAccessOptions"},
		},
		"denied": {
			map[string]string{}, []string{"denied ec2:DescribeVpcBlockPublicAccessOptions"}, []string{"denied ec2:DescribeVpcBlockPublicAccessOptions"},
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

func TestVPCBlocks(t *testing.T) {
	on, off := &types.VpcCidrBlockState{State: types.VpcCidrBlockStateCodeAssociated}, &types.VpcCidrBlockState{State: types.VpcCidrBlockStateCodeDisassociated}
	row := vpcRow(cnSession, types.Vpc{
		CidrBlockAssociationSet: []types.VpcCidrBlockAssociation{
			{CidrBlock: aws.String("10.1.0.0/16"), CidrBlockState: on}, {CidrBlock: aws.String("10.0.0.0/16"), CidrBlockState: on},
			{CidrBlock: aws.String("10.2.0.0/16"), CidrBlockState: off}, {CidrBlock: aws.String("10.3.0.0/16")},
		},
		Ipv6CidrBlockAssociationSet: []types.VpcIpv6CidrBlockAssociation{
			{Ipv6CidrBlock: aws.String("2600:2::/56"), Ipv6CidrBlockState: on, Ipv6AddressAttribute: types.Ipv6AddressAttributePublic},
			{Ipv6CidrBlock: aws.String("2600:1::/56"), Ipv6CidrBlockState: on, Ipv6AddressAttribute: types.Ipv6AddressAttributePrivate},
			{Ipv6CidrBlock: aws.String("2600:3::/56"), Ipv6CidrBlockState: off, Ipv6AddressAttribute: types.Ipv6AddressAttributePrivate},
		},
	})
	if !slices.Equal(row.CIDRs, []string{"10.0.0.0/16", "10.1.0.0/16"}) || !slices.Equal(row.IPv6CIDRs, []string{"2600:1::/56", "2600:2::/56"}) ||
		!slices.Equal(row.PrivateIPv6, []string{"2600:1::/56"}) {
		t.Errorf("%+v", row)
	}
	if row := vpcRow(cnSession, types.Vpc{}); row.CIDRs != nil || row.IPv6CIDRs != nil {
		t.Errorf("what was not given: %+v", row)
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
