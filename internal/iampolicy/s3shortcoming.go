package iampolicy

import (
	"fmt"
	"slices"
	"strings"
)

// shortcomings says of each Deny statement why it alone is not the whole Deny: what it leaves out and, unless the answer
// is certain without it, what is not decided about it. A statement of which nothing is to be said is passed over.
func (t *tlsProof) shortcomings(certain bool) []string {
	var out []string
	t.work = budget
	always := requestContext{}
	overHTTP(always)
	for i := range t.denies {
		x := &t.denies[i]
		parts := slices.Concat(x.ofPrincipals(), x.ofActions(), t.ofResources(i), x.ofConditions(always, certain))
		if x.unsure && !certain {
			parts = append(parts, "it names a policy variable, which may have no value")
		}
		if len(parts) > 0 {
			out = append(out, x.Ref.String()+": "+strings.Join(parts, "; "))
		}
	}
	return out
}

func (x *deny) ofPrincipals() []string {
	switch {
	case x.Principals == nil:
		return []string{"it names no principal"}
	case x.NotPrincipal:
		return []string{"it leaves out " + principalNames(x.Principals)}
	case x.everyone != Yes:
		return []string{"it applies to " + principalNames(x.Principals) + " only"}
	default:
		return nil
	}
}

func (x *deny) ofActions() []string {
	switch {
	case x.NotAction:
		return []string{"it leaves out the actions " + quoted(x.Actions)}
	case slices.ContainsFunc(x.Actions, func(a string) bool { return a == "*" || lower(a) == "s3:*" }):
		return nil
	default:
		return []string{"it covers the actions " + quoted(x.Actions) + " only"}
	}
}

// ofResources says which level of the bucket a statement does not cover.
func (t *tlsProof) ofResources(i int) []string {
	var missing []string
	undecided := false
	for _, l := range t.levels() {
		left := ""
		t.eachResource(l, []int{i}, func(answers []Answer, resource string) bool {
			if answers[0] == No {
				left = resource
			}
			undecided = undecided || answers[0] == Unknown
			return left == ""
		})
		switch {
		case left == "":
		case l.object:
			missing = append(missing, "objects such as "+left)
		default:
			missing = append(missing, "the bucket itself ("+left+")")
		}
	}
	switch x := &t.denies[i]; {
	case len(missing) > 0:
		return []string{"its resources leave out " + strings.Join(missing, " and ")}
	case undecided:
		return []string{"whether its resources " + quoted(x.Resources) + " cover everything is not decided"}
	default:
		return nil
	}
}

func (x *deny) ofConditions(always requestContext, certain bool) []string {
	var out []string
	for _, c := range x.Conditions {
		switch c.holds(always, x.vars) {
		case No:
			out = append(out, fmt.Sprintf("its condition %s does not hold over plain HTTP", c))
		case Unknown:
			_, decided := always[lower(c.Key)]
			switch {
			case lower(c.Key) == keyTLSVersion:
				out = append(out, fmt.Sprintf("whether its condition %s holds is not decided: AWS's documents disagree on "+
					"what it is over plain HTTP", c))
			case certain && !decided && c.Operator.Base != "":
				out = append(out, fmt.Sprintf("a further condition %s restricts it", c))
			default:
				out = append(out, fmt.Sprintf("whether its condition %s always holds over plain HTTP is not decided", c))
			}
		default:
		}
	}
	return out
}
