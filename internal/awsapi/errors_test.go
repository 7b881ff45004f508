package awsapi

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"testing"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

func apiError(status int, code, message string) error {
	return &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}},
		Err:      &smithy.GenericAPIError{Code: code, Message: message},
	}
}

// Sources of the codes: the tables of errors.go; those of messages: IAM user guide, "Troubleshoot access denied error
// messages".
func TestClassify(t *testing.T) {
	elsewhere := facts{verified: true}
	for name, tt := range map[string]struct {
		op   string
		err  error
		f    facts
		want any // an Outcome, ErrAbsent or ErrGone
	}{
		"S3 denies":                 {"s3:GetBucketAcl", apiError(403, "AccessDenied", "Access Denied"), facts{}, Denied},
		"JSON denies":               {"ssm:DescribeInstanceInformation", apiError(400, "AccessDeniedException", "not authorized"), facts{}, Denied},
		"EC2 denies":                {"ec2:DescribeInstances", apiError(403, "UnauthorizedOperation", "You are not authorized"), facts{}, Denied},
		"HEAD denies without body":  {"s3:GetBucketAcl", apiError(403, "Forbidden", ""), facts{}, Denied},
		"unknown code, status 403":  {"rds:DescribeDBInstances", apiError(403, "Whatever", ""), facts{}, Denied},
		"SCP, explicit":             {"iam:ListUsers", apiError(403, "AccessDenied", "User: x is not authorized to perform: iam:ListUsers with an explicit deny in a service control policy"), facts{}, DeniedByOrganization},
		"SCP, implicit":             {"iam:ListUsers", apiError(403, "AccessDenied", "because no service control policy allows the iam:ListUsers action"), facts{}, DeniedByOrganization},
		"SCP with its ARN":          {"ec2:DescribeVpcs", apiError(403, "UnauthorizedOperation", "with an explicit deny in a service control policy: arn:aws:organizations::1:policy/o-1/p-1"), facts{}, DeniedByOrganization},
		"RCP":                       {"s3:GetBucketAcl", apiError(403, "AccessDenied", "with an explicit deny in a resource control policy"), facts{}, DeniedByOrganization},
		"a boundary is no SCP":      {"iam:ListUsers", apiError(403, "AccessDenied", "because no permissions boundary allows the iam:ListUsers action"), facts{}, Denied},
		"no policy":                 {"s3:GetBucketPolicy", apiError(404, "NoSuchBucketPolicy", ""), facts{}, ErrAbsent},
		"policy code on another op": {"s3:GetBucketAcl", apiError(404, "NoSuchBucketPolicy", ""), facts{}, Failed},
		"404 alone is not absent":   {"s3:GetBucketPolicy", apiError(404, "NotFound", ""), facts{}, Failed},
		"bucket gone":               {"s3:GetBucketPolicy", apiError(404, "NoSuchBucket", ""), facts{}, ErrGone},
		"not the owner":             {"s3:GetBucketPolicy", apiError(405, "MethodNotAllowed", ""), facts{}, Denied},
		"no password policy":        {"iam:GetAccountPasswordPolicy", apiError(404, "NoSuchEntity", ""), facts{}, ErrAbsent},
		"throttled":                 {"ec2:DescribeInstances", apiError(503, "RequestLimitExceeded", ""), facts{}, Throttled},
		"S3 slows down":             {"s3:GetBucketAcl", apiError(503, "SlowDown", ""), facts{}, Throttled},
		"429 without a known code":  {"s3:GetBucketAcl", apiError(429, "Busy", ""), facts{}, Throttled},
		"expired":                   {"ec2:DescribeInstances", apiError(400, "RequestExpired", ""), elsewhere, Credentials},
		"expired token, S3":         {"s3:GetBucketAcl", apiError(400, "ExpiredToken", ""), elsewhere, Credentials},
		"wrong key":                 {"sts:GetCallerIdentity", apiError(403, "InvalidClientTokenId", ""), facts{}, Credentials},
		"wrong secret":              {"sts:GetCallerIdentity", apiError(403, "SignatureDoesNotMatch", ""), facts{}, Credentials},
		"clock too far off, S3":     {"s3:GetBucketAcl", apiError(403, "RequestTimeTooSkewed", ""), elsewhere, Credentials},
		"region off":                {"ec2:DescribeInstances", apiError(401, "AuthFailure", ""), elsewhere, RegionDisabled},
		"region off, JSON":          {"ssm:DescribeInstanceInformation", apiError(400, "UnrecognizedClientException", ""), elsewhere, RegionDisabled},
		"one service at home":       {"ec2:DescribeInstances", apiError(401, "AuthFailure", ""), facts{atHome: true}, Failed},
		"not signed up at home":     {"ec2:DescribeInstances", apiError(401, "OptInRequired", ""), facts{atHome: true}, Failed},
		"key revoked at home":       {"iam:ListUsers", apiError(403, "InvalidClientTokenId", ""), facts{atHome: true}, Credentials},
		"unsupported":               {"ec2:DescribeInstances", apiError(400, "InvalidAction", ""), facts{}, Unsupported},
		"501":                       {"ssm:DescribeInstanceInformation", apiError(501, "InternalFailure", ""), facts{}, Unsupported},
		"not subscribed":            {"ec2:DescribeInstances", apiError(400, "SubscriptionRequiredException", ""), facts{}, NotEnabled},
		"server fault":              {"ec2:DescribeInstances", apiError(500, "InternalError", ""), facts{}, Failed},
		"validation":                {"ec2:DescribeInstances", apiError(400, "InvalidParameterValue", ""), facts{}, Failed},
		"broken answer":             {"ec2:DescribeInstances", &brokenAnswerError{"cut"}, facts{}, Failed},
		"HTTP timeout":              {"ec2:DescribeInstances", context.DeadlineExceeded, facts{}, Failed},
		"scan stopped":              {"ec2:DescribeInstances", context.Canceled, facts{scanDone: true}, Cancelled},
		"scan timed out":            {"ec2:DescribeInstances", context.DeadlineExceeded, facts{scanDone: true}, Cancelled},
		"no such host, elsewhere":   {"ec2:DescribeInstances", &net.DNSError{IsNotFound: true}, elsewhere, Unsupported},
		"no such host at home":      {"sts:GetCallerIdentity", &net.DNSError{IsNotFound: true}, facts{}, Failed},
		"connection refused":        {"ec2:DescribeInstances", &net.OpError{Op: "dial", Err: errors.New("connect: connection refused")}, facts{}, Failed},
		"role could not be assumed": {"ec2:DescribeInstances", fmt.Errorf("get identity: get credentials: %w", &smithy.OperationError{ServiceID: "STS", OperationName: "AssumeRole", Err: apiError(403, "AccessDenied", "")}), facts{}, Credentials},
		"undecodable":               {"ec2:DescribeInstances", &smithy.DeserializationError{Err: errors.New("x")}, facts{}, Failed},
	} {
		t.Run(name, func(t *testing.T) {
			got := classify(tt.err, Calls(tt.op)[0], "us-east-1", tt.f)
			if want, ok := tt.want.(Outcome); ok {
				var e *Error
				if !errors.As(got, &e) || e.Outcome != want {
					t.Fatalf("%v (%+v), want %s", got, got, want)
				}
				if e.Operation != tt.op || e.Text == "" {
					t.Errorf("a reason without operation or words: %+v", e)
				}
				return
			}
			if !errors.Is(got, tt.want.(error)) {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}

func TestReasonsAreStable(t *testing.T) {
	op := Calls("ec2:DescribeInstances")[0]
	a := classify(apiError(403, "UnauthorizedOperation", "You are not authorized. Encoded authorization failure message: AAAA because x"), op, "r", facts{})
	b := classify(apiError(403, "UnauthorizedOperation", "You are not authorized. Encoded authorization failure message: BBBB because x"), op, "r", facts{})
	if a.Error() != b.Error() {
		t.Errorf("%q differs from %q", a, b)
	}
	c := classify(&net.OpError{Op: "read", Addr: &net.TCPAddr{Port: 4711}, Err: errors.New("connection reset by peer")}, op, "r", facts{})
	if got := c.Error(); got != "ec2:DescribeInstances in r: failed (the connection failed: connection reset by peer)" {
		t.Errorf("%q", got)
	}
}
