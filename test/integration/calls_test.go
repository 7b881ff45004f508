package integration

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/catalog"
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/testkit/least"
)

// emulatorCalls is the emulator's own count of the calls of an account, by operation.
func emulatorCalls(t *testing.T, account string) map[string]int {
	t.Helper()
	b, err := localstack.Hook(context.Background(), "GET", "calls?account="+account, nil)
	if err != nil {
		t.Fatal(err)
	}
	var rows struct {
		Calls []struct {
			Operation string `json:"operation"`
			Calls     int    `json:"calls"`
		} `json:"calls"`
	}
	if err := json.Unmarshal(b, &rows); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	out := map[string]int{}
	for _, r := range rows.Calls {
		out[r.Operation] += r.Calls
	}
	return out
}

// live scans an account on the emulator without recording.
func live(t *testing.T, account string, scanned []string, list ...*checks.Check) *scannedCalls {
	t.Helper()
	useEmulator(t)
	if _, err := localstack.Hook(context.Background(), "DELETE", "calls?account="+account, nil); err != nil {
		t.Fatal(err)
	}
	s, err := scan(t.Context(), scanOptions{account: account, checks: list, regions: scanned, now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return &scannedCalls{s, s.result.Scan.APICalls.ByOperation, emulatorCalls(t, account)}
}

type scannedCalls struct {
	*scanned
	ledger   map[string]int
	emulator map[string]int
}

// Selecting one check makes only that check's calls, and the ledger's count is the emulator's own.
func TestOneCheckMakesItsCallsOnly(t *testing.T) {
	one := []string{"us-east-1"}
	rows := func(dataset string) int { return rowsOf(t, dataset, "us-east-1") }
	every := map[string]int{"sts:GetCallerIdentity": 1, "ec2:DescribeRegions": 1}
	for id, want := range map[string]map[string]int{
		"ec2-instance-imdsv2-required": {"ec2:DescribeInstances": 1},
		"s3-bucket-versioning":         {"s3:ListBuckets": 1, "s3:GetBucketVersioning": rows("s3.buckets")},
		"rds-instance-tls-required": {
			"rds:DescribeDBInstances": 1, "rds:DescribeDBClusters": 1,
			"rds:DescribeDBParameters":        factsOf(t, "rds.tls-parameters", "us-east-1"),
			"rds:DescribeDBClusterParameters": factsOf(t, "rds.cluster-tls-parameters", "us-east-1"),
			"rds:DescribeOptionGroups":        min(1, factsOf(t, "rds.oracle-option-groups", "us-east-1")),
		},
	} {
		t.Run(id, func(t *testing.T) {
			got := live(t, demoAccount, one, catalog.Find(id))
			maps.Copy(want, every)
			maps.DeleteFunc(want, func(_ string, n int) bool { return n == 0 })
			if !maps.Equal(got.ledger, want) {
				t.Errorf("the ledger counts %v, want %v", got.ledger, want)
			}
			if !maps.Equal(got.emulator, want) {
				t.Errorf("the emulator counts %v, want %v", got.emulator, want)
			}
		})
	}
}

// savedEntry is one entry of the saved inventory of the recording.
func savedEntry(t *testing.T, name, scope string) map[string]json.RawMessage {
	t.Helper()
	e, ok := recording(t, demoAccount).entries(t)[name+"\x00"+scope]
	if !ok {
		t.Fatalf("no dataset %s of %s", name, scope)
	}
	return e
}

// rowsOf counts the rows of a dataset that lie in a region.
func rowsOf(t *testing.T, name, region string) int {
	t.Helper()
	e, ok := recording(t, demoAccount).entries(t)[name+"\x00"+awsapi.Global]
	if !ok {
		e = savedEntry(t, name, region)
	}
	var rows []struct {
		Region string `json:"region"`
	}
	if err := json.Unmarshal(e["rows"], &rows); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, r := range rows {
		if r.Region == region {
			n++
		}
	}
	return n
}

// factsOf counts the facts of a detail that a call was made for: one per key.
func factsOf(t *testing.T, name, region string) int {
	t.Helper()
	n := 0
	for _, raw := range savedEntry(t, name, region) {
		var f struct {
			State string `json:"state"`
		}
		if err := json.Unmarshal(raw, &f); err != nil {
			t.Fatal(err)
		}
		if f.State != "not_asked" {
			n++
		}
	}
	return n
}

// The calls of a full scan are the formulas' that docs/benchmarks.md gives.
func TestCallsAreTheLeast(t *testing.T) {
	const size = 20
	account := "333333333333"
	if err := localstack.Seed(t.Context(), "bench", "--account", account, "--size", fmt.Sprint(size)); err != nil {
		t.Fatal(err)
	}
	one := []string{"us-east-1"}
	live(t, account, one, catalog.Find("iam-user-mfa")) // the credential report, which takes more than one call to make
	got := live(t, account, one, catalog.All()...)
	var file bytes.Buffer
	if err := got.store.Save(&file, inventory.File{}); err != nil {
		t.Fatal(err)
	}
	want, err := least.Calls(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(got.ledger, got.emulator) {
		t.Errorf("the ledger counts %v, the emulator %v", got.ledger, got.emulator)
	}
	for _, op := range slices.Sorted(maps.Keys(got.ledger)) {
		if got.ledger[op] != want[op] {
			t.Errorf("%s: %d calls, the formula gives %d", op, got.ledger[op], want[op])
		}
	}
	for op, n := range want {
		if n > 0 && got.ledger[op] == 0 {
			t.Errorf("%s: no call, the formula gives %d", op, n)
		}
	}
	if !got.result.Scan.Complete {
		t.Errorf("the scan is incomplete: %+v", got.result.Coverage)
	}
}
