package replay

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/ourshare/ourshare/internal/awsapi"
)

// Fault is one way in which an operation gives no evidence, and how the ledger must call it.
type Fault struct {
	Name    string
	Outcome string // of the ledger
	Later   bool   // only later pages are hit
	make    func(op string) (*http.Response, error)
}

// Faults are all of them.
var Faults = []Fault{
	{Name: "denied", Outcome: "denied", make: failure(403, "AccessDenied", "User: arn:aws:iam::1:user/x is not authorized to perform this because no identity-based policy allows the action")},
	{Name: "denied by an organization policy", Outcome: "denied_by_organization", make: failure(403, "AccessDenied", "User: arn:aws:iam::1:user/x is not authorized to perform this with an explicit deny in a service control policy")},
	{Name: "throttled for good", Outcome: "throttled", make: failure(503, "SlowDown", "Rate exceeded")},
	{Name: "unsupported", Outcome: "unsupported", make: failure(501, "NotImplemented", "not implemented")},
	{Name: "500", Outcome: "failed", make: failure(500, "InternalError", "We encountered an internal error")},
	{Name: "connection broken in mid-body", Outcome: "failed", make: damage("broken")},
	{Name: "bytes cut, framing intact", Outcome: "failed", make: damage("cut")},
	{Name: "empty 200", Outcome: "failed", make: ok("")},
	{Name: "HTML with 200", Outcome: "failed", make: ok("<!DOCTYPE html><html><head><title>Sign in</title></head><body>proxy</body></html>")},
	{Name: "second page lost", Outcome: "failed", Later: true, make: failure(500, "InternalError", "We encountered an internal error")},
}

// On hits one operation with the fault.
func (f Fault) On(op string) func(string, *http.Request, bool) (*http.Response, error, bool) {
	return func(called string, _ *http.Request, later bool) (*http.Response, error, bool) {
		if called != op || f.Later && !later {
			return nil, nil, false
		}
		resp, err := f.make(op)
		return resp, err, true
	}
}

func failure(status int, code, message string) func(string) (*http.Response, error) {
	return func(op string) (*http.Response, error) {
		body := errorBody(op, code, message)
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
	}
}

// errorBody is an error in the operation's own protocol.
func errorBody(op, code, message string) string {
	switch service, _, _ := strings.Cut(op, ":"); {
	case service == "ec2":
		return fmt.Sprintf("<Response><Errors><Error><Code>%s</Code><Message>%s</Message></Error></Errors><RequestID>r</RequestID></Response>", code, message)
	case service == "s3":
		return fmt.Sprintf("<Error><Code>%s</Code><Message>%s</Message></Error>", code, message)
	case awsapi.SpeaksJSON(service):
		return fmt.Sprintf(`{"__type":"%s","message":"%s"}`, code, message)
	}
	return fmt.Sprintf("<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>r</RequestId></ErrorResponse>", code, message)
}

func ok(body string) func(string) (*http.Response, error) {
	return func(string) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
	}
}

// damage leaves the body to damaged, which knows the recorded answer.
func damage(how string) func(string) (*http.Response, error) {
	return func(string) (*http.Response, error) { return &http.Response{StatusCode: 200, Status: how}, nil }
}

// damaged is the recorded answer, cut in the middle: with an error of the connection, or with the framing intact. An
// answer that was an error is damaged as a success that was cut would be.
func damaged(how *http.Response, a answer) *http.Response {
	half := a.body[:len(a.body)/2]
	resp := &http.Response{StatusCode: 200, Header: http.Header{}, ContentLength: int64(len(half))}
	var body io.Reader = bytes.NewReader(half)
	if how.Status == "broken" {
		body = io.MultiReader(body, unexpectedEnd{})
	}
	resp.Body = io.NopCloser(body)
	return resp
}

type unexpectedEnd struct{}

func (unexpectedEnd) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
