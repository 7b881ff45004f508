package ec2

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	ec2inv "github.com/ourshare/ourshare/internal/inventory/ec2"
	ssminv "github.com/ourshare/ourshare/internal/inventory/ssm"
	"github.com/ourshare/ourshare/internal/responsibility"
)

var operatingSystem = []*checks.Check{instanceManagedBySSM, instancePatchesCompliant, instancePatchEvidenceRecent}

var patchMaxAge = inventory.Param[int]{
	Name: "patch_max_age_days", Doc: "How many days ago the last patch operation on an instance may have ended.",
	Default: 30, Min: 1, Max: 3650,
}

var instanceManagedBySSM = checks.With(ec2inv.Instances, checks.Meta{
	ID:       "ec2-instance-managed-by-ssm",
	Title:    "Running EC2 instances are managed by Systems Manager, their agent online",
	Layer:    responsibility.OperatingSystem,
	Severity: finding.Medium,
	Risk: "Patching the operating system of an instance is the customer's task. Where Systems Manager does not reach it, nobody " +
		"sees from outside which patches it lacks, and none can be installed centrally.",
	Fix: checks.Fix{
		Text: "Give the instance a role with AmazonSSMManagedInstanceCore, or turn on Default Host Management Configuration; see that the SSM Agent " +
			"runs, and that it reaches the endpoints of Systems Manager.",
		CLI: "aws ec2 associate-iam-instance-profile --instance-id <instance-id> --iam-instance-profile Name=<profile-with-AmazonSSMManagedInstanceCore>",
		URL: "https://docs.aws.amazon.com/systems-manager/latest/userguide/setup-instance-permissions.html",
	},
	Cites: []checks.Cite{{Framework: "FSBP", ID: "SSM.1"}, {Framework: "Prowler", ID: "ec2_instance_managed_by_ssm"}},
	Detail: "Passes where a running instance is among the managed nodes and its agent's ping status is Online. Fails where it is not among " +
		"them, or where the agent lost its connection. Unknown where the listing of managed nodes is not whole and the instance is not in the " +
		"part that was read, and while the instance is starting, since its agent may not have registered. Stopped and stopping instances " +
		"are not applicable, nor are those that another principal manages.",
}, bindNodes, func(nodes managedNodes, i ec2inv.Instance) checks.Verdict {
	if v, out := notRunning(i); out {
		return v
	}
	node, known, gaps := nodes.of(i)
	switch {
	case !known && len(gaps) > 0:
		return checks.Unknown(gaps...)
	case !known:
		return checks.Fail("Systems Manager does not know the instance").With("managed", false)
	}
	switch node.PingStatus {
	case "Online":
		return checks.Pass("the instance is managed, its agent is online").With("ping_status", node.PingStatus).With("agent_version", node.AgentVersion)
	case "ConnectionLost", "Inactive":
		return checks.Fail("the agent has no connection to Systems Manager: %s%s", node.PingStatus, lastPing(node)).
			With("ping_status", node.PingStatus).With("agent_version", node.AgentVersion)
	}
	return checks.Unknown(inventory.Insufficient("the answer does not say whether the agent is online (ping status %q)", node.PingStatus))
})

var instancePatchesCompliant = checks.With(ec2inv.Instances, checks.Meta{
	ID:       "ec2-instance-patches-compliant",
	Title:    "Running EC2 instances lack no patch of their baseline",
	Layer:    responsibility.OperatingSystem,
	Severity: finding.High,
	Risk:     "A patch that is missing, failed or not in force before a reboot leaves a published vulnerability open on the instance.",
	Fix: checks.Fix{
		Text: "Install the missing patches in a maintenance window, reboot where they ask for it, and look into those that failed.",
		CLI:  "aws ssm send-command --document-name AWS-RunPatchBaseline --instance-ids <instance-id> --parameters Operation=Install,RebootOption=RebootIfNeeded",
		URL:  "https://docs.aws.amazon.com/systems-manager/latest/userguide/patch-manager.html",
	},
	Cites: []checks.Cite{{Framework: "FSBP", ID: "SSM.2"}, {Framework: "Prowler", ID: "ssm_managed_compliant_patching"}},
	Detail: "Passes where the last patch operation left nothing missing, failed, pending a reboot, rejected or non-compliant, provided that it ended " +
		"at most patch_max_age_days ago and the agent is online. On the same evidence one such patch fails. Where the evidence is older, the instance " +
		"was never scanned, an operation has not ended or is dated in the future, the agent is offline, Systems Manager does not manage the instance, " +
		"or a count is missing, the result is unknown. Patches that do not apply never count. Stopped and stopping instances are not applicable, nor " +
		"are those that another principal manages.",
}, bindPatching, func(in patching, i ec2inv.Instance) checks.Verdict {
	if v, out := notRunning(i); out {
		return v
	}
	node, known, gaps := in.nodes.of(i)
	switch {
	case !known && len(gaps) > 0:
		return checks.Unknown(gaps...)
	case !known:
		return checks.Unknown(inventory.Insufficient("Systems Manager does not manage the instance, so its patches are not known"))
	}
	state, why := in.fresh(node)
	if len(why) > 0 {
		return checks.Unknown(why...)
	}
	return patchEvidence(checks.Decide(compliant(state),
		checks.Pass("no patch is missing, by the %s", operation(state)),
		checks.Fail("%s, by the %s", shortcomings(state), operation(state))), state)
})

var instancePatchEvidenceRecent = checks.With(ec2inv.Instances, checks.Meta{
	ID:       "ec2-instance-patch-evidence-recent",
	Title:    "A patch operation on running EC2 instances ended recently",
	Layer:    responsibility.OperatingSystem,
	Severity: finding.Medium,
	Risk:     "Patch states stay as the last operation left them: without a recent one, nobody knows which patches the instance lacks today.",
	Fix: checks.Fix{
		Text: "Have Patch Manager scan all instances on a schedule, by a patch policy of Quick Setup or a State Manager association.",
		CLI:  "aws ssm create-association --name AWS-RunPatchBaseline --parameters Operation=Scan --schedule-expression 'rate(1 day)' --targets 'Key=InstanceIds,Values=*'",
		URL:  "https://docs.aws.amazon.com/systems-manager/latest/userguide/quick-setup-patch-manager.html",
	},
	Detail: "Passes where the last patch operation, scan or installation, ended at most patch_max_age_days ago. Fails where it ended earlier, and " +
		"where there was none, be it that Systems Manager does not manage the instance. Unknown while an operation runs or where its end is not " +
		"told or lies in the future, and while the instance is starting. Stopped and stopping instances are not applicable, nor are those that " +
		"another principal manages.",
}, bindPatching, func(in patching, i ec2inv.Instance) checks.Verdict {
	if v, out := notRunning(i); out {
		return v
	}
	node, known, gaps := in.nodes.of(i)
	switch {
	case !known && len(gaps) > 0:
		return checks.Unknown(gaps...)
	case !known:
		return checks.Fail("no patch operation is known: Systems Manager does not manage the instance").With("managed", false)
	}
	return checks.From(in.states.Of(node), checks.Fail("no patch operation ever ran on the instance"), func(p ssminv.PatchState) checks.Verdict {
		ended, err := in.lastEnd(p)
		if err != nil {
			return checks.Unknown(err)
		}
		v := checks.Fail("the last patch operation ended on %s, more than %d days before this scan", day(ended), in.maxAge)
		if in.recent(ended) {
			v = checks.Pass("the last patch operation ended on %s", day(ended))
		}
		return v.With("operation", p.Operation).With("ended_at", ended.UTC().Format(time.RFC3339))
	})
})

// notRunning judges the instances on which nothing can be asked of the operating system.
func notRunning(i ec2inv.Instance) (checks.Verdict, bool) {
	switch {
	case i.Manager != "":
		return checks.NotApplicable("the instance is managed by %s, which answers for its operating system", i.Manager), true
	case i.Stopped():
		return checks.NotApplicable("the instance is %s", i.State), true
	case i.State == "pending":
		return checks.Unknown(inventory.Insufficient("the instance is starting: its agent may not have registered yet")), true
	case i.State != "running":
		return checks.Unknown(inventory.Insufficient("the answer does not say whether the instance is running (state %q)", i.State)), true
	}
	return checks.Verdict{}, false
}

// managedNodes are the nodes that Systems Manager knows, by id, and what of their listing is missing.
type managedNodes struct {
	byID map[string]ssminv.ManagedNode
	gaps []error
}

func bindNodes(b *inventory.Binder) managedNodes {
	rows := inventory.Use(b, ssminv.ManagedNodes)
	nodes := managedNodes{byID: make(map[string]ssminv.ManagedNode, len(rows.List))}
	for _, n := range rows.List {
		nodes.byID[n.ID] = n
	}
	for i := range rows.Gaps {
		nodes.gaps = append(nodes.gaps, &rows.Gaps[i].Error)
	}
	return nodes
}

// of is the node of an instance. An instance that is not among them is not managed, unless the listing has gaps.
func (m managedNodes) of(i ec2inv.Instance) (node ssminv.ManagedNode, known bool, gaps []error) {
	node, known = m.byID[i.ID]
	return node, known, m.gaps
}

// patching is the evidence about patches.
type patching struct {
	nodes  managedNodes
	states inventory.Facts[ssminv.ManagedNode, ssminv.PatchState]
	maxAge int
	now    time.Time
}

func bindPatching(b *inventory.Binder) patching {
	return patching{bindNodes(b), inventory.Read(b, ssminv.PatchStates), inventory.Value(b, patchMaxAge), inventory.Clock(b)}
}

func (in patching) recent(ended time.Time) bool {
	return in.now.Sub(ended) <= time.Duration(in.maxAge)*24*time.Hour
}

// fresh is the patch state of a node whose agent is online, by an operation that ended recently; else every reason why
// it says nothing about today.
func (in patching) fresh(node ssminv.ManagedNode) (p ssminv.PatchState, why []error) {
	if node.PingStatus != "Online" {
		why = append(why, inventory.Insufficient("the agent is not online (ping status %q%s)", node.PingStatus, lastPing(node)))
	}
	p, err := in.states.Of(node).Get()
	if errors.Is(err, inventory.ErrAbsent) {
		err = inventory.Insufficient("the instance was never scanned for patches")
	}
	if err != nil {
		return p, append(why, err)
	}
	ended, err := in.lastEnd(p)
	switch {
	case err != nil:
		why = append(why, err)
	case !in.recent(ended):
		why = append(why, inventory.Insufficient("the patch state is of %s, more than %d days before this scan", day(ended), in.maxAge))
	}
	return p, why
}

// ahead is how much later than the scan's clock an end may be told: the scan takes a while, and clocks differ.
const ahead = time.Hour

// lastEnd is when the last patch operation ended. One that started after the end that is told is still running, or never
// ended: whose counts these are cannot be said. Nor can the age of one that is told to end after the scan.
func (in patching) lastEnd(p ssminv.PatchState) (time.Time, error) {
	switch {
	case p.Ended == nil || p.Started == nil:
		return time.Time{}, inventory.Insufficient("the answer does not say when the last patch operation started and ended")
	case p.Ended.Before(*p.Started):
		return time.Time{}, inventory.Insufficient("the patch operation that started on %s has not ended", day(*p.Started))
	case p.Ended.Sub(in.now) > ahead:
		return time.Time{}, inventory.Insufficient("the last patch operation is told to have ended on %s, which is after this scan", day(*p.Ended))
	}
	return *p.Ended, nil
}

// count is one number of a patch state that must be zero.
type count struct {
	words string
	key   string
	n     *int32
}

func counts(p ssminv.PatchState) []count {
	return []count{
		{"missing", "missing", &p.Missing},
		{"failed", "failed", &p.Failed},
		{"pending a reboot", "pending_reboot", p.PendingReboot},
		{"installed although rejected", "rejected", p.Rejected},
		{"critical and non-compliant", "critical_non_compliant", p.CriticalNonCompliant},
		{"security-related and non-compliant", "security_non_compliant", p.SecurityNonCompliant},
		{"otherwise non-compliant", "other_non_compliant", p.OtherNonCompliant},
	}
}

// compliant is No if any count is above zero, whatever the answer leaves out; Yes if all are zero.
func compliant(p ssminv.PatchState) inventory.Tri {
	all := inventory.Yes
	for _, c := range counts(p) {
		zero := inventory.Unknown(inventory.Insufficient("the answer does not say how many patches are %s", c.words))
		if c.n != nil {
			zero = inventory.Is(*c.n == 0)
		}
		all = all.And(zero)
	}
	return all
}

func shortcomings(p ssminv.PatchState) string {
	var parts []string
	for _, c := range counts(p) {
		if c.n != nil && *c.n != 0 {
			parts = append(parts, fmt.Sprintf("%d %s", *c.n, c.words))
		}
	}
	return "patches: " + strings.Join(parts, ", ")
}

func patchEvidence(v checks.Verdict, p ssminv.PatchState) checks.Verdict {
	if v.Status == finding.Unknown {
		return v
	}
	if n := p.AvailableSecurityUpdates; n != nil && *n > 0 {
		v = v.Adding("; %d more security updates are available, which the baseline has not approved", *n)
	}
	if p.InstallOverride {
		v = v.Adding("; a list of its own overrode the baseline")
	}
	for _, c := range counts(p) {
		if c.n != nil {
			v = v.With(c.key, *c.n)
		}
	}
	return v.With("operation", p.Operation).With("ended_at", p.Ended.UTC().Format(time.RFC3339)).
		With("baseline", p.BaselineID).With("patch_group", p.PatchGroup)
}

// operation names a patch operation that ended, such as "Scan of 2026-11-20".
func operation(p ssminv.PatchState) string {
	return cmp.Or(p.Operation, "patch operation") + " of " + day(*p.Ended)
}

func lastPing(n ssminv.ManagedNode) string {
	if n.LastPing == nil {
		return ""
	}
	return ", last ping on " + day(*n.LastPing)
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
