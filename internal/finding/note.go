package finding

import "time"

// Note is what is said of a finding beside its verdict: by people, by the configuration, and by earlier scans.
type Note struct {
	Owner       string       // by tags or configuration; empty: none is known
	Suppression *Suppression // a fail that an exception in force accepts
	Attestation *Attestation // a manual control that somebody answered
	History     *History     // once there is a baseline
}

// Suppression accepts a failing finding until a day. The finding stays a fail; it is counted apart.
type Suppression struct {
	Reason  string `json:"reason"`
	Owner   string `json:"owner"`
	Expires string `json:"expires"` // the last day on which it is in force, 2006-01-02, UTC
}

// Attestation answers a control that no API can show. It is somebody's word: never a pass.
type Attestation struct {
	By       string `json:"by"`
	At       string `json:"at"` // 2006-01-02
	Evidence string `json:"evidence"`
	Expires  string `json:"expires"` // the last day on which it is in force, 2006-01-02, UTC
}

// The states of a finding's ticket.
const (
	TicketNone = "none" // never opened, or closed
	TicketOpen = "open"
	TicketHeld = "held" // to be opened by a later run: the cap held it back
)

// History is what earlier scans know of a finding, by its fingerprint.
type History struct {
	FirstSeen  time.Time  `json:"first_seen"`           // the first scan of the chain of baselines that had it, whatever its verdict
	LastSeen   time.Time  `json:"last_seen"`            // the latest scan that had it
	LastFailed *time.Time `json:"last_failed"`          // the latest scan in which it failed; null: never
	Ticket     string     `json:"ticket"`               // none, open or held
	TicketKey  string     `json:"ticket_key,omitempty"` // the key of the open or held ticket that it is part of

	TicketOpened string `json:"ticket_opened,omitempty"` // the day on which the open ticket was opened, 2006-01-02
}

// With returns the finding's note for writing, which it makes where there is none.
func (f *Finding) With() *Note {
	if f.Note == nil {
		f.Note = &Note{}
	}
	return f.Note
}

// Suppressed says whether an exception in force accepts the finding.
func (f *Finding) Suppressed() bool { return f.Note != nil && f.Note.Suppression != nil }

// Attested says whether somebody answers for the finding.
func (f *Finding) Attested() bool { return f.Note != nil && f.Note.Attestation != nil }

// Owner is who answers for the resource; empty where none is known.
func (f *Finding) Owner() string {
	if f.Note == nil {
		return ""
	}
	return f.Note.Owner
}

// History is what earlier scans know of it; nil without a baseline.
func (f *Finding) History() *History {
	if f.Note == nil {
		return nil
	}
	return f.Note.History
}
