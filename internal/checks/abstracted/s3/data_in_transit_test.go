package s3

import (
	"testing"

	"github.com/ourshare/ourshare/internal/checks/checktest"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	s3inv "github.com/ourshare/ourshare/internal/inventory/s3"
)

func policy(statements string) inventory.Field[s3inv.Policy] {
	return inventory.Known(s3inv.Policy{Document: `{"Version":"2012-10-17","Statement":[` + statements + `]}`})
}

const (
	bothARNs    = `["arn:aws:s3:::example-data","arn:aws:s3:::example-data/*"]`
	objectsOnly = `"arn:aws:s3:::example-data/*"`
)

func denyHTTP(principal, actions, resources, condition string) string {
	return `{"Sid":"TLS","Effect":"Deny","Principal":` + principal + `,"Action":` + actions + `,"Resource":` + resources + `,"Condition":` + condition + `}`
}

func TestBucketTLSOnly(t *testing.T) {
	const everyone, all, insecure = `"*"`, `"s3:*"`, `{"Bool":{"aws:SecureTransport":"false"}}`
	runStates(t, bucketTLSOnly, s3inv.BucketPolicy, map[string]state[s3inv.Policy]{
		"all of it":          {policy(denyHTTP(everyone, all, bothARNs, insecure)), finding.Pass, []string{`statement 1 ("TLS")`}},
		"list of principals": {policy(denyHTTP(`{"AWS":["*"]}`, all, bothARNs, insecure)), finding.Pass, nil},
		"BoolIfExists":       {policy(denyHTTP(everyone, all, bothARNs, `{"BoolIfExists":{"aws:SecureTransport":"false"}}`)), finding.Pass, nil},
		"shared by two": {
			policy(denyHTTP(everyone, all, objectsOnly, insecure) + "," + denyHTTP(everyone, all, `"arn:aws:s3:::example-data"`, insecure)),
			finding.Pass,
			[]string{"statement 1", "statement 2"},
		},
		"no policy":            {absent[s3inv.Policy](), finding.Fail, []string{"no bucket policy"}},
		"reads only":           {policy(denyHTTP(everyone, `"s3:Get*"`, bothARNs, insecure)), finding.Fail, []string{"plain HTTP"}},
		"objects only":         {policy(denyHTTP(everyone, all, objectsOnly, insecure)), finding.Fail, []string{"the bucket itself"}},
		"another bucket":       {policy(denyHTTP(everyone, all, `["arn:aws:s3:::other","arn:aws:s3:::other/*"]`, insecure)), finding.Fail, nil},
		"another partition":    {policy(denyHTTP(everyone, all, `["arn:aws-cn:s3:::example-data","arn:aws-cn:s3:::example-data/*"]`, insecure)), finding.Fail, nil},
		"one account only":     {policy(denyHTTP(`{"AWS":"arn:aws:iam::111122223333:root"}`, all, bothARNs, insecure)), finding.Fail, nil},
		"the wrong way round":  {policy(denyHTTP(everyone, all, bothARNs, `{"Bool":{"aws:SecureTransport":"true"}}`)), finding.Fail, nil},
		"and another test":     {policy(denyHTTP(everyone, all, bothARNs, `{"Bool":{"aws:SecureTransport":"false"},"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`)), finding.Fail, nil},
		"an Allow is no Deny":  {policy(`{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":` + bothARNs + `,"Condition":{"Bool":{"aws:SecureTransport":"true"}}}`), finding.Fail, []string{"no statement denies"}},
		"beyond the reasoning": {policy(denyHTTP(everyone, all, bothARNs, `{"NumericLessThan":{"s3:TlsVersion":"1.2"}}`)), finding.Unknown, []string{"could not be judged"}},
		"not a policy":         {inventory.Known(s3inv.Policy{Document: `{"Statement":7}`}), finding.Unknown, []string{"could not be judged"}},
		"no document":          {inventory.Known(s3inv.Policy{}), finding.Unknown, []string{"could not be judged"}},
	})
}

func TestSome(t *testing.T) {
	if got := some([]string{"a", "b", "c", "d", "e"}); got != "a; b; c; and 2 more" {
		t.Errorf("got %q", got)
	}
	if got := some([]string{"a", "b", "c"}); got != "a; b; c" {
		t.Errorf("got %q", got)
	}
}

func TestUnknownWithoutAGap(t *testing.T) {
	f := checktest.New()
	checktest.Rows(f, s3inv.Buckets, bucket)
	checktest.Facts(f, s3inv.BucketPolicy, map[string]inventory.Field[s3inv.Policy]{name: inventory.Known(s3inv.Policy{Document: `{"Statement":7}`})})
	if r := inventory.Reason(f.Run(bucketTLSOnly)[name].Why...); r.Gap || r.Outcome != finding.Insufficient {
		t.Errorf("a policy beyond the reasoning was read, so it is no gap: %+v", r)
	}
}
