// Package emulator starts LocalStack with the project's extension for tests and benchmarks, and stops it again. It
// refuses any endpoint that is not LocalStack on a loopback address, so that no test can touch a real account.
package emulator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"
)

// EndpointVariable names the environment variable of an emulator that runs already; without it, one is started.
const EndpointVariable = "OURSHARE_TEST_ENDPOINT"

// Emulator is a running LocalStack.
type Emulator struct {
	Endpoint string
	Log      string // its log file; empty for one that was not started here
	run      string // its run directory
}

// Root is the repository's root.
func Root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..", "..")
}

// Start starts LocalStack on a free port, or takes the one that EndpointVariable names.
func Start(ctx context.Context) (*Emulator, error) {
	if endpoint := os.Getenv(EndpointVariable); endpoint != "" {
		return &Emulator{Endpoint: endpoint}, Check(ctx, endpoint)
	}
	run, err := os.MkdirTemp("", "ourshare-localstack-")
	if err != nil {
		return nil, err
	}
	e := &Emulator{run: run, Log: filepath.Join(run, "localstack.log")}
	out, err := e.script(ctx, "start")
	if err != nil {
		return nil, errors.Join(err, e.Stop())
	}
	e.Endpoint = strings.TrimSpace(out)
	if err := Check(ctx, e.Endpoint); err != nil {
		return nil, errors.Join(err, e.Stop())
	}
	return e, nil
}

// Stop stops what Start started, and removes what it wrote.
func (e *Emulator) Stop() error {
	if e.run == "" {
		return nil
	}
	_, err := e.script(context.Background(), "stop")
	return errors.Join(err, os.RemoveAll(e.run))
}

func (e *Emulator) script(ctx context.Context, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(Root(), "localstack", name), args...)
	cmd.Env = append(os.Environ(), "OURSHARE_LOCALSTACK_RUN="+e.run, "OURSHARE_LOCALSTACK_PORT=")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, io.MultiWriter(&errs, os.Stderr)
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("localstack/%s: %w\n%s", name, err, errs.String())
	}
	return out.String(), nil
}

// Seed fills an account by the seed's command line: "demo", "second" or "bench" with its arguments.
func (e *Emulator) Seed(ctx context.Context, args ...string) error {
	_, err := e.script(ctx, "seed.sh", append([]string{e.Endpoint}, args...)...)
	return err
}

// Hook posts to the extension's control hook, which lies outside of AWS's API.
func (e *Emulator) Hook(ctx context.Context, method, path string, body any) ([]byte, error) {
	var in io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		in = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, e.Endpoint+"/_ourshare/"+path, in)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	out, err := io.ReadAll(resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return nil, err
	}
	if resp.StatusCode/100 != 2 {
		return nil, fmt.Errorf("the emulator's hook %s answered %s: %s", path, resp.Status, out)
	}
	return out, nil
}

var twelveDigits = regexp.MustCompile(`^[0-9]{12}$`)

// Environ is the environment of a program that is to see the emulator as AWS: the account's dummy credentials, a region,
// and nothing of the user's own AWS configuration. The account must have 12 digits.
func (e *Emulator) Environ(account, region string) []string {
	if !twelveDigits.MatchString(account) {
		panic("emulator: an account has 12 digits, not " + account)
	}
	return []string{
		"AWS_ENDPOINT_URL=" + e.Endpoint, "AWS_ACCESS_KEY_ID=" + account, "AWS_SECRET_ACCESS_KEY=test", "AWS_REGION=" + region,
		"AWS_SESSION_TOKEN=", "AWS_PROFILE=", "AWS_DEFAULT_REGION=", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_CA_BUNDLE=",
	}
}

// Check refuses an endpoint that is not LocalStack on a loopback address.
func Check(ctx context.Context, endpoint string) error {
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "http" {
		return fmt.Errorf("%q is not an http endpoint of LocalStack", endpoint)
	}
	if addr, err := netip.ParseAddr(u.Hostname()); u.Hostname() != "localhost" && (err != nil || !addr.IsLoopback()) {
		return fmt.Errorf("%q is not a loopback address: tests and demo touch nothing but LocalStack on this machine", endpoint)
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint+"/_localstack/health", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("%q does not answer: %w", endpoint, err)
	}
	var health struct {
		Services map[string]string `json:"services"`
	}
	err = json.NewDecoder(resp.Body).Decode(&health)
	if err = errors.Join(err, resp.Body.Close()); err != nil || len(health.Services) == 0 {
		return fmt.Errorf("%q is not LocalStack: its health page is not one", endpoint)
	}
	return nil
}
