// Package finding holds what a scan says: a Finding (check × resource × verdict) and what it points to, the Rule
// (the printed half of a check's metadata) and the Resource. It imports internal/responsibility alone, so that
// reports and results can stand on it without knowing how evidence is collected.
package finding

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/ourshare/ourshare/internal/responsibility"
)

// Status is a verdict's kind.
type Status string

// The verdicts. Unknown means that the evidence could not be read or does not suffice; Manual that no API can show it.
const (
	Pass          Status = "pass"
	Fail          Status = "fail"
	Unknown       Status = "unknown"
	NotApplicable Status = "not_applicable"
	Manual        Status = "manual"
)

// Statuses returns every status, worst first.
func Statuses() []Status { return []Status{Fail, Unknown, Manual, Pass, NotApplicable} }

// Severity is how much a failing control weighs.
type Severity string

// The severities: critical is reachable or readable by anyone now; info is inventory.
const (
	Critical Severity = "critical"
	High     Severity = "high"
	Medium   Severity = "medium"
	Low      Severity = "low"
	Info     Severity = "info"
)

// Severities returns every severity, worst first.
func Severities() []Severity { return []Severity{Critical, High, Medium, Low, Info} }

// Rank orders severities: 0 is critical, larger is milder; an unknown word ranks last.
func (s Severity) Rank() int {
	if i := slices.Index(Severities(), s); i >= 0 {
		return i
	}
	return len(Severities())
}

// Resource is what a finding is about.
type Resource struct {
	Type   string            `json:"type"`   // CloudFormation's name of the type: AWS::EC2::Instance
	ID     string            `json:"id"`     // the id that AWS's console shows
	ARN    string            `json:"arn"`    // the resource's ARN; of something without one (an access key), its owner's
	Name   string            `json:"name"`   // the Name tag or the name; attacker-controlled text
	Region string            `json:"region"` // the region, or "global"
	Tags   map[string]string `json:"tags"`   // nil: not read
	Key    string            `json:"key,omitempty"`
	// Key tells apart several resources with one ARN (two access keys of one user). It comes from the listing and
	// never changes, since the fingerprint rests on it.
}

// Subject returns the resource itself, so that any row that embeds a *Resource has it.
func (r *Resource) Subject() *Resource { return r }

// Reference is a control of another framework that means the same as a check.
type Reference struct {
	Framework string `json:"framework"`
	ID        string `json:"id"`
}

// Remediation says how to mend a failing resource: in words, as a command, and where AWS documents it.
type Remediation struct {
	Text string `json:"text"`
	CLI  string `json:"cli"`
	URL  string `json:"url"`
}

// Rule is the printed half of a check: what a reader of a finding needs to know about it.
type Rule struct {
	ID          string                  `json:"-"`
	Title       string                  `json:"title"`
	Category    responsibility.Category `json:"category"`
	Service     string                  `json:"service"`
	Layer       responsibility.Layer    `json:"layer"`
	Severity    Severity                `json:"severity"`
	Revision    int                     `json:"revision"`
	Parameters  map[string]any          `json:"parameters"`
	Risk        string                  `json:"risk"`
	Remediation Remediation             `json:"remediation"`
	References  []Reference             `json:"references"`
	Question    string                  `json:"question,omitempty"` // of a control that only people can answer
}

// KV is one piece of evidence. Values are strings, numbers, booleans or lists of these.
type KV struct {
	Key   string
	Value any
}

// Evidence is what a verdict rests on, in the order in which it is to be read.
type Evidence []KV

// MarshalJSON writes the evidence as one object, keys in order.
func (e Evidence) MarshalJSON() ([]byte, error) {
	var b strings.Builder
	b.WriteByte('{')
	for i, kv := range e {
		if i > 0 {
			b.WriteByte(',')
		}
		k, err := json.Marshal(kv.Key)
		if err != nil {
			return nil, err
		}
		v, err := json.Marshal(kv.Value)
		if err != nil {
			return nil, err
		}
		b.Write(k)
		b.WriteByte(':')
		b.Write(v)
	}
	b.WriteByte('}')
	return []byte(b.String()), nil
}

// UnmarshalJSON reads evidence back in its order; numbers keep their spelling.
func (e *Evidence) UnmarshalJSON(b []byte) error {
	*e = nil
	if string(bytes.TrimSpace(b)) == "null" {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return errors.New("evidence is no object")
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		var v any
		if err := dec.Decode(&v); err != nil {
			return err
		}
		*e = append(*e, KV{key.(string), v}) // within an object a token before a value is a key
	}
	return nil
}

// Reason says why a verdict is unknown. Outcome is that of an API call, or insufficient, internal or not_collected.
type Reason struct {
	Outcome   string  `json:"outcome"`
	Operation *string `json:"operation"` // service:Operation, or null without a call
	Action    *string `json:"action"`    // the IAM action that the call needs, or null
	Gap       bool    `json:"gap"`       // whether evidence is missing that a call, a budget or a fault withheld
	Text      string  `json:"text"`
}

// Outcomes of a Reason that no call has.
const (
	Insufficient = "insufficient"  // read, and does not suffice: too old, never scanned, beyond the reasoning
	Internal     = "internal"      // a panic in a check
	NotCollected = "not_collected" // the saved inventory does not hold it
)

// Finding is one verdict about one resource.
type Finding struct {
	Fingerprint string
	Rule        *Rule
	AccountID   string
	Region      string
	Resource    *Resource
	Status      Status
	Severity    Severity
	Message     string
	Evidence    Evidence
	Reason      *Reason // with every unknown
	Note        *Note   // what is said of it beside the verdict; nil: nothing
}

// Fingerprint identifies a finding across scans: a hash of what the listing returned and what never changes. It is 32
// characters of lower-case base32, 160 bits, short enough for any ticket system's key. Where the ARN names no region
// (a bucket's does not), the resource's region is part of it.
func Fingerprint(partition, account, checkID string, r *Resource) string {
	region := ""
	if parts := strings.SplitN(r.ARN, ":", 6); len(parts) < 6 || parts[3] == "" {
		region = r.Region
	}
	h := sha256.New()
	for _, s := range []string{partition, account, checkID, r.Type, r.ARN, region, r.Key} {
		// The NUL between the parts keeps them apart; none of them holds one of its own.
		h.Write([]byte(strings.ReplaceAll(s, "\x00", "�")))
		h.Write([]byte{0})
	}
	return strings.ToLower(base32.StdEncoding.EncodeToString(h.Sum(nil)[:20]))
}

// Compare orders findings as every report prints them: by check, account, region, resource and fingerprint.
func Compare(a, b Finding) int {
	return cmp.Or(
		cmp.Compare(a.Rule.ID, b.Rule.ID),
		cmp.Compare(a.AccountID, b.AccountID),
		cmp.Compare(a.Region, b.Region),
		cmp.Compare(a.Resource.Type, b.Resource.Type),
		cmp.Compare(a.Resource.ARN, b.Resource.ARN),
		cmp.Compare(a.Resource.Key, b.Resource.Key),
		cmp.Compare(a.Fingerprint, b.Fingerprint),
	)
}
