package examination

import (
	"strings"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/inventory/cloudfront"
	"github.com/ourshare/ourshare/internal/inventory/elbv2"
	ga "github.com/ourshare/ourshare/internal/inventory/globalaccelerator"
	"github.com/ourshare/ourshare/internal/inventory/rds"
)

// balancer adds a load balancer in subnet-a, with its interface, and returns its ARN.
func (a *netAccount) balancer(kind, scheme, subnet string, groups ...string) string {
	id := map[string]string{"application": "app/", "network": "net/"}[kind] + "lb-" + kind
	arn := "arn:aws:elasticloadbalancing:" + netRegion + ":" + netOwner + ":loadbalancer/" + id + "/1"
	public, private := "", map[string]string{"subnet-a": "10.0.0.100", "subnet-b": "10.0.1.100"}[subnet]
	if scheme == "internet-facing" {
		public = "52.0.0.100"
	}
	if kind == "network" {
		private, public = strings.Replace(private, ".100", ".101", 1), strings.Replace(public, ".100", ".101", 1)
	}
	if groups == nil {
		groups = []string{}
	}
	name := "lb-" + kind
	res := netResource("AWS::ElasticLoadBalancingV2::LoadBalancer", name)
	res.ARN = arn
	a.balancers = append(a.balancers, elbv2.LoadBalancer{
		Resource: res, Kind: kind, Scheme: scheme, State: "active", VPCID: "vpc-1", DNSName: name + ".elb.amazonaws.com", AddressType: "ipv4",
		SecurityGroups: groups, Zones: []elbv2.Zone{{Name: "us-east-1a", SubnetID: subnet}},
	})
	e := netENI("eni-"+name, "", subnet, private, public, groups...)
	e.InterfaceType, e.RequesterID, e.RequesterManaged, e.Description = "interface", "amazon-elb", new(true), "ELB "+id+"/1"
	if kind == "network" {
		e.InterfaceType = "network_load_balancer"
	}
	if public != "" {
		e.Addresses[0].IPOwner = "amazon-elb"
	}
	a.enis = append(a.enis, e)
	return arn
}

// listen adds a listener that forwards to a target group, and that group with its one target.
func (a *netAccount) listen(lb, protocol string, port int32, targetType, target string, targetPort int32) (group string) {
	kind := "network"
	if strings.Contains(lb, "/app/") {
		kind = "application"
	}
	group = strings.Replace(lb, "loadbalancer", "targetgroup", 1) + "/" + target
	listener := strings.Replace(lb, "loadbalancer", "listener", 1) + "/" + target
	forward := []elbv2.Action{{Type: "forward", Forward: []elbv2.Share{{TargetGroup: group}}}}
	res := netResource("AWS::ElasticLoadBalancingV2::Listener", listener)
	res.ARN = listener
	a.listeners = append(a.listeners, elbv2.Listener{
		Resource: res, LoadBalancer: "lb-" + kind, LoadBalancerARN: lb, Kind: kind, Scheme: a.scheme(lb), Protocol: protocol, Port: port, DefaultActions: forward,
	})
	if kind == "application" {
		a.rules[listener] = inventory.Known([]elbv2.Rule{{Priority: "default", Default: true, Actions: forward}})
	}
	tg := netResource("AWS::ElasticLoadBalancingV2::TargetGroup", group)
	tg.ARN = group
	a.targetGroups = append(a.targetGroups, elbv2.TargetGroup{
		Resource: tg, TargetType: targetType, Protocol: map[string]string{"HTTPS": "HTTP"}[protocol], Port: &targetPort, VPCID: "vpc-1", AddressType: "ipv4", LoadBalancers: []string{lb},
	})
	if g := &a.targetGroups[len(a.targetGroups)-1]; g.Protocol == "" {
		g.Protocol = protocol
	}
	a.targets[group] = inventory.Known([]elbv2.Target{{ID: target, Port: &targetPort, Zone: "us-east-1a", State: "healthy"}})
	preserve := targetType == "instance" // the defaults (NLB guide, "Client IP preservation")
	if targetType != "alb" && kind == "network" {
		a.settings[group] = inventory.Known(elbv2.TargetGroupSettings{PreserveClientIP: &preserve})
	}
	if targetType == "alb" { // always preserved (NLB guide, "Use Application Load Balancers as targets")
		a.settings[group] = inventory.Known(elbv2.TargetGroupSettings{PreserveClientIP: new(true)})
	}
	return group
}

func (a *netAccount) scheme(lb string) string {
	for _, b := range a.balancers {
		if b.ARN == lb {
			return b.Scheme
		}
	}
	return ""
}

// accelerate adds an accelerator with one TCP listener and one endpoint.
func (a *netAccount) accelerate(endpoint string, port int32) {
	arn := "arn:aws:globalaccelerator::" + netOwner + ":accelerator/acc-1"
	res := func(kind, arn string) *inventory.Resource {
		return &inventory.Resource{Type: "AWS::GlobalAccelerator::" + kind, ID: arn, ARN: arn, Name: kind, Region: awsapi.Global}
	}
	a.accelerators = append(a.accelerators, ga.Accelerator{
		Resource: res("Accelerator", arn), Enabled: new(true), Status: "DEPLOYED", Addresses: []string{"75.2.0.1", "99.83.0.1"}, AddressType: "IPV4",
	})
	a.accListeners = append(a.accListeners, ga.Listener{
		Resource: res("Listener", arn+"/listener/1"), Accelerator: arn, Protocol: "TCP", Ports: []ga.PortRange{{From: &port, To: &port}},
	})
	a.accGroups = append(a.accGroups, ga.EndpointGroup{
		Resource: res("EndpointGroup", arn+"/listener/1/endpoint-group/1"), Listener: arn + "/listener/1", EndpointRegion: netRegion, TrafficDial: new(float32(100)),
		Endpoints: []ga.Endpoint{{ID: endpoint, Weight: new(int32(128)), PreserveClientIP: new(true)}}, Overrides: []ga.PortOverride{},
	})
}

// origin adds a VPC origin with a distribution that uses it.
func (a *netAccount) origin(endpoint string, http int32) {
	a.origins = append(a.origins, cloudfront.VPCOrigin{
		Resource: &inventory.Resource{Type: "AWS::CloudFront::VpcOrigin", ID: "vo_1", ARN: "arn:aws:cloudfront::" + netOwner + ":vpcorigin/vo_1", Name: "vo", Region: awsapi.Global},
		Endpoint: endpoint, Status: "Deployed", Owner: netOwner,
	})
	a.originPorts["vo_1"] = inventory.Known(cloudfront.VPCOriginEndpoint{HTTPPort: &http, HTTPSPort: new(int32(443)), Policy: "http-only"})
	a.distributions = append(a.distributions, cloudfront.Distribution{
		Resource: &inventory.Resource{Type: "AWS::CloudFront::Distribution", ID: "E1", ARN: "arn:aws:cloudfront::" + netOwner + ":distribution/E1", Name: "d.cloudfront.net", Region: awsapi.Global},
		Enabled:  new(true), Status: "Deployed", DomainName: "d.cloudfront.net",
		Origins: []cloudfront.Origin{{ID: "o", VPCOrigin: "vo_1", Owner: netOwner, Used: true}},
	})
}

// database adds db-1 in both subnets' group, in the zone of subnet-a, with its interface, PostgreSQL on 5432.
func (a *netAccount) database(public bool, groups ...string) *rds.Instance {
	port := int32(5432)
	a.databases = append(a.databases, rds.Instance{
		Resource: netResource("AWS::RDS::DBInstance", "db-1"), Engine: "postgres", EngineVersion: "17.2", Status: "available", PubliclyAccessible: &public, MultiAZ: new(bool),
		Network: rds.Network{
			VPCID: "vpc-1", Zone: "us-east-1a", Subnets: []rds.Subnet{{ID: "subnet-a", Zone: "us-east-1a"}, {ID: "subnet-d", Zone: "us-east-1b"}},
			Groups: groups, Address: "db-1.abc.us-east-1.rds.amazonaws.com", Port: &port, Type: "IPV4",
		},
	})
	address := ""
	if public {
		address = "52.0.0.50"
	}
	e := netENI("eni-db", "", "subnet-a", "10.0.0.50", address, groups...)
	e.RequesterID, e.RequesterManaged, e.Description = "amazon-rds", new(true), "RDSNetworkInterface"
	a.enis = append(a.enis, e)
	return &a.databases[len(a.databases)-1]
}
