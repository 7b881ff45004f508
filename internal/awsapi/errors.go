package awsapi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Outcome is how a call ended.
type Outcome string

// The outcomes of a call. OK stands also for an answer that says "not configured" or "gone".
const (
	OK                   Outcome = "ok"
	Denied               Outcome = "denied"
	DeniedByOrganization Outcome = "denied_by_organization"
	Throttled            Outcome = "throttled"
	Credentials          Outcome = "credentials"
	RegionDisabled       Outcome = "region_disabled"
	NotEnabled           Outcome = "not_enabled"
	Unsupported          Outcome = "unsupported"
	Failed               Outcome = "failed"
	Cancelled            Outcome = "cancelled"
	OverBudget           Outcome = "over_budget"
)

// Outcomes returns all of them.
func Outcomes() []Outcome {
	return []Outcome{
		OK, Denied, DeniedByOrganization, Throttled, Credentials, RegionDisabled, NotEnabled, Unsupported,
		Failed, Cancelled, OverBudget,
	}
}

// ErrAbsent is AWS's answer "not configured". ErrGone is its answer "no such resource" about one that was listed.
var (
	ErrAbsent = errors.New("not configured")
	ErrGone   = errors.New("gone during the scan")
)

// Error is a call that gave no evidence, with its class. It carries nothing that differs between two scans of the same
// account (no request ids, no ports), since findings print it.
type Error struct {
	Outcome   Outcome `json:"outcome"`
	Operation string  `json:"operation"`
	Action    string  `json:"action"` // the IAM action that the call needs
	Region    string  `json:"region"`
	Code      string  `json:"code,omitempty"`
	Text      string  `json:"text"`

	cause error // for the sentence of Open and for debugging, never for a report: it differs from scan to scan
}

// Error is the sentence that reports print.
func (e *Error) Error() string {
	where := ""
	if e.Region != "" {
		where = " in " + e.Region
	}
	return fmt.Sprintf("%s%s: %s", e.Operation, where, e.Text)
}

var words = map[Outcome]string{
	Denied:               "denied",
	DeniedByOrganization: "denied by an organization's policy",
	Throttled:            "throttled, and still throttled after the retries",
	Credentials:          "the credentials are not valid any more",
	RegionDisabled:       "the region is not enabled for this account",
	NotEnabled:           "the service is not enabled",
	Unsupported:          "not supported here",
	Failed:               "failed",
	Cancelled:            "the scan was stopped before this could be read",
	OverBudget:           "the scan's call budget was spent before this could be read",
}

// absentCodes are the error codes by which an operation says "not configured". S3's are in no model; each was checked
// in the API reference or in documented behaviour. HTTP 404 alone is never "absent".
var absentCodes = map[string][]string{
	"s3:GetBucketPolicy":                 {"NoSuchBucketPolicy"},
	"s3:GetPublicAccessBlock":            {"NoSuchPublicAccessBlockConfiguration"},
	"s3:GetBucketOwnershipControls":      {"OwnershipControlsNotFoundError"},
	"s3:GetBucketEncryption":             {"ServerSideEncryptionConfigurationNotFoundError"},
	"s3:GetBucketLifecycleConfiguration": {"NoSuchLifecycleConfiguration"},
	"s3:GetObjectLockConfiguration":      {"ObjectLockConfigurationNotFoundError"},
	"s3:GetBucketTagging":                {"NoSuchTagSet"},
	"s3control:GetPublicAccessBlock":     {"NoSuchPublicAccessBlockConfiguration"},
	"s3control:GetAccessPointPolicy":     {"NoSuchAccessPointPolicy"},
	// Not documented; the answer without a policy that the API reference allows is taken as well.
	"s3control:GetMultiRegionAccessPointPolicy": {"NoSuchMultiRegionAccessPointPolicy"},
	"iam:GetAccountPasswordPolicy":              {"NoSuchEntity"},
}

// goneCodes say that a resource which was listed a moment ago does not exist any more.
var goneCodes = map[string][]string{
	"s3:*":                             {"NoSuchBucket"},
	"ec2:*":                            {"InvalidInstanceID.NotFound", "InvalidSnapshot.NotFound", "InvalidVolume.NotFound", "InvalidGroup.NotFound"},
	"rds:DescribeDBSnapshotAttributes": {"DBSnapshotNotFound", "DBSnapshotNotFoundFault"},
	"rds:DescribeDBClusterSnapshotAttributes":   {"DBClusterSnapshotNotFound", "DBClusterSnapshotNotFoundFault"},
	"elbv2:DescribeListeners":                   {"LoadBalancerNotFound"},
	"elbv2:DescribeRules":                       {"ListenerNotFound"},
	"elbv2:DescribeTargetHealth":                {"TargetGroupNotFound"},
	"elbv2:DescribeTargetGroupAttributes":       {"TargetGroupNotFound"},
	"globalaccelerator:ListListeners":           {"AcceleratorNotFoundException"},
	"globalaccelerator:ListEndpointGroups":      {"ListenerNotFoundException"},
	"cloudfront:GetVpcOrigin":                   {"EntityNotFound"},
	"iam:ListAccessKeys":                        {"NoSuchEntity"},
	"iam:ListUserTags":                          {"NoSuchEntity"},
	"kms:*":                                     {"NotFoundException"},
	"s3control:GetAccessPoint":                  {"NoSuchAccessPoint"},
	"s3control:GetAccessPointPolicy":            {"NoSuchAccessPoint"},
	"s3control:GetMultiRegionAccessPointPolicy": {"NoSuchMultiRegionAccessPoint"},
}

// Codes by class. Sources: the SDK's retry package (throttling), the services' "Common Errors" pages, and EC2's "Error
// codes for the Amazon EC2 API".
var (
	throttleCodes = []string{
		"Throttling", "ThrottlingException", "ThrottledException", "RequestThrottledException", "RequestThrottled",
		"TooManyRequestsException", "ProvisionedThroughputExceededException", "TransactionInProgressException",
		"RequestLimitExceeded", "BandwidthLimitExceeded", "LimitExceededException", "SlowDown",
		"PriorRequestNotComplete", "EC2ThrottledException",
	}
	deniedCodes = []string{
		"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "NotAuthorized",
		"Forbidden", "AllAccessDisabled", "AccountProblem",
	}
	credentialCodes = []string{
		"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired",
		"SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature", "RequestTimeTooSkewed",
	}
	regionCodes = []string{
		"AuthFailure", "UnrecognizedClientException", "InvalidClientTokenId", "OptInRequired",
		"RegionDisabledException", "InvalidAccessKeyId", "InvalidToken",
	}
	unsupportedCodes = []string{
		"InvalidAction", "UnknownOperationException", "UnsupportedOperation", "UnsupportedOperationException",
		"NotImplemented", "MethodNotAllowed",
	}
	notEnabledCodes = []string{"SubscriptionRequiredException"}
)

// facts are what the class of an error depends on beside the error itself.
type facts struct {
	scanDone bool // the scan's own context has ended
	verified bool // the caller's identity was verified in another region
	atHome   bool // it was verified in this region
}

// classify turns the error of a call into ErrAbsent, ErrGone or an *Error. The order is: what our own side refused,
// the operation's "not configured", throttling, an organization's denial, a denial, credentials and regions,
// unsupported, failed.
func classify(err error, op Op, region string, f facts) error {
	var known *Error
	if errors.As(err, &known) && !renewal(err, known) {
		return known
	}
	e := &Error{Outcome: Failed, Operation: op.String(), Region: region, cause: err}
	if len(op.Actions) > 0 {
		e.Action = op.Actions[0]
	}
	finish := func(o Outcome, detail string) error {
		e.Outcome, e.Text = o, words[o]
		if detail != "" {
			e.Text += " (" + detail + ")"
		}
		return e
	}
	if f.scanDone && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)) {
		return finish(Cancelled, "")
	}
	if fromCredentialChain(err) {
		if known != nil {
			if known.Outcome == Credentials {
				e.Code = known.Code
			}
			return finish(Credentials, known.Operation+": "+known.Text)
		}
		return finish(Credentials, apiDetail(err))
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		return transport(err, f, finish)
	}
	code, message := api.ErrorCode(), api.ErrorMessage()
	e.Code = code
	status := 0
	var re *smithyhttp.ResponseError
	if errors.As(err, &re) {
		status = re.HTTPStatusCode()
	}
	switch {
	case slices.Contains(absentCodes[op.String()], code):
		return ErrAbsent
	case slices.Contains(goneCodes[op.String()], code), slices.Contains(goneCodes[op.Service+":*"], code):
		return ErrGone
	case op.String() == "s3:GetBucketPolicy" && code == "MethodNotAllowed":
		// S3 API reference, GetBucketPolicy: 405 where the caller's account is not the bucket's owner.
		return finish(Denied, "the caller's account does not own the bucket")
	case slices.Contains(throttleCodes, code):
		return finish(Throttled, code)
	case slices.Contains(notEnabledCodes, code):
		return finish(NotEnabled, code)
	case isDenied(code, status):
		if byOrganization(message) {
			return finish(DeniedByOrganization, cmp.Or(denialClause(message), code))
		}
		return finish(Denied, cmp.Or(denialClause(message), code))
	case slices.Contains(credentialCodes, code):
		return finish(Credentials, code)
	case slices.Contains(regionCodes, code):
		switch {
		case f.verified:
			return finish(RegionDisabled, code)
		case f.atHome && (code == "AuthFailure" || code == "OptInRequired"):
			// The key is good and the region is on. EC2 says AuthFailure for some single resources, too, and
			// OptInRequired where an account has not signed up for a service: no reason to stop all calls.
			return finish(Failed, code)
		}
		return finish(Credentials, code)
	case slices.Contains(unsupportedCodes, code), status == http.StatusNotImplemented, status == http.StatusMethodNotAllowed:
		return finish(Unsupported, code)
	case status == http.StatusTooManyRequests:
		return finish(Throttled, code)
	}
	return finish(Failed, code)
}

// renewal reports whether a classified error is that of a call of the credential chain inside of this one. What our own
// side refused stays what it is.
func renewal(err error, known *Error) bool {
	var inner *smithy.OperationError
	return errors.As(err, &inner) && known.Outcome != Cancelled && known.Outcome != OverBudget
}

func isDenied(code string, status int) bool {
	if slices.Contains(deniedCodes, code) {
		return true
	}
	known := slices.Contains(credentialCodes, code) || slices.Contains(regionCodes, code)
	return !known && (status == http.StatusForbidden || status == http.StatusUnauthorized)
}

// byOrganization matches the words of IAM's "Troubleshoot access denied error messages"; ids are not matched, since
// newer messages name the policy's ARN.
func byOrganization(message string) bool {
	m := strings.ToLower(message)
	return strings.Contains(m, "service control policy") || strings.Contains(m, "resource control policy")
}

// denialClause extracts what IAM says of the cause ("because no identity-based policy allows the ... action"), which
// tells a missing permission from a boundary, a session policy or an endpoint policy. It never contains ids of the
// request. EC2's encoded message is useless to a reader and differs each time, so it is dropped.
func denialClause(message string) string {
	i := strings.Index(message, "because ")
	if i < 0 || strings.Contains(message, "Encoded authorization failure message") {
		return ""
	}
	clause := strings.Join(strings.Fields(message[i:]), " ")
	if r := []rune(clause); len(r) > 200 {
		clause = string(r[:200]) + "…"
	}
	return clause
}

func apiDetail(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// fromCredentialChain reports whether the error comes from getting credentials rather than from the operation: a
// failed AssumeRole or SSO call surfaces inside the outer operation's error.
func fromCredentialChain(err error) bool {
	var inner *smithy.OperationError
	if errors.As(err, &inner) {
		return true // the operation's own wrapper is put on after the middleware that calls this
	}
	s := err.Error()
	return strings.Contains(s, "get credentials") || strings.Contains(s, "failed to refresh cached credentials") ||
		strings.Contains(s, "failed to retrieve credentials") || strings.Contains(s, "get identity:")
}

func transport(err error, f facts, finish func(Outcome, string) error) error {
	var dns *net.DNSError
	var broken *brokenAnswerError
	var netop *net.OpError
	var timeout interface{ Timeout() bool }
	switch {
	case errors.As(err, &broken):
		return finish(Failed, broken.what)
	case errors.As(err, &dns):
		if dns.IsNotFound && f.verified {
			// A service that is not in a region has no host name there.
			return finish(Unsupported, "no endpoint of this service in the region")
		}
		return finish(Failed, "the name of the endpoint could not be resolved")
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return finish(Failed, "no answer within the time limit")
	case errors.As(err, &netop):
		return finish(Failed, "the connection failed: "+innermost(netop))
	}
	var deser *smithy.DeserializationError
	if errors.As(err, &deser) {
		return finish(Failed, "the answer could not be decoded")
	}
	return finish(Failed, "no usable answer")
}

// innermost is the part of a network error without addresses and ports, which differ between two scans.
func innermost(e *net.OpError) string {
	var inner error = e
	for {
		next := errors.Unwrap(inner)
		if next == nil {
			return strings.TrimPrefix(inner.Error(), "connect: ")
		}
		inner = next
	}
}
