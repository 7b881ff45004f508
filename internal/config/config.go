// Package config reads ourshare.yaml, with strict keys: thresholds, settings of single checks, owners, limits, tickets.
package config

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/selector"
	"github.com/ourshare/ourshare/internal/strictyaml"
)

// DefaultFile is read from the working directory where no other is named.
const DefaultFile = "ourshare.yaml"

// Config is what ourshare.yaml says, with the defaults of what it does not say.
type Config struct {
	Params     map[string]any              // thresholds that are set, by name or by inventory.OwnParam, of the type of their default
	Severities map[string]finding.Severity // by the id of the check, where it is not the check's own
	Owners     Owners
	Limits     Limits
	Tickets    Tickets
}

// Default is the configuration where there is no file.
func Default() Config {
	return Config{
		Params: map[string]any{}, Severities: map[string]finding.Severity{}, Owners: Owners{Tags: []string{}, Rules: []OwnerRule{}},
		Limits: DefaultLimits(), Tickets: DefaultTickets(),
	}
}

// UnknownWordError is a key or word that the configuration does not know; Valid are those that it knows there.
type UnknownWordError = strictyaml.UnknownWordError

// Known is what the catalogue has for a configuration to set.
type Known struct {
	Params []inventory.ParamInfo // every threshold, sorted by name
	Checks []KnownCheck          // sorted by id
}

// KnownCheck is what can be set of one check.
type KnownCheck struct {
	ID, Service string
	Severity    finding.Severity
	Own         []string // names of the thresholds that the check reads itself
	Shared      []string // names of those that datasets read for several checks at once
}

func (k Known) selectors() selector.Known {
	var s selector.Known
	for _, c := range k.Checks {
		s.Checks, s.Services = append(s.Checks, c.ID), append(s.Services, c.Service)
	}
	return s
}

func (k Known) param(name string) (inventory.ParamInfo, bool) {
	for _, p := range k.Params {
		if p.Name == name {
			return p, true
		}
	}
	return inventory.ParamInfo{}, false
}

// Load reads a file. Errors name the file and the line.
func Load(path string, known Known) (Config, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return Config{}, err
	}
	c, err := Parse(b, known)
	if err != nil {
		return Config{}, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// keys are the file's, in the order in which they are documented.
var keys = []string{"thresholds", "checks", "owners", "limits", "tickets"}

// Parse reads the text of a configuration: one YAML document.
func Parse(b []byte, known Known) (Config, error) {
	c := Default()
	top, err := strictyaml.Document(b, keys...)
	if err != nil {
		return c, err
	}
	for _, e := range top {
		switch e.Key {
		case "thresholds":
			err = c.parseThresholds(e, known)
		case "checks":
			err = c.parseChecks(e, known)
		case "owners":
			err = c.Owners.parse(e, known)
		case "limits":
			err = c.Limits.parse(e)
		case "tickets":
			err = c.Tickets.parse(e)
		}
		if err != nil {
			return c, err
		}
	}
	return c, nil
}

// Digest identifies what the configuration sets of verdicts, severities and owners, whatever its spelling: a SHA-256.
// Limits and tickets change none of these.
func (c Config) Digest() string {
	d := struct {
		Params     map[string]any
		Severities map[string]finding.Severity
		Owners     Owners
	}{c.Params, c.Severities, c.Owners}
	if d.Params == nil {
		d.Params = map[string]any{}
	}
	if d.Severities == nil {
		d.Severities = map[string]finding.Severity{}
	}
	if d.Owners.Tags == nil {
		d.Owners.Tags = []string{}
	}
	if d.Owners.Rules == nil {
		d.Owners.Rules = []OwnerRule{}
	}
	b, err := json.Marshal(d) // maps are written in order of their keys
	if err != nil {
		panic(err) // numbers and texts
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
