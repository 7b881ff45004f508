package awsapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
)

// maxAnswer bounds what one answer may hold; the largest real pages are a few megabytes.
const maxAnswer = 256 << 20

// brokenAnswerError is a success whose body is not a whole answer. The SDK decodes an empty body, an HTML page or XML
// that was cut after its prologue as an empty output, which a check would read as "nothing is configured".
type brokenAnswerError struct{ what string }

func (e *brokenAnswerError) Error() string { return e.what }

// RetryableError makes the SDK's retryer try again: the fault is the wire's.
func (e *brokenAnswerError) RetryableError() bool { return true }

// roots are the root elements of REST-XML answers, which follow no rule. Source: the SDK's deserializers and the API
// references of S3 and CloudFront. Answers of the query protocols (EC2, IAM, RDS, ...) have the root <OperationResponse>.
var roots = map[string]string{
	"s3:ListBuckets":                            "ListAllMyBucketsResult",
	"s3:GetBucketAcl":                           "AccessControlPolicy",
	"s3:GetPublicAccessBlock":                   "PublicAccessBlockConfiguration",
	"s3:GetBucketOwnershipControls":             "OwnershipControls",
	"s3:GetBucketEncryption":                    "ServerSideEncryptionConfiguration",
	"s3:GetBucketVersioning":                    "VersioningConfiguration",
	"s3:GetBucketLogging":                       "BucketLoggingStatus",
	"s3:GetBucketLifecycleConfiguration":        "LifecycleConfiguration",
	"s3:GetObjectLockConfiguration":             "ObjectLockConfiguration",
	"s3:GetBucketTagging":                       "Tagging",
	"s3control:GetPublicAccessBlock":            "PublicAccessBlockConfiguration",
	"s3control:ListAccessPoints":                "ListAccessPointsResult",
	"s3control:GetAccessPoint":                  "GetAccessPointResult",
	"s3control:GetAccessPointPolicy":            "GetAccessPointPolicyResult",
	"s3control:ListMultiRegionAccessPoints":     "ListMultiRegionAccessPointsResult",
	"s3control:GetMultiRegionAccessPointPolicy": "GetMultiRegionAccessPointPolicyResult",
	"cloudfront:ListDistributions":              "DistributionList",
	"cloudfront:ListVpcOrigins":                 "VpcOriginList",
	"cloudfront:GetVpcOrigin":                   "VpcOrigin",
}

// HasRoot reports whether an answer of the operation can be checked for its root: a test holds every declared
// operation against it.
func HasRoot(o Op) bool {
	if !isRESTXML(o) {
		return true
	}
	return o.String() == "s3:GetBucketPolicy" || roots[o.String()] != ""
}

// whole replaces the body of a 2xx answer by one that was read to its end, or says why it is not a whole answer.
func whole(op Op, resp *http.Response) error {
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	closeErr := resp.Body.Close()
	switch {
	case err != nil:
		return &brokenAnswerError{"the answer broke off before its end"}
	case closeErr != nil:
		return &brokenAnswerError{"the answer could not be closed"}
	case len(body) > maxAnswer:
		return &brokenAnswerError{fmt.Sprintf("the answer is larger than %d MiB", maxAnswer>>20)}
	}
	if err := wholeBody(op, body); err != nil {
		return err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return nil
}

func wholeBody(op Op, body []byte) error {
	trimmed := bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	if len(trimmed) == 0 {
		return &brokenAnswerError{"the answer is empty"}
	}
	if isJSON(op) {
		if trimmed[0] != '{' || !json.Valid(trimmed) {
			return &brokenAnswerError{"the answer is not a whole JSON object"}
		}
		return nil
	}
	want := roots[op.String()]
	if want == "" && !isRESTXML(op) {
		want = op.Name + "Response"
	}
	root, rest, err := rootElement(trimmed)
	if err != nil {
		return &brokenAnswerError{"the answer is not a whole XML document"}
	}
	if want != "" && root != want {
		return &brokenAnswerError{fmt.Sprintf("the answer is a <%s>, not a <%s>", printable(root), want)}
	}
	if rest == nil { // <Root/>
		if op.Service == "s3" || op.Service == "s3control" {
			return nil // S3's way to say "nothing configured" (GetBucketVersioning, GetBucketLogging)
		}
		return &brokenAnswerError{"the answer holds nothing, not even a request id"}
	}
	if !bytes.HasSuffix(bytes.ReplaceAll(trimmed[max(0, len(trimmed)-len(root)-8):], []byte(" "), nil), []byte("</"+root+">")) {
		return &brokenAnswerError{"the answer was cut before its end"}
	}
	return nil
}

// isRESTXML: the services whose answers' roots stand in the table.
func isRESTXML(op Op) bool {
	return op.Service == "s3" || op.Service == "s3control" || op.Service == "cloudfront"
}

// isJSON: the JSON protocols' operations, and GetBucketPolicy, whose body is the policy itself.
func isJSON(op Op) bool { return SpeaksJSON(op.Service) || op.String() == "s3:GetBucketPolicy" }

// SpeaksJSON reports whether a service's protocol is JSON; the others' is XML.
func SpeaksJSON(service string) bool {
	return slices.Contains([]string{"ssm", "sso", "sso-oidc", "signin", "globalaccelerator", "kms"}, service)
}

var errNoRoot = errors.New("no root element")

// rootElement skips the prologue and returns the root's name and what follows its start tag; rest is nil where the
// root is an empty-element tag that ends the document.
func rootElement(b []byte) (name string, rest []byte, err error) {
	for {
		b = bytes.TrimLeft(b, " \t\r\n")
		switch {
		case bytes.HasPrefix(b, []byte("<?")):
			i := bytes.Index(b, []byte("?>"))
			if i < 0 {
				return "", nil, errNoRoot
			}
			b = b[i+2:]
		case bytes.HasPrefix(b, []byte("<!--")):
			i := bytes.Index(b, []byte("-->"))
			if i < 0 {
				return "", nil, errNoRoot
			}
			b = b[i+3:]
		case len(b) > 1 && b[0] == '<':
			i := bytes.IndexByte(b, '>')
			if i < 0 {
				return "", nil, errNoRoot
			}
			tag := string(b[1:i])
			empty := strings.HasSuffix(tag, "/")
			name = strings.TrimRight(tag, "/")
			if j := strings.IndexAny(name, " \t\r\n"); j >= 0 {
				name = name[:j]
			}
			if empty {
				if len(bytes.TrimSpace(b[i+1:])) > 0 {
					return "", nil, errNoRoot
				}
				return name, nil, nil
			}
			return name, b[i+1:], nil
		default:
			return "", nil, errNoRoot
		}
	}
}

func printable(s string) string {
	if len(s) > 40 {
		s = s[:40]
	}
	return strings.ToValidUTF8(strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f {
			return -1
		}
		return r
	}, s), "")
}
