package ec2

import (
	"strings"
	"testing"
	"time"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/checks/checktest"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	ec2inv "github.com/ourshare/ourshare/internal/inventory/ec2"
	ssminv "github.com/ourshare/ourshare/internal/inventory/ssm"
)

func node(id, ping string) ssminv.ManagedNode {
	return ssminv.ManagedNode{
		Resource:   &inventory.Resource{Type: "AWS::SSM::ManagedInstance", ID: id, Region: checktest.Region},
		PingStatus: ping, LastPing: checktest.DaysAgo(4), AgentVersion: "3.3",
	}
}

func number(n int32) *int32 { return &n }

// scanned is the state after a scan that ended two days ago and found nothing amiss.
func scanned(change func(*ssminv.PatchState)) inventory.Field[ssminv.PatchState] {
	started := checktest.DaysAgo(2).Add(-time.Minute)
	p := ssminv.PatchState{
		Operation: "Scan", Started: &started, Ended: checktest.DaysAgo(2), PendingReboot: number(0), Rejected: number(0),
		CriticalNonCompliant: number(0), SecurityNonCompliant: number(0), OtherNonCompliant: number(0),
	}
	change(&p)
	return inventory.Known(p)
}

func clean(*ssminv.PatchState) {}

func endedAgo(age time.Duration) func(*ssminv.PatchState) {
	return func(p *ssminv.PatchState) {
		ended := checktest.Clock.Add(-age)
		started := ended.Add(-time.Minute)
		p.Started, p.Ended = &started, &ended
	}
}

const month = 30 * 24 * time.Hour

var (
	neverScanned = inventory.Failure[ssminv.PatchState](inventory.ErrAbsent)
	statesDenied = inventory.Failure[ssminv.PatchState](inventory.DeniedError("ssm:DescribeInstancePatchStates"))
)

type patchCase struct {
	instance func(*ec2inv.Instance)
	ping     string // of the managed node; empty: not managed
	state    inventory.Field[ssminv.PatchState]
	want     finding.Status
	text     string
}

func as(state string) func(*ec2inv.Instance) { return func(i *ec2inv.Instance) { i.State = state } }

func running(*ec2inv.Instance) {}

// outside are the instances whose operating system cannot be asked; the verdict is the same in the three checks.
var outside = map[string]patchCase{
	"stopped":             {as("stopped"), "", neverScanned, finding.NotApplicable, "stopped"},
	"stopping":            {as("stopping"), "Online", scanned(clean), finding.NotApplicable, "stopping"},
	"stopped and offline": {as("stopped"), "ConnectionLost", scanned(endedAgo(2 * month)), finding.NotApplicable, "stopped"},
	"starting":            {as("pending"), "", neverScanned, finding.Unknown, "starting"},
	"no state":            {as(""), "Online", scanned(clean), finding.Unknown, "does not say"},
	"managed by EKS": {
		func(i *ec2inv.Instance) { i.Manager = "eks.amazonaws.com" }, "", neverScanned, finding.NotApplicable,
		"eks.amazonaws.com",
	},
}

func runPatchCases(t *testing.T, c *checks.Check, tables ...map[string]patchCase) {
	t.Helper()
	for _, table := range tables {
		for name, tt := range table {
			t.Run(name, func(t *testing.T) {
				f := checktest.New()
				checktest.Rows(f, ec2inv.Instances, instance(tt.instance))
				// Hybrid nodes and instances that are gone may be listed; they are nobody's finding.
				nodes := []ssminv.ManagedNode{node("mi-1", "Online"), node("i-gone", "ConnectionLost")}
				facts := map[string]inventory.Field[ssminv.PatchState]{
					"mi-1": inventory.Failure[ssminv.PatchState](inventory.ErrNotAsked), "i-gone": scanned(func(p *ssminv.PatchState) { p.Missing = 9 }),
				}
				if tt.ping != "" {
					nodes = append(nodes, node("i-1", tt.ping))
					facts["i-1"] = tt.state
				}
				checktest.Rows(f, ssminv.ManagedNodes, nodes...)
				checktest.Facts(f, ssminv.PatchStates, facts)
				got := f.Run(c)
				checktest.Want(t, got["i-1"], tt.want, tt.text)
				if len(got) != 1 {
					t.Errorf("%d findings, want one: %v", len(got), got)
				}
				if r := inventory.Reason(got["i-1"].Why...); r != nil && r.Gap != strings.Contains(tt.text, "denied") {
					t.Errorf("gap %v, reason %q", r.Gap, r.Text) // only what a call withheld is one
				}
			})
		}
	}
}

func TestInstanceManagedBySSM(t *testing.T) {
	runPatchCases(t, instanceManagedBySSM, outside, map[string]patchCase{
		"online":          {running, "Online", scanned(clean), finding.Pass, "online"},
		"not managed":     {running, "", neverScanned, finding.Fail, "does not know"},
		"connection lost": {running, "ConnectionLost", scanned(clean), finding.Fail, "ConnectionLost, last ping on 2026-11-20"},
		"inactive":        {running, "Inactive", scanned(clean), finding.Fail, "Inactive, last ping on 2026-11-20"},
		"a new status":    {running, "Sleeping", scanned(clean), finding.Unknown, "Sleeping"},
	})
	t.Run("no last ping", func(t *testing.T) {
		n := node("i-1", "ConnectionLost")
		n.LastPing = nil
		f := checktest.New()
		checktest.Rows(f, ec2inv.Instances, instance(running))
		checktest.Rows(f, ssminv.ManagedNodes, n)
		checktest.Want(t, f.Run(instanceManagedBySSM)["i-1"], finding.Fail, "ConnectionLost")
	})
	t.Run("it reads no patch states", func(t *testing.T) {
		for _, n := range instanceManagedBySSM.Plan().Nodes {
			if n == ssminv.PatchStates.Node() {
				t.Error("it does")
			}
		}
	})
}

func TestInstancePatchesCompliant(t *testing.T) {
	p := scanned
	runPatchCases(t, instancePatchesCompliant, outside, map[string]patchCase{
		"nothing missing": {running, "Online", scanned(clean), finding.Pass, "Scan of 2026-11-22"},
		"not managed":     {running, "", neverScanned, finding.Unknown, "does not manage"},
		"never scanned":   {running, "Online", neverScanned, finding.Unknown, "never scanned"},
		"states denied":   {running, "Online", statesDenied, finding.Unknown, "denied"},

		"missing":          {running, "Online", p(func(s *ssminv.PatchState) { s.Missing = 3 }), finding.Fail, "3 missing"},
		"failed":           {running, "Online", p(func(s *ssminv.PatchState) { s.Failed = 1 }), finding.Fail, "1 failed"},
		"pending a reboot": {running, "Online", p(func(s *ssminv.PatchState) { s.Operation, s.PendingReboot = "Install", number(2) }), finding.Fail, "2 pending a reboot, by the Install"},
		"rejected":         {running, "Online", p(func(s *ssminv.PatchState) { s.Rejected = number(1) }), finding.Fail, "rejected"},
		"critical":         {running, "Online", p(func(s *ssminv.PatchState) { s.CriticalNonCompliant = number(1) }), finding.Fail, "1 critical"},
		"security":         {running, "Online", p(func(s *ssminv.PatchState) { s.SecurityNonCompliant = number(1) }), finding.Fail, "1 security"},
		"other":            {running, "Online", p(func(s *ssminv.PatchState) { s.OtherNonCompliant = number(1) }), finding.Fail, "1 otherwise"},

		"a count left out":              {running, "Online", p(func(s *ssminv.PatchState) { s.PendingReboot = nil }), finding.Unknown, "pending a reboot"},
		"no non-compliant counts":       {running, "Online", p(func(s *ssminv.PatchState) { s.CriticalNonCompliant, s.OtherNonCompliant = nil, nil }), finding.Unknown, "critical"},
		"a count left out, and missing": {running, "Online", p(func(s *ssminv.PatchState) { s.Rejected, s.Missing = nil, 1 }), finding.Fail, "1 missing"},

		"offline":                    {running, "ConnectionLost", scanned(clean), finding.Unknown, "last ping on 2026-11-20"},
		"offline and missing":        {running, "ConnectionLost", p(func(s *ssminv.PatchState) { s.Missing = 3 }), finding.Unknown, "not online"},
		"no ping status":             {running, "ping?", scanned(clean), finding.Unknown, "not online"},
		"exactly at the limit":       {running, "Online", p(endedAgo(month)), finding.Pass, "2026-10-25"},
		"a second over it":           {running, "Online", p(endedAgo(month + time.Second)), finding.Unknown, "more than 30 days"},
		"a second over, and missing": {running, "Online", p(func(s *ssminv.PatchState) { endedAgo(month + time.Second)(s); s.Missing = 3 }), finding.Unknown, "more than 30 days"},
		"running":                    {running, "Online", p(func(s *ssminv.PatchState) { s.Started = checktest.DaysAgo(1) }), finding.Unknown, "started on 2026-11-23"},
		"no end":                     {running, "Online", p(func(s *ssminv.PatchState) { s.Ended = nil }), finding.Unknown, "when the last patch operation"},
		"no start":                   {running, "Online", p(func(s *ssminv.PatchState) { s.Started = nil }), finding.Unknown, "when the last patch operation"},
		"while the scan ran":         {running, "Online", p(endedAgo(-time.Minute)), finding.Pass, ""},
		"in the future":              {running, "Online", p(endedAgo(-48 * time.Hour)), finding.Unknown, "2026-11-26, which is after this scan"},
		"in the future, and missing": {running, "Online", p(func(s *ssminv.PatchState) { endedAgo(-48 * time.Hour)(s); s.Missing = 3 }), finding.Unknown, "after this scan"},

		"security updates outside of the baseline": {running, "Online", p(func(s *ssminv.PatchState) { s.AvailableSecurityUpdates = number(5) }), finding.Pass, "5 more security updates"},
		"an override list":                         {running, "Online", p(func(s *ssminv.PatchState) { s.InstallOverride = true }), finding.Pass, "overrode the baseline"},
		"an override list, and missing":            {running, "Online", p(func(s *ssminv.PatchState) { s.InstallOverride, s.Missing = true, 1 }), finding.Fail, "overrode the baseline"},
	})
	t.Run("offline and old: both are said", func(t *testing.T) {
		f := checktest.New()
		checktest.Rows(f, ec2inv.Instances, instance(running))
		checktest.Rows(f, ssminv.ManagedNodes, node("i-1", "ConnectionLost"))
		checktest.Facts(f, ssminv.PatchStates, map[string]inventory.Field[ssminv.PatchState]{"i-1": scanned(endedAgo(2 * month))})
		checktest.Want(t, f.Run(instancePatchesCompliant)["i-1"], finding.Unknown, "not online", "more than 30 days")
	})
}

func TestInstancePatchEvidenceRecent(t *testing.T) {
	p := scanned
	runPatchCases(t, instancePatchEvidenceRecent, outside, map[string]patchCase{
		"two days ago":               {running, "Online", scanned(clean), finding.Pass, "ended on 2026-11-22"},
		"two days ago, with missing": {running, "Online", p(func(s *ssminv.PatchState) { s.Missing = 3 }), finding.Pass, ""},
		"two days ago, now offline":  {running, "ConnectionLost", scanned(clean), finding.Pass, ""},
		"exactly at the limit":       {running, "Online", p(endedAgo(month)), finding.Pass, "2026-10-25"},
		"a second over it":           {running, "Online", p(endedAgo(month + time.Second)), finding.Fail, "2026-10-25, more than 30 days"},
		"last year":                  {running, "Online", p(endedAgo(400 * 24 * time.Hour)), finding.Fail, "2025-10-20"},
		"while the scan ran":         {running, "Online", p(endedAgo(-time.Minute)), finding.Pass, ""},
		"in the future":              {running, "Online", p(endedAgo(-48 * time.Hour)), finding.Unknown, "2026-11-26, which is after this scan"},
		"never":                      {running, "Online", neverScanned, finding.Fail, "ever ran"},
		"not managed":                {running, "", neverScanned, finding.Fail, "does not manage"},
		"running":                    {running, "Online", p(func(s *ssminv.PatchState) { s.Started = checktest.DaysAgo(1) }), finding.Unknown, "has not ended"},
		"no end":                     {running, "Online", p(func(s *ssminv.PatchState) { s.Ended = nil }), finding.Unknown, "when the last patch operation"},
		"states denied":              {running, "Online", statesDenied, finding.Unknown, "denied"},
	})
	t.Run("another limit", func(t *testing.T) {
		f := checktest.New()
		f.Store.Params = map[string]any{"patch_max_age_days": 1}
		checktest.Rows(f, ec2inv.Instances, instance(running))
		checktest.Rows(f, ssminv.ManagedNodes, node("i-1", "Online"))
		checktest.Facts(f, ssminv.PatchStates, map[string]inventory.Field[ssminv.PatchState]{"i-1": scanned(clean)})
		checktest.Want(t, f.Run(instancePatchEvidenceRecent)["i-1"], finding.Fail, "more than 1 day")
	})
}

func TestManagedNodesWithAGap(t *testing.T) {
	for c, seen := range map[*checks.Check]finding.Status{
		instanceManagedBySSM: finding.Pass, instancePatchesCompliant: finding.Pass, instancePatchEvidenceRecent: finding.Pass,
	} {
		t.Run(c.ID, func(t *testing.T) {
			f := checktest.New()
			other := instance(running)
			other.Resource = &inventory.Resource{Type: "AWS::EC2::Instance", ID: "i-2", Region: checktest.Region}
			off := instance(as("stopped"))
			off.Resource = &inventory.Resource{Type: "AWS::EC2::Instance", ID: "i-3", Region: checktest.Region}
			checktest.Rows(f, ec2inv.Instances, instance(running), other, off)
			checktest.Broken(f, ssminv.ManagedNodes, "ssm:DescribeInstanceInformation", node("i-1", "Online"))
			checktest.Facts(f, ssminv.PatchStates, map[string]inventory.Field[ssminv.PatchState]{"i-1": scanned(clean)})
			got := f.Run(c)
			checktest.Want(t, got["i-1"], seen)
			checktest.Want(t, got["i-2"], finding.Unknown, "ssm:DescribeInstanceInformation")
			checktest.Want(t, got["i-3"], finding.NotApplicable)
		})
		t.Run(c.ID+", instances denied", func(t *testing.T) {
			f := checktest.New()
			checktest.Broken(f, ec2inv.Instances, "ec2:DescribeInstances")
			checktest.Rows(f, ssminv.ManagedNodes)
			checktest.Facts(f, ssminv.PatchStates, map[string]inventory.Field[ssminv.PatchState]{})
			checktest.Want(t, f.Run(c)[""], finding.Unknown, "ec2:DescribeInstances")
		})
	}
}
