// Package responsibility is the seed of the program: who answers for what in AWS's shared responsibility model, by
// category (how much of a service AWS runs) and layer (one line of the model). It is data in one place; every check
// stands in one of its cells, and the report's first page is this matrix with verdict counts.
//
// Source: AWS, "Shared Responsibility Model" and the whitepaper "AWS Security Best Practices", which divides services
// into infrastructure, container and abstracted ones.
package responsibility

import "slices"

// Category says how much of a service AWS runs.
type Category string

// The categories, in the order of the matrix.
const (
	Infrastructure Category = "infrastructure" // AWS runs facility, hardware, network and virtualization: EC2, EBS, VPC, load balancers
	Container      Category = "container"      // AWS also runs the operating system and the platform: RDS, Aurora
	Abstracted     Category = "abstracted"     // AWS runs everything up to the API: S3
	Account        Category = "account"        // what every category rests on: IAM, the root user, KMS, the audit trail
)

// Layer is one line of the responsibility model.
type Layer string

// The layers, in the order of the matrix.
const (
	Foundation           Layer = "foundation"
	CustomerData         Layer = "customer-data"
	IdentityAccess       Layer = "identity-access"
	PlatformApplication  Layer = "platform-application"
	OperatingSystem      Layer = "operating-system"
	NetworkFirewall      Layer = "network-firewall"
	ClientSideEncryption Layer = "client-side-encryption"
	ServerSideEncryption Layer = "server-side-encryption"
	DataInTransit        Layer = "data-in-transit"
	LoggingMonitoring    Layer = "logging-monitoring"
)

// Share says who answers for a cell.
type Share string

// The shares of a cell.
const (
	AWS      Share = "aws"
	Customer Share = "customer"
	Shared   Share = "shared"
)

// Cell is one entry of the matrix: who answers for a layer of a category, and for what.
type Cell struct {
	Category Category
	Layer    Layer
	Share    Share
	What     string // one sentence: what the party, or each of the two, answers for
}

var categories = []Category{Infrastructure, Container, Abstracted, Account}

var layers = []Layer{
	Foundation, CustomerData, IdentityAccess, PlatformApplication, OperatingSystem,
	NetworkFirewall, ClientSideEncryption, ServerSideEncryption, DataInTransit, LoggingMonitoring,
}

var cells = []Cell{
	{Infrastructure, Foundation, AWS, "AWS runs facilities, hardware, network and virtualization."},
	{Container, Foundation, AWS, "AWS runs facilities, hardware, network and virtualization."},
	{Abstracted, Foundation, AWS, "AWS runs facilities, hardware, network and virtualization."},
	{Account, Foundation, AWS, "AWS runs facilities, hardware, network and virtualization."},

	{Infrastructure, CustomerData, Customer, "You answer for the data, its copies, and whom they are shared with."},
	{Container, CustomerData, Customer, "You answer for the data, its backups, copies and sharing."},
	{Abstracted, CustomerData, Customer, "AWS keeps durable what is stored; what is stored, kept, versioned and shared is yours."},
	{Account, CustomerData, Customer, "You answer for the recovery points."},

	{Infrastructure, IdentityAccess, Customer, "You decide who has access, and how much."},
	{Container, IdentityAccess, Customer, "You decide who has access, and how much."},
	{Abstracted, IdentityAccess, Customer, "You decide who has access, and how much."},
	{Account, IdentityAccess, Customer, "You decide who has access, and how much."},

	{Infrastructure, PlatformApplication, Customer, "You install, configure and patch what runs on the instance."},
	{Container, PlatformApplication, Shared, "AWS patches the engine; you choose version, window and availability, and let minor upgrades in."},
	{Abstracted, PlatformApplication, AWS, "AWS runs the platform and its API."},
	{Account, PlatformApplication, Shared, "AWS runs the account's services; you choose their settings."},

	{Infrastructure, OperatingSystem, Customer, "You patch the operating system."},
	{Container, OperatingSystem, AWS, "AWS runs and patches the operating system."},
	{Abstracted, OperatingSystem, AWS, "AWS runs and patches the operating system."},
	{Account, OperatingSystem, AWS, "AWS runs and patches the operating system."},

	{Infrastructure, NetworkFirewall, Customer, "You set security groups, network ACLs, routes and public addresses."},
	{Container, NetworkFirewall, Customer, "You set the database's subnets, security groups and public access."},
	{Abstracted, NetworkFirewall, Shared, "AWS runs the endpoint; you choose VPC endpoints and access points."},
	{Account, NetworkFirewall, Customer, "You set what the whole network of the account lets in."},

	{Infrastructure, ClientSideEncryption, Customer, "You encrypt what must not reach AWS in the clear."},
	{Container, ClientSideEncryption, Customer, "You encrypt what must not reach AWS in the clear."},
	{Abstracted, ClientSideEncryption, Customer, "You encrypt what must not reach AWS in the clear."},

	{Infrastructure, ServerSideEncryption, Customer, "You choose encryption at rest, and the key."},
	{Container, ServerSideEncryption, Customer, "You choose encryption at rest, and the key."},
	{Abstracted, ServerSideEncryption, Shared, "AWS encrypts; you choose the key and enforce it."},
	{Account, ServerSideEncryption, Shared, "AWS runs KMS; you answer for the keys' policy, rotation and state."},

	{Infrastructure, DataInTransit, Customer, "You encrypt what travels to and from your hosts."},
	{Container, DataInTransit, Customer, "AWS offers TLS; you require it."},
	{Abstracted, DataInTransit, Shared, "AWS offers TLS; you require it."},

	{Infrastructure, LoggingMonitoring, Customer, "You switch logs on, keep them and look at them."},
	{Container, LoggingMonitoring, Customer, "You switch logs on, keep them and look at them."},
	{Abstracted, LoggingMonitoring, Customer, "You switch logs on, keep them and look at them."},
	{Account, LoggingMonitoring, Customer, "You switch logs on, keep them and look at them."},
}

// Categories returns all categories in the order of the matrix.
func Categories() []Category { return slices.Clone(categories) }

// Layers returns all layers in the order of the matrix.
func Layers() []Layer { return slices.Clone(layers) }

// Cells returns the whole matrix, by layer and then by category. A pair without an entry has no cell.
func Cells() []Cell { return slices.Clone(cells) }

// Of returns the cell of a category and layer; ok is false where the matrix has none.
func Of(c Category, l Layer) (cell Cell, ok bool) {
	i := slices.IndexFunc(cells, func(e Cell) bool { return e.Category == c && e.Layer == l })
	if i < 0 {
		return Cell{}, false
	}
	return cells[i], true
}

// Ours reports whether the customer answers for at least a part of the cell: only there may checks stand.
func (c Cell) Ours() bool { return c.Share == Customer || c.Share == Shared }
