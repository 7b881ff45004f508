package iam

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/ourshare/ourshare/internal/awsapi"
)

const (
	header = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active," +
		"access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service," +
		"access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service," +
		"cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated\n"
	root  = "<root_account>,arn:aws:iam::111122223333:root,2020-01-01T00:00:00+00:00,not_supported,2026-11-01T08:00:00+00:00,not_supported,not_supported,true,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A\n"
	alice = "alice,arn:aws:iam::111122223333:user/alice,2024-01-01T00:00:00+00:00,true,no_information,2024-02-03T04:05:06+00:00,N/A,false," +
		"true,2025-01-02T03:04:05Z,2026-11-20T10:00:00+00:00,us-east-1,s3,FALSE,N/A,N/A,N/A,N/A,false,N/A,false,N/A\n"
)

func TestParseReport(t *testing.T) {
	users, err := parseReport([]byte(header + root + alice))
	if err != nil {
		t.Fatal(err)
	}
	at := func(s string) ReportTime {
		tm, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		tm = tm.UTC()
		return ReportTime{Time: &tm}
	}
	want := map[string]ReportUser{"arn:aws:iam::111122223333:user/alice": {
		PasswordEnabled: new(true), PasswordUsed: ReportTime{Word: NoInformation}, PasswordChanged: at("2024-02-03T04:05:06Z"), MFAActive: new(false),
		Keys: [2]ReportKey{
			{Active: new(true), Rotated: at("2025-01-02T03:04:05Z"), Used: at("2026-11-20T10:00:00Z")},
			{Active: new(false), Rotated: ReportTime{Word: NotApplicable}, Used: ReportTime{Word: NotApplicable}},
		},
	}}
	if !reflect.DeepEqual(users, want) {
		t.Errorf("got %+v", users)
	}
	saved, err := json.Marshal(Report{Generated: time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC), Users: users})
	if err != nil {
		t.Fatal(err)
	}
	var back Report
	if err := json.Unmarshal(saved, &back); err != nil || !reflect.DeepEqual(back.Users, want) {
		t.Errorf("a saved inventory turned it into %+v (%v)", back, err)
	}
}

func TestParseReportIsStrict(t *testing.T) {
	columns := func(from, to string) string { return strings.Replace(header, from, to, 1) + root + alice }
	for label, tt := range map[string]struct{ content, want string }{
		"empty":                     {"", "it is empty"},
		"no column for MFA":         {columns("mfa_active", "mfa"), "no column mfa_active"},
		"no column for the ARN":     {columns(",arn,", ",amazon,"), "no column arn"},
		"no column for key 2's use": {columns("access_key_2_last_used_date", "x"), "no column access_key_2_last_used_date"},
		"a row cut off":             {header + root + "alice,arn:aws:iam::111122223333:user/alice,2024", "wrong number of fields"},
		"a user twice":              {header + alice + alice, "twice"},
		"no ARN":                    {header + strings.Replace(alice, "arn:aws:iam::111122223333:user/alice", "", 1), "names no user"},
		"HTML":                      {"<html>\n<body>\n", "no column"},
	} {
		t.Run(label, func(t *testing.T) {
			users, err := parseReport([]byte(tt.content))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, %v", users, err)
			}
		})
	}
	t.Run("other order, and columns of tomorrow", func(t *testing.T) {
		users, err := parseReport([]byte("passkeys,mfa_active,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_1_active,access_key_1_last_rotated," +
			"access_key_1_last_used_date,password_last_changed,password_last_used,password_enabled,arn,user\n" +
			"2,true,false,N/A,N/A,false,N/A,N/A,N/A,N/A,maybe,arn:aws:iam::111122223333:user/bob,bob\n"))
		u := users["arn:aws:iam::111122223333:user/bob"]
		if err != nil || u.MFAActive == nil || !*u.MFAActive || u.PasswordEnabled != nil {
			t.Errorf("got %+v, %v", users, err)
		}
	})
}

// reportScript answers the two operations in turn.
type reportScript struct {
	states    []types.ReportStateType // the last one stays
	gets      []error
	content   string
	undated   bool
	generated int
	got       int
}

func (s *reportScript) GenerateCredentialReport(context.Context, *iam.GenerateCredentialReportInput, ...func(*iam.Options)) (*iam.GenerateCredentialReportOutput, error) {
	state := s.states[min(s.generated, len(s.states)-1)]
	s.generated++
	if state == "denied" {
		return nil, &awsapi.Error{Outcome: awsapi.Denied, Operation: "iam:GenerateCredentialReport"}
	}
	return &iam.GenerateCredentialReportOutput{State: state}, nil
}

func (s *reportScript) GetCredentialReport(context.Context, *iam.GetCredentialReportInput, ...func(*iam.Options)) (*iam.GetCredentialReportOutput, error) {
	var err error
	if s.got < len(s.gets) {
		err = s.gets[s.got]
	}
	s.got++
	if err != nil {
		return nil, err
	}
	o := &iam.GetCredentialReportOutput{Content: []byte(s.content), GeneratedTime: aws.Time(time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC))}
	if s.undated {
		o.GeneratedTime = nil
	}
	return o, nil
}

func TestFetchReport(t *testing.T) {
	const (
		started, inProgress, complete = types.ReportStateTypeStarted, types.ReportStateTypeInprogress, types.ReportStateTypeComplete
		full                          = header + root + alice
	)
	code := func(c string) error {
		return &awsapi.Error{Outcome: awsapi.Failed, Operation: "iam:GetCredentialReport", Code: c, Text: "failed (" + c + ")"}
	}
	for label, tt := range map[string]struct {
		script         reportScript
		generated, got int // calls
		waited         time.Duration
		err            string
	}{
		"there at once":      {reportScript{states: []types.ReportStateType{complete}, content: full}, 1, 1, 0, ""},
		"made meanwhile":     {reportScript{states: []types.ReportStateType{started, inProgress, complete}, content: full}, 3, 1, 750 * time.Millisecond, ""},
		"expired in between": {reportScript{states: []types.ReportStateType{complete}, gets: []error{code("ReportExpired"), code("ReportInProgress"), code("ReportNotPresent")}, content: full}, 4, 4, 1750 * time.Millisecond, ""},
		"never ready":        {reportScript{states: []types.ReportStateType{started}}, 33, 0, 59750 * time.Millisecond, "not ready within a minute"},
		"no state in answer": {reportScript{states: []types.ReportStateType{""}}, 33, 0, 59750 * time.Millisecond, "not ready"},
		"may not be made":    {reportScript{states: []types.ReportStateType{"denied"}, content: full}, 1, 0, 0, "iam:GenerateCredentialReport"},
		"denied later":       {reportScript{states: []types.ReportStateType{started, "denied"}, content: full}, 2, 0, 250 * time.Millisecond, "iam:GenerateCredentialReport"},
		"may not be read":    {reportScript{states: []types.ReportStateType{complete}, gets: []error{code("AccessDenied")}}, 1, 1, 0, "AccessDenied"},
		"no time in answer":  {reportScript{states: []types.ReportStateType{complete}, content: full, undated: true}, 1, 1, 0, "when the report was generated"},
		"not a report":       {reportScript{states: []types.ReportStateType{complete}, content: "<html>\n<p>\n"}, 1, 1, 0, "could not be read"},
		"no content":         {reportScript{states: []types.ReportStateType{complete}}, 1, 1, 0, "it is empty"},
	} {
		t.Run(label, func(t *testing.T) {
			var waited time.Duration
			r, err := fetchReport(context.Background(), &tt.script, func(_ context.Context, d time.Duration) { waited += d })
			switch {
			case tt.err == "" && (err != nil || len(r.Users) != 1):
				t.Errorf("got %+v, %v", r, err)
			case tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)):
				t.Errorf("got %v, want an error with %q", err, tt.err)
			}
			if tt.script.generated != tt.generated || tt.script.got != tt.got || waited != tt.waited {
				t.Errorf("%d + %d calls, waited %v", tt.script.generated, tt.script.got, waited)
			}
			var e *awsapi.Error
			if err != nil && (!errors.As(err, &e) || e.Operation == "") {
				t.Errorf("the error names no operation: %#v", err)
			}
		})
	}
}

func TestSleepEndsWithTheScan(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	done := make(chan struct{})
	go func() {
		sleep(ctx, time.Hour)
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Error("it sleeps on")
	}
}
