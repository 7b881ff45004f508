// Package selector says which findings an entry of the configuration or of the exceptions file is about.
package selector

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/strictyaml"
)

// The keys of a selector.
const (
	Check    = "check"
	Service  = "service"
	Account  = "account"
	Region   = "region"
	Resource = "resource"
	Tag      = "tag"
)

// Known are the words that a selector may name.
type Known struct{ Checks, Services []string }

// Selector narrows by every key that it has; values of one key are alternatives. The zero Selector has none.
type Selector struct {
	Checks, Services, Accounts, Regions []string

	Resources []string // patterns of ARNs
	Tag       string   // a key, or key=value

	patterns []*regexp.Regexp
}

// The forms of values. A region may be one that this program's lists do not have yet, so its form alone is checked; a
// pattern of ARNs has the six parts of an ARN (IAM User Guide, "Amazon Resource Names (ARNs)").
const (
	AccountForm  = `^[0-9]{12}$`
	RegionForm   = `^(global|[a-z]+(-[a-z0-9]+)+)$`
	ResourceForm = `^arn:[^:\s]+:[^:\s]+:[^:\s]*:[^:\s]*:.+$`
	TagForm      = `^[^=\s]([^=]*[^=\s])?(=.*)?$`
)

var (
	accountForm  = regexp.MustCompile(AccountForm)
	regionForm   = regexp.MustCompile(RegionForm)
	resourceForm = regexp.MustCompile(ResourceForm)
	tagForm      = regexp.MustCompile(TagForm)
)

// IsKey says whether a key of an entry belongs to its selector.
func IsKey(key string) bool {
	return slices.Contains([]string{Check, Service, Account, Region, Resource, Tag}, key)
}

// Add reads one key of the selector. where is its place in errors.
func (s *Selector) Add(e strictyaml.Entry, where string, known Known) error {
	what := where + "." + e.Key
	if e.Key == Tag {
		text, err := strictyaml.Text(e.Value, what)
		if err == nil && !tagForm.MatchString(text) {
			err = fmt.Errorf("line %d: %s: %q is no key, and no key=value", e.Line, what, text)
		}
		s.Tag = text
		return err
	}
	texts, err := strictyaml.Texts(e.Value, what)
	if err != nil {
		return err
	}
	for _, text := range texts {
		if err := fits(e, what, text, known); err != nil {
			return err
		}
	}
	switch e.Key {
	case Check:
		s.Checks = texts
	case Service:
		s.Services = texts
	case Account:
		s.Accounts = texts
	case Region:
		s.Regions = texts
	case Resource:
		s.Resources = texts
		for _, text := range texts {
			s.patterns = append(s.patterns, Pattern(text))
		}
	}
	return nil
}

func fits(e strictyaml.Entry, what, text string, known Known) error {
	switch {
	case e.Key == Check && !slices.Contains(known.Checks, text):
		return &strictyaml.UnknownWordError{Where: strictyaml.At(e.Line, what), What: "check", Word: text, Valid: known.Checks}
	case e.Key == Service && !slices.Contains(known.Services, text):
		return &strictyaml.UnknownWordError{Where: strictyaml.At(e.Line, what), What: "service", Word: text, Valid: known.Services}
	case e.Key == Account && !accountForm.MatchString(text):
		return fmt.Errorf("line %d: %s: %q is no account of twelve digits in quotes", e.Line, what, text)
	case e.Key == Region && !regionForm.MatchString(text):
		return fmt.Errorf("line %d: %s: %q is no name of a region, nor global", e.Line, what, text)
	case e.Key == Resource && !resourceForm.MatchString(text):
		return fmt.Errorf("line %d: %s: %q is no ARN or pattern of ARNs", e.Line, what, text)
	}
	return nil
}

// Pattern compiles a pattern of ARNs, in which * stands for any characters, colons and slashes too, and ? for one.
func Pattern(text string) *regexp.Regexp {
	return regexp.MustCompile(`(?s)\A` + strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(regexp.QuoteMeta(text)) + `\z`)
}

// Empty says that the selector narrows by nothing.
func (s *Selector) Empty() bool {
	return len(s.Checks)+len(s.Services)+len(s.Accounts)+len(s.Regions)+len(s.Resources) == 0 && s.Tag == ""
}

// Matches says whether the selector names the finding. A tag that was not read matches nothing.
func (s *Selector) Matches(f *finding.Finding) bool {
	return s.MatchesButTag(f) && s.matchesTag(f.Resource)
}

// MatchesButTag leaves the tag aside.
func (s *Selector) MatchesButTag(f *finding.Finding) bool {
	return s.MatchesPlace(f.Rule.ID, f.AccountID, f.Region) && in(s.Services, f.Rule.Service) &&
		(len(s.patterns) == 0 || slices.ContainsFunc(s.patterns, func(p *regexp.Regexp) bool { return p.MatchString(f.Resource.ARN) }))
}

// MatchesPlace says whether findings of a check in an account and region may be meant.
func (s *Selector) MatchesPlace(check, account, region string) bool {
	return in(s.Checks, check) && in(s.Accounts, account) && in(s.Regions, region)
}

func in(list []string, word string) bool { return len(list) == 0 || slices.Contains(list, word) }

func (s *Selector) matchesTag(r *finding.Resource) bool {
	if s.Tag == "" {
		return true
	}
	key, value, withValue := strings.Cut(s.Tag, "=")
	got, has := r.Tags[key]
	return has && (!withValue || got == value)
}

// String is the selector in words: "check s3-bucket-versioning, account 111122223333".
func (s *Selector) String() string {
	var parts []string
	for _, p := range []struct {
		key    string
		values []string
	}{
		{Check, s.Checks}, {Service, s.Services}, {Account, s.Accounts}, {Region, s.Regions}, {Resource, s.Resources},
	} {
		if len(p.values) > 0 {
			parts = append(parts, p.key+" "+strings.Join(p.values, " or "))
		}
	}
	if s.Tag != "" {
		parts = append(parts, Tag+" "+s.Tag)
	}
	return strings.Join(parts, ", ")
}
