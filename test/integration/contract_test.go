package integration

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/catalog"
	"github.com/ourshare/ourshare/internal/engine"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/result"
	"github.com/ourshare/ourshare/internal/testkit/replay"
	testschema "github.com/ourshare/ourshare/internal/testkit/schema"
)

type awsOp = awsapi.Op

func findingsJSON(t *testing.T, r *result.Result) string {
	t.Helper()
	var list []result.Finding
	for _, f := range r.Findings {
		list = append(list, result.JSON(f))
	}
	b, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestResultsFollowTheSchema(t *testing.T) {
	text, err := result.Schema()
	schema := testschema.Compile(t, text, err)
	base := recording(t, demoAccount)
	results := []*result.Result{base.result, recording(t, secondAccount).result}
	for _, op := range []string{"ec2:DescribeInstances", "s3:ListBuckets", "s3:GetBucketAcl", "rds:DescribeDBInstances", "iam:ListUsers"} {
		p := &replay.Player{Tape: base.tape, Fault: replay.Faults[0].On(op)}
		results = append(results, replayed(t, base, demoAccount, catalog.All(), p).result)
	}
	for _, r := range results {
		var b bytes.Buffer
		if err := r.WriteJSON(&b); err != nil {
			t.Fatal(err)
		}
		v, err := jsonschema.UnmarshalJSON(&b)
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); err != nil {
			t.Error(err)
		}
	}
}

// What the datasets declare is what a full scan calls, and nothing else.
func TestDeclaredIsCalled(t *testing.T) {
	called := map[string]bool{}
	for _, account := range []string{demoAccount, secondAccount} {
		for _, op := range recording(t, account).tape.Operations() {
			called[op] = true
		}
	}
	declared := slices.Concat(awsapi.IdentityOps, awsapi.RegionOps)
	for _, n := range engine.Nodes(catalog.All(), false) {
		declared = append(declared, n.Ops...)
	}
	names := map[string]bool{}
	for _, o := range declared {
		names[o.String()] = true
		if !called[o.String()] {
			t.Errorf("%s is declared, but a full scan of the seeded accounts never calls it", o)
		}
	}
	for op := range called {
		if !names[op] {
			t.Errorf("%s is called, but not declared", op)
		}
	}
}

// A saved inventory, judged again, gives the scan's findings byte for byte; one full of gaps, too.
func TestEvaluateGivesTheSameFindings(t *testing.T) {
	base := recording(t, demoAccount)
	scans := map[string]*scanned{"whole": base}
	for _, op := range []string{"ec2:DescribeInstances", "s3:GetBucketPolicy", "rds:DescribeDBClusters", "iam:ListAccessKeys", "elbv2:DescribeListeners", "s3control:GetPublicAccessBlock"} {
		p := &replay.Player{Tape: base.tape, Fault: replay.Faults[0].On(op)}
		scans["without "+op] = replayed(t, base, demoAccount, catalog.All(), p)
	}
	for name, s := range scans {
		t.Run(name, func(t *testing.T) {
			var file bytes.Buffer
			if err := s.store.Save(&file, inventory.File{ScanID: s.head.ID, Coverage: s.head.Coverage}); err != nil {
				t.Fatal(err)
			}
			text := file.String()
			if strings.Contains(text, "PRIVATE KEY") || strings.Contains(text, "UserData") {
				t.Error("the inventory holds secrets")
			}
			loaded, _, err := inventory.Load(&file, engine.Nodes(catalog.All(), true))
			if err != nil {
				t.Fatal(err)
			}
			engine.Collect(t.Context(), loaded, catalog.All(), false)
			again := engine.Evaluate(loaded, catalog.All(), catalog.All(), s.head)
			if findingsJSON(t, again) != findingsJSON(t, s.result) {
				t.Error("the findings differ")
			}
			if again.Scan.Complete != s.result.Scan.Complete {
				t.Errorf("complete is %v, was %v", again.Scan.Complete, s.result.Scan.Complete)
			}
		})
	}
}
