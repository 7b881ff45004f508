package iampolicy

import (
	"errors"
	"testing"
)

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		``, `{}`, `[`, `{"Statement":[]}`,
		`{"Version":"2012-10-17","Id":"x","Statement":{"Sid":"y","Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}}`,
		`{"Statement":[{"Effect":"Deny","NotPrincipal":{"AWS":["*","arn:aws:iam::123456789012:root"]},"NotAction":["s3:Get*"],"NotResource":["arn:aws:s3:::b/*"],"Condition":{"ForAllValues:StringNotLikeIfExists":{"aws:x":["a",1,true]}}}]}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := Parse(s)
		if err == nil {
			if len(d.Statements) == 0 {
				t.Error("a document without statements")
			}
			return
		}
		if _, ok := errors.AsType[*ParseError](err); !ok || d != nil {
			t.Errorf("got %v and %v", d, err)
		}
		_ = err.Error() // it must not panic, whatever it says
	})
}

func FuzzVerdicts(f *testing.F) {
	for _, s := range []string{
		`{"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}}`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":["0.0.0.0/1","::/0","x"]}}},
		  {"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::123456789012:role/x"},"NotAction":"s3:?*t","NotResource":"arn:aws:s3:::b/${aws:username}","Condition":{"NotIpAddress":{"aws:SourceIp":"1.0.0.0/8"},"StringNotLike":{"aws:PrincipalArn":"arn:aws:iam::123456789012:role/*","aws:userid":"AROA:*"}}}]}`,
		`{"Statement":[{"Effect":"Allow","Principal":{"CanonicalUser":"x","Federated":"y"},"Action":"*","Condition":{"ArnLike":{"s3:DataAccessPointArn":"arn:aws:s3:x:123456789012:accesspoint/*"},"Null":{"a":"b"}}},
		  {"Effect":"Deny","Action":"s3:*Object","Resource":"arn:*:s3:*:*:?/é*","Principal":"*","Condition":{"NumericLessThanIfExists":{"s3:TlsVersion":1.2}}}]}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := Parse(s)
		if err != nil {
			t.Skip() // no document, so nothing to judge; FuzzParse looks at the error
		}
		public := d.S3Public()
		if public.Answer != No && len(public.Statements) == 0 || len(public.Why()) == 0 {
			t.Errorf("%s without proof", public.Answer)
		}
		tls := d.S3DeniesPlainHTTP("aws", "b")
		if (tls.Answer == Yes) != (len(tls.Statements) > 0) || (tls.Answer == Yes) != (len(tls.Remaining) == 0) {
			t.Errorf("proof does not fit %s: %v, %q", tls.Answer, tls.Statements, tls.Remaining)
		}
	})
}
