// Package kms holds the checks of AWS Key Management Service, one file per layer.
package kms

import (
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/responsibility"
)

// Group is the package's checks.
var Group = checks.NewGroup(responsibility.Account, "kms", serverSideEncryption...)
