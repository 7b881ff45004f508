package examination

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory/iam"
)

// What an administrator is tried with: things of several services, and ways to give permissions.
var (
	doings = []request{
		{action: "s3:GetObject", resource: "arn:aws:s3:::b/x"},
		{action: "s3:GetObject", resource: "arn:aws:s3:::c/x"},
		{action: "ec2:RunInstances", resource: "arn:aws:ec2:us-east-1:111122223333:instance/*"},
		{action: "iam:CreateUser", resource: "arn:aws:iam::111122223333:user/new"},
		{action: "iam:PutUserPolicy", resource: "arn:aws:iam::111122223333:user/judged"},
		{action: "kms:Decrypt", resource: "arn:aws:kms:us-east-1:111122223333:key/k"},
	}
	identityWords = []line{
		{actions: []string{"*"}, resources: []string{"*"}},
		{actions: []string{"s3:*"}, resources: []string{"*"}},
		{actions: []string{"iam:*"}, resources: []string{"*"}},
		{actions: []string{"iam:*"}, notAction: true, resources: []string{"*"}},
		{actions: []string{"iam:*", "s3:*"}, notAction: true, resources: []string{"*"}},
		{actions: []string{"*"}, resources: []string{"arn:aws:s3:::b/*"}},
		{actions: []string{"*"}, resources: []string{"arn:aws:s3:::b/*"}, notResource: true},
		{actions: []string{"s3:Get*", "iam:*"}, resources: []string{"*"}},
		{actions: []string{"iam:Put*", "iam:Attach*"}, resources: []string{"*"}},
	}
)

func drawWords(t *rapid.T, label string, atMost int) (out []line) {
	for range rapid.IntRange(0, atMost).Draw(t, label) {
		l := pick(t, label+" words", identityWords)
		l.effect = pick(t, label+" effect", []string{"Allow", "Allow", "Allow", "Deny"})
		if l.notResource { // allowed, it is everything that there is, but not as it is written
			l.effect = "Deny"
		}
		out = append(out, l)
	}
	return out
}

func with1(c *crowd, name string, lines []line) *string {
	if len(lines) == 0 {
		return nil
	}
	document, arn := text(lines), policyARN(name)
	c.policies = append(c.policies, managedRow(arn, &document))
	return &arn
}

// Everything is allowed, apart from Deny statements, and a way to give permissions is left by these: by trying. Then one piece
// of evidence is taken away: the verdict stays, or is unknown.
func TestRandomAdministrator(t *testing.T) {
	n := tally{}
	rapid.Check(t, func(t *rapid.T) {
		inlined, managed, grouped := drawWords(t, "inline", 2), drawWords(t, "managed", 1), drawWords(t, "group", 2)
		edge := []line(nil)
		if rapid.Bool().Draw(t, "bounded") {
			edge = append(drawWords(t, "boundary", 2), line{effect: "Allow", actions: []string{"s3:*", "iam:*"}, resources: []string{"*"}})
		}
		make1 := func() *crowd {
			c := people()
			if len(inlined) > 0 {
				document := text(inlined)
				c.judged.Inline = append(c.judged.Inline, iam.InlinePolicy{Name: "own", Document: &document})
			}
			if arn := with1(c, "managed", managed); arn != nil {
				c.judged.Attached = append(c.judged.Attached, iam.AttachedPolicy{ARN: *arn, Name: "managed"})
			}
			if len(grouped) > 0 {
				g, document := principal(iam.GroupKind, "g"), text(grouped)
				g.Inline = append(g.Inline, iam.InlinePolicy{Name: "g", Document: &document})
				c.others = append(c.others, g)
				c.judged.Groups = []string{"g"}
			}
			c.judged.Boundary = with1(c, "edge", edge)
			return c
		}
		own := slices.Concat(inlined, managed, grouped)
		gives := func(lines []line, r request) bool {
			return slices.ContainsFunc(lines, func(l line) bool { return l.effect == "Allow" && l.speaksOf(r) })
		}
		all := !slices.ContainsFunc(doings, func(r request) bool { return !gives(own, r) || edge != nil && !gives(edge, r) })
		way := slices.ContainsFunc([]request{doings[4], {action: "iam:CreatePolicyVersion", resource: "arn:aws:iam::111122223333:policy/managed"}}, func(r request) bool {
			return allowed(own, r) && (edge == nil || allowed(edge, r))
		})
		c := make1()
		v := c.verdict(t, "iam-principal-administrator")
		fails := all && way
		if fails && v.Status == finding.Pass {
			// All that there is, but not everything as it is written: then the other check must fail.
			fails = c.verdict(t, "iam-principal-can-escalate").Status != finding.Fail
		}
		n.compare(t, v.Status, v.Message, fails, fmt.Sprintf("%s %s", text(own), text(edge)))

		c = make1()
		switch rapid.IntRange(0, 4).Draw(t, "taken away") {
		case 0:
			for i := range c.judged.Inline {
				c.judged.Inline[i].Document = nil
			}
		case 1:
			for i := range c.policies {
				c.policies[i].Document = nil
			}
		case 2:
			c.policies = nil
		case 3:
			c.others = nil
		default:
			for i := range c.others {
				c.others[i].Inline[0].Document = nil
			}
		}
		for _, id := range []string{"iam-principal-administrator", "iam-principal-can-escalate"} {
			before, after := make1().verdict(t, id), c.verdict(t, id)
			// Who is no longer known to be an administrator may be known to be able to become one.
			same := after.Status == before.Status || before.Status == finding.NotApplicable && after.Status == finding.Fail
			if !same && after.Status != finding.Unknown && before.Status != finding.Unknown {
				t.Fatalf("%s: %s (%s) became %s (%s): %s %s", id, before.Status, before.Message, after.Status, after.Message, text(own), text(edge))
			}
		}
	})
	n.check(t, 0.2)
}
