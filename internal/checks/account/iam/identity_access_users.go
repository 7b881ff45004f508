package iam

import (
	"slices"
	"strings"
	"time"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	iaminv "github.com/ourshare/ourshare/internal/inventory/iam"
	"github.com/ourshare/ourshare/internal/responsibility"
)

var userIdentityAccess = []*checks.Check{userMFA, accessKeyRotated, credentialsUnused}

const (
	day      = "2006-01-02"
	minute   = "2006-01-02 15:04 UTC"
	oneDay   = 24 * time.Hour
	freshFor = "The report is made anew where IAM's is older than four hours; every message says when it was generated. A user whom it does not list yet is unknown."
)

// reported is a user's row of the credential report, and when that was made.
type reported struct {
	iaminv.ReportUser
	at time.Time
}

// ofReport judges a user by the credential report. A row about a user that was made after the report is about an earlier
// one of the same name. The report's times are whole seconds.
func ofReport(report inventory.Field[iaminv.Report], u iaminv.User, judge func(reported) checks.Verdict) checks.Verdict {
	return checks.From(report, checks.Unknown(inventory.Insufficient("IAM holds no credential report")), func(r iaminv.Report) checks.Verdict {
		row, listed := r.Users[u.ARN]
		if !listed || u.Created != nil && u.Created.Truncate(time.Second).After(r.Generated) {
			return checks.Unknown(inventory.Insufficient("the credential report of %s does not list the user yet", r.Generated.Format(minute)))
		}
		return judge(reported{row, r.Generated}).With("report_generated", r.Generated.Format(time.RFC3339))
	})
}

// source ends a message with the source of what it says.
func (r reported) source() string { return " (credential report of " + r.at.Format(minute) + ")" }

func (r reported) unsaid(what string) error {
	return inventory.Insufficient("the credential report of %s does not say %s", r.at.Format(minute), what)
}

func readReport(b *inventory.Binder) inventory.Field[iaminv.Report] {
	return inventory.Read(b, iaminv.CredentialReport).Only()
}

var userMFA = checks.With(iaminv.Users, checks.Meta{
	ID:       "iam-user-mfa",
	Title:    "IAM users with a console password have MFA",
	Layer:    responsibility.IdentityAccess,
	Severity: finding.High,
	Risk:     "A password that is guessed, phished or used elsewhere as well opens the console to whoever has it, with all of the user's permissions.",
	Fix: checks.Fix{
		Text: "Register an MFA device for the user, or remove the console password; better, let people sign in through an identity provider.",
		CLI:  "aws iam enable-mfa-device --user-name <user> --serial-number <device-arn> --authentication-code1 <code> --authentication-code2 <code>",
		URL:  "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa.html",
	},
	Cites: []checks.Cite{{Framework: "FSBP", ID: "IAM.5"}, {Framework: "CIS 7.0", ID: "2.10"}, {Framework: "Prowler", ID: "iam_user_mfa_enabled_console_access"}},
	Detail: "By the credential report: a user with a console password passes with any MFA device and fails without one. A user without a console password is not applicable. " +
		freshFor + " Whether policies also ask for MFA is not looked at.",
}, readReport, func(report inventory.Field[iaminv.Report], u iaminv.User) checks.Verdict {
	return ofReport(report, u, func(r reported) checks.Verdict {
		switch {
		case r.PasswordEnabled == nil:
			return checks.Unknown(r.unsaid("whether the user has a console password"))
		case !*r.PasswordEnabled:
			return checks.NotApplicable("the user has no console password").Adding("%s", r.source())
		case r.MFAActive == nil:
			return checks.Unknown(r.unsaid("whether the user has MFA"))
		case *r.MFAActive:
			return checks.Pass("the user has a console password, and MFA").Adding("%s", r.source())
		}
		return checks.Fail("the user has a console password and no MFA").Adding("%s", r.source())
	})
})

var maxKeyAge = inventory.Param[int]{
	Name: "access_key_max_age_days", Doc: "How old, in days, an active access key may be.",
	Default: 90, Min: 1, Max: 3650,
}

type ages struct {
	now  time.Time
	days int
}

var accessKeyRotated = checks.With(iaminv.ActiveAccessKeys, checks.Meta{
	ID:       "iam-access-key-rotated",
	Title:    "Active access keys are not older than their time of rotation",
	Layer:    responsibility.IdentityAccess,
	Severity: finding.Medium,
	Risk:     "A long-lived key spreads over machines, repositories and backups, and stays valid for whoever finds it there.",
	Fix: checks.Fix{
		Text: "Replace the key by a role where that is possible; otherwise make a second key, move its users over, deactivate the old one and delete it.",
		CLI:  "aws iam create-access-key --user-name <user> && aws iam update-access-key --user-name <user> --access-key-id <access-key-id> --status Inactive",
		URL:  "https://docs.aws.amazon.com/IAM/latest/UserGuide/id-credentials-access-keys-update.html",
	},
	Cites: []checks.Cite{{Framework: "FSBP", ID: "IAM.3"}, {Framework: "CIS 7.0", ID: "2.12"}, {Framework: "Prowler", ID: "iam_rotate_access_key_90_days"}},
	Detail: "One finding for each active access key of an IAM user, by the key's id. Passes up to and including the allowed age, measured from the key's creation to the time of " +
		"collection. Inactive and expired keys give no finding. Where a user's keys cannot be listed, the user is unknown.",
}, func(b *inventory.Binder) ages { return ages{inventory.Clock(b), inventory.Value(b, maxKeyAge)} },
	func(in ages, k iaminv.AccessKey) checks.Verdict {
		if k.Status != "Active" {
			return checks.Unknown(inventory.Insufficient("the answer does not say whether the key is active"))
		}
		if k.Created == nil {
			return checks.Unknown(inventory.Insufficient("the answer does not say when the key was created"))
		}
		created := k.Created.UTC().Format(day)
		if in.now.Sub(*k.Created) > time.Duration(in.days)*oneDay {
			return checks.Fail("the access key of user %s was created on %s, more than %d days before the scan", k.UserName, created, in.days).With("created", created)
		}
		return checks.Pass("the access key of user %s was created on %s, at most %d days before the scan", k.UserName, created, in.days).With("created", created)
	})

var maxIdle = inventory.Param[int]{
	Name: "credentials_max_idle_days", Doc: "After how many days without use a password or access key counts as unused.",
	Default: 45, Min: 1, Max: 3650,
}

type idleFacts struct {
	report inventory.Field[iaminv.Report]
	ages
}

var credentialsUnused = checks.With(iaminv.Users, checks.Meta{
	ID:       "iam-credentials-unused",
	Title:    "IAM users have no password or access key that nobody uses",
	Layer:    responsibility.IdentityAccess,
	Severity: finding.Medium,
	Risk:     "A credential that nobody uses is missed by nobody when it is stolen, and often belongs to someone who has left.",
	Fix: checks.Fix{
		Text: "Ask the user's owner; then deactivate the access key or delete the console password, and later the user.",
		CLI:  "aws iam update-access-key --user-name <user> --access-key-id <access-key-id> --status Inactive; aws iam delete-login-profile --user-name <user>",
		URL:  "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_finding-unused.html",
	},
	Cites: []checks.Cite{
		{Framework: "FSBP", ID: "IAM.8"},
		{Framework: "CIS 7.0", ID: "2.11"},
		{Framework: "Prowler", ID: "iam_user_accesskey_unused"},
		{Framework: "Prowler", ID: "iam_user_console_access_unused"},
	},
	Detail: "By the credential report, one finding for each user: fails where an enabled console password or an active access key was last used the given number of days ago, or " +
		"earlier; one that was never used counts from when it was set. A user with neither passes. Two access keys are told apart by the report's numbers, since it has no " +
		"ids. Signing certificates, SSH keys and service-specific credentials are not looked at. IAM records uses within 15 minutes (keys) or 5 minutes (passwords) once. " + freshFor,
}, func(b *inventory.Binder) idleFacts {
	return idleFacts{readReport(b), ages{inventory.Clock(b), inventory.Value(b, maxIdle)}}
}, func(in idleFacts, u iaminv.User) checks.Verdict {
	return ofReport(in.report, u, in.judge)
})

// credential is an enabled or disabled credential of a user.
type credential struct {
	name    string
	enabled *bool
	set     iaminv.ReportTime
	used    iaminv.ReportTime
	never   []string // the words that stand for "never used"
}

func (in idleFacts) judge(r reported) checks.Verdict {
	list := []credential{{"the console password", r.PasswordEnabled, r.PasswordChanged, r.PasswordUsed, []string{iaminv.NoInformation}}}
	for i, name := range []string{"access key 1", "access key 2"} {
		k := r.Keys[i]
		list = append(list, credential{name, k.Active, k.Rotated, k.Used, []string{iaminv.NotApplicable, iaminv.NoInformation}})
	}
	unused, idle, inUse := inventory.No, []string(nil), []string(nil)
	for _, c := range list {
		t, what := in.idle(r, c)
		unused = unused.Or(t)
		yes, known := t.Known()
		switch {
		case known && yes:
			idle = append(idle, what)
		case what != "":
			inUse = append(inUse, what)
		}
	}
	fine := checks.Pass("the user has neither a console password nor an active access key")
	if len(inUse) > 0 {
		fine = checks.Pass("no credential is idle for %d days: %s", in.days, strings.Join(inUse, ", ")).With("in_use", inUse)
	}
	return checks.Decide(unused,
		checks.Fail("idle for %d days or more: %s", in.days, strings.Join(idle, ", ")).With("idle", idle).Adding("%s", r.source()),
		fine.Adding("%s", r.source()))
}

// idle tells whether an enabled credential was not used for the given days, and since when; nothing is said of a disabled one.
func (in idleFacts) idle(r reported, c credential) (inventory.Tri, string) {
	switch {
	case c.enabled == nil:
		return inventory.Unknown(r.unsaid("whether " + c.name + " is enabled")), ""
	case !*c.enabled:
		return inventory.No, ""
	}
	since, what := c.used.Time, "last used"
	if since == nil && slices.Contains(c.never, c.used.Word) {
		since, what = c.set.Time, "never used since it was set"
	}
	if since == nil {
		return inventory.Unknown(r.unsaid("when " + c.name + " was used or set")), ""
	}
	return inventory.Is(in.now.Sub(*since) >= time.Duration(in.days)*oneDay), c.name + ", " + what + " on " + since.Format(day)
}
