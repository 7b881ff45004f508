package ec2

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

func storageSession() *awsapi.Session {
	return &awsapi.Session{Account: &awsapi.Account{ID: "111122223333", Partition: "aws-cn"}, Region: "cn-north-1", Label: "cn-north-1"}
}

func TestVolumeRow(t *testing.T) {
	got := volumeRow(storageSession(), types.Volume{
		VolumeId: aws.String("vol-1"), State: "in-use", Encrypted: aws.Bool(true), KmsKeyId: aws.String("arn:key"),
		Tags:        []types.Tag{{Key: aws.String("Name"), Value: aws.String("data")}},
		Attachments: []types.VolumeAttachment{{InstanceId: aws.String("i-2")}, {InstanceId: aws.String("i-1")}, {}},
		Operator:    &types.OperatorResponse{Managed: aws.Bool(true), Principal: aws.String("eks.amazonaws.com")},
	})
	want := Volume{
		Resource: &inventory.Resource{
			Type: "AWS::EC2::Volume", ID: "vol-1", ARN: "arn:aws-cn:ec2:cn-north-1:111122223333:volume/vol-1", Name: "data", Region: "cn-north-1",
			Tags: map[string]string{"Name": "data"},
		},
		State: "in-use", Encrypted: aws.Bool(true), KMSKey: "arn:key", InstanceIDs: []string{"i-1", "i-2"}, Manager: "eks.amazonaws.com",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	bare := volumeRow(storageSession(), types.Volume{VolumeId: aws.String("vol-2")})
	if bare.Encrypted != nil || bare.Manager != "" || bare.Tags == nil {
		t.Errorf("%+v", bare)
	}
}

func TestSnapshotAndImageRows(t *testing.T) {
	snap := snapshotRow(storageSession(), types.Snapshot{SnapshotId: aws.String("snap-1")})
	if snap.ARN != "arn:aws-cn:ec2:cn-north-1::snapshot/snap-1" || snap.Encrypted != nil || snap.Tags == nil {
		t.Errorf("%+v", snap)
	}
	image := imageRow(storageSession(), types.Image{ImageId: aws.String("ami-1"), Name: aws.String("golden")})
	if image.ARN != "arn:aws-cn:ec2:cn-north-1::image/ami-1" || image.Name != "golden" || image.Public != nil {
		t.Errorf("%+v", image)
	}
	image = imageRow(storageSession(), types.Image{
		ImageId: aws.String("ami-1"), Name: aws.String("golden"), Public: aws.Bool(false), State: "disabled",
		Tags: []types.Tag{{Key: aws.String("Name"), Value: aws.String("web")}},
	})
	if image.Name != "web" || image.Public == nil || *image.Public || image.State != "disabled" {
		t.Errorf("%+v", image)
	}
}

// storageWire answers each operation with the body of its answer's root.
type storageWire struct {
	mu      sync.Mutex
	answers map[string]string
	refuse  string // the error's code by which every operation but GetCallerIdentity is refused
	asked   []url.Values
}

func (w *storageWire) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, form)
	op := form.Get("Action")
	inner := w.answers[op]
	if op == "GetCallerIdentity" {
		inner = "<GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/a</Arn><Account>111122223333</Account></GetCallerIdentityResult>"
	}
	answer, status := "<"+op+"Response><requestId>r</requestId>"+inner+"</"+op+"Response>", http.StatusOK
	if w.refuse != "" && op != "GetCallerIdentity" {
		answer, status = "<Response><Errors><Error><Code>"+w.refuse+"</Code></Error></Errors></Response>", http.StatusBadRequest
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(answer)), Header: http.Header{}, Request: r}, nil
}

func collectStorage(t *testing.T, w *storageWire, nodes ...*inventory.Node) *inventory.Binder {
	t.Helper()
	a, err := awsapi.Open(t.Context(), awsapi.Options{
		Region: "us-east-1", HTTPClient: w, Unpaced: true, Retryer: func() aws.Retryer { return aws.NopRetryer{} },
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "a", SecretAccessKey: "b"}, nil
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	s := inventory.NewStore(a, []string{"us-east-1"}, time.Now)
	s.Collect(t.Context(), nodes)
	return s.Bind("us-east-1")
}

func failed(err error) bool {
	var e *awsapi.Error
	return errors.As(err, &e) && e.Outcome == awsapi.Failed && e.Operation != "" && e.Region == "us-east-1"
}

// A success without its list is a broken answer, not an empty listing.
func TestListingsThatLackTheirList(t *testing.T) {
	b := collectStorage(t, &storageWire{answers: map[string]string{}}, Instances.Node(), Volumes.Node(), Snapshots.Node(), Images.Node(),
		VPCs.Node(), SecurityGroups.Node(), NetworkACLs.Node(), FlowLogs.Node())
	for name, err := range map[string]error{
		"instances": inventory.Use(b, Instances).Err(), "volumes": inventory.Use(b, Volumes).Err(),
		"snapshots": inventory.Use(b, Snapshots).Err(), "images": inventory.Use(b, Images).Err(), "VPCs": inventory.Use(b, VPCs).Err(),
		"groups": inventory.Use(b, SecurityGroups).Err(), "ACLs": inventory.Use(b, NetworkACLs).Err(), "flow logs": inventory.Use(b, FlowLogs).Err(),
	} {
		if !failed(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	empty := collectStorage(t, &storageWire{answers: map[string]string{"DescribeFlowLogs": "<flowLogSet/>", "DescribeInstances": "<reservationSet/>"}},
		FlowLogs.Node(), Instances.Node())
	if err := errors.Join(inventory.Use(empty, FlowLogs).Err(), inventory.Use(empty, Instances).Err()); err != nil {
		t.Error(err)
	}
}

// "Not enabled" is no empty listing where what is not in it decides about another resource.
func TestNotSubscribedIsNoEmptyListing(t *testing.T) {
	b := collectStorage(t, &storageWire{refuse: "SubscriptionRequiredException"}, FlowLogs.Node(), PublicSnapshots.Node())
	for name, err := range map[string]error{
		"flow logs": inventory.Use(b, FlowLogs).Err(), "public snapshots": inventory.Use(b, PublicSnapshots).Err(),
	} {
		var e *awsapi.Error
		if !errors.As(err, &e) || e.Outcome != awsapi.NotEnabled {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A success that lacks what decides is a broken answer: not "off", not "nothing is public".
func TestStorageAnswersThatLackSomething(t *testing.T) {
	w := &storageWire{answers: map[string]string{}}
	b := collectStorage(t, w, PublicSnapshots.Node(), EBSDefaultEncryption.Node(), SnapshotBlockPublicAccess.Node(), ImageBlockPublicAccess.Node())
	if err := inventory.Use(b, PublicSnapshots).Err(); !failed(err) {
		t.Errorf("public snapshots: %v", err)
	}
	if _, err := inventory.Read(b, EBSDefaultEncryption).Only().Get(); !failed(err) {
		t.Errorf("default encryption: %v", err)
	}
	if _, err := inventory.Read(b, SnapshotBlockPublicAccess).Only().Get(); !failed(err) {
		t.Errorf("snapshots' block: %v", err)
	}
	if _, err := inventory.Read(b, ImageBlockPublicAccess).Only().Get(); !failed(err) {
		t.Errorf("images' block: %v", err)
	}
}

func TestStorageOverTheWire(t *testing.T) {
	w := &storageWire{answers: map[string]string{
		"DescribeSnapshots": "<snapshotSet/>",
		"DescribeVolumes": "<volumeSet><item><volumeId>vol-1</volumeId><encrypted>false</encrypted><status>available</status></item>" +
			"<item><volumeId>vol-2</volumeId><status>deleting</status></item></volumeSet>",
		"DescribeImages": "<imagesSet><item><imageId>ami-1</imageId><isPublic>true</isPublic><imageState>available</imageState></item>" +
			"<item><imageId>ami-2</imageId><imageState>deregistered</imageState></item></imagesSet>",
		"GetEbsEncryptionByDefault":         "<ebsEncryptionByDefault>false</ebsEncryptionByDefault>",
		"GetSnapshotBlockPublicAccessState": "<state>block-all-sharing</state><managedBy>declarative-policy</managedBy>",
		"GetImageBlockPublicAccessState":    "<imageBlockPublicAccessState>unblocked</imageBlockPublicAccessState>",
	}}
	b := collectStorage(t, w, Snapshots.Node(), PublicSnapshots.Node(), Volumes.Node(), Images.Node(),
		EBSDefaultEncryption.Node(), SnapshotBlockPublicAccess.Node(), ImageBlockPublicAccess.Node())

	if r := inventory.Use(b, PublicSnapshots); r.Err() != nil || len(r.List) != 0 {
		t.Errorf("an empty listing: %+v", r)
	}
	if r := inventory.Use(b, Volumes); r.Err() != nil || len(r.List) != 1 || r.List[0].Encrypted == nil || *r.List[0].Encrypted {
		t.Errorf("volumes: %+v", r)
	}
	if r := inventory.Use(b, Images); r.Err() != nil || len(r.List) != 1 || r.List[0].Public == nil || !*r.List[0].Public {
		t.Errorf("images: %+v", r)
	}
	if v, err := inventory.Read(b, EBSDefaultEncryption).Only().Get(); err != nil || v.Enabled {
		t.Errorf("default encryption: %+v, %v", v, err)
	}
	if v, err := inventory.Read(b, SnapshotBlockPublicAccess).Only().Get(); err != nil || v != (BlockPublicAccess{"block-all-sharing", "declarative-policy"}) {
		t.Errorf("snapshots' block: %+v, %v", v, err)
	}
	if v, err := inventory.Read(b, ImageBlockPublicAccess).Only().Get(); err != nil || v != (BlockPublicAccess{"unblocked", ""}) {
		t.Errorf("images' block: %+v, %v", v, err)
	}

	public := 0
	for _, q := range w.asked {
		op := q.Get("Action")
		if strings.HasPrefix(op, "Describe") && q.Get("MaxResults") != "1000" {
			t.Errorf("%s is not asked for the largest page", op)
		}
		if op == "DescribeSnapshots" && q.Get("Owner.1") != "self" || op == "DescribeImages" && q.Get("Owner.1") != "self" {
			t.Errorf("%s is asked without its owner: %v", op, q)
		}
		if slices.Contains([]string{q.Get("RestorableBy.1")}, "all") {
			public++
		}
	}
	if public != 1 {
		t.Errorf("%d listings of public snapshots, want 1", public)
	}
}
