package exposure

// Rows is what one listing gave. An empty Rows is a listing that was read and held nothing.
type Rows[T any] struct {
	List []T
	// Missing names the evidence that could not be read, in the caller's words ("ec2:DescribeRouteTables denied in
	// eu-west-1"). While it is not empty there may be any number of rows beside those of List.
	Missing []string
}

// Evidence is what was read of the network of one account and region. Ids are those of AWS; load balancers, target groups
// and listeners go by their ARN. The names of states and types are those of AWS's API, and one that is empty or not known
// is evidence that could not be read.
type Evidence struct {
	// Account is the account's number. What another account owns follows that account's VPC Block Public Access.
	Account string

	VPCs        Rows[VPC]
	Subnets     Rows[Subnet]
	RouteTables Rows[RouteTable]
	Gateways    Rows[InternetGateway]
	PrefixLists Rows[PrefixList] // those that routes name; rules carry theirs
	ACLs        Rows[ACL]
	Groups      Rows[Group]
	Interfaces  Rows[Interface]
	Instances   Rows[Instance]
	Block       BlockPublicAccess
	Exclusions  Rows[Exclusion]

	LoadBalancers Rows[LoadBalancer] // application, network and classic
	TargetGroups  Rows[TargetGroup]
	Accelerators  Rows[AcceleratorEndpoint]
	VPCOrigins    Rows[VPCOrigin]

	// Entrances are those that the model does not follow; a No names them.
	Entrances Rows[Entrance]
}

// VPC is a virtual private cloud.
type VPC struct {
	ID, Owner string
	// CIDRs are the associated blocks of both families.
	CIDRs []string
	// PrivateIPv6 are those of them whose addresses are not advertised to the internet
	// (https://docs.aws.amazon.com/vpc/latest/userguide/vpc-ip-addressing.html, "Private IPv6 addresses").
	PrivateIPv6 []string
}

// Subnet is a subnet; Owner is the account that shares it, where it is shared.
type Subnet struct {
	ID, VPC, Owner string
	// Zone is its Availability Zone.
	Zone  string
	CIDRs []string
	lost  []string // it was not listed
	any   bool     // it stands for one that is not known
}

// RouteTable is a route table with all its associations.
type RouteTable struct {
	ID, VPC string
	// Main says that it is the main one of its VPC, which governs every subnet without an association of its own
	// (https://docs.aws.amazon.com/vpc/latest/userguide/RouteTables.html).
	Main    bool
	Subnets []string
	// Gateways are the internet gateways (or virtual private gateways) of its edge associations.
	Gateways []string
	Routes   []Route
}

// Route is one route.
type Route struct {
	// Destination is a CIDR block of either family, or the id of a managed prefix list.
	Destination string
	// Target is the gateway, interface, instance, endpoint or connection, or "local".
	Target string
	// State is active or blackhole.
	State string
	// Propagated is true for a route that a virtual private gateway announced.
	Propagated bool
}

// InternetGateway is an internet gateway and where it is attached.
type InternetGateway struct {
	ID          string
	Attachments []Attachment
}

// Attachment is one attachment of an internet gateway: available (or attached), attaching, detaching, detached.
type Attachment struct{ VPC, State string }

// ACL is a network ACL with its associations.
type ACL struct {
	ID, VPC string
	Subnets []string
	Entries []ACLEntry // of both directions
}

// Group is a security group. Only load balancers start connections that the reasoning follows, so Outbound matters for
// their groups alone; there the "sources" of a rule are its destinations.
type Group struct {
	ID, VPC           string
	Inbound, Outbound []Rule
}

// Interface is an elastic network interface.
type Interface struct {
	ID, Subnet, VPC string
	// Status is in-use, associated, available, attaching or detaching.
	Status string
	// Type is EC2's InterfaceType (interface, efa, network_load_balancer, nat_gateway, lambda, ...).
	Type string
	// Owner tells the service that runs it (amazon-elb, amazon-rds, ...), empty for the account's own.
	Owner string
	// Instance is the instance to which it is attached, and Device the index of the attachment; 0 is the primary one.
	Instance string
	Device   int
	// LoadBalancer is the ARN of the load balancer of which it is a node.
	LoadBalancer string
	// Hidden says whether EC2 drops what internet gateways bring to the IPv6 addresses of a load balancer's node
	// (DenyAllIgwTraffic). Of other interfaces that are hidden so the public addresses are left out.
	Hidden Answer
	Groups []string
	// IPv4 are the private addresses, the primary one first, each with the public one that is mapped to it.
	IPv4 []IPv4
	// IPv6 are addresses and delegated prefixes.
	IPv6 []string

	unfiltered bool // its groups are taken to let everything in
}

// IPv4 is a private address and the public one that is mapped to it, if there is one.
type IPv4 struct {
	Private, Public string
	// Allocation is the id of the Elastic IP address, empty for one that was assigned automatically.
	Allocation string
	// Carrier is true for an address of a carrier gateway, which is not followed.
	Carrier bool
}

// Instance is an instance and its state (pending, running, stopping, stopped, shutting-down, terminated).
type Instance struct{ ID, VPC, State string }

// BlockPublicAccess is VPC Block Public Access of the account in the region.
type BlockPublicAccess struct {
	// Mode is off, block-ingress or block-bidirectional; State default-state, update-complete or update-in-progress.
	Mode, State string
	Missing     []string
}

// Exclusion exempts a VPC or a subnet from VPC Block Public Access.
type Exclusion struct {
	ID string
	// Resource is the id of the VPC or subnet.
	Resource string
	// Mode is allow-bidirectional or allow-egress; State as DescribeVpcBlockPublicAccessExclusions names it.
	Mode, State string
}

// The types of load balancers. A gateway load balancer is no entrance and belongs to the entrances not followed.
const (
	Application = "application"
	NetworkLB   = "network"
	Classic     = "classic"
)

// LoadBalancer is a load balancer of any of these types.
type LoadBalancer struct {
	ARN, Name, Type string
	VPC             string
	// Scheme is internet-facing or internal; State active, provisioning, active_impaired or failed (a classic one is
	// always active).
	Scheme, State string
	// Addresses is IpAddressType: ipv4, dualstack or dualstack-without-public-ipv4.
	Addresses string
	Subnets   []string
	// Groups may be empty for a network load balancer, which then filters nothing.
	Groups    []string
	Listeners Rows[Listener]
	// Instances are the registered ones of a classic load balancer.
	Instances Rows[string]
}

// Listener is a port that a load balancer answers.
type Listener struct {
	ARN string
	// Protocol is HTTP, HTTPS, TCP, TLS, SSL, UDP, TCP_UDP, QUIC or TCP_QUIC.
	Protocol string
	Port     uint16
	// Rules are those of the listener, the default one included; a network load balancer has only that one.
	Rules Rows[ListenerRule]
	// InstancePort is where a classic load balancer sends the traffic.
	InstancePort uint16
}

// ListenerRule is a rule of a listener.
type ListenerRule struct {
	// Priority decides, the lowest first; the default rule is the last.
	Priority int
	Default  bool
	// SourceIPs are the values of a source-ip condition; nil without one.
	SourceIPs []string
	// Conditional says that there are other conditions (host, path, header, ...). A client can meet them all.
	Conditional bool
	// Forward are the target groups with a weight above zero; empty for a redirect, a fixed response or no forward.
	Forward []string
}

// TargetGroup is a target group of an application or network load balancer.
type TargetGroup struct {
	ARN, Name, VPC string
	// Type is instance, ip, alb or lambda (of any other the targets count as not read); Addresses ipv4 or ipv6.
	Type, Addresses string
	// Protocol is HTTP, HTTPS, TCP, TLS, UDP, TCP_UDP, QUIC or TCP_QUIC.
	Protocol string
	Port     uint16
	// PreserveClientIP is the attribute preserve_client_ip.enabled of a network load balancer's group; nil where it was
	// not read.
	PreserveClientIP *bool
	// LoadBalancers are those that use the group.
	LoadBalancers []string
	Targets       Rows[RegisteredTarget]
}

// RegisteredTarget is a target: an instance id, an address or a load balancer's ARN. Port 0 is the group's own.
type RegisteredTarget struct {
	ID   string
	Port uint16
}

// AcceleratorEndpoint is one endpoint of a standard Global Accelerator.
type AcceleratorEndpoint struct {
	Accelerator string
	// Enabled is the accelerator's state; an endpoint without weight or dial is not enabled either.
	Enabled Answer
	// Protocol and Ports are the listener's.
	Protocol Protocol
	Ports    []PortRange
	// Overrides map listener ports to endpoint ports.
	Overrides map[uint16]uint16
	// Endpoint is an instance id, a load balancer's ARN or the allocation id of an Elastic IP address.
	Endpoint string
	// Preserved says whether the endpoint sees the client's address.
	Preserved Answer
	// IPv6 says that the accelerator is dual-stack.
	IPv6 bool
}

// VPCOrigin is a CloudFront VPC origin.
type VPCOrigin struct {
	ID string
	// Used says whether an enabled distribution has it, and it is deployed.
	Used Answer
	// Endpoint is an instance id or a load balancer's ARN.
	Endpoint string
	// Ports are the HTTP and HTTPS ports that its protocol policy uses.
	Ports []uint16
	// Groups are the ids of CloudFront-VPCOrigins-Service-SG. CloudFront's managed prefix lists are known by their names.
	Groups []string
}

// Entrance is a way in that is not followed: a peering or VPN connection, a transit gateway, ...
type Entrance struct {
	// Kind is what it is, in words; ID its id.
	Kind, ID string
	// VPC is where it leads; empty for any.
	VPC string
}
