package iampolicy

import (
	"slices"
	"strings"
)

// AdministratorResult is the verdict on "is this an administrator?" with its proof.
type AdministratorResult struct {
	// Answer is Yes also where it holds only under conditions (If) or with exceptions (Except).
	Answer  Answer
	If      []string // the conditions of the request, in words
	Except  []string // Deny statements that take something away, but not the power over IAM
	Because []string // the statements that allow, or may allow, everything
	Why     string   // of a No or an Unknown
}

// grantingActions are those by which someone gives themself or another any permission. An administrator who lacks all of
// them is none.
var grantingActions = []string{
	"iam:attachuserpolicy", "iam:attachrolepolicy", "iam:attachgrouppolicy", "iam:putuserpolicy", "iam:putrolepolicy",
	"iam:putgrouppolicy", "iam:createpolicyversion",
}

// Administrator tells whether a user, group or role is an administrator: its Allow statements cover every action on every
// resource, its permissions boundary does as well, and its Deny statements leave it at least one way to give permissions
// (attach or write a policy). "AdministratorAccess" is that; "PowerUserAccess", which leaves out iam, is not, however far
// it may escalate. Conditions that a caller can meet (MFA, an address, a time of sign-in) do not change the answer and are
// said; conditions on what was not read make it Unknown.
//
// Source: "AWS managed policies for job functions", "Administrator job function", and "Policy evaluation logic".
func (a *Account) Administrator(id *Identity) AdministratorResult {
	e := a.evaluation(id, nil, nil)
	contexts := circumstances(e.base, slices.Concat(e.identity, e.boundary))
	result := AdministratorResult{Answer: No, Why: "no statements allow every action on every resource"}
	for n, c := range contexts {
		r := e.administrator(c, "arn:"+a.partition()+":iam::"+a.ID+":")
		switch {
		case r.Answer == Yes:
			if n > 0 {
				r.If = e.fullNeeds(c)
			}
			return r
		case n == 0:
			result = r
		}
		if result.Answer == No {
			break // whatever the circumstances
		}
	}
	return result
}

// administrator decides in given circumstances. iam is the beginning of the ARNs of what the account has in IAM.
func (e *evaluation) administrator(c requestContext, iam string) AdministratorResult {
	full, because := coversEverything(e.identity, c)
	r := AdministratorResult{Because: because}
	if full == No {
		r.Answer, r.Because, r.Why = No, nil, "its statements do not allow every action on every resource"
		return r
	}
	if e.bounded {
		within, by := coversEverything(e.boundary, c)
		r.Because = append(r.Because, by...)
		if within == No {
			r.Answer, r.Because, r.Why = No, nil, "its permissions boundary does not allow every action on every resource"
			return r
		}
		full = full.and(within)
	}
	// What Deny statements take away.
	keeps := No
	for _, action := range grantingActions {
		keeps = keeps.or(e.undenied(action, iam, c))
		if keeps == Yes {
			break
		}
	}
	undecided := ""
	for _, x := range slices.Concat(e.identity, e.boundary) {
		switch {
		case x.unread:
			keeps = keeps.and(Unknown)
			undecided = x.String()
		case x.st.Effect == Deny:
			if holds := x.conditions(c); holds != No {
				r.Except = append(r.Except, x.String()+" denies "+x.extent())
			}
		}
	}
	r.Answer = full.and(keeps)
	switch {
	case r.Answer == No:
		r.Because, r.Why = nil, "Deny statements leave no way to give permissions: "+strings.Join(r.Except, "; ")
		r.Except = nil
	case r.Answer == Unknown && undecided != "":
		r.Why = "not everything could be read: " + undecided
	case r.Answer == Unknown && full == Unknown:
		r.Why = "whether these statements allow everything is not decided"
	case r.Answer == Unknown:
		r.Why = "whether Deny statements leave a way to give permissions is not decided: " + strings.Join(r.Except, "; ")
	}
	return r
}

// extent says what a statement speaks of.
func (r *rule) extent() string {
	text := quoted(r.st.Actions)
	if r.st.NotAction {
		text = "all actions but " + text
	}
	if len(r.st.Resources) > 0 && !slices.Contains(r.st.Resources, "*") {
		on := quoted(r.st.Resources)
		if r.st.NotResource {
			on = "all but " + on
		}
		text += " on " + on
	}
	for n, t := range r.st.Conditions {
		text += []string{" if ", " and "}[min(n, 1)] + t.String()
	}
	return text
}

// undenied tells whether the Deny statements leave an action of IAM on some resource of the kind that it changes, which its name
// says.
func (e *evaluation) undenied(action, iam string, c requestContext) Answer {
	kind := "policy"
	for _, k := range []string{"user", "role", "group"} {
		if strings.HasSuffix(action, k+"policy") {
			kind = k
		}
	}

	all := *e
	all.base = keysOf(action, c)
	everything := &Statement{Effect: Allow, Actions: []string{"*"}, Resources: []string{"*"}}
	all.bounded, all.boundary = false, nil
	all.identity = []*rule{{st: everything, applies: Yes}}
	for _, r := range slices.Concat(e.identity, e.boundary) {
		if !r.unread && r.st.Effect == Deny {
			all.identity = append(all.identity, r)
		}
	}
	return all.decidePlain(action, iam+kind+"/*")
}

// decidePlain tells in the base context alone whether an action is allowed on some of the resources.
func (e *evaluation) decidePlain(action, resource string) Answer {
	j := e.prepare(action, resource)
	some, _, _ := j.pass(j.conditions(e.base))
	return some
}

// coversEverything tells whether Allow statements together allow every action on every resource. An action is tried by
// every combination of action patterns that one can match, a resource by every combination of resource patterns.
func coversEverything(rules []*rule, c requestContext) (result Answer, because []string) {
	var allows []*rule
	unread := false
	for _, r := range rules {
		if r.unread {
			unread = true
			because = append(because, r.String())
			continue
		}
		if r.st.Effect == Allow && r.conditions(c) != No {
			allows = append(allows, r)
		}
	}
	// Most often one statement does.
	for _, r := range allows {
		if r.full().and(r.conditions(c)) == Yes {
			return Yes, []string{r.String()}
		}
	}
	result = No
	if a, by := unionCovers(allows, c); a != No {
		result = a
		because = append(because, by...)
	}
	for _, r := range allows {
		// Whether `arn:aws:*` is every resource AWS's page on wildcards leaves open: its "*" stands for several components.
		if result == No && r.everyAction() && !r.st.NotResource && slices.ContainsFunc(r.st.Resources, func(text string) bool {
			return strings.HasPrefix(text, "arn:") && strings.HasSuffix(text, "*") && len(arnSegments(text)) < 4
		}) {
			result, because = Unknown, append(because, r.String())
		}
	}
	if unread {
		result = result.or(Unknown)
	}
	return result, because
}

// full tells whether a statement speaks of every action and every resource.
func (r *rule) full() Answer {
	return answer(r.everyAction() && !r.st.NotResource && slices.ContainsFunc(r.st.Resources, onlyStars))
}

func (r *rule) everyAction() bool {
	return !r.st.NotAction && slices.ContainsFunc(r.st.Actions, func(a string) bool { return a == "*" || a == "*:*" })
}

// unionCovers tells whether statements together allow everything.
func unionCovers(allows []*rule, c requestContext) (Answer, []string) {
	if len(allows) == 0 {
		return No, nil
	}
	covered := func(action string) Answer {
		x := evaluation{identity: allows, base: c}
		j := x.prepare(action, "*")
		_, all, _ := j.pass(j.conditions(c))
		return all
	}
	// Most often an action that nobody names is not allowed, and no walk is needed.
	for _, action := range []string{"x-no-service:xnoaction", "iam:attachrolepolicy", "s3:getobject", "ec2:runinstances"} {
		if covered(action) == No {
			return No, nil
		}
	}
	var globs []glob
	for _, r := range allows {
		for _, a := range r.st.Actions {
			g, _ := actionGlob(lower(a))
			globs = append(globs, g)
		}
	}
	work := decisionBudget
	// Every action has a service, a colon and a name.
	shape := compileGlob("?*:?*", false)
	e := explorer{
		globs: append(globs, shape), others: "xabcdefghijklmnopqrstuvwyz0123456789", work: &work,
		chars: func(r rune) bool { return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '-' || r == ':' },
	}
	result := Yes
	done := map[string]bool{}
	finished := e.walk(func(matched []bool, action string) bool {
		if !matched[len(matched)-1] || strings.Count(action, ":") != 1 {
			return true
		}
		speaking := ""
		for _, r := range allows {
			speaking += matchesAction(r.st, action).String()[:1]
		}
		if done[speaking] {
			return true
		}
		done[speaking] = true
		result = result.and(covered(action))
		return result != No
	})
	if !finished {
		result = result.and(Unknown)
	}
	var by []string
	for _, r := range allows {
		by = append(by, r.String())
	}
	return result, by
}

// fullNeeds says which conditions the circumstances meet.
func (e *evaluation) fullNeeds(c requestContext) []string {
	rules := slices.Concat(e.identity, e.boundary)
	j := judge{e: e, rules: rules, groups: make([]group, len(rules)), cells: []cell{{match: make([]Answer, len(rules))}}}
	for i, r := range rules {
		relevant := r.unread || r.st.Effect == Deny || r.full() != No
		j.cells[0].match[i] = answer(relevant)
	}
	return j.needs(0, j.conditions(c), j.conditions(e.base))
}
