package inventory

import (
	"slices"
	"time"

	"github.com/ourshare/ourshare/internal/awsapi"
)

// Binder is how a check gets its evidence. It runs once without data, so that the engine learns what the check reads,
// and once per scope with it; a bind function must not branch on data.
type Binder struct {
	plan    *Planned
	store   *Store
	scope   string
	check   string // whose own thresholds hold; empty: those of all
	missing []error
}

// Planned is what a binder asked for.
type Planned struct {
	Nodes  []*Node     // in the order of asking, with what they depend on
	Params []ParamInfo // the thresholds that it reads itself
	Shared []ParamInfo // those that derived datasets read, once for all checks
}

// Plan runs a bind function without data.
func Plan(bind func(*Binder)) Planned {
	b := &Binder{plan: &Planned{}}
	bind(b)
	return *b.plan
}

// Bind makes the binder of a scope: a region, or awsapi.Global.
func (s *Store) Bind(scope string) *Binder { return s.BindCheck("", scope) }

// BindCheck makes the binder of a check, whose own thresholds go before those of all.
func (s *Store) BindCheck(id, scope string) *Binder {
	return &Binder{store: s, scope: scope, check: id}
}

// Missing is what Need asked for and was not whole: every verdict of the check is unknown.
func (b *Binder) Missing() []error { return b.missing }

func (p *Planned) add(n *Node) {
	if slices.Contains(p.Nodes, n) {
		return
	}
	for _, d := range n.Deps() {
		p.add(d)
	}
	p.Nodes = append(p.Nodes, n)
	if n.params != nil {
		p.Shared = append(p.Shared, n.params()...)
	}
}

// Use reads a dataset; its gaps travel with the rows. A reader on global rows sees the rows of all regions.
func Use[T Row](b *Binder, d *Dataset[T]) Rows[T] {
	if b.plan != nil {
		b.plan.add(d.node)
		return Rows[T]{}
	}
	var all Rows[T]
	for _, scope := range b.store.scopesFor(d.node, b.scope) {
		e, ok := b.store.lookup(d.node, scope)
		if !ok {
			all.Gaps = append(all.Gaps, Gap{Error: *notCollected(d.node, scope)})
			continue
		}
		r := e.val.(Rows[T])
		all.List = append(all.List, r.List...)
		all.Gaps = append(all.Gaps, r.Gaps...)
	}
	return all
}

// Need reads a dataset that decides: a gap in it makes every verdict of the check unknown.
func Need[T Row](b *Binder, d *Dataset[T]) []T {
	r := Use(b, d)
	for i := range r.Gaps {
		b.missing = append(b.missing, &r.Gaps[i].Error)
	}
	return r.List
}

// Facts are the values of a detail for the rows of its dataset.
type Facts[T Row, V any] struct {
	key     func(T) string
	byScope map[string]map[string]Field[V]
	missing *awsapi.Error
}

// Read reads a detail.
func Read[T Row, V any](b *Binder, d *Detail[T, V]) Facts[T, V] {
	f := Facts[T, V]{key: d.key, byScope: map[string]map[string]Field[V]{}}
	if b.plan != nil {
		b.plan.add(d.node)
		return f
	}
	for _, scope := range b.store.scopesFor(d.node, b.scope) {
		e, ok := b.store.lookup(d.node, scope)
		if !ok {
			f.missing = notCollected(d.node, scope)
			continue
		}
		f.byScope[scope] = e.val.(map[string]Field[V])
	}
	return f
}

// FactsOf makes facts of a map; a test's tables use it.
func FactsOf[T Row, V any](d *Detail[T, V], m map[string]Field[V]) Facts[T, V] {
	return Facts[T, V]{key: d.key, byScope: map[string]map[string]Field[V]{awsapi.Global: m}}
}

// Of is the fact about a row.
func (f Facts[T, V]) Of(row T) Field[V] {
	k := f.key(row)
	if len(f.byScope) > 1 { // a global reader of a regional detail
		if field, ok := f.byScope[row.Subject().Region][k]; ok {
			return field
		}
	} else {
		for _, m := range f.byScope {
			if field, ok := m[k]; ok {
				return field
			}
		}
	}
	return Field[V]{err: f.missing}
}

// Only is the fact about the one row that the scope has: an account's or a region's setting.
func (f Facts[T, V]) Only() Field[V] {
	for _, m := range f.byScope {
		if len(m) != 1 || len(f.byScope) != 1 {
			break
		}
		for _, field := range m {
			return field
		}
	}
	return Field[V]{err: f.missing}
}

// Param is a threshold that the configuration may set.
type Param[T any] struct {
	Name    string // its key in ourshare.yaml
	Doc     string // one sentence, with the unit
	Default T
	Min     T // the smallest allowed value; for numbers
	Max     T
}

// ParamInfo is a Param without its type.
type ParamInfo struct {
	Name, Doc         string
	Default, Min, Max any
}

// Value is the threshold in force.
func Value[T any](b *Binder, p Param[T]) T {
	if b.plan != nil {
		b.plan.Params = append(b.plan.Params, ParamInfo{p.Name, p.Doc, p.Default, p.Min, p.Max})
		return p.Default
	}
	v, ok := b.store.param(b.check, p.Name).(T)
	if ok {
		return v
	}
	return p.Default
}

// OwnParam is the name under which [Store.Params] holds a threshold of one check alone. Ids of checks hold no slash.
func OwnParam(check, name string) string { return check + "/" + name }

// param is what the configuration sets for a check, or for all; nil: nothing.
func (s *Store) param(check, name string) any {
	if v, ok := s.Params[OwnParam(check, name)]; ok && check != "" {
		return v
	}
	return s.Params[name]
}

// Clock is the time of collection, in UTC: what ages are measured against.
func Clock(b *Binder) time.Time {
	if b.plan != nil {
		return time.Time{}
	}
	return b.store.Clock
}

// ParamsInForce are the values, by name, of the thresholds that a check's verdicts depend on.
func (s *Store) ParamsInForce(check string, plan Planned) map[string]any {
	m := map[string]any{}
	set := func(check string, infos []ParamInfo) {
		for _, i := range infos {
			m[i.Name] = i.Default
			if v := s.param(check, i.Name); v != nil {
				m[i.Name] = v
			}
		}
	}
	set("", plan.Shared)
	set(check, plan.Params)
	return m
}
