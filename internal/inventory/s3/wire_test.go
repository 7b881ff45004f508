package s3

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

const account = "111122223333"

// answer is what the wire gives for a request; status 0 is 200.
type answer struct {
	status int
	body   string
}

// wire answers every request by a function and keeps what was asked.
type wire struct {
	mu     sync.Mutex
	asked  []*http.Request
	answer func(*http.Request) answer
}

func (w *wire) Do(r *http.Request) (*http.Response, error) {
	a := answer{body: `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::` + account + `:user/auditor</Arn><Account>` +
		account + `</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`}
	if r.Method != http.MethodPost { // S3's operations are all GET, the identity's is POST
		w.mu.Lock()
		w.asked = append(w.asked, r)
		w.mu.Unlock()
		a = w.answer(r)
	}
	if a.status == 0 {
		a.status = http.StatusOK
	}
	return &http.Response{
		StatusCode: a.status, Header: http.Header{"Content-Type": {"application/xml"}}, Request: r,
		Body: io.NopCloser(bytes.NewBufferString(a.body)),
	}, nil
}

func (w *wire) requests() []*http.Request {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.asked
}

const buckets = `<ListAllMyBucketsResult><Buckets><Bucket><Name>near</Name><BucketRegion>us-east-1</BucketRegion></Bucket>` +
	`<Bucket><Name>far</Name><BucketRegion>eu-west-1</BucketRegion></Bucket>` +
	`<Bucket><Name>elsewhere</Name><BucketRegion>ap-south-1</BucketRegion></Bucket>` +
	`<Bucket><Name>nowhere</Name></Bucket></Buckets></ListAllMyBucketsResult>`

// scan reads nodes over a wire, in the regions us-east-1 and eu-west-1. The environment's configuration is kept out.
func scan(t *testing.T, w *wire, nodes ...*inventory.Node) *inventory.Store {
	t.Helper()
	return scanAt(t, "", w, nodes...)
}

func scanAt(t *testing.T, endpoint string, w *wire, nodes ...*inventory.Node) *inventory.Store {
	t.Helper()
	t.Setenv("AWS_ENDPOINT_URL", endpoint)
	t.Setenv("AWS_PROFILE", "")
	t.Setenv("AWS_REGION", "")
	t.Setenv("AWS_CONFIG_FILE", "/dev/null")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
	a, err := awsapi.Open(context.Background(), awsapi.Options{
		Region: "us-east-1", HTTPClient: w, Unpaced: true,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIAEXAMPLE", SecretAccessKey: "example"}, nil
		}),
		Retryer: func() aws.Retryer { return aws.NopRetryer{} },
	})
	if err != nil {
		t.Fatal(err)
	}
	s := inventory.NewStore(a, []string{"us-east-1", "eu-west-1"}, time.Now)
	s.Collect(context.Background(), nodes)
	return s
}
