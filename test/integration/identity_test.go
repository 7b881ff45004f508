package integration

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/catalog"
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/target"
	"github.com/ourshare/ourshare/internal/testkit/replay"
)

// Every fault of the identity call ends the scan before it begins.
func TestIdentityFaults(t *testing.T) {
	base := recording(t, demoAccount)
	for _, fault := range replay.Faults {
		if fault.Later {
			continue
		}
		p := &replay.Player{Tape: base.tape, Fault: fault.On("sts:GetCallerIdentity")}
		_, err := scan(t.Context(), scanOptions{account: demoAccount, client: p, checks: catalog.All(), regions: regions, now: time.Now})
		var oe *awsapi.OpenError
		if !errors.As(err, &oe) || oe.Sentence == "" {
			t.Errorf("%s: %v", fault.Name, err)
		}
	}
}

// Without a list of regions: with --region the scan goes on and only the ledger says so; without it, it is a gap.
func TestRegionListFaults(t *testing.T) {
	base := recording(t, demoAccount)
	one := []*checks.Check{catalog.Find("ec2-instance-imdsv2-required")}
	for _, fault := range replay.Faults {
		if fault.Later {
			continue
		}
		run := func(asked ...string) (*scanned, error) {
			return scan(t.Context(), scanOptions{
				account: demoAccount, checks: one, regions: asked, now: func() time.Time { return base.store.Clock },
				client: &replay.Player{Tape: base.tape, Fault: fault.On("ec2:DescribeRegions")},
			})
		}
		s, err := run(regions...)
		if err != nil {
			t.Fatalf("%s: %v", fault.Name, err)
		}
		if !s.result.Scan.Complete {
			t.Errorf("%s: with --region the scan counts as incomplete", fault.Name)
		}
		if !ledgerHas(s, "ec2:DescribeRegions", fault.Outcome) {
			t.Errorf("%s: the ledger does not say so", fault.Name)
		}
		s, err = run()
		if err != nil {
			t.Fatalf("%s: %v", fault.Name, err)
		}
		if s.result.Scan.Complete || !slices.Equal(s.result.Scan.Regions, []string{"us-east-1"}) || len(s.result.Scan.Gaps) != 1 {
			t.Errorf("%s: without --region: complete %v, regions %v, gaps %v", fault.Name, s.result.Scan.Complete, s.result.Scan.Regions, s.result.Scan.Gaps)
		}
		var unknown *target.UnknownRegionError
		if _, err = run("us-esat-1"); !errors.As(err, &unknown) {
			t.Errorf("%s: a region that AWS never published: %v", fault.Name, err)
		}
	}
}

func ledgerHas(s *scanned, op, outcome string) bool {
	for _, l := range s.result.Coverage {
		if l.Operation == op && l.Outcomes[awsapi.Outcome(outcome)] > 0 {
			return true
		}
	}
	return false
}

// Credentials that expire in mid-scan: calling stops, what there is is judged, the rest is unknown.
func TestCredentialsExpire(t *testing.T) {
	base := recording(t, demoAccount)
	var sent atomic.Int32
	p := &replay.Player{Tape: base.tape, Fault: func(op string, _ *http.Request, _ bool) (*http.Response, error, bool) {
		if sent.Add(1) < 40 || slices.Contains(apart, op) {
			return nil, nil, false
		}
		body := `<ErrorResponse><Error><Code>ExpiredToken</Code><Message>x</Message></Error></ErrorResponse>`
		switch {
		case strings.HasPrefix(op, "ec2:"):
			body = `<Response><Errors><Error><Code>RequestExpired</Code><Message>x</Message></Error></Errors><RequestID>r</RequestID></Response>`
		case strings.HasPrefix(op, "s3:"):
			body = `<Error><Code>ExpiredToken</Code><Message>x</Message></Error>`
		case strings.HasPrefix(op, "ssm:"):
			body = `{"__type":"ExpiredTokenException"}`
		}
		return &http.Response{StatusCode: http.StatusBadRequest, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil, true
	}}
	s := replayed(t, base, demoAccount, catalog.All(), p)
	if s.result.Scan.Complete {
		t.Error("the scan counts as complete")
	}
	before := map[string]finding.Status{}
	for _, f := range base.result.Findings {
		before[f.Fingerprint] = f.Status
	}
	unknown := 0
	for _, f := range s.result.Findings {
		if f.Status == finding.Unknown {
			unknown++
		} else if was, ok := before[f.Fingerprint]; ok && was != f.Status {
			t.Errorf("%s on %s turned from %s to %s", f.Rule.ID, f.Resource.ID, was, f.Status)
		}
	}
	if unknown == 0 {
		t.Error("nothing is unknown")
	}
	// Requests that were under way may still end; calling must stop short of what a whole scan needs.
	if n, all := int(sent.Load()), s.result.Scan.APICalls.Calls; n >= base.result.Scan.APICalls.Calls {
		t.Errorf("%d requests were sent (%d calls), as many as in a whole scan", n, all)
	}
}

// A budget of calls: what does not fit is a gap.
func TestBudget(t *testing.T) {
	base := recording(t, demoAccount)
	s, err := scan(t.Context(), scanOptions{
		account: demoAccount, client: &replay.Player{Tape: base.tape}, checks: catalog.All(), regions: regions,
		now: func() time.Time { return base.store.Clock }, change: func(o *awsapi.Options) { o.MaxCalls = 30 },
	})
	if err != nil {
		t.Fatal(err)
	}
	if s.result.Scan.APICalls.Calls != 30 || s.result.Scan.Complete {
		t.Errorf("%d calls, complete %v", s.result.Scan.APICalls.Calls, s.result.Scan.Complete)
	}
	over := slices.ContainsFunc(s.result.Findings, func(f finding.Finding) bool {
		return f.Reason != nil && f.Reason.Outcome == string(awsapi.OverBudget) && f.Reason.Gap
	})
	if !over {
		t.Error("no finding says that the budget was spent")
	}
}
