package awsapi

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

func assumed(account string) map[string]func(*http.Request) (int, string) {
	calls := 0
	return map[string]func(*http.Request) (int, string){
		"AssumeRole": func(*http.Request) (int, string) {
			return 200, "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>" +
				time.Now().Add(time.Hour).UTC().Format(time.RFC3339) + "</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
		},
		"GetCallerIdentity": func(r *http.Request) (int, string) {
			if calls++; calls == 1 {
				return identity(r)
			}
			return 200, "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:sts::" + account + ":assumed-role/audit/ourshare</Arn><Account>" + account + "</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
		},
	}
}

func TestEnter(t *testing.T) {
	f := &fakeAWS{answers: assumed("444455556666")}
	base, err := open(t, f, func(o *Options) { o.MaxCalls = 4 })
	if err != nil {
		t.Fatal(err)
	}
	a, err := base.Enter(t.Context(), Role{AccountID: "444455556666", Name: "audit/ourshare", ExternalID: "x1"})
	if err != nil {
		t.Fatal(err)
	}
	if a.ID != "444455556666" || a.Partition != "aws" || !slices.Equal(f.sent, []string{"GetCallerIdentity", "AssumeRole", "GetCallerIdentity"}) {
		t.Errorf("%s of %s, sent %v", a.ID, a.Partition, f.sent)
	}
	lines := base.Ledger.Coverage()
	if len(lines) != 2 || lines[0].Operation != "sts:AssumeRole" || lines[0].AccountID != "111122223333" {
		t.Errorf("the caller's ledger: %+v", lines)
	}
	if lines := a.Ledger.Coverage(); len(lines) != 1 || lines[0].AccountID != "444455556666" {
		t.Errorf("the account's ledger: %+v", lines)
	}
	// The budget is one for all: three calls were made of four.
	if !a.Ledger.reserve(4) || a.Ledger.reserve(4) || base.Ledger.reserve(4) {
		t.Error("the accounts do not share one budget")
	}
}

func TestEnterAsks(t *testing.T) {
	answers := assumed("444455556666")
	var asked url.Values
	answer := answers["AssumeRole"]
	answers["AssumeRole"] = func(r *http.Request) (int, string) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if asked, err = url.ParseQuery(string(b)); err != nil {
			t.Error(err)
		}
		return answer(r)
	}
	base, err := open(t, &fakeAWS{answers: answers})
	if err != nil {
		t.Fatal(err)
	}
	for _, external := range []string{"x1", ""} {
		if _, err := base.Enter(t.Context(), Role{AccountID: "444455556666", Name: "audit/ourshare", ExternalID: external}); err != nil {
			t.Fatal(err)
		}
		if asked.Get("RoleArn") != "arn:aws:iam::444455556666:role/audit/ourshare" || asked.Get("ExternalId") != external || asked.Has("ExternalId") != (external != "") {
			t.Errorf("asked %v", asked)
		}
	}
}

func TestEnterRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		change   func(map[string]func(*http.Request) (int, string))
		sentence string
	}{
		"denied": {func(m map[string]func(*http.Request) (int, string)) {
			m["AssumeRole"] = func(*http.Request) (int, string) {
				return 403, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not authorized to perform: sts:AssumeRole</Message></Error></ErrorResponse>"
			}
		}, "could not be assumed: denied"},
		"throttled": {func(m map[string]func(*http.Request) (int, string)) {
			m["AssumeRole"] = func(*http.Request) (int, string) {
				return 400, "<ErrorResponse><Error><Code>Throttling</Code><Message>m</Message></Error></ErrorResponse>"
			}
		}, "could not be assumed: throttled"},
		"another account's": {func(m map[string]func(*http.Request) (int, string)) {
			m["GetCallerIdentity"] = assumed("777788889999")["GetCallerIdentity"]
		}, "leads into account 777788889999"},
	} {
		answers := assumed("444455556666")
		tt.change(answers)
		base, err := open(t, &fakeAWS{answers: answers})
		if err != nil {
			t.Fatal(err)
		}
		_, err = base.Enter(t.Context(), Role{AccountID: "444455556666", Name: "audit"})
		var refused *OpenError
		if !errors.As(err, &refused) || !strings.Contains(refused.Sentence, tt.sentence) {
			t.Errorf("%s: %v", name, err)
		}
		if base.dead.Load() != nil {
			t.Errorf("%s: the caller's own calls are stopped", name)
		}
	}
}
