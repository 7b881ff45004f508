package kms

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/google/go-cmp/cmp"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

const account = "111122223333"

func session() *awsapi.Session {
	return &awsapi.Session{Account: &awsapi.Account{ID: account, Partition: "aws"}, Region: "us-east-1", Label: "us-east-1"}
}

func keyARN(id string) string { return "arn:aws:kms:us-east-1:" + account + ":key/" + id }

func TestListedKeyRow(t *testing.T) {
	k := listedKeyRow(session(), types.KeyListEntry{KeyId: aws.String("k1")})
	if k.ARN != keyARN("k1") || k.ID != "k1" || k.Name != "k1" || k.Type != "AWS::KMS::Key" || k.Region != "us-east-1" || k.Tags != nil {
		t.Errorf("got %+v", k.Resource)
	}
}

func TestKeyRow(t *testing.T) {
	listed := listedKeyRow(session(), types.KeyListEntry{KeyId: aws.String("k1")})
	made := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	got := keyRow(listed, types.KeyMetadata{
		KeyId: aws.String("k1"), KeyManager: types.KeyManagerTypeCustomer, KeyState: types.KeyStateEnabled, KeyUsage: types.KeyUsageTypeEncryptDecrypt,
		KeySpec: types.KeySpecSymmetricDefault, Origin: types.OriginTypeAwsKms, CreationDate: &made, MultiRegion: aws.Bool(true),
		MultiRegionConfiguration: &types.MultiRegionConfiguration{MultiRegionKeyType: types.MultiRegionKeyTypeReplica, PrimaryKey: &types.MultiRegionKey{Arn: aws.String("arn:p")}},
	})
	want := Key{
		Resource: listed.Resource, Manager: CustomerManaged, State: Enabled, Usage: "ENCRYPT_DECRYPT", Spec: "SYMMETRIC_DEFAULT", Origin: "AWS_KMS",
		Created: &made, MultiRegion: aws.Bool(true), MultiRegionType: "REPLICA", PrimaryARN: "arn:p",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if bare := keyRow(listed, types.KeyMetadata{}); bare.Manager != "" || bare.MultiRegion != nil || !bare.PolicyAsked() {
		t.Errorf("got %+v", bare)
	}
}

func TestPolicyAsked(t *testing.T) {
	for _, tt := range []struct {
		manager, state string
		want           bool
	}{
		{CustomerManaged, Enabled, true},
		{CustomerManaged, Disabled, true},
		{CustomerManaged, "PendingImport", true},
		{CustomerManaged, "Unavailable", true},
		{CustomerManaged, "Updating", true},
		{CustomerManaged, "Creating", false},
		{CustomerManaged, "PendingDeletion", false},
		{CustomerManaged, "PendingReplicaDeletion", false},
		{AWSManaged, Enabled, false},
		{"", "", true},
	} {
		if k := (Key{Manager: tt.manager, State: tt.state}); k.PolicyAsked() != tt.want {
			t.Errorf("%q %q: %v", tt.manager, tt.state, !tt.want)
		}
	}
}

func TestGrantRow(t *testing.T) {
	k := Key{Resource: &inventory.Resource{ARN: keyARN("k1"), Name: "app"}}
	got := grantRow(k, types.GrantListEntry{
		GrantId: aws.String("g"), Name: aws.String("n"), GranteePrincipal: aws.String("arn:aws:iam::444455556666:role/r"), IssuingAccount: aws.String("arn:i"),
		Operations: []types.GrantOperation{types.GrantOperationDecrypt}, RetiringServicePrincipal: aws.String("x.amazonaws.com"),
		Constraints: &types.GrantConstraints{EncryptionContextSubset: map[string]string{"a": "b"}, SourceArn: aws.String("arn:s")},
	})
	want := Grant{
		Resource: k.Resource, GrantID: "g", GrantName: "n", Grantee: "arn:aws:iam::444455556666:role/r", IssuingAccount: "arn:i", Operations: []string{"Decrypt"},
		RetiringService: "x.amazonaws.com", ContextSubset: Context{"a": "b"}, SourceARN: "arn:s", ConstraintsGiven: true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var again Grant
	raw, err := json.Marshal(got)
	if err == nil {
		err = json.Unmarshal(raw, &again)
	}
	if diff := cmp.Diff(want, again); err != nil || diff != "" {
		t.Errorf("saved and read again: %v %s", err, diff)
	}
	if diff := cmp.Diff(Grant{Resource: k.Resource, Operations: []string{}}, grantRow(k, types.GrantListEntry{})); diff != "" {
		t.Error(diff)
	}
}

// wire answers the JSON protocol: an answer that begins with "!" is an error code.
type wire struct {
	mu     sync.Mutex
	asked  map[string]int
	answer func(operation, region string, in map[string]any) string
}

func (w *wire) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	status, text := http.StatusOK, `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::`+account+`:user/auditor</Arn><Account>`+account+
		`</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`
	if _, operation, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "TrentService."); ok {
		in := map[string]any{}
		if err := json.Unmarshal(body, &in); err != nil {
			return nil, err
		}
		w.mu.Lock()
		w.asked[operation]++
		w.mu.Unlock()
		text = w.answer(operation, strings.Split(r.URL.Host, ".")[1], in)
		if text[0] == '!' {
			status, text = http.StatusBadRequest, `{"__type":"`+text[1:]+`","message":"no"}`
		}
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}}, Body: io.NopCloser(bytes.NewBufferString(text)), Request: r}, nil
}

func scan(t *testing.T, w *wire, nodes ...*inventory.Node) *inventory.Store {
	t.Helper()
	for _, v := range []string{"AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_REGION"} {
		t.Setenv(v, "")
	}
	t.Setenv("AWS_CONFIG_FILE", "/dev/null")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
	w.asked = map[string]int{}
	a, err := awsapi.Open(context.Background(), awsapi.Options{
		Region: "us-east-1", HTTPClient: w, Unpaced: true,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIAEXAMPLE", SecretAccessKey: "example"}, nil
		}),
		Retryer: func() aws.Retryer { return aws.NopRetryer{} },
	})
	if err != nil {
		t.Fatal(err)
	}
	s := inventory.NewStore(a, []string{"us-east-1"}, time.Now)
	s.Collect(context.Background(), nodes)
	return s
}

// account with: own (public policy, two pages of grants), dis (disabled), del (being deleted), managed (named by an alias of AWS's), unnamed
// (AWS's, without alias), shut (may not be described), gone, and odd (no policy in the answer, grants cut off).
func answers(aliases string) func(operation, region string, in map[string]any) string {
	states := map[string]string{"own": Enabled, "dis": Disabled, "del": "PendingDeletion", "unnamed": Enabled, "odd": Enabled, "managed": Enabled}
	return func(operation, _ string, in map[string]any) string {
		arn, _ := in["KeyId"].(string)
		id := strings.TrimPrefix(arn, keyARN(""))
		limit := fmt.Sprint(in["Limit"])
		entry := func(id string) string { return `{"KeyId":"` + id + `","KeyArn":"` + keyARN(id) + `"}` }
		switch {
		case operation == "ListAliases" && limit == "100":
			return aliases
		case operation == "ListKeys" && limit == "1000" && in["Marker"] == nil:
			return `{"Keys":[` + entry("own") + "," + entry("dis") + "," + entry("del") + "," + entry("managed") + `],"Truncated":true,"NextMarker":"m"}`
		case operation == "ListKeys" && limit == "1000":
			return `{"Keys":[` + entry("unnamed") + "," + entry("shut") + "," + entry("gone") + "," + entry("odd") + `],"Truncated":false}`
		case id == "gone":
			return "!NotFoundException"
		case id == "shut":
			return "!AccessDeniedException"
		case operation == "DescribeKey":
			manager := "CUSTOMER"
			if id == "unnamed" || id == "managed" {
				manager = "AWS"
			}
			return `{"KeyMetadata":{"KeyId":"` + id + `","KeyManager":"` + manager + `","KeyState":"` + states[id] + `"}}`
		case operation == "GetKeyPolicy" && in["PolicyName"] == "default" && id == "own":
			return `{"Policy":"{\"Statement\":[]}","PolicyName":"default"}`
		case operation == "GetKeyPolicy" && id == "dis":
			return "!KMSInvalidStateException"
		case operation == "GetKeyPolicy":
			return `{}`
		case operation == "ListGrants" && limit == "100" && id == "own" && in["Marker"] == nil:
			return `{"Grants":[{"GrantId":"g1","Operations":["Decrypt"]}],"Truncated":true,"NextMarker":"m"}`
		case operation == "ListGrants" && limit == "100" && id == "own":
			return "!ThrottlingException"
		case operation == "ListGrants" && limit == "100" && id == "odd":
			return `{"Grants":[{"GrantId":"g2"}],"Truncated":true}`
		case operation == "ListGrants" && limit == "100":
			return `{"Grants":[],"Truncated":false}`
		}
		return "!ValidationException"
	}
}

const someAliases = `{"Aliases":[{"AliasName":"alias/zeta","TargetKeyId":"own"},{"AliasName":"alias/app","TargetKeyId":"own"},` +
	`{"AliasName":"alias/aws/ebs","TargetKeyId":"managed"},{"AliasName":"alias/aws/rds"}],"Truncated":false}`

func TestKeysOverTheWire(t *testing.T) {
	w := &wire{answer: answers(someAliases)}
	s := scan(t, w, KeyPolicy.Node(), Grants.Node())
	b := s.Bind("us-east-1")
	keys := inventory.Use(b, Keys)
	got := map[string]string{}
	for _, k := range keys.List {
		policy := inventory.Read(b, KeyPolicy).Of(k)
		got[k.ID] = strings.Join([]string{k.Name, k.Manager, k.State, state(policy)}, " ")
	}
	want := map[string]string{
		"own":     `app CUSTOMER Enabled {{"Statement":[]}}`,
		"dis":     "dis CUSTOMER Disabled failed",
		"del":     "del CUSTOMER PendingDeletion not asked",
		"managed": "aws/ebs AWS  not asked",
		"unnamed": "unnamed AWS Enabled not asked",
		"odd":     "odd CUSTOMER Enabled failed",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// A key that may not be described stays in the report, as a gap of its own; one that is gone is none.
	if len(keys.Gaps) != 1 || keys.Gaps[0].Parent == nil || keys.Gaps[0].Parent.ARN != keyARN("shut") || keys.Gaps[0].Outcome != awsapi.Denied {
		t.Errorf("gaps %+v", keys.Gaps)
	}
	grants := inventory.Use(b, Grants)
	if len(grants.List) != 2 || grants.List[0].GrantID != "g1" || grants.List[0].ARN != keyARN("own") || grants.List[1].GrantID != "g2" {
		t.Errorf("grants %+v", grants.List)
	}
	lost := map[string]awsapi.Outcome{}
	for _, g := range grants.Gaps {
		lost[g.Parent.ID] = g.Outcome
	}
	if diff := cmp.Diff(map[string]awsapi.Outcome{"own": awsapi.Throttled, "odd": awsapi.Failed, "shut": awsapi.Denied}, lost); diff != "" {
		t.Errorf("gaps of grants: %s", diff)
	}
	calls := map[string]int{"ListKeys": 2, "ListAliases": 1, "DescribeKey": 7, "GetKeyPolicy": 3, "ListGrants": 4}
	if diff := cmp.Diff(calls, w.asked); diff != "" {
		t.Errorf("calls: %s", diff)
	}
}

// Without the aliases keys go by their ids, and AWS's keys are asked about like any other.
func TestKeysWithoutAliases(t *testing.T) {
	for label, aliases := range map[string]string{"denied": "!AccessDeniedException", "cut off": `{"Aliases":[],"Truncated":true}`} {
		w := &wire{answer: answers(aliases)}
		s := scan(t, w, Keys.Node())
		b := s.Bind("us-east-1")
		keys := inventory.Use(b, Keys)
		if len(keys.List) != 6 || len(keys.Gaps) != 1 || keys.List[0].Name != "own" || w.asked["DescribeKey"] != 8 {
			t.Errorf("%s: %+v, asked %v", label, keys, w.asked)
		}
		if a := inventory.Use(b, Aliases); a.Err() == nil {
			t.Errorf("%s: the loss of the aliases is no gap", label)
		}
	}
}

func TestListOfKeysIsCutOff(t *testing.T) {
	w := &wire{answer: func(operation, _ string, _ map[string]any) string {
		switch operation {
		case "ListKeys":
			return `{"Keys":[{"KeyId":"own","KeyArn":"` + keyARN("own") + `"}],"Truncated":true}`
		case "ListAliases":
			return someAliases
		}
		return `{}`
	}}
	s := scan(t, w, Keys.Node())
	keys := inventory.Use(s.Bind("us-east-1"), Keys)
	ops := map[string]bool{}
	for _, g := range keys.Gaps {
		ops[g.Operation+" "+string(g.Outcome)] = true
	}
	if len(keys.List) != 0 || !ops["kms:ListKeys failed"] || len(ops) != 2 { // the other: an answer that describes no key
		t.Errorf("got %+v", keys)
	}
}

func state[V any](f inventory.Field[V]) string {
	v, err := f.Get()
	var e *awsapi.Error
	switch {
	case err == nil:
		return fmt.Sprint(v)
	case errors.Is(err, inventory.ErrNotAsked):
		return "not asked"
	case errors.As(err, &e):
		return string(e.Outcome)
	}
	return err.Error()
}
