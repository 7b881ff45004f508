package integration

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/catalog"
	"github.com/ourshare/ourshare/internal/cli"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/testkit/replay"
)

// trigger is a writer that calls a function once what is written holds a text.
type trigger struct {
	text string
	call func()
	once sync.Once
	mu   sync.Mutex
	buf  bytes.Buffer
}

func (w *trigger) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.buf.Write(p)
	if strings.Contains(w.buf.String(), w.text) {
		w.once.Do(w.call)
	}
	return len(p), nil
}

// A signal in mid-scan: what there is is written and marked incomplete, and the exit code is 130.
func TestInterrupted(t *testing.T) {
	useEmulator(t)
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stderr := &trigger{text: `"msg":"read"`, call: cancel}
	var stdout bytes.Buffer
	code := cli.Run(ctx, []string{"scan", "--region", "us-east-1", "--format", "json", "--out", dir, "--log-format", "json"}, nil, &stdout, stderr)
	if code != 130 {
		t.Errorf("exit code %d: %s", code, stderr.buf.String())
	}
	b, err := os.ReadFile(filepath.Join(dir, "report.json"))
	if err != nil {
		t.Fatal(err)
	}
	var r struct {
		Scan struct {
			Complete bool `json:"complete"`
		} `json:"scan"`
		Findings []struct {
			Status string `json:"status"`
			Reason *struct {
				Outcome string `json:"outcome"`
			} `json:"reason"`
		} `json:"findings"`
	}
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	cancelled := 0
	for _, f := range r.Findings {
		if f.Reason != nil && f.Reason.Outcome == "cancelled" {
			cancelled++
		}
	}
	if r.Scan.Complete || cancelled == 0 {
		t.Errorf("complete %v, %d findings say that the scan was stopped", r.Scan.Complete, cancelled)
	}
}

// A full disk under standard output, or under the report's directory, is exit 1.
func TestOutOfDisk(t *testing.T) {
	useEmulator(t)
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = full.Close() }()
	for _, format := range []string{"table", "json"} {
		var stderr bytes.Buffer
		args := []string{"scan", "--region", "us-east-1", "--check", "ec2-instance-imdsv2-required", "--format", format}
		if code := cli.Run(t.Context(), args, nil, full, &stderr); code != 1 || !strings.Contains(stderr.String(), "could not be written") {
			t.Errorf("%s: exit code %d: %s", format, code, stderr.String())
		}
	}
}

// injector lets requests reach the emulator, but for those that the fault hits.
type injector struct {
	inner *awshttp.BuildableClient
	fault func(string, *http.Request, bool) (*http.Response, error, bool)
	op    func(context.Context) string
}

func (i *injector) Do(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
		req.Body = io.NopCloser(bytes.NewReader(body))
	}
	if resp, err, hit := i.fault(i.op(req.Context()), req, replay.LaterPage(req, body)); hit {
		return resp, err
	}
	return i.inner.Do(req)
}

// A few of the faults live, against the emulator.
func TestFaultsLive(t *testing.T) {
	base := recording(t, demoAccount)
	for _, op := range []string{"ec2:DescribeSecurityGroups", "s3:GetBucketPolicy", "rds:DescribeDBParameters", "ssm:DescribeInstancePatchStates"} {
		for _, fault := range replay.Faults {
			if fault.Name != "denied" && fault.Name != "empty 200" {
				continue
			}
			s, err := scan(t.Context(), scanOptions{
				account: demoAccount, checks: catalog.All(), regions: regions, now: func() time.Time { return base.store.Clock },
				client: &injector{awshttp.NewBuildableClient(), fault.On(op), awsapi.OperationOf},
			})
			if err != nil {
				t.Fatal(err)
			}
			unknown, wrong := judgeFault(base.result, s, op, fault)
			for _, w := range wrong {
				t.Errorf("%s × %s, live: %s", op, fault.Name, w)
			}
			if len(unknown) == 0 {
				t.Errorf("%s × %s, live: nothing turned unknown", op, fault.Name)
			}
			for _, f := range s.result.Findings {
				if f.Status == finding.Unknown && f.Reason.Operation != nil && *f.Reason.Operation != op {
					t.Errorf("%s × %s, live: %s blames %s", op, fault.Name, f.Rule.ID, *f.Reason.Operation)
				}
			}
		}
	}
}
