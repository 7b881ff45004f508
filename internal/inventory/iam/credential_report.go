package iam

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// Report is the account's credential report, which IAM makes at most every four hours.
type Report struct {
	Generated time.Time             `json:"generated"`
	Users     map[string]ReportUser `json:"users"` // by ARN, without the root user
}

// ReportUser is one user's row of it.
type ReportUser struct {
	PasswordEnabled *bool        `json:"password_enabled"` // nil: the report does not say
	PasswordUsed    ReportTime   `json:"password_used"`
	PasswordChanged ReportTime   `json:"password_changed"`
	MFAActive       *bool        `json:"mfa_active"` // nil: the report does not say
	Keys            [2]ReportKey `json:"keys"`
}

// ReportKey is one of a user's two access keys.
type ReportKey struct {
	Active  *bool      `json:"active"` // nil: the report does not say
	Rotated ReportTime `json:"rotated"`
	Used    ReportTime `json:"used"`
}

// ReportTime is a time, or the word that stands in its place: N/A, no_information, not_supported.
type ReportTime struct {
	Time *time.Time `json:"time"`
	Word string     `json:"word,omitempty"`
}

// Words in the place of a time ("Getting credential reports for your AWS account", user guide). A password that was never
// used since IAM tracks it has no_information; an access key that was never used has N/A.
const (
	NotApplicable = "N/A"
	NoInformation = "no_information"
)

// CredentialReport is the report, made anew where IAM holds none of the last four hours. It is not read where it may not
// be made: what IAM still holds could be of any age.
var CredentialReport = inventory.Each(inventory.Accounts, "iam.credential-report",
	awsapi.Calls("iam:GenerateCredentialReport").And("iam:GetCredentialReport"), inventory.Account.Key,
	func(ctx context.Context, s *awsapi.Session, _ inventory.Account) (Report, error) {
		return fetchReport(ctx, client(s), sleep)
	})

type reportAPI interface {
	GenerateCredentialReport(context.Context, *iam.GenerateCredentialReportInput, ...func(*iam.Options)) (*iam.GenerateCredentialReportOutput, error)
	GetCredentialReport(context.Context, *iam.GetCredentialReportInput, ...func(*iam.Options)) (*iam.GetCredentialReportOutput, error)
}

// The waits between two questions grow from the first to the last, so that a small account's report, which is made in a
// second, is not waited for longer; all together are about a minute.
const (
	firstWait = 250 * time.Millisecond
	lastWait  = 2 * time.Second
	maxAsked  = 33
)

// fetchReport asks for a report until IAM says that one is there, and reads it. Asking again makes no second one
// (GenerateCredentialReport, API reference). The end of ctx is noticed by the next call, which then says so.
func fetchReport(ctx context.Context, api reportAPI, wait func(context.Context, time.Duration)) (Report, error) {
	pause := firstWait
	for i := range maxAsked {
		if i > 0 {
			wait(ctx, pause)
			pause = min(2*pause, lastWait)
		}
		asked, err := api.GenerateCredentialReport(ctx, &iam.GenerateCredentialReportInput{})
		if err != nil {
			return Report{}, err
		}
		if asked.State != types.ReportStateTypeComplete {
			continue
		}
		o, err := api.GetCredentialReport(ctx, &iam.GetCredentialReportInput{})
		switch {
		case notThereYet(err):
			continue
		case err != nil:
			return Report{}, err
		case o.GeneratedTime == nil:
			return Report{}, unread("iam:GetCredentialReport", "the answer does not say when the report was generated")
		}
		r := Report{Generated: o.GeneratedTime.UTC()}
		if r.Users, err = parseReport(o.Content); err != nil {
			return Report{}, unread("iam:GetCredentialReport", "the credential report could not be read: "+err.Error())
		}
		return r, nil
	}
	return Report{}, unread("iam:GenerateCredentialReport", "the credential report was not ready within a minute")
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// notThereYet: the report expired between the two calls, or is still being written.
func notThereYet(err error) bool {
	var e *awsapi.Error
	return errors.As(err, &e) && slices.Contains([]string{"ReportNotPresent", "ReportExpired", "ReportInProgress"}, e.Code)
}

func unread(operation, text string) error {
	return &awsapi.Error{Outcome: awsapi.Failed, Operation: operation, Action: operation, Region: awsapi.Global, Text: text}
}

// rootUser is the name that the report gives the root user.
const rootUser = "<root_account>"

// parseReport reads the report by the names of its columns. A column that is missing, a row of another length and a user
// named twice are errors: then nothing in it is sure.
func parseReport(content []byte) (map[string]ReportUser, error) {
	lines, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
	switch {
	case err != nil:
		return nil, err
	case len(lines) == 0:
		return nil, errors.New("it is empty")
	}
	columns := map[string]int{}
	for i, name := range lines[0] {
		columns[name] = i
	}
	row := reportRow{columns: columns}
	users := map[string]ReportUser{}
	for _, row.cells = range lines[1:] {
		u := ReportUser{
			PasswordEnabled: row.flag("password_enabled"), PasswordUsed: row.time("password_last_used"),
			PasswordChanged: row.time("password_last_changed"), MFAActive: row.flag("mfa_active"),
		}
		for i, key := range []string{"access_key_1", "access_key_2"} {
			u.Keys[i] = ReportKey{Active: row.flag(key + "_active"), Rotated: row.time(key + "_last_rotated"), Used: row.time(key + "_last_used_date")}
		}
		name, arn := row.text("user"), row.text("arn")
		if row.missing != "" {
			return nil, fmt.Errorf("it has no column %s", row.missing)
		}
		if name == rootUser {
			continue
		}
		if _, twice := users[arn]; twice || arn == "" {
			return nil, fmt.Errorf("it names no user of its own in a row, or one twice (%q)", arn)
		}
		users[arn] = u
	}
	return users, nil
}

type reportRow struct {
	columns map[string]int
	cells   []string
	missing string // the first column that was asked for and is not there
}

func (r *reportRow) text(column string) string {
	i, ok := r.columns[column]
	if !ok {
		if r.missing == "" {
			r.missing = column
		}
		return ""
	}
	return strings.TrimSpace(r.cells[i])
}

// flag: the user guide writes TRUE and FALSE, the reports true and false.
func (r *reportRow) flag(column string) *bool {
	var yes bool
	switch strings.ToLower(r.text(column)) {
	case "true":
		yes = true
	case "false":
	default:
		return nil
	}
	return &yes
}

func (r *reportRow) time(column string) ReportTime {
	text := r.text(column)
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return ReportTime{Word: text}
	}
	t = t.UTC()
	return ReportTime{Time: &t}
}
