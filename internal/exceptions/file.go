// Package exceptions reads the file of suppressions and attestations, and says of a scan's findings which of them somebody
// accepts, or answers for, until a day.
package exceptions

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/ourshare/ourshare/internal/selector"
	"github.com/ourshare/ourshare/internal/strictyaml"
)

// DefaultFile is read from the working directory where no other is named.
const DefaultFile = "ourshare-exceptions.yaml"

// UnknownWordError is a key or check that the file's reader does not know.
type UnknownWordError = strictyaml.UnknownWordError

// Known are the checks of the catalogue.
type Known struct {
	Checks []string // every id
	Manual []string // ids of the checks that ask a question
}

// File is what an exceptions file says.
type File struct {
	Suppressions []Suppression
	Attestations []Attestation

	digest string
	known  Known
}

// Suppression accepts failing findings until a day.
type Suppression struct {
	selector.Selector
	Line    int
	Reason  string
	Owner   string    // who answers for the exception
	Expires time.Time // the last day on which it is in force, UTC
}

// Attestation answers manual findings until a day.
type Attestation struct {
	selector.Selector
	Line     int
	By       string
	At       time.Time // the day on which it was said, UTC
	Evidence string    // a link, or words
	Expires  time.Time // the last day on which it is in force, UTC
}

// Load reads a file. Errors name the file and the line.
func Load(path string, known Known) (*File, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f, err := Parse(b, known)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

// Keys of the two kinds of entries.
var (
	suppressionSelectors = []string{selector.Check, selector.Account, selector.Region, selector.Resource, selector.Tag}
	attestationSelectors = []string{selector.Check, selector.Account, selector.Region, selector.Resource}
	suppressionKeys      = append(suppressionSelectors[:len(suppressionSelectors):len(suppressionSelectors)], "reason", "owner", "expires")
	attestationKeys      = append(attestationSelectors[:len(attestationSelectors):len(attestationSelectors)], "by", "at", "evidence", "expires")
)

// Parse reads the text of a file: one YAML document.
func Parse(b []byte, known Known) (*File, error) {
	sum := sha256.Sum256(b)
	f := &File{digest: hex.EncodeToString(sum[:]), known: known}
	top, err := strictyaml.Document(b, "suppressions", "attestations")
	if err != nil {
		return nil, err
	}
	for _, e := range top {
		items, err := strictyaml.List(e, e.Key)
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			if e.Key == "suppressions" {
				err = f.suppression(item, known)
			} else {
				err = f.attestation(item, known)
			}
			if err != nil {
				return nil, err
			}
		}
	}
	return f, nil
}

func (f *File) suppression(n *yaml.Node, known Known) error {
	s := Suppression{Line: n.Line}
	texts := map[string]*string{"reason": &s.Reason, "owner": &s.Owner}
	days := map[string]*time.Time{"expires": &s.Expires}
	if err := parseEntry(n, "suppressions", suppressionKeys, &s.Selector, known, texts, days); err != nil {
		return err
	}
	if s.Empty() {
		return fmt.Errorf("line %d: a suppression needs at least one of %s", n.Line, strings.Join(suppressionSelectors, ", "))
	}
	f.Suppressions = append(f.Suppressions, s)
	return nil
}

func (f *File) attestation(n *yaml.Node, known Known) error {
	a := Attestation{Line: n.Line}
	texts := map[string]*string{"by": &a.By, "evidence": &a.Evidence}
	days := map[string]*time.Time{"at": &a.At, "expires": &a.Expires}
	if err := parseEntry(n, "attestations", attestationKeys, &a.Selector, known, texts, days); err != nil {
		return err
	}
	switch {
	case len(a.Checks) == 0: // an answer to no question in particular answers none
		return fmt.Errorf("line %d: an attestation needs `check`", n.Line)
	case a.Expires.Before(a.At):
		return fmt.Errorf("line %d: this attestation expires before the day of `at`", n.Line)
	}
	f.Attestations = append(f.Attestations, a)
	return nil
}

// parseEntry reads one entry: its selector, and the texts and days, all of which it must have.
func parseEntry(n *yaml.Node, where string, keys []string, s *selector.Selector, known Known, texts map[string]*string, days map[string]*time.Time) error {
	fields, err := strictyaml.Mapping(n, "an entry of "+where, where, keys...)
	if err != nil {
		return err
	}
	given := map[string]bool{}
	for _, e := range fields {
		given[e.Key] = true
		switch {
		case texts[e.Key] != nil:
			var text string
			text, err = strictyaml.Text(e.Value, where+"."+e.Key)
			*texts[e.Key] = strings.TrimSpace(text)
		case days[e.Key] != nil:
			*days[e.Key], err = strictyaml.Date(e.Value, where+"."+e.Key)
		default:
			err = s.Add(e, where, selector.Known{Checks: known.Checks})
		}
		if err != nil {
			return err
		}
	}
	for _, key := range keys {
		if (texts[key] != nil || days[key] != nil) && !given[key] {
			return fmt.Errorf("line %d: an entry of %s needs `%s`", n.Line, where, key)
		}
	}
	return nil
}
