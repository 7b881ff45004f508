package iam

import (
	"testing"
	"time"

	"github.com/ourshare/ourshare/internal/checks/checktest"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	iaminv "github.com/ourshare/ourshare/internal/inventory/iam"
)

const userARN = "arn:aws:iam::111122223333:user/team/alice"

var (
	alice = iaminv.User{
		Resource: &inventory.Resource{Type: "AWS::IAM::User", ID: "alice", ARN: userARN, Name: "alice", Region: "global"},
		Created:  checktest.DaysAgo(400),
	}
	generated = checktest.Clock.Add(-2 * time.Hour)
	yes, no   = new(true), new(false)
)

func ago(days int) iaminv.ReportTime  { return iaminv.ReportTime{Time: checktest.DaysAgo(days)} }
func word(w string) iaminv.ReportTime { return iaminv.ReportTime{Word: w} }
func shorter(t iaminv.ReportTime) iaminv.ReportTime { // by a second
	u := t.Time.Add(time.Second)
	return iaminv.ReportTime{Time: &u}
}

// user is a row of the report: no password and no key, unless changed.
func user(change func(*iaminv.ReportUser)) iaminv.ReportUser {
	none := iaminv.ReportKey{Active: no, Rotated: word("N/A"), Used: word("N/A")}
	u := iaminv.ReportUser{
		PasswordEnabled: no, PasswordUsed: word("N/A"), PasswordChanged: word("N/A"), MFAActive: no, Keys: [2]iaminv.ReportKey{none, none},
	}
	change(&u)
	return u
}

func reportOf(u iaminv.ReportUser) inventory.Field[iaminv.Report] {
	return inventory.Known(iaminv.Report{Generated: generated, Users: map[string]iaminv.ReportUser{userARN: u}})
}

func withReport(f *checktest.Fixture, r inventory.Field[iaminv.Report]) {
	checktest.Facts(f, iaminv.CredentialReport, map[string]inventory.Field[iaminv.Report]{checktest.Account: r})
}

var (
	emptyReport  = inventory.Known(iaminv.Report{Generated: generated})
	reportDenied = inventory.Failure[iaminv.Report](inventory.DeniedError("iam:GenerateCredentialReport"))
)

const when = "credential report of 2026-11-24 10:00 UTC"

func TestUserMFA(t *testing.T) {
	for label, tt := range map[string]struct {
		report inventory.Field[iaminv.Report]
		want   finding.Status
		texts  []string
	}{
		"password and MFA":    {reportOf(user(func(u *iaminv.ReportUser) { u.PasswordEnabled, u.MFAActive = yes, yes })), finding.Pass, []string{when}},
		"password, no MFA":    {reportOf(user(func(u *iaminv.ReportUser) { u.PasswordEnabled = yes })), finding.Fail, []string{"no MFA", when}},
		"no password":         {reportOf(user(func(*iaminv.ReportUser) {})), finding.NotApplicable, []string{"no console password", when}},
		"no password, MFA":    {reportOf(user(func(u *iaminv.ReportUser) { u.MFAActive = yes })), finding.NotApplicable, nil},
		"password not said":   {reportOf(user(func(u *iaminv.ReportUser) { u.PasswordEnabled = nil })), finding.Unknown, []string{when, "console password"}},
		"MFA not said":        {reportOf(user(func(u *iaminv.ReportUser) { u.PasswordEnabled, u.MFAActive = yes, nil })), finding.Unknown, []string{"MFA"}},
		"newer than report":   {emptyReport, finding.Unknown, []string{when + " does not list the user"}},
		"report denied":       {reportDenied, finding.Unknown, []string{"iam:GenerateCredentialReport"}},
		"no report in answer": {inventory.Failure[iaminv.Report](inventory.ErrAbsent), finding.Unknown, nil},
	} {
		t.Run(label, func(t *testing.T) {
			f := checktest.New()
			checktest.Rows(f, iaminv.Users, alice)
			withReport(f, tt.report)
			checktest.Want(t, f.Run(userMFA)["alice"], tt.want, tt.texts...)
		})
	}
	t.Run("made anew after the report", func(t *testing.T) {
		f := checktest.New()
		u, made := alice, generated.Add(time.Minute)
		u.Created = &made
		checktest.Rows(f, iaminv.Users, u)
		withReport(f, reportOf(user(func(u *iaminv.ReportUser) { u.PasswordEnabled, u.MFAActive = yes, yes })))
		v := f.Run(userMFA)["alice"]
		checktest.Want(t, v, finding.Unknown, "does not list the user yet")
		if inventory.Reason(v.Why...).Gap {
			t.Error("the report was read, so it is no gap")
		}
	})
	t.Run("made in the second of the report, and listed", func(t *testing.T) {
		f := checktest.New()
		u, made := alice, generated.Add(400*time.Millisecond)
		u.Created = &made
		checktest.Rows(f, iaminv.Users, u)
		withReport(f, reportOf(user(func(u *iaminv.ReportUser) { u.PasswordEnabled, u.MFAActive = yes, yes })))
		checktest.Want(t, f.Run(userMFA)["alice"], finding.Pass)
	})
	t.Run("listing denied", func(t *testing.T) {
		f := checktest.New()
		checktest.Broken(f, iaminv.Users, "iam:ListUsers")
		withReport(f, emptyReport)
		checktest.Want(t, f.Run(userMFA)[""], finding.Unknown, "iam:ListUsers")
	})
}

func TestAccessKeyRotated(t *testing.T) {
	key := func(id, status string, created *time.Time) iaminv.AccessKey {
		return iaminv.AccessKey{
			Resource: &inventory.Resource{Type: "AWS::IAM::AccessKey", ID: id, ARN: userARN, Name: "alice", Region: "global", Key: id},
			UserName: "alice", Status: status, Created: created,
		}
	}
	over := checktest.DaysAgo(90).Add(-time.Second)
	f := checktest.New()
	checktest.Rows(
		f, iaminv.ActiveAccessKeys,
		key("AKIANEW", "Active", checktest.DaysAgo(1)),
		key("AKIAEDGE", "Active", checktest.DaysAgo(90)),
		key("AKIAOVER", "Active", &over),
		key("AKIAUNDATED", "Active", nil),
		key("AKIAUNSAID", "", checktest.DaysAgo(1)),
	)
	got := f.Run(accessKeyRotated)
	if len(got) != 5 {
		t.Errorf("%d findings; two keys of one user are two", len(got))
	}
	checktest.Want(t, got["AKIANEW/AKIANEW"], finding.Pass, "alice", "2026-11-23")
	checktest.Want(t, got["AKIAEDGE/AKIAEDGE"], finding.Pass, "2026-08-26")
	checktest.Want(t, got["AKIAOVER/AKIAOVER"], finding.Fail, "more than 90 days")
	checktest.Want(t, got["AKIAUNDATED/AKIAUNDATED"], finding.Unknown, "when the key was created")
	checktest.Want(t, got["AKIAUNSAID/AKIAUNSAID"], finding.Unknown, "whether the key is active")

	t.Run("threshold", func(t *testing.T) {
		f := checktest.New()
		f.Store.Params = map[string]any{"access_key_max_age_days": 30}
		checktest.Rows(f, iaminv.ActiveAccessKeys, key("AKIA", "Active", checktest.DaysAgo(31)))
		checktest.Want(t, f.Run(accessKeyRotated)["AKIA/AKIA"], finding.Fail, "more than 30 days")
	})
	t.Run("keys of one user denied", func(t *testing.T) {
		f := checktest.New()
		inventory.SetRows(f.Store, iaminv.ActiveAccessKeys, "global", inventory.Rows[iaminv.AccessKey]{
			List: []iaminv.AccessKey{key("AKIA", "Active", checktest.DaysAgo(1))},
			Gaps: []inventory.Gap{{Error: *inventory.DeniedError("iam:ListAccessKeys"), Parent: alice.Resource}},
		})
		got := f.Run(accessKeyRotated)
		checktest.Want(t, got["alice"], finding.Unknown, "iam:ListAccessKeys")
		checktest.Want(t, got["AKIA/AKIA"], finding.Pass)
	})
}

func TestFingerprintsOfTwoKeys(t *testing.T) {
	one := &inventory.Resource{Type: "AWS::IAM::AccessKey", ID: "AKIA1", ARN: userARN, Region: "global", Key: "AKIA1"}
	two := &inventory.Resource{Type: "AWS::IAM::AccessKey", ID: "AKIA2", ARN: userARN, Region: "global", Key: "AKIA2"}
	if finding.Fingerprint("aws", "111122223333", "c", one) == finding.Fingerprint("aws", "111122223333", "c", two) {
		t.Error("two keys of one user have one fingerprint")
	}
}

func TestCredentialsUnused(t *testing.T) {
	password := func(used, changed iaminv.ReportTime) func(*iaminv.ReportUser) {
		return func(u *iaminv.ReportUser) { u.PasswordEnabled, u.PasswordUsed, u.PasswordChanged = yes, used, changed }
	}
	key := func(i int, used, rotated iaminv.ReportTime) func(*iaminv.ReportUser) {
		return func(u *iaminv.ReportUser) { u.Keys[i] = iaminv.ReportKey{Active: yes, Used: used, Rotated: rotated} }
	}
	both := func(list ...func(*iaminv.ReportUser)) func(*iaminv.ReportUser) {
		return func(u *iaminv.ReportUser) {
			for _, f := range list {
				f(u)
			}
		}
	}
	unsaid := func(u *iaminv.ReportUser) { u.Keys[1].Active = nil }
	for label, tt := range map[string]struct {
		change func(*iaminv.ReportUser)
		want   finding.Status
		texts  []string
	}{
		"nothing enabled":           {func(*iaminv.ReportUser) {}, finding.Pass, []string{"neither", when}},
		"used yesterday":            {password(ago(1), ago(300)), finding.Pass, []string{"the console password, last used on 2026-11-23", when}},
		"used 45 days ago":          {password(ago(45), ago(300)), finding.Fail, []string{"idle for 45 days or more: the console password, last used on 2026-10-10", when}},
		"a second less":             {password(shorter(ago(45)), ago(300)), finding.Pass, nil},
		"never used, old":           {password(word("no_information"), ago(45)), finding.Fail, []string{"never used since it was set on 2026-10-10"}},
		"never used, young":         {password(word("no_information"), ago(44)), finding.Pass, []string{"never used since it was set"}},
		"never used, time not said": {password(word("no_information"), word("N/A")), finding.Unknown, []string{"console password was used or set"}},
		"use contradicts":           {password(word("N/A"), ago(1)), finding.Unknown, nil},
		"changed after its use":     {password(ago(60), ago(5)), finding.Fail, []string{"last used on 2026-09-25"}},
		"password not said":         {func(u *iaminv.ReportUser) { u.PasswordEnabled = nil }, finding.Unknown, []string{"console password is enabled"}},
		"a disabled one, old":       {func(u *iaminv.ReportUser) { u.PasswordUsed = ago(900) }, finding.Pass, nil},
		"key used":                  {key(0, ago(3), ago(300)), finding.Pass, []string{"access key 1"}},
		"key idle":                  {key(1, ago(46), ago(300)), finding.Fail, []string{"access key 2, last used"}},
		"key never used, old":       {key(0, word("N/A"), ago(45)), finding.Fail, []string{"access key 1, never used since it was set"}},
		"key never used, young":     {key(0, word("N/A"), ago(10)), finding.Pass, nil},
		"key not said":              {unsaid, finding.Unknown, []string{"access key 2 is enabled"}},
		"one idle, one in use":      {both(key(0, ago(1), ago(90)), key(1, ago(90), ago(90))), finding.Fail, []string{"access key 2"}},
		"idle decides":              {both(password(ago(100), ago(300)), unsaid), finding.Fail, []string{"console password"}},
		"in use does not":           {both(password(ago(1), ago(300)), unsaid), finding.Unknown, nil},
		"all idle":                  {both(password(ago(50), ago(50)), key(0, ago(50), ago(50)), key(1, ago(50), ago(50))), finding.Fail, []string{"console password", "key 1", "key 2"}},
	} {
		t.Run(label, func(t *testing.T) {
			f := checktest.New()
			checktest.Rows(f, iaminv.Users, alice)
			withReport(f, reportOf(user(tt.change)))
			checktest.Want(t, f.Run(credentialsUnused)["alice"], tt.want, tt.texts...)
		})
	}
	for label, r := range map[string]inventory.Field[iaminv.Report]{"not in the report": emptyReport, "report denied": reportDenied} {
		t.Run(label, func(t *testing.T) {
			f := checktest.New()
			checktest.Rows(f, iaminv.Users, alice)
			withReport(f, r)
			checktest.Want(t, f.Run(credentialsUnused)["alice"], finding.Unknown)
		})
	}
	t.Run("threshold", func(t *testing.T) {
		f := checktest.New()
		f.Store.Params = map[string]any{"credentials_max_idle_days": 90}
		checktest.Rows(f, iaminv.Users, alice)
		withReport(f, reportOf(user(key(0, ago(89), ago(300)))))
		checktest.Want(t, f.Run(credentialsUnused)["alice"], finding.Pass, "90 days")
	})
}
