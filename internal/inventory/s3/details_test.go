package s3

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

func TestBucketsOverTheWire(t *testing.T) {
	w := &wire{answer: func(*http.Request) answer { return answer{body: buckets} }}
	s := scan(t, w, Buckets.Node())
	rows := inventory.Use(s.Bind(awsapi.Global), Buckets)
	got := map[string]string{}
	for _, b := range rows.List {
		got[b.ID] = b.Region
		if b.ARN != "arn:aws:s3:::"+b.ID || b.Owner != account || b.Partition() != "aws" || b.Tags != nil {
			t.Errorf("row %+v", b)
		}
	}
	// A bucket of a region that is not scanned is left out; one whose region the answer does not give is not.
	if len(got) != 3 || got["near"] != "us-east-1" || got["far"] != "eu-west-1" || got["nowhere"] != awsapi.Global {
		t.Errorf("buckets %v", got)
	}
	if q := w.requests(); len(q) != 1 || q[0].URL.Query().Get("max-buckets") != "10000" {
		t.Errorf("asked %d times, first %v", len(q), q[0].URL)
	}
}

// TestDetailsOverTheWire: each detail asks in the bucket's own region, names the owner that it expects, and tells absent
// from denied, gone and broken.
func TestDetailsOverTheWire(t *testing.T) {
	t.Run("policy", func(t *testing.T) {
		detail(t, BucketPolicy, "policy", `{"Statement":[]}`, Policy{Document: `{"Statement":[]}`}, "NoSuchBucketPolicy", "")
	})
	t.Run("acl", func(t *testing.T) {
		detail(t, BucketACL, "acl", `<AccessControlPolicy><Owner><ID>o</ID></Owner><AccessControlList><Grant>`+
			`<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Group"><URI>`+AllUsers+`</URI></Grantee><Permission>READ</Permission>`+
			`</Grant></AccessControlList></AccessControlPolicy>`,
			ACL{Owner: "o", Grants: []Grant{{GranteeType: "Group", GroupURI: AllUsers, Permission: "READ"}}}, "", "")
	})
	t.Run("public access block", func(t *testing.T) {
		detail(t, BucketPublicAccessBlock, "publicAccessBlock",
			`<PublicAccessBlockConfiguration><IgnorePublicAcls>true</IgnorePublicAcls><RestrictPublicBuckets>false</RestrictPublicBuckets></PublicAccessBlockConfiguration>`,
			PublicAccessBlock{IgnorePublicACLs: true}, "NoSuchPublicAccessBlockConfiguration", "")
	})
	t.Run("ownership", func(t *testing.T) {
		detail(t, BucketOwnership, "ownershipControls",
			`<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></OwnershipControls>`,
			Ownership{ObjectOwnership: BucketOwnerEnforced}, "OwnershipControlsNotFoundError", "")
	})
	t.Run("encryption", func(t *testing.T) {
		detail(t, BucketEncryption, "encryption", `<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>`+
			`<SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>k</KMSMasterKeyID></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>`,
			Encryption{Rules: []EncryptionRule{{Algorithm: "aws:kms", KMSKey: "k"}}}, "ServerSideEncryptionConfigurationNotFoundError", "")
	})
	t.Run("versioning", func(t *testing.T) {
		detail(t, BucketVersioning, "versioning", `<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>`,
			Versioning{Status: "Suspended"}, "", `<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>`)
	})
	t.Run("logging", func(t *testing.T) {
		detail(t, BucketLogging, "logging", `<BucketLoggingStatus><LoggingEnabled><TargetBucket>l</TargetBucket><TargetPrefix>p/</TargetPrefix></LoggingEnabled></BucketLoggingStatus>`,
			Logging{TargetBucket: "l", TargetPrefix: "p/"}, "", `<BucketLoggingStatus xmlns="http://doc.s3.amazonaws.com/2006-03-01"></BucketLoggingStatus>`)
	})
	t.Run("lifecycle", func(t *testing.T) {
		detail(t, BucketLifecycle, "lifecycle", `<LifecycleConfiguration><Rule><ID>r</ID><Status>Disabled</Status></Rule></LifecycleConfiguration>`,
			Lifecycle{Rules: []LifecycleRule{{ID: "r", Status: "Disabled"}}}, "NoSuchLifecycleConfiguration", "")
	})
	t.Run("object lock", func(t *testing.T) {
		detail(t, BucketObjectLock, "object-lock", `<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>`,
			ObjectLock{Enabled: "Enabled"}, "ObjectLockConfigurationNotFoundError", "")
	})
	t.Run("tags", func(t *testing.T) {
		detail(t, BucketTags, "tagging", `<Tagging><TagSet><Tag><Key>team</Key><Value>data</Value></Tag></TagSet></Tagging>`,
			map[string]string{"team": "data"}, "NoSuchTagSet", "")
	})
}

// detail tries one detail. parameter marks its requests; code and empty are AWS's two ways to say "not configured".
func detail[V any](t *testing.T, d *inventory.Detail[Bucket, V], parameter, full string, want V, code, empty string) {
	t.Helper()
	s3Error := func(status int, code string) answer {
		return answer{status, "<Error><Code>" + code + "</Code><Message>because it is so</Message></Error>"}
	}
	for label, tt := range map[string]struct {
		answer answer
		check  func(V, error) bool
	}{
		"full":       {answer{body: full}, func(v V, err error) bool { return err == nil && asJSON(t, v) == asJSON(t, want) }},
		"denied":     {s3Error(403, "AccessDenied"), isOutcome[V](awsapi.Denied)},
		"throttled":  {s3Error(503, "SlowDown"), isOutcome[V](awsapi.Throttled)},
		"redirected": {s3Error(301, "PermanentRedirect"), isOutcome[V](awsapi.Failed)},
		"other 404":  {s3Error(404, "NoSuchUpload"), isOutcome[V](awsapi.Failed)},
		"empty body": {answer{}, isOutcome[V](awsapi.Failed)},
		"HTML":       {answer{body: "<html><body>welcome</body></html>"}, isOutcome[V](awsapi.Failed)},
		"cut":        {answer{body: full[:len(full)-5]}, isOutcome[V](awsapi.Failed)},
		"gone":       {s3Error(404, "NoSuchBucket"), func(_ V, err error) bool { return errors.Is(err, inventory.ErrGone) }},
		"absent": {s3Error(404, code), func(_ V, err error) bool {
			return code == "" || errors.Is(err, inventory.ErrAbsent)
		}},
		"empty": {answer{body: empty}, func(_ V, err error) bool {
			return empty == "" || errors.Is(err, inventory.ErrAbsent)
		}},
	} {
		t.Run(label, func(t *testing.T) {
			w := &wire{answer: func(r *http.Request) answer {
				if r.URL.Query().Has("max-buckets") {
					return answer{body: buckets}
				}
				return tt.answer
			}}
			s := scan(t, w, d.Node())
			bind := s.Bind(awsapi.Global)
			facts := inventory.Read(bind, d)
			for _, b := range inventory.Use(bind, Buckets).List {
				if v, err := facts.Of(b).Get(); !tt.check(v, err) {
					t.Errorf("%s: %+v, %v", b.ID, v, err)
				}
			}
			asked := w.requests()
			if len(asked) != 1+3 {
				t.Errorf("asked %d times, want once for the listing and once per bucket", len(asked))
			}
			for _, r := range asked {
				if r.URL.Query().Has("max-buckets") {
					continue
				}
				if !r.URL.Query().Has(parameter) {
					t.Errorf("asked for %v", r.URL)
				}
				if got := r.Header.Get("x-amz-expected-bucket-owner"); got != account {
					t.Errorf("expects the owner %q", got)
				}
				region := "us-east-1"
				if strings.HasPrefix(r.URL.Host, "far.") {
					region = "eu-west-1"
				}
				if !strings.Contains(r.URL.Host, region) || !strings.Contains(r.Header.Get("Authorization"), "/"+region+"/s3/") {
					t.Errorf("asked at %s, signed for %s", r.URL.Host, r.Header.Get("Authorization"))
				}
			}
		})
	}
}

func isOutcome[V any](want awsapi.Outcome) func(V, error) bool {
	return func(_ V, err error) bool {
		var e *awsapi.Error
		return errors.As(err, &e) && e.Outcome == want
	}
}
