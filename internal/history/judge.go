package history

import (
	"fmt"
	"strings"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/result"
)

// stillThere judges an earlier fail of which the later result has a finding.
func stillThere(was earlier, is *finding.Finding) (result.Kind, string) {
	switch is.Status {
	case finding.Fail:
		differs := differences(was.failed, is)
		again := ""
		if was.carried != nil {
			again = "could be observed again; "
		}
		if len(differs) > 0 {
			return result.Changed, again + strings.Join(differs, "; ")
		}
		return result.Persisting, again + "fails as before"
	case finding.Pass, finding.NotApplicable:
		became := "passes now"
		if is.Status == finding.NotApplicable {
			became = "the control does not apply to it now"
		}
		if is.Message != "" {
			became += ": " + is.Message
		}
		if rule := ruleDiffers(was.failed.Rule, is.Rule); rule != "" {
			return result.RuleChanged, rule + "; " + became
		}
		return result.Resolved, became
	case finding.Manual:
		return result.NotObservable, "no API shows it now, and only people can answer: " + is.Message
	default: // unknown, and whatever a later version may say instead of a verdict
		return result.NotObservable, "it is not known now: " + why(is)
	}
}

// turnedToFail judges a fail of the later result that the earlier one did not have. was is its earlier verdict, or nil.
func (x *Index) turnedToFail(was, is *finding.Finding) (result.Kind, string) {
	if x.old == nil {
		return result.New, "there is no earlier scan"
	}
	if was == nil {
		return x.appeared(is)
	}
	failed := was.History()
	reopened := failed != nil && failed.LastFailed != nil
	var before string
	switch {
	case was.Status == finding.Pass:
		before = "passed before"
	case was.Status == finding.NotApplicable:
		before = "the control did not apply to it before"
	case was.Status == finding.Manual:
		before = "only people could answer before"
	case reopened:
		before = "was not known before: " + why(was)
	default:
		before = "was not known before, and never seen failing: " + why(was)
	}
	if rule := ruleDiffers(was.Rule, is.Rule); rule != "" {
		return result.RuleChanged, rule + "; " + before
	}
	if reopened {
		return result.Reopened, fmt.Sprintf("%s; failed on %s", before, failed.LastFailed.UTC().Format("2006-01-02"))
	}
	return result.New, before
}

// why is the reason of an unknown, in words.
func why(f *finding.Finding) string {
	if f.Reason != nil {
		return f.Reason.Text
	}
	return f.Message
}

// appeared judges a fail of which the earlier result has no finding at all. A rule that was never applied there has not
// changed: it was the earlier scan that did not look.
func (x *Index) appeared(is *finding.Finding) (result.Kind, string) {
	blind := x.old.blind(is)
	looked, _ := x.old.evaluation(is)
	rule := ""
	if then := x.old.Checks[is.Rule.ID]; then != nil && looked {
		rule = ruleDiffers(then, is.Rule)
	}
	switch {
	case rule != "" && blind != "":
		return result.RuleChanged, rule + "; the earlier scan had no finding of it: " + blind
	case rule != "":
		return result.RuleChanged, rule + "; the earlier scan had no finding of it"
	case blind != "":
		return result.New, "the earlier scan could not see it: " + blind
	case x.old.has(is):
		return result.New, "the earlier scan had no finding of this check on it"
	}
	return result.New, "the earlier scan did not list it"
}

// missing judges an earlier fail of which the later result has no finding.
func missing(was earlier, now *view) (result.Kind, string) {
	f := was.failed
	if blind := now.blind(f); blind != "" {
		return result.NotObservable, blind
	}
	where := place(f.Region)
	if !now.has(f) {
		return result.Resolved, "it is gone: what the check judges was listed whole in " + where
	}
	if rule := ruleDiffers(f.Rule, now.Checks[f.Rule.ID]); rule != "" {
		return result.RuleChanged, rule + "; the check has no finding of it now"
	}
	return result.Resolved, "the check has no finding of it now: what it judges was listed whole in " + where
}
