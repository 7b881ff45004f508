package iam

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// wire answers the query protocol: action → the XML within <ActionResult>, or an error code after "!".
type wire struct {
	mu     sync.Mutex
	asked  map[string]int
	answer func(action string, form url.Values) string
}

func (w *wire) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	action := form.Get("Action")
	w.mu.Lock()
	w.asked[action]++
	w.mu.Unlock()
	status, inner := http.StatusOK, `<Arn>arn:aws:iam::111122223333:user/auditor</Arn><Account>111122223333</Account>`
	if action != "GetCallerIdentity" {
		inner = w.answer(action, form)
	}
	text := "<" + action + "Response><" + action + "Result>" + inner + "</" + action + "Result></" + action + "Response>"
	if inner != "" && inner[0] == '!' {
		status, text = http.StatusNotFound, "<ErrorResponse><Error><Code>"+inner[1:]+"</Code><Message>no</Message></Error></ErrorResponse>"
		if inner == "!AccessDenied" {
			status = http.StatusForbidden
		}
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(bytes.NewBufferString(text)), Request: r}, nil
}

func scan(t *testing.T, w *wire, nodes ...*inventory.Node) *inventory.Binder {
	t.Helper()
	for _, v := range []string{"AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_REGION"} {
		t.Setenv(v, "")
	}
	t.Setenv("AWS_CONFIG_FILE", "/dev/null")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
	w.asked = map[string]int{}
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
	return s.Bind(awsapi.Global)
}

func member(name string) string {
	return "<member><UserName>" + name + "</UserName><Arn>arn:aws:iam::111122223333:user/" + name + "</Arn></member>"
}

func TestUsersAndKeysOverTheWire(t *testing.T) {
	w := &wire{answer: func(action string, form url.Values) string {
		switch {
		case form.Get("MaxItems") != "1000":
			return "!ValidationError"
		case action == "ListUsers" && form.Get("Marker") == "":
			return "<Users>" + member("alice") + member("bob") + "</Users><IsTruncated>true</IsTruncated><Marker>m</Marker>"
		case action == "ListUsers":
			return "<Users>" + member("carol") + "</Users><IsTruncated>false</IsTruncated>"
		case form.Get("UserName") == "bob":
			return "!NoSuchEntity"
		case form.Get("UserName") == "carol":
			return "!AccessDenied"
		case action == "ListUserTags":
			return "<Tags><member><Key>team</Key><Value>web</Value></member></Tags><IsTruncated>false</IsTruncated>"
		}
		return "<AccessKeyMetadata><member><AccessKeyId>AKIA1</AccessKeyId><Status>Active</Status></member>" +
			"<member><AccessKeyId>AKIA2</AccessKeyId><Status>Inactive</Status></member></AccessKeyMetadata><IsTruncated>false</IsTruncated>"
	}}
	b := scan(t, w, ActiveAccessKeys.Node(), UserTags.Node())
	users, keys := inventory.Use(b, Users), inventory.Use(b, ActiveAccessKeys)
	if len(users.List) != 3 || users.Err() != nil {
		t.Errorf("users %+v", users)
	}
	if len(keys.List) != 1 || keys.List[0].ID != "AKIA1" {
		t.Errorf("keys %+v", keys.List)
	}
	// bob is gone, which is no gap; carol's keys could not be listed.
	if len(keys.Gaps) != 1 || keys.Gaps[0].Parent == nil || keys.Gaps[0].Parent.ID != "carol" || keys.Gaps[0].Outcome != awsapi.Denied {
		t.Errorf("gaps %+v", keys.Gaps)
	}
	tags := inventory.Read(b, UserTags)
	if m, err := tags.Of(users.List[0]).Get(); err != nil || m["team"] != "web" {
		t.Errorf("tags %v, %v", m, err)
	}
	if _, err := tags.Of(users.List[1]).Get(); !errors.Is(err, inventory.ErrGone) {
		t.Errorf("tags of someone gone: %v", err)
	}
	if w.asked["ListUsers"] != 2 || w.asked["ListAccessKeys"] != 3 || w.asked["ListUserTags"] != 3 {
		t.Errorf("asked %v", w.asked)
	}
}

func TestAccountFactsOverTheWire(t *testing.T) {
	answers := map[string]string{
		"GetAccountSummary":        "<SummaryMap><entry><key>AccountMFAEnabled</key><value>1</value></entry></SummaryMap>",
		"GetAccountPasswordPolicy": "!NoSuchEntity",
		"GenerateCredentialReport": "<State>COMPLETE</State>",
		"GetCredentialReport": "<Content>" + base64.StdEncoding.EncodeToString([]byte(header+root+alice)) + "</Content>" +
			"<ReportFormat>text/csv</ReportFormat><GeneratedTime>2026-11-24T10:00:00Z</GeneratedTime>",
	}
	w := &wire{answer: func(action string, _ url.Values) string { return answers[action] }}
	b := scan(t, w, AccountSummary.Node(), AccountPasswordPolicy.Node(), CredentialReport.Node())
	if s, err := inventory.Read(b, AccountSummary).Only().Get(); err != nil || s.Counts[RootMFA] != 1 || len(s.Counts) != 1 {
		t.Errorf("summary %+v, %v", s, err)
	}
	if _, err := inventory.Read(b, AccountPasswordPolicy).Only().Get(); !errors.Is(err, inventory.ErrAbsent) {
		t.Errorf("password policy: %v", err)
	}
	r, err := inventory.Read(b, CredentialReport).Only().Get()
	if err != nil || len(r.Users) != 1 || !r.Generated.Equal(time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)) {
		t.Errorf("report %+v, %v", r, err)
	}
	for action := range answers {
		if w.asked[action] != 1 {
			t.Errorf("%s asked %d times", action, w.asked[action])
		}
	}

	answers["GetAccountPasswordPolicy"], answers["GenerateCredentialReport"] = "!AccessDenied", "!AccessDenied"
	b = scan(t, w, AccountPasswordPolicy.Node(), CredentialReport.Node())
	var e *awsapi.Error
	if _, err := inventory.Read(b, AccountPasswordPolicy).Only().Get(); !errors.As(err, &e) || e.Outcome != awsapi.Denied {
		t.Errorf("password policy: %v", err)
	}
	if _, err := inventory.Read(b, CredentialReport).Only().Get(); !errors.As(err, &e) || e.Operation != "iam:GenerateCredentialReport" {
		t.Errorf("report: %v", err)
	}
	if w.asked["GetCredentialReport"] != 0 {
		t.Error("a report of unknown age was read")
	}
}
