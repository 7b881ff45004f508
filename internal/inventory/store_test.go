package inventory

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/ourshare/ourshare/internal/awsapi"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type thing struct {
	*Resource
	Value string `json:"value"`
}

func (t thing) Key() string { return t.ID }

func newThing(id, region string) thing {
	return thing{Resource: &Resource{Type: "T", ID: id, ARN: "arn:aws:x:" + region + ":1:" + id, Region: region}, Value: "v-" + id}
}

func liveStore(regions ...string) *Store {
	clock := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return NewStore(&awsapi.Account{ID: "111122223333", Partition: "aws", Home: "us-east-1"}, regions, func() time.Time { return clock })
}

func denied(op, region string) *awsapi.Error {
	return &awsapi.Error{Outcome: awsapi.Denied, Operation: op, Action: op, Region: region, Text: "denied"}
}

// 200 readers at once: each dataset is listed once per region, each detail asked once per key.
func TestOnceUnderConcurrency(t *testing.T) {
	var lists, details atomic.Int32
	things := Regional("things", nil, func(_ context.Context, s *awsapi.Session) ([]thing, error) {
		lists.Add(1)
		return []thing{newThing("a", s.Region), newThing("b", s.Region), newThing("b", s.Region)}, nil
	})
	sizes := Each(things, "sizes", nil, thing.Key, func(context.Context, *awsapi.Session, thing) (int, error) {
		return int(details.Add(1)), nil
	})
	s := liveStore("us-east-1", "eu-west-1")
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			if i%2 == 0 {
				s.Collect(t.Context(), []*Node{things.Node(), sizes.Node()})
			} else {
				s.Collect(t.Context(), []*Node{sizes.Node()})
			}
		})
	}
	wg.Wait()
	if lists.Load() != 2 || details.Load() != 4 {
		t.Errorf("%d listings, want 2; %d details, want 4 (two regions, two keys)", lists.Load(), details.Load())
	}
}

func TestGapsTravel(t *testing.T) {
	parents := Regional("parents", nil, func(_ context.Context, s *awsapi.Session) ([]thing, error) {
		return []thing{newThing("p1", s.Region), newThing("p2", s.Region)}, denied("x:ListParents", s.Region)
	})
	children := Under(parents, "children", nil, func(_ context.Context, s *awsapi.Session, p thing) ([]thing, error) {
		if p.ID == "p2" {
			return []thing{newThing("c2", s.Region)}, denied("x:ListChildren", s.Region)
		}
		return []thing{newThing("c1", s.Region)}, nil
	})
	s := liveStore("us-east-1")
	s.Collect(t.Context(), []*Node{children.Node()})
	rows := Use(s.Bind("us-east-1"), children)
	if len(rows.List) != 2 || len(rows.Gaps) != 2 {
		t.Fatalf("%d rows and %d gaps, want 2 and 2", len(rows.List), len(rows.Gaps))
	}
	if rows.Gaps[0].Parent != nil || rows.Gaps[1].Parent == nil || rows.Gaps[1].Parent.ID != "p2" {
		t.Errorf("the gaps name %v and %v", rows.Gaps[0].Parent, rows.Gaps[1].Parent)
	}
	b := s.Bind("us-east-1")
	if got := Need(b, children); len(got) != 2 || len(b.Missing()) != 2 {
		t.Errorf("Need gave %d rows and %d missing", len(got), len(b.Missing()))
	}
	if s.Whole(children.Node(), "us-east-1") {
		t.Error("a listing with gaps counts as whole")
	}
}

func TestStatesOfAFact(t *testing.T) {
	things := Regional("things", nil, func(_ context.Context, s *awsapi.Session) ([]thing, error) {
		var rows []thing
		for _, id := range []string{"known", "absent", "gone", "denied", "panics", "outside"} {
			rows = append(rows, newThing(id, s.Region))
		}
		return rows, nil
	})
	detail := Each(things, "detail", nil, thing.Key, func(_ context.Context, s *awsapi.Session, r thing) (string, error) {
		switch r.ID {
		case "known":
			return "value", nil
		case "absent":
			return "", ErrAbsent
		case "gone":
			return "", ErrGone
		case "denied":
			return "", denied("x:Get", s.Region)
		}
		panic("broken row")
	}, Where(func(r thing) bool { return r.ID != "outside" }))
	s := liveStore("us-east-1")
	s.Collect(t.Context(), []*Node{detail.Node()})

	check := func(t *testing.T, s *Store) {
		t.Helper()
		facts := Read(s.Bind("us-east-1"), detail)
		if v, err := facts.Of(newThing("known", "us-east-1")).Get(); v != "value" || err != nil {
			t.Errorf("known: %q, %v", v, err)
		}
		for id, want := range map[string]error{"absent": ErrAbsent, "gone": ErrGone, "outside": ErrNotAsked} {
			if _, err := facts.Of(newThing(id, "us-east-1")).Get(); !errors.Is(err, want) {
				t.Errorf("%s: %v", id, err)
			}
		}
		for id, outcome := range map[string]awsapi.Outcome{"denied": awsapi.Denied, "panics": outcomeInternal, "never listed": outcomeInternal} {
			_, err := facts.Of(newThing(id, "us-east-1")).Get()
			var e *awsapi.Error
			if !errors.As(err, &e) || e.Outcome != outcome {
				t.Errorf("%s: %v, want %s", id, err, outcome)
			}
		}
		if got := len(s.Gaps(detail.Node())); got != 2 {
			t.Errorf("%d gaps, want 2: denied and the panic", got)
		}
	}
	check(t, s)

	// The same facts after they were saved and read again.
	var file bytes.Buffer
	if err := s.Save(&file, File{ScanID: "x"}); err != nil {
		t.Fatal(err)
	}
	loaded, head, err := Load(&file, []*Node{things.Node(), detail.Node()})
	if err != nil {
		t.Fatal(err)
	}
	if head.ScanID != "x" || !loaded.Clock.Equal(s.Clock) {
		t.Errorf("the head came back as %+v", head)
	}
	check(t, loaded)
	rows := Use(loaded.Bind("us-east-1"), things)
	if len(rows.List) != 6 || rows.List[0].Value != "v-known" {
		t.Errorf("rows came back as %+v", rows)
	}
}

func TestBatch(t *testing.T) {
	var sizes []int
	var mu sync.Mutex
	things := Regional("things", nil, func(_ context.Context, s *awsapi.Session) ([]thing, error) {
		var rows []thing
		for i := range 7 {
			rows = append(rows, newThing(fmt.Sprint(i), s.Region))
		}
		return rows, nil
	})
	detail := Batch(things, "detail", nil, thing.Key, 3, func(_ context.Context, s *awsapi.Session, chunk []thing) (map[string]string, error) {
		mu.Lock()
		sizes = append(sizes, len(chunk))
		mu.Unlock()
		out := map[string]string{}
		for _, r := range chunk {
			if r.ID != "1" {
				out[r.ID] = "x"
			}
			if r.ID == "4" { // a page was lost in the middle of this chunk
				return out, denied("x:Batch", s.Region)
			}
		}
		return out, nil
	})
	s := liveStore("us-east-1")
	s.Collect(t.Context(), []*Node{detail.Node()})
	slices.Sort(sizes)
	if !slices.Equal(sizes, []int{1, 3, 3}) {
		t.Errorf("chunks of %v", sizes)
	}
	facts := Read(s.Bind("us-east-1"), detail)
	for id, want := range map[string]string{"0": "", "1": "not configured", "3": "", "4": "", "5": "denied", "6": ""} {
		_, err := facts.Of(newThing(id, "us-east-1")).Get()
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", id, err, want)
		}
	}
}

// A global reader sees every region's rows, facts and gaps; rows that lie in regions are filtered by the scan's.
func TestScopes(t *testing.T) {
	regional := Regional("regional", nil, func(_ context.Context, s *awsapi.Session) ([]thing, error) {
		if s.Region == "ap-south-1" {
			return nil, denied("x:List", s.Region)
		}
		return []thing{newThing("same", s.Region)}, nil
	})
	region := Each(regional, "region", nil, thing.Key, func(_ context.Context, s *awsapi.Session, _ thing) (string, error) { return s.Region, nil })
	buckets := GlobalByRegion("buckets", nil, func(context.Context, *awsapi.Session) ([]thing, error) {
		return []thing{newThing("in", "us-east-1"), newThing("out", "sa-east-1"), newThing("nowhere", "")}, nil
	})
	s := liveStore("us-east-1", "eu-west-1", "ap-south-1")
	s.Collect(t.Context(), []*Node{region.Node(), buckets.Node()})
	b := s.Bind(awsapi.Global)
	rows, facts := Use(b, regional), Read(b, region)
	if len(rows.List) != 2 || len(rows.Gaps) != 1 {
		t.Errorf("%d rows, %d gaps", len(rows.List), len(rows.Gaps))
	}
	for _, r := range rows.List {
		if v, err := facts.Of(r).Get(); v != r.Region || err != nil {
			t.Errorf("%s: %q, %v", r.Region, v, err)
		}
	}
	var ids []string
	for _, r := range Use(b, buckets).List {
		ids = append(ids, r.ID)
	}
	if !slices.Equal(ids, []string{"in", "nowhere"}) {
		t.Errorf("buckets %v", ids)
	}
	if got := Use(s.Bind("eu-west-1"), regional); len(got.List) != 1 || len(got.Gaps) != 0 {
		t.Errorf("a regional reader sees %+v", got)
	}
}

func TestNotCollected(t *testing.T) {
	things := Regional("things", nil, func(context.Context, *awsapi.Session) ([]thing, error) { return nil, nil })
	s := NewFixture("aws", "111122223333", []string{"us-east-1"}, time.Unix(0, 0).UTC())
	rows := Use(s.Bind("us-east-1"), things)
	if len(rows.Gaps) != 1 || rows.Gaps[0].Outcome != outcomeNotCollected {
		t.Errorf("%+v", rows)
	}
	r := Reason(rows.Err())
	if r.Outcome != "not_collected" || r.Operation != nil || r.Action != nil || !r.Gap {
		t.Errorf("%+v", r)
	}
}

func TestNoInventory(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "text": "hello", "another JSON": `{"schema_version":"1.0"}`, "a list": "[]",
		"newer":          `{"format":"ourshare-inventory","version":2}`,
		"no account":     `{"format":"ourshare-inventory","version":1}`,
		"something more": `{"format":"ourshare-inventory","version":1,"account_id":"1","partition":"aws","clock":"2026-01-01T00:00:00Z","regions":["r"]} x`,
		"broken rows":    `{"format":"ourshare-inventory","version":1,"account_id":"1","partition":"aws","clock":"2026-01-01T00:00:00Z","regions":["r"],"entries":[{"name":"things","scope":"r","data":{"rows":3}}]}`,
		"unknown state":  `{"format":"ourshare-inventory","version":1,"account_id":"1","partition":"aws","clock":"2026-01-01T00:00:00Z","regions":["r"],"entries":[{"name":"detail","scope":"r","data":{"k":{"state":"fine"}}}]}`,
	} {
		things := Regional("things", nil, func(context.Context, *awsapi.Session) ([]thing, error) { return nil, nil })
		detail := Each(things, "detail", nil, thing.Key, func(context.Context, *awsapi.Session, thing) (string, error) { return "", nil })
		if _, _, err := Load(strings.NewReader(text), []*Node{things.Node(), detail.Node()}); !errors.Is(err, ErrNotInventory) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReason(t *testing.T) {
	weak := Insufficient("never scanned")
	b, a := denied("b:Op", "r"), denied("a:Op", "r")
	r := Reason(weak, b, a, b)
	if r.Outcome != "denied" || *r.Operation != "a:Op" || !r.Gap {
		t.Errorf("%+v", r)
	}
	for _, part := range []string{"never scanned", "a:Op", "b:Op"} {
		if strings.Count(r.Text, part) != 1 {
			t.Errorf("%q names %q not once", r.Text, part)
		}
	}
	if r := Reason(weak); r.Gap || r.Outcome != "insufficient" || r.Operation != nil {
		t.Errorf("%+v", r)
	}
	if Reason() != nil {
		t.Error("a reason without a cause")
	}
	encoded, err := json.Marshal(Reason(weak))
	if err != nil || !strings.Contains(string(encoded), `"operation":null`) {
		t.Errorf("%s, %v", encoded, err)
	}
}

func TestTri(t *testing.T) {
	u := Unknown(errors.New("why"))
	all := []Tri{Yes, No, u}
	is := func(t Tri, want Tri) bool {
		a, ka := t.Known()
		b, kb := want.Known()
		return a == b && ka == kb
	}
	for i, a := range all {
		for j, b := range all {
			and := [][]Tri{{Yes, No, u}, {No, No, No}, {u, No, u}}[i][j]
			or := [][]Tri{{Yes, Yes, Yes}, {Yes, No, u}, {Yes, u, u}}[i][j]
			if !is(a.And(b), and) || !is(a.Or(b), or) {
				t.Errorf("%d and/or %d", i, j)
			}
		}
	}
	if len(u.Or(No).Why()) == 0 {
		t.Error("the reason is lost")
	}
	rows := Rows[int]{List: []int{1, 2}, Gaps: []Gap{{Error: *denied("x:List", "r")}}}
	two := func(n int) Tri { return Is(n == 2) }
	if !is(Any(rows, two), Yes) || !is(AllOf(rows, func(int) Tri { return Yes }), u) || !is(AllOf(rows, two), No) {
		t.Error("a gap decides where rows do, or does not where they do not")
	}
}

func TestKnownNilSurvives(t *testing.T) {
	b, err := json.Marshal(Known[[]string](nil))
	if err != nil {
		t.Fatal(err)
	}
	var f Field[[]string]
	if err := json.Unmarshal(b, &f); err != nil {
		t.Fatal(err)
	}
	if v, err := f.Get(); v != nil || err != nil {
		t.Errorf("%v, %v", v, err)
	}
}

// A panic in what is computed or chosen by rows is a gap, not the end of the scan.
func TestPanicsOutsideOfCalls(t *testing.T) {
	things := Regional("things", nil, func(_ context.Context, s *awsapi.Session) ([]thing, error) {
		return []thing{newThing("a", s.Region)}, nil
	})
	derived := Derived("derived", true, func(b *Binder) Rows[thing] { return Use(b, things) }, func(Rows[thing]) Rows[thing] { panic("broken") })
	under := Under(things, "under", nil, func(context.Context, *awsapi.Session, thing) ([]thing, error) { return nil, nil },
		Where(func(thing) bool { panic("broken") }))
	detail := Each(things, "detail", nil, thing.Key, func(context.Context, *awsapi.Session, thing) (string, error) { return "", nil },
		Where(func(thing) bool { panic("broken") }))
	s := liveStore("us-east-1")
	s.Collect(t.Context(), []*Node{derived.Node(), under.Node(), detail.Node()})
	b := s.Bind("us-east-1")
	for name, err := range map[string]error{"derived": Use(b, derived).Err(), "under": Use(b, under).Err()} {
		if err == nil || !strings.Contains(err.Error(), "internal fault") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Read(b, detail).Of(newThing("a", "us-east-1")).Get(); err == nil || !strings.Contains(err.Error(), "internal fault") {
		t.Errorf("detail: %v", err)
	}
	if got := len(s.Gaps(detail.Node())); got != 1 {
		t.Errorf("%d gaps of the detail, want 1", got)
	}
}
