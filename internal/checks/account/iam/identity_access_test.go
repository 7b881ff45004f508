package iam

import (
	"testing"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/checks/checktest"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	iaminv "github.com/ourshare/ourshare/internal/inventory/iam"
)

// counts of the account summary; a negative number is one that the answer leaves out.
func summary(password, keys, mfa int32) inventory.Field[iaminv.Summary] {
	m := map[string]int32{"Users": 3}
	for name, n := range map[string]int32{iaminv.RootPassword: password, iaminv.RootAccessKeys: keys, iaminv.RootMFA: mfa} {
		if n >= 0 {
			m[name] = n
		}
	}
	return inventory.Known(iaminv.Summary{Counts: m})
}

func TestRoot(t *testing.T) {
	denied := inventory.Failure[iaminv.Summary](inventory.DeniedError("iam:GetAccountSummary"))
	for label, tt := range map[string]struct {
		check *checks.Check
		field inventory.Field[iaminv.Summary]
		want  finding.Status
		text  string
	}{
		"no key":                      {rootNoAccessKey, summary(1, 0, 1), finding.Pass, "no access key"},
		"a key":                       {rootNoAccessKey, summary(1, 1, 1), finding.Fail, "has an access key"},
		"two keys":                    {rootNoAccessKey, summary(1, 2, 1), finding.Fail, ""},
		"key not said":                {rootNoAccessKey, summary(1, -1, 1), finding.Unknown, "AccountAccessKeysPresent"},
		"key: empty answer":           {rootNoAccessKey, inventory.Known(iaminv.Summary{}), finding.Unknown, "AccountAccessKeysPresent"},
		"key: denied":                 {rootNoAccessKey, denied, finding.Unknown, "iam:GetAccountSummary"},
		"MFA":                         {rootMFA, summary(1, 0, 1), finding.Pass, "enabled"},
		"no MFA":                      {rootMFA, summary(1, 0, 0), finding.Fail, "no MFA device"},
		"no MFA, only a key":          {rootMFA, summary(0, 1, 0), finding.Fail, ""},
		"no credentials":              {rootMFA, summary(0, 0, 0), finding.NotApplicable, "no credentials"},
		"password not said, no MFA":   {rootMFA, summary(-1, 0, 0), finding.Fail, ""},
		"password not said, MFA":      {rootMFA, summary(-1, 0, 1), finding.Pass, ""},
		"keys not said, no MFA":       {rootMFA, summary(0, -1, 0), finding.Fail, ""},
		"MFA not said":                {rootMFA, summary(1, 0, -1), finding.Unknown, "AccountMFAEnabled"},
		"MFA not said, nothing there": {rootMFA, summary(0, 0, -1), finding.NotApplicable, ""},
		"MFA: empty answer":           {rootMFA, inventory.Known(iaminv.Summary{}), finding.Unknown, ""},
		"MFA: denied":                 {rootMFA, denied, finding.Unknown, "denied"},
	} {
		t.Run(label, func(t *testing.T) {
			f := checktest.New()
			checktest.Facts(f, iaminv.AccountSummary, map[string]inventory.Field[iaminv.Summary]{checktest.Account: tt.field})
			checktest.Want(t, f.Run(tt.check)[checktest.Account], tt.want, tt.text)
		})
	}
	t.Run("not collected", func(t *testing.T) {
		checktest.Want(t, checktest.New().Run(rootMFA)[checktest.Account], finding.Unknown, "does not hold")
	})
}

func TestPasswordPolicy(t *testing.T) {
	good := func(change func(*iaminv.PasswordPolicy)) inventory.Field[iaminv.PasswordPolicy] {
		p := iaminv.PasswordPolicy{
			MinimumLength: new(int32(14)), ReusePrevention: new(int32(24)), Uppercase: true, Lowercase: true, Numbers: true, Symbols: true,
		}
		change(&p)
		return inventory.Known(p)
	}
	for label, tt := range map[string]struct {
		field  inventory.Field[iaminv.PasswordPolicy]
		params map[string]any
		want   finding.Status
		texts  []string
	}{
		"exactly enough":      {good(func(*iaminv.PasswordPolicy) {}), nil, finding.Pass, []string{"14 characters", "24 earlier"}},
		"longer":              {good(func(p *iaminv.PasswordPolicy) { p.MinimumLength = new(int32(20)) }), nil, finding.Pass, nil},
		"one short":           {good(func(p *iaminv.PasswordPolicy) { p.MinimumLength = new(int32(13)) }), nil, finding.Fail, []string{"minimum length 13 (at least 14)"}},
		"one password less":   {good(func(p *iaminv.PasswordPolicy) { p.ReusePrevention = new(int32(23)) }), nil, finding.Fail, []string{"23 earlier passwords refused (at least 24)"}},
		"no reuse prevention": {good(func(p *iaminv.PasswordPolicy) { p.ReusePrevention = nil }), nil, finding.Fail, []string{"0 earlier passwords"}},
		"no symbols":          {good(func(p *iaminv.PasswordPolicy) { p.Symbols = false }), nil, finding.Fail, []string{"not required: symbols"}},
		"everything short": {
			inventory.Known(iaminv.PasswordPolicy{MinimumLength: new(int32(8))}), nil, finding.Fail,
			[]string{"minimum length 8", "0 earlier passwords", "upper case, lower case, numbers, symbols"},
		},
		"length not said":               {good(func(p *iaminv.PasswordPolicy) { p.MinimumLength = nil }), nil, finding.Unknown, []string{"minimum length"}},
		"length not said, others short": {good(func(p *iaminv.PasswordPolicy) { p.MinimumLength, p.Numbers = nil, false }), nil, finding.Fail, []string{"numbers"}},
		"other thresholds":              {good(func(*iaminv.PasswordPolicy) {}), map[string]any{"password_min_length": 15}, finding.Fail, []string{"at least 15"}},
		"milder thresholds": {
			inventory.Known(iaminv.PasswordPolicy{MinimumLength: new(int32(8)), Uppercase: true, Lowercase: true, Numbers: true, Symbols: true}),
			map[string]any{"password_min_length": 8, "password_reuse_prevention": 0},
			finding.Pass, nil,
		},
		"none set": {inventory.Failure[iaminv.PasswordPolicy](inventory.ErrAbsent), nil, finding.Fail, []string{"no password policy of its own"}},
		"denied":   {inventory.Failure[iaminv.PasswordPolicy](inventory.DeniedError("iam:GetAccountPasswordPolicy")), nil, finding.Unknown, []string{"denied"}},
	} {
		t.Run(label, func(t *testing.T) {
			f := checktest.New()
			f.Store.Params = tt.params
			checktest.Facts(f, iaminv.AccountPasswordPolicy, map[string]inventory.Field[iaminv.PasswordPolicy]{checktest.Account: tt.field})
			checktest.Want(t, f.Run(passwordPolicy)[checktest.Account], tt.want, tt.texts...)
		})
	}
}
