package iampolicy

import (
	"fmt"
	"strings"
	"testing"
)

// large gives a policy of about 20 KB, the most that a bucket policy may have.
func large(tb testing.TB, principal string) *Document {
	var list []string
	size := 0
	for i := 0; size < 20_000; i++ {
		effect, condition := "Allow", ""
		switch i % 4 {
		case 1:
			condition = `,"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}`
		case 2:
			effect, condition = "Deny", `,"Condition":{"Bool":{"aws:SecureTransport":"false"}}`
		case 3:
			effect = "Deny"
		}
		s := fmt.Sprintf(`{"Sid":"S%d","Effect":%q,%s"Action":["s3:GetObject*","s3:Put*","s3:ListBucket"],"Resource":["arn:aws:s3:::bucket/team-%d/*","arn:aws:s3:::bucket/*/logs-%d-*"]%s}`,
			i, effect, principal, i, i, condition)
		list, size = append(list, s), size+len(s)
	}
	return mustParse(tb, list...)
}

func BenchmarkParse20KB(b *testing.B) {
	var list []string
	for i := range 100 {
		list = append(list, fmt.Sprintf(`{"Sid":"S%d","Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":["s3:GetObject","s3:PutObject"],"Resource":["arn:aws:s3:::bucket/team-%d/*"]}`, i, i))
	}
	text := `{"Version":"2012-10-17","Statement":[` + strings.Join(list, ",") + `]}`
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := Parse(text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecide20KB(b *testing.B) {
	a := &Account{ID: mine}
	id := userWith(b, "x")
	id.Policies = []Policy{{Name: "large", Document: large(b, "")}}
	of := &ResourcePolicy{Account: mine, Document: large(b, `"Principal":"*",`)}
	for b.Loop() {
		a.Decide(&id, "s3:GetObject", "arn:aws:s3:::bucket/team-7/x", of)
	}
}

// One request against an identity policy of 20 KB, and one against a bucket policy of 20 KB.
func BenchmarkDecisionsIdentityPolicy20KB(b *testing.B) {
	a := &Account{ID: mine}
	id := userWith(b, "x")
	id.Policies = []Policy{{Name: "large", Document: large(b, "")}}
	perSecond(b, func() { a.Decide(&id, "s3:GetObject", "arn:aws:s3:::bucket/team-7/x", nil) })
}

func BenchmarkDecisionsBucketPolicy20KB(b *testing.B) {
	a := &Account{ID: mine}
	id := userWith(b, "x")
	of := &ResourcePolicy{Account: mine, Document: large(b, `"Principal":"*",`)}
	perSecond(b, func() { a.Decide(&id, "s3:GetObject", "arn:aws:s3:::bucket/team-7/x", of) })
}

func perSecond(b *testing.B, decide func()) {
	for b.Loop() {
		decide()
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "decisions/s")
}

func BenchmarkDecidePattern20KB(b *testing.B) {
	a := &Account{ID: mine}
	id := userWith(b, "x")
	id.Policies = []Policy{{Name: "large", Document: large(b, "")}}
	for b.Loop() {
		a.Decide(&id, "s3:GetObject", "arn:aws:s3:::bucket/*", nil)
	}
}

func BenchmarkGrants20KB(b *testing.B) {
	d := large(b, `"Principal":"*",`)
	for b.Loop() {
		d.Grants()
	}
}

func BenchmarkAdministrator20KB(b *testing.B) {
	a := &Account{ID: mine}
	id := userWith(b, "x", full)
	id.Policies = append(id.Policies, Policy{Name: "large", Document: large(b, "")})
	for b.Loop() {
		a.Administrator(&id)
	}
}

// An account of 500 users and roles, of whom 5 are administrators.
func BenchmarkEscalations500(b *testing.B) {
	a := &Account{ID: mine}
	for i := range 250 {
		a.Identities = append(a.Identities,
			userWith(b, fmt.Sprint("u", i), `{"Effect":"Allow","Action":["s3:Get*","iam:List*","ec2:Describe*","sts:AssumeRole"],"Resource":"*"}`),
			roleWith(b, fmt.Sprint("r", i), trustService("lambda.amazonaws.com"), `{"Effect":"Allow","Action":["logs:*","dynamodb:*"],"Resource":"arn:aws:logs:*:*:*"}`))
	}
	for i := range 5 {
		a.Identities[i*50+1].Policies = []Policy{{Name: "all", Document: mustParse(b, full)}}
	}
	for b.Loop() {
		e := NewEscalator(a)
		for i := range a.Identities {
			e.CanEscalate(&a.Identities[i])
		}
	}
}
