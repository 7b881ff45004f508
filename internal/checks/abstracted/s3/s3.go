// Package s3 holds the checks of Amazon S3, one file per layer.
package s3

import (
	"slices"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/responsibility"
)

// Group is the package's checks.
var Group = checks.NewGroup(responsibility.Abstracted, "s3", slices.Concat(
	identityAccess,
	fromOutside,
	dataInTransit,
	serverSideEncryption,
	customerData,
	loggingMonitoring,
	clientSideEncryption,
)...)
