package iam

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/checks/policies"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/iampolicy"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/inventory/access"
	iaminv "github.com/ourshare/ourshare/internal/inventory/iam"
	"github.com/ourshare/ourshare/internal/responsibility"
)

// administrators are the checks of who has all power over the account, or can get it.
var administrators = []*checks.Check{principalAdministrator, principalCanEscalate}

var listedAdministrators = inventory.Param[inventory.ARNPatterns]{
	Name: "administrators", Doc: "ARNs of the users, groups and roles that are meant to be administrators; * and ? are wildcards.", Default: inventory.ARNPatterns{},
}

type administratorFacts struct {
	account *access.Account
	listed  inventory.ARNPatterns
}

var principalAdministrator = checks.With(iaminv.Principals, checks.Meta{
	ID:       "iam-principal-administrator",
	Title:    "Only users, groups and roles that are meant to be are administrators",
	Layer:    responsibility.IdentityAccess,
	Severity: finding.Medium,
	Risk:     "Each administrator is one more set of credentials whose loss is the loss of the whole account, logs and backups included.",
	Fix: checks.Fix{
		Text: "Replace the permissions by those that the work needs, for people by a role that they take when they need it, and list in ourshare.yaml the administrators that are meant.",
		CLI:  "aws iam detach-role-policy --role-name <role> --policy-arn arn:aws:iam::aws:policy/AdministratorAccess",
		URL:  "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
	},
	Detail: "An administrator is who may do everything on everything by all statements together, their groups' included, within their permissions boundary, and keeps a way to give permissions " +
		"whatever Deny statements take away. Conditions that a caller can meet (MFA, an address) do not change that, and are named. Fails for one whose ARN matches no pattern of the threshold " +
		"administrators. Unknown where a policy that could make or unmake one was not read, or is not decided. Service-linked roles are not applicable. A group counts by itself. " + orgPolicyWords,
}, func(b *inventory.Binder) administratorFacts {
	return administratorFacts{access.Read(b), inventory.Value(b, listedAdministrators)}
}, func(in administratorFacts, p iaminv.Principal) checks.Verdict {
	if p.ServiceLinked() {
		return checks.NotApplicable(serviceLinked)
	}
	for _, pattern := range in.listed {
		if policies.Matches(pattern, p.ARN) { // then it passes, whatever it is
			return checks.Pass("the configuration lists it among the administrators, as %s", pattern).With("pattern", pattern)
		}
	}
	id, found := in.account.Identity(p.ARN)
	if !found {
		return notAmong(in.account)
	}
	r := in.account.Administrator(id)
	return checks.Decide(policies.Truth(r.Answer, "whether it is an administrator", undecidedAdministrator(r)), isAdministrator(r),
		checks.Pass("no administrator: %s", r.Why))
})

func notAmong(a *access.Account) checks.Verdict {
	return checks.Unknown(append(slices.Clone(a.Gaps), inventory.Insufficient("the account's authorization details do not hold it"))...)
}

func undecidedAdministrator(r iampolicy.AdministratorResult) string {
	return strings.Join(append([]string{cmp.Or(r.Why, "its policies leave it open")}, r.Because...), "; ")
}

func isAdministrator(r iampolicy.AdministratorResult) checks.Verdict {
	v := checks.Fail("an administrator, %s: by %s", iampolicy.UnlessOrganization, policies.Some(r.Because)).With("statements", r.Because)
	if len(r.If) > 0 {
		v = v.Adding("; if %s", strings.Join(r.If, " and ")).With("conditions", r.If)
	}
	if len(r.Except) > 0 {
		v = v.Adding("; though %s", policies.Some(r.Except)).With("exceptions", r.Except)
	}
	return v
}

type escalationFacts struct {
	account   *access.Account
	escalator *iampolicy.Escalator
}

var principalCanEscalate = checks.With(iaminv.Principals, checks.Meta{
	ID:       "iam-principal-can-escalate",
	Title:    "Users, groups and roles cannot make administrators of themselves",
	Layer:    responsibility.IdentityAccess,
	Severity: finding.High,
	Risk:     "Permissions that look harmless together give all others: who steals such credentials, or grows curious, owns the account.",
	Fix: checks.Fix{
		Text: "Limit the permission that the path begins with to resources that lead nowhere: iam:PassRole to certain roles and services, changes of policies to a path, or set a permissions boundary.",
		CLI:  "aws iam put-role-permissions-boundary --role-name <role> --permissions-boundary <policy-arn>",
		URL:  "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html",
	},
	Detail: "Fails where the established combinations of permissions (changing policies, boundaries, groups, credentials or trust, making a user or role, passing a role to a service, using what runs with " +
		"one), one or several together, lead to an administrator, on the resources that policies, boundary, iam:PassedToService, iam:PolicyARN and iam:PermissionsBoundary really allow and through roles that trust the service; the message names the path. Unknown " +
		"where a path depends on what was not read, such as whether something runs with the role. Passing is said within that table of combinations alone. Not applicable to administrators " +
		"and service-linked roles. " + orgPolicyWords,
}, func(b *inventory.Binder) escalationFacts {
	a := access.Read(b)
	return escalationFacts{a, iampolicy.NewEscalator(&a.Account)}
}, func(in escalationFacts, p iaminv.Principal) checks.Verdict {
	if p.ServiceLinked() {
		return checks.NotApplicable(serviceLinked)
	}
	id, found := in.account.Identity(p.ARN)
	if !found {
		return notAmong(in.account)
	}
	switch r := in.escalator.Administrator(id); r.Answer {
	case iampolicy.Yes:
		return checks.NotApplicable("an administrator already, by %s", policies.Some(r.Because))
	case iampolicy.Unknown:
		return checks.Unknown(policies.Unjudged("whether it is an administrator already", undecidedAdministrator(r)))
	case iampolicy.No:
	}
	r := in.escalator.CanEscalate(id)
	var paths, perhaps []string
	for _, e := range r.Paths {
		switch e.Answer {
		case iampolicy.Yes:
			paths = append(paths, conditional(e))
		case iampolicy.Unknown:
			perhaps = append(perhaps, e.Path+", if "+cmp.Or(e.Unsure, "what is not decided holds"))
		case iampolicy.No:
		}
	}
	if r.Answer == iampolicy.Unknown {
		if len(perhaps) == 0 {
			return checks.Unknown(append(slices.Clone(in.account.Gaps), inventory.Insufficient("not all policies that decide were read"))...)
		}
		return checks.Unknown(policies.Unjudged("whether it can become an administrator", policies.Some(perhaps)))
	}
	return checks.Decide(inventory.Is(r.Answer == iampolicy.Yes),
		checks.Fail("can become an administrator, %s: %s", iampolicy.UnlessOrganization, policies.Some(paths)).With("paths", paths),
		checks.Pass("none of the established combinations of permissions makes it an administrator"))
})

func conditional(e iampolicy.Escalation) string {
	if len(e.If) == 0 {
		return e.Path
	}
	return e.Path + ", if " + strings.Join(e.If, " and ")
}
