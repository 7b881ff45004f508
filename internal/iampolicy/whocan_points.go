package iampolicy

import (
	"cmp"
	"slices"
	"strings"
)

// AccessPoint is a way to a bucket with a policy of its own, of one region or of several. Both it and the bucket must allow
// a request that comes by it ("Configuring IAM policies for using access points", Amazon S3 User Guide).
type AccessPoint struct {
	Name    string // in words: "access point reports"
	ARN     string
	Account string
	// VPCOnly is set for one that takes requests from one VPC alone, which VPC names if it is known. It is never public.
	VPCOnly bool
	VPC     string
	// Policies are those that are in force somewhere: usually one, or none.
	Policies []*Document
	// Unread is set where the policy could not be read.
	Unread bool
	// RestrictPublicBuckets is that of its own block. The zero value is Unknown.
	RestrictPublicBuckets Answer
}

// keyPointOrigin is Internet or VPC ("Actions, resources, and condition keys for Amazon S3").
const keyPointOrigin = "s3:accesspointnetworkorigin"

// pointActions are those of the bucket that can be asked for by an access point, besides those of objects ("Access point
// compatibility with S3 operations", Amazon S3 User Guide).
var pointActions = []string{"s3:listbucket", "s3:listbucketversions", "s3:listbucketmultipartuploads", "s3:getbucketlocation"}

// known is what every request by the access point has.
func (p *AccessPoint) known() requestContext {
	c := requestContext{
		keyAccessPointARN: present(p.ARN), keyAccessPointAccount: present(p.Account), keyPointOrigin: present("Internet"),
	}
	if p.VPCOnly {
		c[keyPointOrigin] = present("VPC")
		if p.VPC != "" {
			c["aws:sourcevpc"] = present(p.VPC)
		}
	}
	return c
}

// at gives a resource of the bucket as the access point names it ("Access point ARNs"), and back.
func (p *AccessPoint) at(bucket, resource string) string {
	if key, ok := strings.CutPrefix(resource, bucket+"/"); ok {
		return p.ARN + "/object/" + key
	}
	return p.ARN
}

func (p *AccessPoint) back(bucket, resource string) string {
	if key, ok := strings.CutPrefix(resource, p.ARN+"/object/"); ok {
		return bucket + "/" + key
	}
	if resource == p.ARN {
		return bucket
	}
	return ""
}

// serves tells whether access points can be asked for the action.
func (q Question) serves() bool {
	action := lower(q.Action)
	return q.Bucket != nil && !q.Bucket.PolicyUnread &&
		(slices.Contains(pointActions, action) || slices.ContainsFunc(objectActions, func(a string) bool { return lower(a) == action }))
}

// named puts the access point's name to the statements of its policy.
func (p *AccessPoint) named(list []string) []string {
	return renamed(list, "policy of "+p.Name)
}

// throughPoints gives what an identity of the account may by access points and may not, or not as freely, without them.
func (a *Account) throughPoints(id *Identity, q Question, direct Decision) (out []Access) {
	if !q.serves() || direct.All == Yes && len(direct.IfAll) == 0 {
		return nil
	}
	for i := range q.Points {
		p := &q.Points[i]
		docs := p.Policies
		if len(docs) == 0 {
			docs = []*Document{nil}
		}
		if p.Unread {
			continue // said by pointOutsiders
		}
		for _, doc := range docs {
			d := p.both(q, func(resource string) (Decision, Decision) {
				bucket := a.decideWith(id, q.Action, resource, q.resourcePolicy(), p.known())
				if bucket.Some == No {
					return bucket, bucket
				}
				of := &ResourcePolicy{Account: p.Account, Document: doc}
				return bucket, a.decideWith(id, q.Action, p.at(q.Bucket.arn(), resource), of, p.known())
			})
			if !more(d, direct) {
				continue
			}
			x := Access{Who: id.ARN, Identity: id, Decision: d, Through: p.Name, Notes: p.notes()}
			out = append(out, x)
		}
	}
	return out
}

func (p *AccessPoint) notes() []string {
	if !p.VPCOnly {
		return nil
	}
	return []string{"from within " + cmp.Or(p.VPC, "one VPC") + " alone"}
}

// more tells whether a way gives anything beyond another.
func more(d, than Decision) bool {
	switch {
	case d.Some == No:
		return false
	case than.Some != Yes, d.Some == Yes && len(d.If) == 0 && len(than.If) > 0:
		return true
	case than.All != Yes && (d.All == Yes || d.Resource != than.Resource):
		return true
	}
	return d.All == Yes && len(d.IfAll) == 0 && len(than.IfAll) > 0
}

// both joins what the bucket and the access point answer about the same requests; decide gives both answers for a resource
// of the bucket.
func (p *AccessPoint) both(q Question, decide func(resource string) (bucket, point Decision)) Decision {
	join := func(b, p Decision) Decision {
		d := Decision{Some: b.Some.and(p.Some), All: b.All.and(p.All), Resource: cmp.Or(p.Resource, b.Resource)}
		var meet bool
		if d.If, meet = together(b.If, p.If); !meet {
			d.Some = d.Some.and(Unknown)
		}
		if d.IfAll, meet = together(b.IfAll, p.IfAll); !meet {
			d.All = d.All.and(Unknown)
		}
		return d
	}
	arn := q.Bucket.arn()
	ask := func(resource string) (Decision, Decision) {
		b, at := decide(resource)
		b = q.named(b)
		at.Because, at.Against, at.Resource = p.named(at.Because), p.named(at.Against), p.back(arn, at.Resource)
		return b, at
	}
	b, at := ask(q.Resource)
	d := join(b, at)
	d.Because, d.Against = slices.Concat(b.Because, at.Because), slices.Concat(b.Against, at.Against)
	slices.Sort(d.Because)
	slices.Sort(d.Against)
	d.Because, d.Against = slices.Compact(d.Because), slices.Compact(d.Against)
	if d.Some == No || b.All == Yes && len(b.IfAll) == 0 || at.All == Yes && len(at.IfAll) == 0 {
		return d
	}
	// Each allows some: the same ones?
	d.Some, d.If, d.Resource = d.Some.and(Unknown), nil, ""
	for _, resource := range []string{at.Resource, b.Resource} {
		if resource == "" || strings.ContainsAny(resource, "*?") {
			continue
		}
		if one := join(ask(resource)); one.Some == Yes {
			d.Some, d.If, d.Resource = Yes, one.If, resource
			break
		}
	}
	return d
}

// together joins two lists of conditions; meet is false where whether one request can meet both is not decided.
func together(a, b []string) (out []string, meet bool) {
	out = slices.Concat(a, b)
	slices.Sort(out)
	out = slices.Compact(out)
	return out, len(a) == 0 || len(b) == 0 || slices.Equal(a, b)
}

// pointOutsiders gives those beyond the account to whom an access point gives the action and whom the bucket lets in by it.
// whole is false where more may be let in: by a policy that was not read, or by access points of other accounts.
func (a *Account) pointOutsiders(q Question) (out []Access, whole bool) {
	whole = true
	if !q.serves() {
		return nil, whole
	}
	for i := range q.Points {
		p := &q.Points[i]
		whole = whole && !p.Unread
		for _, doc := range p.Policies {
			for k := range doc.Statements {
				s := &doc.Statements[k]
				if s.Effect == Allow && matchesAction(s, lower(q.Action)) != No {
					out = append(out, a.pointStatement(q, p, doc, s)...)
				}
			}
		}
	}
	foreign := a.foreignPoints(q)
	return append(out, foreign...), whole && len(foreign) == 0
}

// pointStatement gives those whom one statement of an access point's policy lets in.
func (a *Account) pointStatement(q Question, p *AccessPoint, doc *Document, s *Statement) (out []Access) {
	at := q
	at.Resource = p.at(q.Bucket.arn(), q.Resource)
	may := func(g Grantee) Answer {
		result := No
		for _, base := range doc.contextsIn(g) {
			result = result.or(doc.outsiderMay(s, g, merged(base, p.known()), at).All)
		}
		return result
	}
	for _, to := range doc.recipients(s, false, may) {
		if a.own(to) {
			continue
		}
		d, direct := Decision{Some: No, All: No}, Decision{Some: No, All: No}
		for _, base := range doc.contextsIn(to) {
			here := s.facts(merged(base, p.known()), doc.hasVariables())
			one := p.both(q, func(resource string) (Decision, Decision) {
				there := q
				there.Resource = p.at(q.Bucket.arn(), resource)
				return q.Bucket.grants(to, here, q.Action, resource), doc.outsiderMay(s, to, merged(base, p.known()), there)
			})
			if d.Some.or(one.Some) != d.Some || d.Because == nil {
				some, all := d.Some, d.All
				d = one
				d.Some, d.All = some.or(one.Some), all.or(one.All)
			} else {
				d.All = d.All.or(one.All)
			}
			without := q.Bucket.grants(to, merged(here, q.known()), q.Action, q.Resource)
			if direct.Some.or(without.Some) != direct.Some {
				direct = without
			}
		}
		if !more(d, direct) {
			continue
		}
		x := Access{
			Who: to.String(), Grantee: to, Decision: d, Through: p.Name, Notes: p.notes(),
			Conditions: conditionsOf(s, func(t Test) bool { return isAccessPointKey(t.Key) }),
		}
		x.qualify()
		x.cutBy(p.cutOff(q.Bucket, doc))
		if x.Decision.Some != No {
			out = append(out, x)
		}
	}
	return out
}

// own tells whether a grantee is of the account, and so was answered for among its users and roles.
func (a *Account) own(to Grantee) bool {
	return to.Account == a.ID && (to.Kind != ToPrincipal || !isSession(to.ID))
}

// cutOff tells whether RestrictPublicBuckets, of the access point, the bucket or the account, cuts off those whom a public
// policy lets in. By AWS's definition a policy that names its own access point or account may not be public, which limits
// nobody: then it is not known.
func (p *AccessPoint) cutOff(b *Bucket, doc *Document) Answer {
	public := No
	if !p.VPCOnly {
		r := doc.S3Public()
		public = r.Answer
		if public == No && r.DelegatesToAccessPoints {
			public = Unknown
		}
	}
	return b.cutOff().or(p.RestrictPublicBuckets.or(b.RestrictPublicBuckets).and(public))
}

// grants decides by all statements of the bucket policy for one grantee, of whose requests the context is known.
func (b *Bucket) grants(to Grantee, known requestContext, action, resource string) Decision {
	e := &evaluation{base: known, attached: true}
	if b.Policy == nil {
		return Decision{Some: No, All: No}
	}
	vars := b.Policy.hasVariables()
	for i := range b.Policy.Statements {
		s := &b.Policy.Statements[i]
		if s.Effect != Allow {
			continue
		}
		if a := s.appliesToGrantee(to); a != No {
			e.resource = append(e.resource, &rule{
				policy: "resource policy", st: s, vars: vars, applies: a, direct: true, free: true,
			})
		}
	}
	for _, r := range b.Policy.deniesFor(to) {
		r.policy = "resource policy"
		e.resource = append(e.resource, r)
	}
	return e.decide(lower(action), resource)
}

// foreignPoints gives the statements of the bucket policy that leave it to access points of other accounts, whose policies
// cannot be seen.
func (a *Account) foreignPoints(q Question) (out []Access) {
	doc := q.Bucket.Policy
	if doc == nil {
		return nil
	}
	ways := a.foreignWays(doc)
	for i := range doc.Statements {
		s := &doc.Statements[i]
		if len(ways) == 0 || s.Effect != Allow || matchesAction(s, lower(q.Action)) == No {
			continue
		}
		for _, to := range doc.recipients(s, false, func(Grantee) Answer { return No }) {
			if a.own(to) || to.Kind == ToService {
				continue
			}
			d := Decision{Some: No}
			for _, base := range doc.contextsIn(to) {
				if doc.outsiderMay(s, to, merged(base, q.known()), q).All == Yes {
					continue // already without an access point
				}
				for _, way := range ways {
					if one := doc.outsiderMay(s, to, merged(base, way), q); one.Some != No && d.Some == No {
						d = one
					}
				}
			}
			if d.Some == No {
				continue
			}
			d = q.named(d)
			d.Some, d.All, d.If, d.IfAll, d.Resource = Unknown, Unknown, nil, nil, ""
			x := Access{
				Who: to.String(), Grantee: to, Decision: d, Through: "an access point of another account", Conditions: conditionsOf(s, nil),
				Notes: []string{"whom it lets in cannot be seen from here"},
			}
			x.cutBy(q.Bucket.cutOff())
			if x.Decision.Some != No {
				out = append(out, x)
			}
		}
	}
	return out
}

// foreignWays are requests by access points of other accounts: of those that the policy names, and of any. None where the
// policy does not speak of access points.
func (a *Account) foreignWays(doc *Document) (out []requestContext) {
	add := func(account, arn string) {
		out = append(out, requestContext{keyAccessPointARN: present(arn), keyAccessPointAccount: present(account)})
	}
	const name = ":accesspoint/other"
	spoken := false
	for i := range doc.Statements {
		for _, t := range doc.Statements[i].Conditions {
			if !isAccessPointKey(t.Key) {
				continue
			}
			spoken = true
			for _, v := range t.Values {
				account, arn := v, "arn:"+a.partition()+":s3:us-east-1:"+v+name
				if seg := arnSegments(v); len(seg) == 6 {
					if compileGlob(seg[4], false).match(stranger) {
						seg[4] = stranger
					}
					account, arn = seg[4], instance(strings.Join(seg, ":"))
				}
				if accountID.MatchString(account) && account != a.ID {
					add(account, arn)
				}
			}
		}
	}
	if spoken {
		add(stranger, "arn:"+a.partition()+":s3:us-east-1:"+stranger+name)
	}
	return out[:min(len(out), 16)]
}
