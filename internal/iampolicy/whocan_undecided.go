package iampolicy

import (
	"slices"
	"strings"
)

const keyViaService = "kms:viaservice"

// byService decides over a KMS key for requests that another service makes for the identity, which it brings about by using
// that service ("kms:ViaService", AWS KMS Developer Guide). It gives a decision that is more than the one without, or that one.
func (a *Account) byService(id *Identity, q Question, direct Decision) Decision {
	if q.Policy == nil || q.Policy.Kind != KeyResource || direct.Some == Yes {
		return direct
	}
	for _, service := range a.servicesNamed(id, q) {
		d := a.decideWith(id, q.Action, q.Resource, q.Policy, requestContext{keyViaService: present(service)})
		if d.Some != Yes {
			continue
		}
		by := `StringEquals kms:ViaService ` + quoted([]string{service})
		d.If, _ = together(d.If, []string{by})
		if d.All == Yes {
			d.IfAll, _ = together(d.IfAll, []string{by})
		}
		return d
	}
	return direct
}

// servicesNamed are the values of kms:ViaService that policies ask for.
func (a *Account) servicesNamed(id *Identity, q Question) (out []string) {
	e := a.evaluation(id, q.Policy, nil)
	for _, r := range slices.Concat(e.identity, e.boundary, e.resource) {
		if r.unread {
			continue
		}
		for _, t := range r.st.Conditions {
			if lower(t.Key) != keyViaService || t.Operator.Base == "Null" {
				continue
			}
			for _, v := range t.Values {
				if v = instance(v); !strings.Contains(v, "${") && !slices.Contains(out, v) {
					out = append(out, v)
				}
			}
		}
	}
	slices.Sort(out)
	return out[:min(len(out), 16)]
}

// undecided says what an Unknown about an identity rests on: policies that were not read, and conditions of which neither
// the policies nor the caller's choice decide whether they hold.
func (a *Account) undecided(id *Identity, q Question) []string {
	e := a.evaluation(id, q.resourcePolicy(), q.known())
	var out []string
	for _, r := range slices.Concat(e.identity, e.boundary, e.resource) {
		if r.unread {
			continue // named among the statements
		}
		if r.applies.and(matchesAction(r.st, lower(q.Action))) == No {
			continue
		}
		for _, t := range r.st.Conditions {
			if testHolds(t, e.base, r.vars) == Unknown && (candidates(lower(t.Key), nil) == nil || lower(t.Key) == keyViaService) {
				out = append(out, t.String())
			}
		}
	}
	slices.Sort(out)
	if out = slices.Compact(out); len(out) == 0 {
		return nil
	}
	return []string{"it depends on " + strings.Join(out, " and ")}
}
