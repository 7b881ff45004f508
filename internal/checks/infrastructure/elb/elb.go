// Package elb holds the checks of classic load balancers, one file per layer.
package elb

import (
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/responsibility"
)

// Group is the package's checks; each file lists its own.
var Group = checks.NewGroup(responsibility.Infrastructure, "elb", networkFirewall...)
