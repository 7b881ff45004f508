package inventory

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/ourshare/ourshare/internal/awsapi"
)

// Node is a dataset or a detail without its type: what the engine plans and the store reads.
type Node struct {
	Name     string
	Ops      awsapi.Ops // what reading it may call
	Regional bool       // one scope per region; otherwise one for the account

	// ByRow says that a global listing's rows lie in regions of their own (buckets): only rows of scanned regions are
	// kept, and each scanned region has an evaluation.
	ByRow bool

	derived bool // computed from others: never saved, so that other thresholds give other rows
	deps    func() []*Node
	params  func() []ParamInfo // of a derived one: the thresholds that it reads itself
	tags    *Node              // the detail that reads the rows' tags, where the listing has none
	apply   func(rows, tags any)
	read    func(ctx context.Context, s *Store, scope string) (any, int)
	decode  func(json.RawMessage) (any, error)
	gaps    func(any) []Gap
}

// Deps are the nodes that are read before this one.
func (n *Node) Deps() []*Node {
	if n.deps == nil {
		return nil
	}
	return n.deps()
}

// Tags is the detail that reads the tags of the dataset's rows, or nil.
func (n *Node) Tags() *Node { return n.tags }

// Dataset is what one kind of AWS listing returns, as typed rows.
type Dataset[T Row] struct{ node *Node }

// Node is the dataset without its type.
func (d *Dataset[T]) Node() *Node { return d.node }

// Lister reads one scope's rows. With an error it returns the rows that it has: they are judged, the rest is a gap.
type Lister[T Row] func(context.Context, *awsapi.Session) ([]T, error)

// Regional declares a dataset that is listed once per region.
func Regional[T Row](name string, ops awsapi.Ops, list Lister[T]) *Dataset[T] {
	return newDataset(name, ops, true, list)
}

// Global declares a dataset that is listed once per account.
func Global[T Row](name string, ops awsapi.Ops, list Lister[T]) *Dataset[T] {
	return newDataset(name, ops, false, list)
}

// GlobalByRegion declares a dataset that is listed once per account and whose rows lie in regions of their own.
func GlobalByRegion[T Row](name string, ops awsapi.Ops, list Lister[T]) *Dataset[T] {
	d := newDataset(name, ops, false, list)
	d.node.ByRow = true
	return d
}

func newDataset[T Row](name string, ops awsapi.Ops, regional bool, list Lister[T]) *Dataset[T] {
	d := bare[T](name, ops, regional)
	d.node.read = func(ctx context.Context, s *Store, scope string) (any, int) {
		list, err := guarded(func() ([]T, error) { return list(awsapi.Declare(ctx, ops), s.session(scope)) })
		rows := Rows[T]{List: list, Gaps: gapOf(err, nil)}
		if d.node.ByRow {
			rows.List = slices.DeleteFunc(rows.List, func(r T) bool {
				region := r.Subject().Region // empty: the listing did not say, and the row must not vanish for that
				return region != "" && region != awsapi.Global && !slices.Contains(s.Regions, region)
			})
		}
		return rows, len(rows.List)
	}
	return d
}

func bare[T Row](name string, ops awsapi.Ops, regional bool) *Dataset[T] {
	return &Dataset[T]{&Node{
		Name: name, Ops: ops, Regional: regional,
		decode: func(raw json.RawMessage) (any, error) {
			var r Rows[T]
			err := json.Unmarshal(raw, &r)
			return r, err
		},
		gaps: func(v any) []Gap { return v.(Rows[T]).Gaps },
	}}
}

// Under declares a dataset whose rows are listed under each row of another (a load balancer's listeners): one or more
// calls per parent. What cannot be listed under one parent is a gap that names the parent.
func Under[P, T Row](of *Dataset[P], name string, ops awsapi.Ops, list func(context.Context, *awsapi.Session, P) ([]T, error), opts ...Option[P]) *Dataset[T] {
	d := bare[T](name, ops, of.node.Regional)
	d.node.deps = func() []*Node { return []*Node{of.node} }
	o := options(opts)
	d.node.read = func(ctx context.Context, s *Store, scope string) (any, int) {
		parents := value[Rows[P]](ctx, s, of.node, scope)
		lists := make([][]T, len(parents.List))
		errs := make([]error, len(parents.List))
		each(parents.List, func(i int, p P) {
			lists[i], errs[i] = guarded(func() ([]T, error) {
				if !o.wants(p) {
					return nil, nil
				}
				return list(awsapi.Declare(ctx, ops), s.session(p.Subject().Region), p)
			})
		})
		rows := Rows[T]{Gaps: slices.Clone(parents.Gaps)}
		for i, p := range parents.List {
			rows.List = append(rows.List, lists[i]...)
			rows.Gaps = append(rows.Gaps, gapOf(errs[i], p.Subject())...)
		}
		return rows, len(rows.List)
	}
	return d
}

// Derived declares a dataset that is computed from others, once per scope: per region if regional, else per account.
func Derived[In any, T Row](name string, regional bool, bind func(*Binder) In, compute func(In) Rows[T]) *Dataset[T] {
	d := bare[T](name, nil, regional)
	d.node.derived = true
	d.node.deps = func() []*Node { return Plan(func(b *Binder) { bind(b) }).Nodes }
	d.node.params = func() []ParamInfo { return Plan(func(b *Binder) { bind(b) }).Params }
	d.node.read = func(ctx context.Context, s *Store, scope string) (any, int) {
		for _, dep := range d.node.Deps() {
			for _, sc := range s.scopesFor(dep, scope) {
				s.get(ctx, dep, sc)
			}
		}
		rows, err := guarded(func() (Rows[T], error) { return compute(bind(s.Bind(scope))), nil })
		rows.Gaps = append(rows.Gaps, gapOf(err, nil)...)
		return rows, len(rows.List)
	}
	return d
}

// Detail is one fact about each row of a dataset that costs a call of its own.
type Detail[T Row, V any] struct {
	node *Node
	of   *Dataset[T]
	key  func(T) string
}

// Node is the detail without its types.
func (d *Detail[T, V]) Node() *Node { return d.node }

// Of is the dataset whose rows the detail is about.
func (d *Detail[T, V]) Of() *Dataset[T] { return d.of }

// Option narrows a detail or a dataset under another.
type Option[T Row] func(*optionSet[T])

type optionSet[T Row] struct{ where func(T) bool }

func (o optionSet[T]) wants(row T) bool { return o.where == nil || o.where(row) }

func options[T Row](opts []Option[T]) optionSet[T] {
	var o optionSet[T]
	for _, f := range opts {
		f(&o)
	}
	return o
}

// Where asks only for the rows that need the call.
func Where[T Row](need func(T) bool) Option[T] { return func(o *optionSet[T]) { o.where = need } }

// Each declares a detail that costs one call (or its pages) per key of the rows.
func Each[T Row, V any](of *Dataset[T], name string, ops awsapi.Ops, key func(T) string, f func(context.Context, *awsapi.Session, T) (V, error), opts ...Option[T]) *Detail[T, V] {
	return newDetail(of, name, ops, key, options(opts), func(ctx context.Context, s *Store, rows []T) map[string]Field[V] {
		fields := make([]Field[V], len(rows))
		each(rows, func(i int, row T) {
			v, err := guarded(func() (V, error) { return f(ctx, s.session(row.Subject().Region), row) })
			if err != nil {
				fields[i] = Failure[V](err)
				return
			}
			fields[i] = Known(v)
		})
		out := make(map[string]Field[V], len(rows))
		for i, row := range rows {
			out[key(row)] = fields[i]
		}
		return out
	})
}

// Batch declares a detail that AWS answers for up to size rows at once. A key that is missing in an answer is absent.
func Batch[T Row, V any](of *Dataset[T], name string, ops awsapi.Ops, key func(T) string, size int, f func(context.Context, *awsapi.Session, []T) (map[string]V, error), opts ...Option[T]) *Detail[T, V] {
	return newDetail(of, name, ops, key, options(opts), func(ctx context.Context, s *Store, rows []T) map[string]Field[V] {
		chunks := slices.Collect(slices.Chunk(rows, size))
		answers := make([]map[string]V, len(chunks))
		errs := make([]error, len(chunks))
		each(chunks, func(i int, chunk []T) {
			answers[i], errs[i] = guarded(func() (map[string]V, error) { return f(ctx, s.session(chunk[0].Subject().Region), chunk) })
		})
		out := make(map[string]Field[V], len(rows))
		for i, chunk := range chunks {
			for _, row := range chunk {
				v, found := answers[i][key(row)]
				switch {
				case found:
					out[key(row)] = Known(v)
				case errs[i] != nil:
					out[key(row)] = Failure[V](errs[i])
				default:
					out[key(row)] = Failure[V](ErrAbsent)
				}
			}
		}
		return out
	})
}

func newDetail[T Row, V any](of *Dataset[T], name string, ops awsapi.Ops, key func(T) string, o optionSet[T], ask func(context.Context, *Store, []T) map[string]Field[V]) *Detail[T, V] {
	d := &Detail[T, V]{of: of, key: key}
	d.node = &Node{
		Name: name, Ops: ops, Regional: of.node.Regional,
		deps: func() []*Node { return []*Node{of.node} },
		decode: func(raw json.RawMessage) (any, error) {
			m := map[string]Field[V]{}
			err := json.Unmarshal(raw, &m)
			return m, err
		},
		gaps: func(v any) []Gap {
			var gaps []Gap
			for _, f := range v.(map[string]Field[V]) {
				if f.err != nil {
					gaps = append(gaps, Gap{Error: *f.err})
				}
			}
			return gaps
		},
	}
	d.node.read = func(ctx context.Context, s *Store, scope string) (any, int) {
		rows := value[Rows[T]](ctx, s, of.node, scope)
		var wanted []T
		out := map[string]Field[V]{}
		seen := map[string]bool{}
		for _, row := range rows.List {
			k := key(row)
			need, err := guarded(func() (bool, error) { return o.wants(row), nil })
			switch {
			case err != nil:
				out[k] = Failure[V](err)
			case !need:
				if _, have := out[k]; !have && !seen[k] {
					out[k] = Failure[V](ErrNotAsked)
				}
			case row.Subject().Region == "":
				out[k] = Failure[V](&awsapi.Error{Outcome: outcomeInternal, Text: "the listing named no region for it"})
			case !seen[k]:
				seen[k] = true
				wanted = append(wanted, row)
			}
		}
		for k, f := range ask(awsapi.Declare(ctx, ops), s, wanted) {
			out[k] = f
		}
		return out, len(wanted)
	}
	return d
}

// Tagged names the detail that reads the tags of a dataset whose listing has none; --tags pays for it.
func Tagged[T Row](d *Dataset[T], tags *Detail[T, map[string]string]) bool {
	d.node.tags = tags.node
	d.node.apply = func(rows, facts any) {
		m := facts.(map[string]Field[map[string]string])
		for _, row := range rows.(Rows[T]).List {
			v, err := m[tags.key(row)].Get()
			switch {
			case err == nil:
				row.Subject().Tags = v
			case errIsAbsent(err):
				row.Subject().Tags = map[string]string{}
			}
		}
	}
	return true
}

// fanOut bounds the goroutines of one detail; requests are bounded below, per service and region.
const fanOut = 64

func each[T any](list []T, f func(int, T)) {
	var g errgroup.Group
	g.SetLimit(fanOut)
	for i, item := range list {
		g.Go(func() error {
			f(i, item)
			return nil
		})
	}
	_ = g.Wait() // no function above returns an error
}

// guarded turns a panic into an error: one broken answer must not end the scan.
func guarded[V any](f func() (V, error)) (v V, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &awsapi.Error{Outcome: outcomeInternal, Text: fmt.Sprintf("an internal fault while reading: %v", p)}
			debugLog("panic while reading: %v\n%s", p, debug.Stack())
		}
	}()
	return f()
}

func gapOf(err error, parent *Resource) []Gap {
	if err == nil || errIsAbsent(err) {
		return nil
	}
	e := asError(err)
	return []Gap{{Error: *e, Parent: parent}}
}
