package config

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
)

var known = Known{
	Params: []inventory.ParamInfo{
		{Name: "administrators", Doc: "Patterns.", Default: inventory.ARNPatterns{}},
		{Name: "max_age_days", Doc: "Days.", Default: 30, Min: 1, Max: 365},
		{Name: "open_ports", Doc: "Ports.", Default: []int{80}, Min: []int(nil), Max: []int(nil)},
		{Name: "trusted_accounts", Doc: "Accounts.", Default: inventory.AccountIDs{}},
		{Name: "trusted_organizations", Doc: "Organizations.", Default: inventory.OrganizationIDs{}},
	},
	Checks: []KnownCheck{
		{ID: "ec2-thing-young", Service: "ec2", Severity: finding.Medium, Own: []string{"max_age_days"}, Shared: []string{"open_ports"}},
		{ID: "s3-thing-closed", Service: "s3", Severity: finding.High},
	},
}

func TestNames(t *testing.T) {
	for text, want := range map[string]any{
		"trusted_accounts: ['012345678901', \"111122223333\"]": inventory.AccountIDs{"012345678901", "111122223333"},
		"trusted_accounts: []":                                 inventory.AccountIDs{},
		"trusted_accounts: '111122223333'":                     "must be a list",
		"trusted_accounts: ":                                   "must be a list",
		"trusted_accounts: [111122223333]":                     "no account of twelve digits in quotes",
		"trusted_accounts: [012345670123]":                     "no account", // YAML's octal numbers
		"trusted_accounts: ['11112222333']":                    "no account",
		"trusted_accounts: ['1111222233334']":                  "no account",
		"trusted_accounts: ['arn:aws:iam::1:root']":            "no account",
		"trusted_accounts: [['111122223333']]":                 "no account",
		"trusted_organizations: [o-a1b2c3d4e5]":                inventory.OrganizationIDs{"o-a1b2c3d4e5"},
		"trusted_organizations: [o-a1b2]":                      "no organization",
		"trusted_organizations: [o-a1b2c3d4e5/r-a]":            "no organization",
		"administrators: ['arn:aws:iam::*:role/ops-*']":        inventory.ARNPatterns{"arn:aws:iam::*:role/ops-*"},
		"administrators: [ops]":                                "no ARN",
		"administrators: ['*']":                                "no ARN",
	} {
		c, err := Parse([]byte("thresholds: {"+text+"}"), known)
		if message, isError := want.(string); isError {
			if err == nil || !strings.Contains(err.Error(), message) {
				t.Errorf("%s: %v, want %q", text, err, message)
			}
			continue
		}
		name, _, _ := strings.Cut(text, ":")
		if err != nil || !reflect.DeepEqual(c.Params[name], want) {
			t.Errorf("%s: %#v, %v", text, c.Params[name], err)
		}
	}
}

func TestPorts(t *testing.T) {
	for text, want := range map[string]any{
		"[22, 443]": []int{22, 443}, "[]": []int{}, "[0, 65535]": []int{0, 65535},
		"22": "list of ports", "[ssh]": "no port", "[65536]": "no port", "[-1]": "no port", "['22']": "no port", "[1.5]": "no port", "": "list of ports",
	} {
		c, err := Parse([]byte("thresholds: {open_ports: "+text+"}"), known)
		if message, isError := want.(string); isError {
			if err == nil || !strings.Contains(err.Error(), message) {
				t.Errorf("%s: %v, want %q", text, err, message)
			}
		} else if err != nil || !reflect.DeepEqual(c.Params["open_ports"], want) {
			t.Errorf("%s: %v, %v", text, c.Params["open_ports"], err)
		}
	}
}

func TestParse(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		want any
		err  string
	}{
		"empty":             {"", nil, ""},
		"comment alone":     {"# nothing\n", nil, ""},
		"empty mapping":     {"thresholds:\n", nil, ""},
		"set":               {"thresholds:\n  max_age_days: 7\n", 7, ""},
		"at the bounds":     {"thresholds: {max_age_days: 365}", 365, ""},
		"too large":         {"thresholds: {max_age_days: 366}", nil, "must be from 1 to 365"},
		"too small":         {"thresholds: {max_age_days: 0}", nil, "must be from 1 to 365"},
		"text":              {"thresholds: {max_age_days: '7'}", nil, "whole number"},
		"fraction":          {"thresholds: {max_age_days: 7.5}", nil, "whole number"},
		"null":              {"thresholds: {max_age_days: }", nil, "whole number"},
		"huge":              {"thresholds: {max_age_days: 99999999999999999999}", nil, "whole number"},
		"unknown key":       {"thresholds: {max_age: 7}", nil, `line 1: thresholds: no such key: "max_age"`},
		"unknown top key":   {"threshold: {}", nil, `line 1: no such key: "threshold"`},
		"twice":             {"thresholds: {max_age_days: 1, max_age_days: 2}", nil, "stands twice"},
		"a list":            {"- a", nil, "must be a mapping"},
		"two documents":     {"thresholds: {}\n---\nthresholds: {}\n", nil, "more than one YAML document"},
		"no YAML":           {"thresholds: [", nil, "yaml"},
		"an alias's anchor": {"thresholds: &a {max_age_days: 7}\n", 7, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := Parse([]byte(tt.text), known)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("%v, want %q", err, tt.err)
				}
				return
			}
			if err != nil || c.Params["max_age_days"] != tt.want {
				t.Errorf("%v, %v, want %v", c.Params, err, tt.want)
			}
		})
	}
	var unknown *UnknownWordError
	if _, err := Parse([]byte("thresholds: {max_age: 7}"), known); !errors.As(err, &unknown) || len(unknown.Valid) != len(known.Params) {
		t.Errorf("%v", err)
	}
}

// The digest covers what changes verdicts, severities and owners, in any spelling, and nothing else.
func TestDigest(t *testing.T) {
	digest := func(text string) string {
		t.Helper()
		c, err := Parse([]byte(text), known)
		if err != nil {
			t.Fatal(err)
		}
		return c.Digest()
	}
	if digest("thresholds: {max_age_days: 7} # a comment") != digest("thresholds:\n  max_age_days: 7") {
		t.Error("it follows the spelling")
	}
	empty := digest("")
	if empty != (Config{}).Digest() || empty != Default().Digest() {
		t.Error("no configuration has several digests")
	}
	seen := map[string]string{empty: "nothing"}
	for _, text := range []string{
		"thresholds: {max_age_days: 7}",
		"thresholds: {max_age_days: 8}",
		"checks: {ec2-thing-young: {thresholds: {max_age_days: 7}}}",
		"checks: {ec2-thing-young: {severity: low}}",
		"owners: {tags: [team]}",
		"owners: {rules: [{check: ec2-thing-young, owner: a}]}",
		"owners: {rules: [{check: s3-thing-closed, owner: a}]}",
		"owners: {rules: [{resource: 'arn:aws:s3:::a*', owner: a}]}",
		"owners: {rules: [{resource: 'arn:aws:s3:::b*', owner: a}]}",
		"owners: {rules: [{resource: 'arn:aws:s3:::b*', owner: b}]}",
	} {
		d := digest(text)
		if seen[d] != "" {
			t.Errorf("%s has the digest of %s", text, seen[d])
		}
		seen[d] = text
	}
	for _, text := range []string{
		"limits: {concurrency: 3, max_api_calls: 4, timeout: 5m}", "tickets: {group_by: owner, max_open: 5, labels: [a]}",
		"checks: {ec2-thing-young: {severity: medium}}", // its own
	} {
		if digest(text) != empty {
			t.Errorf("%s changes the digest", text)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("thresholds: {max_age_days: 7}")
	f.Fuzz(func(_ *testing.T, s string) { _, _ = Parse([]byte(s), known) })
}
