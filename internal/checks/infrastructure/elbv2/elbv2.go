// Package elbv2 holds the checks of Elastic Load Balancing (application, network and gateway load balancers), one file per layer.
package elbv2

import (
	"slices"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/responsibility"
)

// Group is the package's checks; each file lists its own.
var Group = checks.NewGroup(responsibility.Infrastructure, "elbv2", slices.Concat(
	dataInTransit,
	networkFirewall,
)...)
