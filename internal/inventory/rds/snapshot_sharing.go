package rds

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// DBSnapshotSharing is who may restore each manual DB snapshot. Other types are not asked for: they cannot be shared.
var DBSnapshotSharing = inventory.Each(DBSnapshots, "rds.db-snapshot-sharing", awsapi.Calls("rds:DescribeDBSnapshotAttributes"), Snapshot.Key,
	func(ctx context.Context, s *awsapi.Session, snap Snapshot) (Sharing, error) {
		o, err := client(s).DescribeDBSnapshotAttributes(ctx, &rds.DescribeDBSnapshotAttributesInput{DBSnapshotIdentifier: &snap.ID})
		if err != nil || o.DBSnapshotAttributesResult == nil {
			return Sharing{}, err
		}
		return sharing(o.DBSnapshotAttributesResult.DBSnapshotAttributes, func(a types.DBSnapshotAttribute) (*string, []string) {
			return a.AttributeName, a.AttributeValues
		}), nil
	}, inventory.Where(Snapshot.manual))

// sharing reads the attribute "restore". An answer that lists attributes and not this one says that nobody else may
// restore: it comes with the sharing (DescribeDBSnapshotAttributes, API reference). Without any list nothing is said.
func sharing[A any](attributes []A, of func(A) (*string, []string)) Sharing {
	if attributes == nil {
		return Sharing{}
	}
	out := Sharing{RestoreBy: []string{}}
	for _, a := range attributes {
		name, values := of(a)
		if !strings.EqualFold(aws.ToString(name), "restore") {
			continue
		}
		if values == nil {
			return Sharing{}
		}
		out.RestoreBy = append(out.RestoreBy, values...)
	}
	slices.Sort(out.RestoreBy)
	return out
}
