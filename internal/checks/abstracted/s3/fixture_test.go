package s3

import (
	"testing"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/checks/checktest"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	s3inv "github.com/ourshare/ourshare/internal/inventory/s3"
)

const name = "example-data"

var bucket = s3inv.Bucket{
	Resource: &inventory.Resource{Type: "AWS::S3::Bucket", ID: name, ARN: "arn:aws:s3:::" + name, Name: name, Region: "us-east-1"},
	Owner:    checktest.Account,
}

func denied[V any](operation string) inventory.Field[V] {
	return inventory.Failure[V](inventory.DeniedError(operation))
}

func absent[V any]() inventory.Field[V] { return inventory.Failure[V](inventory.ErrAbsent) }
func vanished[V any]() inventory.Field[V] {
	return inventory.Failure[V](inventory.ErrGone)
}

func throttled[V any](operation string) inventory.Field[V] {
	return inventory.Failure[V](&awsapi.Error{Outcome: awsapi.Throttled, Operation: operation, Action: operation, Region: "us-east-1", Text: "throttled"})
}

// state is one row of a table about a single detail.
type state[V any] struct {
	field inventory.Field[V]
	want  finding.Status
	texts []string
}

// runStates judges the bucket in each state of one detail, and adds those that every check must survive.
func runStates[V any](t *testing.T, c *checks.Check, d *inventory.Detail[s3inv.Bucket, V], states map[string]state[V]) {
	t.Helper()
	states["denied"] = state[V]{denied[V]("s3:Read"), finding.Unknown, []string{"s3:Read", "denied"}}
	states["throttled"] = state[V]{throttled[V]("s3:Read"), finding.Unknown, []string{"throttled"}}
	states["gone"] = state[V]{vanished[V](), finding.NotApplicable, []string{"gone during the scan"}}
	for label, tt := range states {
		t.Run(label, func(t *testing.T) {
			f := checktest.New()
			checktest.Rows(f, s3inv.Buckets, bucket)
			checktest.Facts(f, d, map[string]inventory.Field[V]{name: tt.field})
			checktest.Want(t, f.Run(c)[name], tt.want, tt.texts...)
		})
	}
	t.Run("not collected", func(t *testing.T) {
		f := checktest.New()
		checktest.Rows(f, s3inv.Buckets, bucket)
		checktest.Want(t, f.Run(c)[name], finding.Unknown, "does not hold "+d.Node().Name)
	})
	t.Run("listing broken after the first page", func(t *testing.T) {
		f := checktest.New()
		checktest.Broken(f, s3inv.Buckets, "s3:ListBuckets", bucket)
		checktest.Facts(f, d, map[string]inventory.Field[V]{name: vanished[V]()})
		got := f.Run(c)
		checktest.Want(t, got[name], finding.NotApplicable)
		checktest.Want(t, got[""], finding.Unknown, "s3:ListBuckets")
	})
}
