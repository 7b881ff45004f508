package iam

import (
	"fmt"
	"strings"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	iaminv "github.com/ourshare/ourshare/internal/inventory/iam"
	"github.com/ourshare/ourshare/internal/responsibility"
)

// identityAccess are the checks of the account as a whole; those of its users are in identity_access_users.go.
var identityAccess = []*checks.Check{rootNoAccessKey, rootMFA, passwordPolicy}

var summaryMissing = checks.Unknown(inventory.Insufficient("the answer holds no account summary"))

func unsaid(count string) checks.Verdict {
	return checks.Unknown(inventory.Insufficient("the account summary does not hold %s", count))
}

var rootNoAccessKey = checks.OnDetail(iaminv.AccountSummary, checks.Meta{
	ID:       "iam-root-no-access-key",
	Title:    "The root user has no access key",
	Layer:    responsibility.IdentityAccess,
	Severity: finding.Critical,
	Risk:     "An access key of the root user can do everything in the account, no policy of the account can limit it, and whoever finds it needs nothing else.",
	Fix: checks.Fix{
		Text: "Sign in as the root user, move what still uses the key to a role, and delete the key; in an organization, root credentials can be removed centrally.",
		CLI:  "aws iam delete-access-key --access-key-id <access-key-id>",
		URL:  "https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html",
	},
	Cites:  []checks.Cite{{Framework: "FSBP", ID: "IAM.4"}, {Framework: "CIS 7.0", ID: "2.4"}, {Framework: "Prowler", ID: "iam_no_root_access_key"}},
	Detail: "By AccountAccessKeysPresent of the account summary, which IAM answers at the moment of the call. It does not tell active keys from inactive ones: either fails.",
}, summaryMissing, func(_ inventory.Account, s iaminv.Summary) checks.Verdict {
	keys, said := s.Counts[iaminv.RootAccessKeys]
	switch {
	case !said:
		return unsaid(iaminv.RootAccessKeys)
	case keys > 0:
		return checks.Fail("the root user has an access key").With("account_access_keys_present", keys)
	}
	return checks.Pass("the root user has no access key").With("account_access_keys_present", keys)
})

var rootMFA = checks.OnDetail(iaminv.AccountSummary, checks.Meta{
	ID:       "iam-root-mfa",
	Title:    "The root user signs in with MFA",
	Layer:    responsibility.IdentityAccess,
	Severity: finding.Critical,
	Risk:     "Without a second factor the root user's password, or control over its mailbox, is enough to take the whole account over.",
	Fix: checks.Fix{
		Text: "Register a passkey, a security key or an authenticator for the root user, better two; in an organization, remove the root credentials of member accounts.",
		CLI:  "aws iam enable-organizations-root-credentials-management",
		URL:  "https://docs.aws.amazon.com/IAM/latest/UserGuide/enable-mfa-for-root.html",
	},
	Cites: []checks.Cite{{Framework: "CIS 7.0", ID: "2.5"}, {Framework: "Prowler", ID: "iam_root_mfa_enabled"}},
	Detail: "By AccountMFAEnabled of the account summary; any kind of device passes. Not applicable where the summary says that the root user has neither a " +
		"password nor an access key, as after a central removal of its credentials.",
}, summaryMissing, func(_ inventory.Account, s iaminv.Summary) checks.Verdict {
	password, saidPassword := s.Counts[iaminv.RootPassword]
	keys, saidKeys := s.Counts[iaminv.RootAccessKeys]
	if saidPassword && saidKeys && password == 0 && keys == 0 {
		return checks.NotApplicable("the root user has no credentials: neither a password nor an access key")
	}
	mfa, said := s.Counts[iaminv.RootMFA]
	switch {
	case !said:
		return unsaid(iaminv.RootMFA)
	case mfa > 0:
		return checks.Pass("MFA is enabled for the root user").With("account_mfa_enabled", mfa)
	}
	return checks.Fail("the root user has no MFA device").With("account_mfa_enabled", mfa)
})

var (
	minLength = inventory.Param[int]{
		Name: "password_min_length", Doc: "The smallest length, in characters, that the account's password policy must require.",
		Default: 14, Min: 6, Max: 128,
	}
	reusePrevention = inventory.Param[int]{
		Name: "password_reuse_prevention", Doc: "How many earlier passwords the account's password policy must refuse.",
		Default: 24, Min: 0, Max: 24,
	}
)

type passwordFacts struct {
	policy        inventory.Facts[inventory.Account, iaminv.PasswordPolicy]
	length, reuse int
}

var passwordPolicy = checks.With(inventory.Accounts, checks.Meta{
	ID:       "iam-password-policy",
	Title:    "The account's password policy asks for long, varied passwords and refuses earlier ones",
	Layer:    responsibility.IdentityAccess,
	Severity: finding.Medium,
	Risk:     "Short, simple or reused console passwords of IAM users are guessed, or known from elsewhere.",
	Fix: checks.Fix{
		Text: "Set a password policy for IAM users; better still, let people sign in through IAM Identity Center or another identity provider.",
		CLI: "aws iam update-account-password-policy --minimum-password-length 14 --password-reuse-prevention 24 " +
			"--require-uppercase-characters --require-lowercase-characters --require-numbers --require-symbols",
		URL: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html",
	},
	Cites: []checks.Cite{
		{Framework: "FSBP", ID: "IAM.7"},
		{Framework: "CIS 7.0", ID: "2.8"},
		{Framework: "CIS 7.0", ID: "2.9"},
		{Framework: "Prowler", ID: "iam_password_policy_minimum_length_14"},
		{Framework: "Prowler", ID: "iam_password_policy_reuse_24"},
		{Framework: "Prowler", ID: "iam_password_policy_uppercase"},
		{Framework: "Prowler", ID: "iam_password_policy_lowercase"},
		{Framework: "Prowler", ID: "iam_password_policy_number"},
		{Framework: "Prowler", ID: "iam_password_policy_symbol"},
	},
	Detail: "Passes where the account's own policy requires the minimum length, refuses the given number of earlier passwords, and requires upper case, lower " +
		"case, numbers and symbols; what falls short is named. No policy of its own fails: IAM's default asks for 8 characters and refuses no earlier password. " +
		"Expiry is not asked for. Judged whether or not the account has IAM users.",
}, func(b *inventory.Binder) passwordFacts {
	return passwordFacts{inventory.Read(b, iaminv.AccountPasswordPolicy), inventory.Value(b, minLength), inventory.Value(b, reusePrevention)}
}, func(in passwordFacts, a inventory.Account) checks.Verdict {
	none := checks.Fail("the account has no password policy of its own: IAM's default asks for 8 characters and refuses no earlier password")
	return checks.From(in.policy.Of(a), none, in.judge)
})

func (in passwordFacts) judge(p iaminv.PasswordPolicy) checks.Verdict {
	var short []string
	if p.MinimumLength != nil && int(*p.MinimumLength) < in.length {
		short = append(short, fmt.Sprintf("minimum length %d (at least %d)", *p.MinimumLength, in.length))
	}
	reuse := 0
	if p.ReusePrevention != nil {
		reuse = int(*p.ReusePrevention)
	}
	if reuse < in.reuse {
		short = append(short, fmt.Sprintf("%d earlier passwords refused (at least %d)", reuse, in.reuse))
	}
	var classes []string
	for _, c := range []struct {
		name     string
		required bool
	}{{"upper case", p.Uppercase}, {"lower case", p.Lowercase}, {"numbers", p.Numbers}, {"symbols", p.Symbols}} {
		if !c.required {
			classes = append(classes, c.name)
		}
	}
	if len(classes) > 0 {
		short = append(short, "not required: "+strings.Join(classes, ", "))
	}
	switch {
	case len(short) > 0:
		return checks.Fail("the password policy falls short: %s", strings.Join(short, "; ")).With("short", short)
	case p.MinimumLength == nil:
		return checks.Unknown(inventory.Insufficient("the answer does not name the minimum length of passwords"))
	}
	return checks.Pass("the password policy requires %d characters of all four classes, and refuses %d earlier passwords", *p.MinimumLength, reuse).
		With("minimum_length", *p.MinimumLength).With("reuse_prevention", reuse)
}
