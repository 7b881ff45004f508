package iampolicy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Escalation is one way in which an identity that is no administrator becomes one.
type Escalation struct {
	// Path is the way in words: "user x → iam:PassRole on role admin + lambda:CreateFunction + lambda:InvokeFunction → role
	// admin (administrator)".
	Path    string
	Target  string // the ARN of whom it becomes, or its own
	Actions []string
	Answer  Answer // Yes, or Unknown where something was not read or not decided
	If      []string
	Because []string // statements
	Unsure  string   // of an Unknown
}

// EscalationResult is the verdict on "can it become an administrator?".
type EscalationResult struct {
	Answer Answer
	Paths  []Escalation // the sure ones first, the shortest first
}

// Escalator answers for the identities of one account. It decides once who is an administrator.
type Escalator struct {
	account *Account
	admins  []AdministratorResult
	cache   map[string]Decision
	reach   [][]Escalation // by identity: the steps towards those that are administrators or can become one
	level   []int          // by identity: how many steps away, 0 for administrators, -1 for never
	// Of closures: what identities that were changed differ in, and whom it is of use to control.
	changed map[*Identity]string
	// inTurn are the ARNs of boundaries that an attacker can give an identity one after the other; its Boundary then allows
	// what one of them allows.
	inTurn map[*Identity][]string
	use    []bool
}

// NewEscalator makes an account ready.
func NewEscalator(a *Account) *Escalator {
	e := &Escalator{
		account: a, cache: map[string]Decision{}, admins: make([]AdministratorResult, len(a.Identities)),
		reach: make([][]Escalation, len(a.Identities)), level: make([]int, len(a.Identities)), changed: map[*Identity]string{}, inTurn: map[*Identity][]string{},
	}
	for i := range a.Identities {
		e.admins[i] = a.Administrator(&a.Identities[i])
		e.level[i] = -1
		if e.admins[i].Answer == Yes {
			e.level[i] = 0
		}
	}
	e.spread()
	return e
}

// Administrator gives what [Account.Administrator] says of an identity.
func (e *Escalator) Administrator(id *Identity) AdministratorResult {
	if i := e.index(id); i >= 0 && e.changed[id] == "" {
		return e.admins[i]
	}
	return e.account.Administrator(id)
}

// key names an identity in the cache.
func (e *Escalator) key(id *Identity) string { return cmp.Or(e.changed[id], id.ARN) }

func (e *Escalator) index(id *Identity) int {
	return slices.IndexFunc(e.account.Identities, func(x Identity) bool { return x.ARN == id.ARN })
}

// maxHops bounds the identities on a path.
const maxHops = 4

// spread finds, from the administrators outwards, who can become one of those found before.
func (e *Escalator) spread() {
	for hop := 1; hop <= maxHops; hop++ {
		found := false
		for i := range e.account.Identities {
			if e.level[i] >= 0 {
				continue
			}
			paths := e.direct(i, hop)
			e.reach[i] = append(e.reach[i], paths...)
			if slices.ContainsFunc(paths, func(p Escalation) bool { return p.Answer == Yes }) {
				found = true
			}
		}
		for i := range e.account.Identities {
			if e.level[i] < 0 && slices.ContainsFunc(e.reach[i], func(p Escalation) bool { return p.Answer == Yes }) {
				e.level[i] = hop
			}
		}
		if !found {
			return
		}
	}
}

// CanEscalate tells whether a user, group or role that is no administrator can become one, by the established combinations of
// permissions (see the table escalations), on the resources that its policies and its boundary really allow, with
// iam:PassedToService, iam:PolicyARN and iam:PermissionsBoundary, and only through roles that trust the service, or users and
// roles that are administrators or can become one; by changes of boundaries, policies and groups of those that it controls,
// and by users and roles that it makes. A No is one within those tables.
func (e *Escalator) CanEscalate(id *Identity) EscalationResult {
	i := e.index(id)
	if i < 0 {
		return EscalationResult{}
	}
	r := EscalationResult{Answer: No, Paths: slices.Clone(e.reach[i])}
	for _, p := range r.Paths {
		r.Answer = r.Answer.or(p.Answer)
	}
	if r.Answer != Yes && e.admins[i].Answer != Yes && !id.serviceLinked() {
		if p, ok := e.combined(id); ok && (p.Answer == Yes || r.Answer == No) {
			r.Answer, r.Paths = p.Answer, append(r.Paths, p)
		}
	}
	if r.Answer == No && (e.incomplete(id) || len(e.account.Missing) > 0 && e.unreadMatters(id)) {
		r.Answer = Unknown
	}
	slices.SortStableFunc(r.Paths, func(a, b Escalation) int {
		if a.Answer != b.Answer {
			return cmp.Compare(a.Answer.not(), b.Answer.not()) // Yes first
		}
		if c := cmp.Compare(strings.Count(a.Path, "→"), strings.Count(b.Path, "→")); c != 0 {
			return c
		}
		return strings.Compare(a.Path, b.Path)
	})
	r.Paths = slices.CompactFunc(r.Paths, func(a, b Escalation) bool { return a.Path == b.Path })
	return r
}

// incomplete tells whether something of an identity's own policies was not read.
func (e *Escalator) incomplete(id *Identity) bool {
	own, boundary, _ := e.account.identityRules(id, e.account.identityContext(id))
	return slices.ContainsFunc(slices.Concat(own, boundary), func(r *rule) bool { return r.unread })
}

// unreadMatters tells whether an identity that was not read could be the target.
func (e *Escalator) unreadMatters(id *Identity) bool {
	return slices.ContainsFunc(escalations, func(x escalation) bool {
		return slices.ContainsFunc(x.steps[0], func(a string) bool { return e.may(id, a, "*", nil).Some != No })
	})
}

// may decides and remembers.
func (e *Escalator) may(id *Identity, action, resource string, extra requestContext) Decision {
	key := e.key(id) + "\x00" + action + "\x00" + resource
	for _, k := range []string{keyPolicyARN, keyBoundary, keyPassedTo} {
		if v, ok := extra[k]; ok {
			key += "\x00" + k + "=" + v[0].text
		}
	}
	d, ok := e.cache[key]
	if !ok {
		d = e.account.decideWith(id, action, resource, nil, keysOf(action, extra))
		e.cache[key] = d
	}
	return d
}

// target is what a combination leads to.
type target struct {
	id       *Identity // nil: the identity itself
	resource string    // of the first step
	level    int
	sure     Answer // whether the target is what it takes
}

// direct gives an identity's ways to those of a level below hop (or to itself, in the first round).
func (e *Escalator) direct(i, hop int) []Escalation {
	id := &e.account.Identities[i]
	if id.serviceLinked() {
		return nil
	}
	var out []Escalation
	for n := range escalations {
		x := &escalations[n]
		if !e.possible(id, x) {
			continue
		}
		for _, t := range e.targets(id, x, hop) {
			if p, ok := e.try(id, x, t); ok {
				out = append(out, p)
			}
		}
	}
	return out
}

// possible is a quick look whether every step is allowed on anything.
func (e *Escalator) possible(id *Identity, x *escalation) bool {
	if x.on == onRole && x.steps[0][0] == "sts:AssumeRole" {
		return true // the trust policy alone may do
	}
	for _, step := range x.steps {
		if !slices.ContainsFunc(step, func(a string) bool { return e.may(id, a, "*", nil).Some != No }) {
			return false
		}
	}
	return true
}

// targets gives on whom a combination can be tried.
func (e *Escalator) targets(id *Identity, x *escalation, hop int) []target {
	var out []target
	self := func(resource string) {
		if hop == 1 {
			out = append(out, target{resource: resource, sure: e.unbounded(id)})
		}
	}
	switch x.on {
	case onItself:
		if id.Kind != Group {
			self(id.ARN)
		}
		return out
	case onOwnPolicy:
		for _, p := range e.allPolicies(id) {
			if p.ARN != "" && accountOf(p.ARN) == e.account.ID {
				self(p.ARN)
			}
		}
		return out
	case onOwnGroup:
		if id.Kind == Group {
			self(id.ARN)
		}
		for _, ref := range id.Groups {
			if g := e.account.group(ref); g != nil {
				self(g.ARN)
			}
		}
		return out
	default:
	}
	for k := range e.account.Identities {
		to := &e.account.Identities[k]
		sure := No
		switch {
		case e.level[k] == hop-1:
			sure = Yes
		case hop == 1 && e.admins[k].Answer == Unknown:
			sure = Unknown
		}
		if sure == No || to.ARN == id.ARN || to.serviceLinked() {
			continue
		}
		out = append(out, e.targetsOn(id, x, to, hop-1, sure)...)
	}
	return out
}

// targetsOn gives how a combination can be tried on one other identity.
func (e *Escalator) targetsOn(id *Identity, x *escalation, to *Identity, level int, sure Answer) (out []target) {
	t := target{id: to, resource: to.ARN, level: level, sure: sure}
	switch {
	case x.on == onGroup && to.Kind == Group && id.Kind == User:
		t.sure = t.sure.and(e.unbounded(id))
		out = append(out, t)
	case x.on == onUser && to.Kind == User, x.on == onRole && to.Kind == Role:
		out = append(out, t)
	case (x.on == onPassed || x.on == onHost) && to.Kind == Role:
		if t.sure = t.sure.and(e.trusts(to, x.service)); t.sure != No {
			out = append(out, t)
		}
	case x.on == onProvider && to.Kind == Role && to.Trust != nil:
		for _, s := range to.Trust.Statements {
			for _, p := range s.Principals {
				saml := strings.Contains(p.ID, ":saml-provider/")
				if s.Effect == Allow && p.Type == Federated && accountOf(p.ID) == e.account.ID &&
					saml == strings.HasSuffix(x.steps[0][0], "SAMLProvider") {
					t.resource = p.ID
					out = append(out, t)
				}
			}
		}
	}
	return out
}

// try decides one combination on one target.
func (e *Escalator) try(id *Identity, x *escalation, t target) (Escalation, bool) {
	p, text, ok := e.attempt(id, x, t)
	if !ok {
		return p, false
	}
	end := "itself (administrator)"
	if t.id != nil {
		end = t.id.name() + " (administrator)"
		if t.level > 0 {
			end = e.chain(t.id)
		}
	}
	p.Path = fmt.Sprintf("%s → %s → %s", id.name(), text, end)
	return p, true
}

// undecidedPath is said of a path that is Unknown for no reason of its own.
const undecidedPath = "policies leave it undecided, or the target is perhaps an administrator"

// attempt decides the steps of a combination, and says them in words.
func (e *Escalator) attempt(id *Identity, x *escalation, t target) (p Escalation, text string, ok bool) {
	p = Escalation{Answer: t.sure, Target: id.ARN}
	if t.id != nil {
		p.Target = t.id.ARN
	}
	var words []string
	for n, step := range x.steps {
		resource, extra := "*", requestContext(nil)
		if n == 0 && x.on != onHost || x.on == onProvider {
			resource = t.resource
		}
		if x.on == onPassed && n == 0 {
			extra = requestContext{keyPassedTo: present(x.service)}
		}
		best, by := Decision{Some: No}, ""
		for _, action := range step {
			if x.on == onItself && strings.Contains(action, "User") != (id.Kind == User) {
				continue
			}
			d := e.step(id, action, resource, x, t, extra)
			if by == "" || best.Some == No && d.Some != No || best.Some == Unknown && d.Some == Yes {
				best, by = d, action
			}
		}
		if p.Answer = p.Answer.and(best.Some); p.Answer == No {
			return p, "", false
		}
		p.Actions = append(p.Actions, by)
		p.If = append(p.If, best.If...)
		p.Because = append(p.Because, best.Because...)
		if n == 0 && x.on != onHost {
			by += " on " + resourceName(resource)
		}
		words = append(words, by)
	}
	if x.unsure != "" {
		p.Answer, p.Unsure = p.Answer.and(Unknown), x.unsure
	} else if p.Answer == Unknown {
		p.Unsure = undecidedPath
	}
	slices.Sort(p.If)
	p.If = slices.Compact(p.If)
	slices.Sort(p.Because)
	p.Because = slices.Compact(p.Because)
	return p, strings.Join(words, " + "), true
}

func resourceName(arn string) string {
	if seg := arnSegments(arn); len(seg) == 6 {
		return strings.Replace(seg[5], "/", " ", 1)
	}
	return arn
}

// chain gives the rest of a path from someone who can become an administrator.
func (e *Escalator) chain(id *Identity) string {
	i := e.index(id)
	var best string
	for _, p := range e.reach[i] {
		if p.Answer == Yes && (best == "" || p.Path < best) {
			best = p.Path
		}
	}
	return best
}
