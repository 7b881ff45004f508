// Package rds holds the checks of Amazon RDS and Aurora, one file per layer.
package rds

import (
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/responsibility"
)

// Group is the package's checks.
var Group = checks.NewGroup(responsibility.Container, "rds")
