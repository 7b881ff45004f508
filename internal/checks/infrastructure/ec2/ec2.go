// Package ec2 holds the checks of EC2, EBS and VPC, one file per layer.
package ec2

import (
	"slices"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/responsibility"
)

// Group is the package's checks; each file lists its own.
var Group = checks.NewGroup(responsibility.Infrastructure, "ec2", slices.Concat(
	identityAccess,
	operatingSystem,
	serverSideEncryption,
	customerData,
	platformApplication,
	networkFirewall,
	openPorts,
	loggingMonitoring,
	reachability,
)...)
