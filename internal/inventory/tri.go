package inventory

// Tri is a truth that may be unknown, with the reasons why. Its logic is Kleene's: one Yes decides an Or, one No an And,
// whatever else could not be read.
type Tri struct {
	known bool
	yes   bool
	why   []error
}

// Yes and No are the known truths.
var (
	Yes = Tri{known: true, yes: true}
	No  = Tri{known: true}
)

// Unknown is a truth that could not be found out, and why.
func Unknown(why ...error) Tri { return Tri{why: why} }

// Is makes a Tri of what is known.
func Is(b bool) Tri {
	if b {
		return Yes
	}
	return No
}

// Known reports whether the truth is known, and which it is.
func (t Tri) Known() (yes, known bool) { return t.yes, t.known }

// Why lists the reasons of an unknown.
func (t Tri) Why() []error { return t.why }

// Not turns Yes and No; unknown stays.
func (t Tri) Not() Tri {
	if t.known {
		return Is(!t.yes)
	}
	return t
}

// And is No if one of the two is, Yes if both are.
func (t Tri) And(o Tri) Tri {
	switch {
	case t.known && !t.yes, o.known && !o.yes:
		return No
	case t.known && o.known:
		return Yes
	}
	return Unknown(append(append([]error{}, t.why...), o.why...)...)
}

// Or is Yes if one of the two is, No if both are.
func (t Tri) Or(o Tri) Tri { return t.Not().And(o.Not()).Not() }

// Any tells whether a row has the property; a gap in the rows makes a No unknown.
func Any[T any](rows Rows[T], has func(T) Tri) Tri {
	out := No
	for _, r := range rows.List {
		out = out.Or(has(r))
	}
	for i := range rows.Gaps {
		out = out.Or(Unknown(&rows.Gaps[i].Error))
	}
	return out
}

// AllOf tells whether every row has the property; a gap in the rows makes a Yes unknown.
func AllOf[T any](rows Rows[T], has func(T) Tri) Tri {
	return Any(rows, func(r T) Tri { return has(r).Not() }).Not()
}
