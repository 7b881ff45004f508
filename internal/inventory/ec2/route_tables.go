package ec2

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// RouteTable is one route table that the account sees, those of VPCs shared with it included. A nil list means that the
// answer did not give it; AWS writes an empty element for none.
type RouteTable struct {
	*inventory.Resource
	VPCID        string             `json:"vpc_id"`
	Owner        string             `json:"owner"` // the account; empty where the answer did not say
	Associations []RouteAssociation `json:"associations"`
	Routes       []Route            `json:"routes"`
}

// RouteAssociation says what a table stands for: the VPC's subnets without a table of their own (Main), one subnet, or
// what enters by a gateway (an edge association).
type RouteAssociation struct {
	Main    *bool  `json:"main"`
	Subnet  string `json:"subnet"`
	Gateway string `json:"gateway"`
	State   string `json:"state"` // associating, associated, disassociating, disassociated, failed; empty: not said
}

// The kinds of a route's target.
const (
	TargetLocal            = "local"
	TargetInternetGateway  = "internet-gateway"
	TargetVPNGateway       = "vpn-gateway"
	TargetVPCEndpoint      = "vpc-endpoint" // of a gateway, or of a Gateway Load Balancer
	TargetEgressOnly       = "egress-only-internet-gateway"
	TargetNATGateway       = "nat-gateway"
	TargetTransitGateway   = "transit-gateway"
	TargetPeering          = "vpc-peering-connection"
	TargetNetworkInterface = "network-interface"
	TargetInstance         = "instance" // where the answer names no interface
	TargetCarrierGateway   = "carrier-gateway"
	TargetLocalGateway     = "local-gateway"
	TargetCoreNetwork      = "core-network"
	TargetODBNetwork       = "odb-network"
	TargetOther            = "other" // a gateway of a kind that is not known here, or none in the answer
)

// Route is one route: one of the three destinations is set.
type Route struct {
	CIDR       string `json:"cidr"`
	CIDR6      string `json:"cidr6"`
	PrefixList string `json:"prefix_list"`
	Kind       string `json:"kind"`   // of the target
	Target     string `json:"target"` // its id, or ARN
	State      string `json:"state"`  // active, blackhole, filtered; empty: not said
	Origin     string `json:"origin"` // CreateRouteTable, CreateRoute, EnableVgwRoutePropagation, ...
}

// Key is the route table's id.
func (t RouteTable) Key() string { return t.ID }

var routeTableOps = awsapi.Calls("ec2:DescribeRouteTables")

// RouteTables are the route tables of the account's own VPCs and of those shared with it.
var RouteTables = inventory.Regional("ec2.route-tables", routeTableOps,
	func(ctx context.Context, s *awsapi.Session) ([]RouteTable, error) {
		in := &ec2.DescribeRouteTablesInput{MaxResults: aws.Int32(100)} // the largest page of this operation
		pages := listed[ec2.DescribeRouteTablesOutput]{
			ec2.NewDescribeRouteTablesPaginator(client(s), in), func(o *ec2.DescribeRouteTablesOutput) bool { return o.RouteTables != nil },
			broken(s, routeTableOps, "the list of route tables"),
		}
		return awsapi.Pages(ctx, pages, func(o *ec2.DescribeRouteTablesOutput) []RouteTable {
			rows := make([]RouteTable, 0, len(o.RouteTables))
			for _, t := range o.RouteTables {
				rows = append(rows, routeTableRow(s, t))
			}
			return rows
		})
	})

func routeTableRow(s *awsapi.Session, t types.RouteTable) RouteTable {
	tags, id := tagsOf(t.Tags), aws.ToString(t.RouteTableId)
	row := RouteTable{
		Resource: &inventory.Resource{
			Type: "AWS::EC2::RouteTable", ID: id, ARN: arnOf(s, nil, t.OwnerId, "route-table/"+id), Name: tags["Name"], Region: s.Region, Tags: tags,
		},
		VPCID: aws.ToString(t.VpcId), Owner: aws.ToString(t.OwnerId),
	}
	if t.Associations != nil {
		row.Associations = make([]RouteAssociation, 0, len(t.Associations))
	}
	for _, a := range t.Associations {
		as := RouteAssociation{Main: a.Main, Subnet: aws.ToString(a.SubnetId), Gateway: aws.ToString(a.GatewayId)}
		if a.AssociationState != nil {
			as.State = string(a.AssociationState.State)
		}
		row.Associations = append(row.Associations, as)
	}
	if t.Routes != nil {
		row.Routes = make([]Route, 0, len(t.Routes))
	}
	for _, r := range t.Routes {
		row.Routes = append(row.Routes, routeOf(r))
	}
	return row
}

func routeOf(r types.Route) Route {
	out := Route{
		CIDR: aws.ToString(r.DestinationCidrBlock), CIDR6: aws.ToString(r.DestinationIpv6CidrBlock), PrefixList: aws.ToString(r.DestinationPrefixListId),
		State: string(r.State), Origin: string(r.Origin), Kind: TargetOther,
	}
	for _, t := range []struct {
		kind string
		id   *string
	}{
		{TargetEgressOnly, r.EgressOnlyInternetGatewayId},
		{TargetNATGateway, r.NatGatewayId},
		{TargetTransitGateway, r.TransitGatewayId},
		{TargetPeering, r.VpcPeeringConnectionId},
		{TargetCarrierGateway, r.CarrierGatewayId},
		{TargetLocalGateway, r.LocalGatewayId},
		{TargetCoreNetwork, r.CoreNetworkArn},
		{TargetODBNetwork, r.OdbNetworkArn},
		{TargetNetworkInterface, r.NetworkInterfaceId},
		{TargetInstance, r.InstanceId},
	} {
		if aws.ToString(t.id) != "" {
			out.Kind, out.Target = t.kind, *t.id
			return out
		}
	}
	out.Target = aws.ToString(r.GatewayId)
	out.Kind = gatewayKind(out.Target)
	return out
}

// gatewayKind tells the gateways that a route names in one member by their ids (Route, API reference: "The ID of a gateway
// attached to your VPC"; VPC user guide, "Example routing options").
func gatewayKind(id string) string {
	switch {
	case id == "local":
		return TargetLocal
	case strings.HasPrefix(id, "igw-"):
		return TargetInternetGateway
	case strings.HasPrefix(id, "vgw-"):
		return TargetVPNGateway
	case strings.HasPrefix(id, "vpce-"):
		return TargetVPCEndpoint
	case strings.HasPrefix(id, "eigw-"):
		return TargetEgressOnly
	}
	return TargetOther
}
