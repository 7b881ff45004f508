package awsapi

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

var answers = map[string]string{
	"ec2:DescribeRegions":                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<DescribeRegionsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>x</requestId><regionInfo/></DescribeRegionsResponse>",
	"sts:GetCallerIdentity":              "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult/></GetCallerIdentityResponse>\n",
	"s3:GetBucketVersioning":             "<?xml version=\"1.0\"?>\n<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"/>",
	"s3:GetBucketLogging":                "<BucketLoggingStatus xmlns=\"x\"></BucketLoggingStatus>",
	"s3:GetBucketPolicy":                 "{\"Version\":\"2012-10-17\",\"Statement\":[]}",
	"s3control:GetPublicAccessBlock":     "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>",
	"ssm:DescribeInstancePatches":        "{\"Patches\":[]}",
	"cloudfront:ListVpcOrigins":          "<?xml version=\"1.0\"?>\n<VpcOriginList xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"><Quantity>0</Quantity></VpcOriginList>",
	"globalaccelerator:ListAccelerators": "{\"Accelerators\":[]}",
}

// Every byte cut of an answer is refused: the SDK would decode most of them as "nothing configured".
func TestEveryCutIsRefused(t *testing.T) {
	for name, body := range answers {
		op := Calls(name)[0]
		if err := wholeBody(op, []byte(body)); err != nil {
			t.Errorf("%s: the whole answer is refused: %v", name, err)
		}
		whole := len(strings.TrimSpace(body))
		for n := range whole {
			if err := wholeBody(op, []byte(body[:n])); err == nil {
				t.Errorf("%s: accepted when cut at byte %d: %q", name, n, body[:n])
			}
		}
	}
}

func TestWrongAnswersAreRefused(t *testing.T) {
	for name, body := range map[string]string{
		"an HTML page":             "<!DOCTYPE html><html><body>proxy</body></html>",
		"an HTML page, no doctype": "<html></html>",
		"white space":              " \n\t",
		"text":                     "OK",
		"another root":             "<Error><Code>InternalError</Code></Error>",
		"two roots":                "<VersioningConfiguration/><x/>",
		"a prologue alone":         "<?xml version=\"1.0\"?>",
		"a comment alone":          "<!-- x -->",
	} {
		for _, op := range []string{"s3:GetBucketVersioning", "ec2:DescribeRegions", "s3:GetBucketPolicy", "ssm:DescribeInstancePatches", "cloudfront:ListDistributions", "globalaccelerator:ListListeners"} {
			if err := wholeBody(Calls(op)[0], []byte(body)); err == nil {
				t.Errorf("%s: %s is accepted", op, name)
			}
		}
	}
	if err := wholeBody(Calls("ec2:DescribeRegions")[0], []byte("<DescribeRegionsResponse/>")); err == nil {
		t.Error("a query answer that holds nothing is accepted")
	}
	if err := wholeBody(Calls("cloudfront:ListDistributions")[0], []byte("<DistributionList/>")); err == nil {
		t.Error("an answer of CloudFront that holds nothing is accepted")
	}
}

type brokenBody struct{ io.Reader }

func (brokenBody) Close() error { return nil }

func TestBrokenBody(t *testing.T) {
	resp := &http.Response{StatusCode: 200, Body: brokenBody{io.MultiReader(strings.NewReader("<Describe"), errReader{})}}
	if err := whole(Calls("ec2:DescribeRegions")[0], resp); err == nil {
		t.Error("a body that breaks off is accepted")
	}
	resp = &http.Response{StatusCode: 404, Body: io.NopCloser(strings.NewReader(""))}
	if err := whole(Calls("ec2:DescribeRegions")[0], resp); err != nil {
		t.Errorf("an error's body is the SDK's matter: %v", err)
	}
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func FuzzWholeBody(f *testing.F) {
	for _, body := range answers {
		f.Add([]byte(body))
	}
	ops := Calls("ec2:DescribeRegions").And("s3:GetBucketVersioning").And("s3:GetBucketPolicy")
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, op := range ops {
			if wholeBody(op, body) != nil {
				continue
			}
			// What is accepted ends as it began: no prefix that lacks the end is accepted as well.
			trimmed := strings.TrimRight(string(body), " \t\r\n\v\f\u0085\u00a0")
			if len(trimmed) > 1 && wholeBody(op, []byte(trimmed[:len(trimmed)-1])) == nil {
				t.Errorf("%s: %q is accepted with and without its last byte", op, trimmed)
			}
		}
	})
}
