package history

import (
	"fmt"
	"slices"
	"sync"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/result"
)

// view answers what one of the two results looked at.
type view struct {
	*result.Result
	looked    map[scope]bool           // a check in a region of an account, and whether the listing of its subjects was whole
	ran       map[scope]bool           // a check in an account, whatever the region: one without a region
	resources func() map[resource]bool // made when first asked for: accounts may be compared at the same time
	lost      func() map[scope][]loss
}

type scope struct{ check, account, region string }

type resource struct{ account, kind, arn, key string }

// loss is an unknown for which evidence was missing, on a resource of some type.
type loss struct{ on, text string }

// The type under which a lost listing of a whole region is reported, and the region of what has none.
const (
	accountType = "AWS::::Account"
	global      = "global"
)

func look(r *result.Result) *view {
	v := &view{Result: r, looked: map[scope]bool{}, ran: map[scope]bool{}}
	v.resources, v.lost = sync.OnceValue(v.subjects), sync.OnceValue(v.losses)
	for _, e := range r.Evaluations {
		at := scope{e.CheckID, e.AccountID, e.Region}
		whole, twice := v.looked[at]
		v.looked[at] = e.Complete && (whole || !twice)
		v.ran[scope{e.CheckID, e.AccountID, ""}] = true
	}
	return v
}

// evaluation tells whether the check looked where a finding lies, and whether what it judges was listed whole there. A
// listing of the account as a whole stands for the scanned regions, too.
func (v *view) evaluation(f *finding.Finding) (looked, whole bool) {
	whole, looked = v.looked[scope{f.Rule.ID, f.AccountID, f.Region}]
	if !looked && slices.Contains(v.Scan.Regions, f.Region) {
		whole, looked = v.looked[scope{f.Rule.ID, f.AccountID, global}]
	}
	return looked, whole
}

// blind tells in words why a result could not see where a finding lies; empty: it could.
func (v *view) blind(f *finding.Finding) string {
	for _, a := range v.Scan.ByAccount {
		if a.AccountID == f.AccountID && !a.Entered {
			if a.Reason == "" {
				return fmt.Sprintf("the account %s could not be entered", f.AccountID)
			}
			return fmt.Sprintf("the account %s could not be entered: %s", f.AccountID, a.Reason)
		}
	}
	looked, whole := v.evaluation(f)
	switch {
	case whole:
		return ""
	case !slices.Contains(v.Scan.Accounts, f.AccountID):
		return fmt.Sprintf("the account %s was not scanned", f.AccountID)
	case !v.ran[scope{f.Rule.ID, f.AccountID, ""}]:
		return "the check was not in the scan"
	case !looked && f.Region != global && !slices.Contains(v.Scan.Regions, f.Region):
		return fmt.Sprintf("the region %s was not scanned", f.Region)
	case !looked:
		return fmt.Sprintf("the check did not look at %s", place(f.Region))
	}
	said := fmt.Sprintf("what the check judges was not listed whole in %s", place(f.Region))
	if cause := v.cause(f); cause != "" {
		said += ": " + cause
	}
	return said
}

func place(region string) string {
	if region == global {
		return "the account"
	}
	return region
}

// cause is what the result says of the listing that was not whole: the unknown that stands for it, on the account, or on
// the parent of what was not listed.
func (v *view) cause(f *finding.Finding) string {
	lost, text := v.lost(), ""
	for _, l := range slices.Concat(lost[scope{f.Rule.ID, f.AccountID, f.Region}], lost[scope{f.Rule.ID, f.AccountID, global}]) {
		switch {
		case l.on == accountType:
			return l.text
		case l.on != f.Resource.Type && text == "":
			text = l.text
		}
	}
	return text
}

// losses are the unknowns for which evidence was missing, by where they lie; of each type of resource one.
func (v *view) losses() map[scope][]loss {
	out := map[scope][]loss{}
	for i := range v.Findings {
		u := &v.Findings[i]
		if u.Status != finding.Unknown || u.Reason == nil || !u.Reason.Gap {
			continue
		}
		at := scope{u.Rule.ID, u.AccountID, u.Region}
		if l := (loss{u.Resource.Type, u.Reason.Text}); !slices.ContainsFunc(out[at], func(o loss) bool { return o.on == l.on }) {
			out[at] = append(out[at], l)
		}
	}
	return out
}

// has tells whether any finding of the result is about the resource.
func (v *view) has(f *finding.Finding) bool {
	return v.resources()[subject(f)]
}

func (v *view) subjects() map[resource]bool {
	out := map[resource]bool{}
	for i := range v.Findings {
		out[subject(&v.Findings[i])] = true
	}
	return out
}

func subject(f *finding.Finding) resource {
	return resource{f.AccountID, f.Resource.Type, f.Resource.ARN, f.Resource.Key}
}

// described is the rule of an entry of what was not observable, as it was when the verdict was given.
func (v *view) described(u *result.Unobserved) *finding.Rule {
	then := finding.Rule{ID: u.CheckID, Category: u.Category, Layer: u.Layer, Severity: u.Severity}
	if known := v.Checks[u.CheckID]; known != nil {
		then = *known
		then.ID = u.CheckID
	}
	then.Revision, then.Parameters = u.Revision, u.Parameters
	return &then
}
