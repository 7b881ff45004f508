package s3

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/s3control"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestACLKeepsTheDifference(t *testing.T) {
	for label, tt := range map[string]struct {
		grants []types.Grant
		want   string
	}{
		"no list":      {nil, `{"grants":null}`},
		"an empty one": {[]types.Grant{}, `{"grants":[]}`},
		"no grantee":   {[]types.Grant{{Permission: "READ"}}, `{"grants":[{"grantee_type":"","grantee_id":"","group_uri":"","permission":"READ"}]}`},
	} {
		t.Run(label, func(t *testing.T) {
			got := asJSON(t, aclOf(tt.grants))
			if got != tt.want {
				t.Errorf("got %s", got)
			}
			var back ACL
			if err := json.Unmarshal([]byte(got), &back); err != nil || (back.Grants == nil) != (tt.grants == nil) {
				t.Errorf("a saved inventory turned it into %+v (%v)", back, err)
			}
		})
	}
}

func TestNilAnswers(t *testing.T) {
	for _, c := range []*types.OwnershipControls{nil, {}, {Rules: []types.OwnershipControlsRule{{}}}} {
		if o := ownershipOf(c); o.ObjectOwnership != "" {
			t.Errorf("ownership of nothing: %+v", o)
		}
	}
	if e := encryptionOf(nil); len(e.Rules) != 0 {
		t.Errorf("encryption of nothing: %+v", e)
	}
	if e := encryptionOf(&types.ServerSideEncryptionConfiguration{Rules: []types.ServerSideEncryptionRule{{}}}); e.Rules[0].Algorithm != "" || e.Rules[0].BucketKey != nil {
		t.Errorf("a rule of nothing: %+v", e)
	}
	if l := objectLockOf(nil); l.Enabled != "" {
		t.Errorf("lock of nothing: %+v", l)
	}
	if l := objectLockOf(&types.ObjectLockConfiguration{ObjectLockEnabled: "Enabled", Rule: &types.ObjectLockRule{}}); l.Mode != "" || l.Enabled != "Enabled" {
		t.Errorf("lock without retention: %+v", l)
	}
	if l := lifecycleOf(nil); len(l.Rules) != 0 {
		t.Errorf("lifecycle of nothing: %+v", l)
	}
	if p := blockOf(nil, aws.Bool(true), nil, aws.Bool(false)); p != (PublicAccessBlock{IgnorePublicACLs: true}) {
		t.Errorf("block %+v", p)
	}
}

func TestPartitionOfABucket(t *testing.T) {
	for _, partition := range []string{"aws", "aws-cn", "aws-us-gov"} {
		s := &awsapi.Session{Account: &awsapi.Account{ID: account, Partition: partition}}
		b := bucketRow(s, types.Bucket{Name: aws.String("b"), BucketRegion: aws.String("us-gov-west-1")})
		if b.Partition() != partition || b.ARN != "arn:"+partition+":s3:::b" {
			t.Errorf("%s: %+v", partition, b)
		}
	}
}

func TestControlEndpoint(t *testing.T) {
	r := plainHost{s3control.NewDefaultEndpointResolverV2()}
	for label, tt := range map[string]struct {
		endpoint *string
		want     string
	}{
		"AWS's own": {nil, "https://111122223333.s3-control.eu-west-1.amazonaws.com"},
		"a custom":  {aws.String("http://127.0.0.1:4566"), "http://127.0.0.1:4566"},
		"with path": {aws.String("http://localhost:4566/gateway"), "http://localhost:4566/gateway"},
	} {
		t.Run(label, func(t *testing.T) {
			e, err := r.ResolveEndpoint(context.Background(), s3control.EndpointParameters{
				Region: aws.String("eu-west-1"), AccountId: aws.String(account), RequiresAccountId: aws.Bool(true), Endpoint: tt.endpoint,
			})
			if err != nil || e.URI.String() != tt.want {
				t.Errorf("%s, %v", e.URI.String(), err)
			}
		})
	}
}

func TestAccountBlockOverTheWire(t *testing.T) {
	const full = `<PublicAccessBlockConfiguration><RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>`
	for label, tt := range map[string]struct {
		endpoint, host string
	}{
		"AWS's own": {"", account + ".s3-control.us-east-1.amazonaws.com"},
		"a custom":  {"http://127.0.0.1:1", "127.0.0.1:1"},
	} {
		t.Run(label, func(t *testing.T) {
			w := &wire{answer: func(*http.Request) answer { return answer{body: full} }}
			s := scanAt(t, tt.endpoint, w, AccountPublicAccessBlock.Node())
			v, err := inventory.Read(s.Bind(awsapi.Global), AccountPublicAccessBlock).Only().Get()
			if err != nil || v != (PublicAccessBlock{RestrictPublicBuckets: true}) {
				t.Errorf("%+v, %v", v, err)
			}
			asked := w.requests()
			if len(asked) != 1 || asked[0].URL.Host != tt.host || asked[0].Header.Get("x-amz-account-id") != account {
				t.Errorf("asked %d times, at %s for %s", len(asked), asked[0].URL.Host, asked[0].Header.Get("x-amz-account-id"))
			}
		})
	}
	t.Run("absent", func(t *testing.T) {
		w := &wire{answer: func(*http.Request) answer {
			return answer{404, `<ErrorResponse><Error><Code>NoSuchPublicAccessBlockConfiguration</Code><Message>none</Message></Error></ErrorResponse>`}
		}}
		s := scan(t, w, AccountPublicAccessBlock.Node())
		if _, err := inventory.Read(s.Bind(awsapi.Global), AccountPublicAccessBlock).Only().Get(); err == nil || err.Error() != inventory.ErrAbsent.Error() {
			t.Errorf("got %v", err)
		}
	})
}
