package ec2

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"

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
			{Private: "10.0.0.1", Public: "3.4.5.6", IPOwner: "amazon"},
			{Private: "10.0.0.2", Public: "7.8.9.10", Allocation: "eipalloc-1"},
			{Private: "10.0.0.3", CarrierIP: "155.1.2.3"},
			{Private: "10.0.0.4"},
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
			"carrier-gateway/cagw-1", "available",
			[]string{"vpc-1"},
			nil, nil,
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

func TestVPCBlocks(t *testing.T) {
	on, off := &types.VpcCidrBlockState{State: types.VpcCidrBlockStateCodeAssociated}, &types.VpcCidrBlockState{State: types.VpcCidrBlockStateCodeDisassociated}
	row := vpcRow(cnSession, types.Vpc{
		CidrBlockAssociationSet: []types.VpcCidrBlockAssociation{
			{CidrBlock: aws.String("10.1.0.0/16"), CidrBlockState: on},
			{CidrBlock: aws.String("10.0.0.0/16"), CidrBlockState: on},
			{CidrBlock: aws.String("10.2.0.0/16"), CidrBlockState: off},
			{CidrBlock: aws.String("10.3.0.0/16")},
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

// What was not given and what is empty stay apart in a saved inventory.
func TestRowsSurviveSaving(t *testing.T) {
	again(t, subnetRow(cnSession, types.Subnet{}))
	again(t, routeTableRow(cnSession, types.RouteTable{}))
	again(t, routeTableRow(cnSession, types.RouteTable{Routes: []types.Route{{}}, Associations: []types.RouteTableAssociation{}}))
	again(t, internetGatewayRow(cnSession, types.InternetGateway{Attachments: []types.InternetGatewayAttachment{}}))
	again(t, eniRow(cnSession, types.NetworkInterface{}))
	again(t, eniRow(cnSession, types.NetworkInterface{Groups: []types.GroupIdentifier{}, DenyAllIgwTraffic: aws.Bool(true)}))
	again(t, vpcRow(cnSession, types.Vpc{CidrBlockAssociationSet: []types.VpcCidrBlockAssociation{}}))
	again(t, peeringRow(cnSession, types.VpcPeeringConnection{}))
}

func again[T any](t *testing.T, row T) {
	t.Helper()
	text, err := json.Marshal(row)
	if err != nil {
		t.Fatal(err)
	}
	var got T
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(row, got); diff != "" {
		t.Error(diff)
	}
}
