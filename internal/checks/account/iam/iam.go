// Package iam holds the checks of IAM, the root user and credentials, one file per layer.
package iam

import (
	"slices"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/responsibility"
)

// Group is the package's checks.
var Group = checks.NewGroup(responsibility.Account, "iam", slices.Concat(
	identityAccess,
	userIdentityAccess,
	roleTrust,
	administrators,
)...)
