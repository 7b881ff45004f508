package cli

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/checks/policies"
	"github.com/ourshare/ourshare/internal/iampolicy"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/inventory/access"
	"github.com/ourshare/ourshare/internal/inventory/kms"
)

// found is a question with its evidence.
type found struct {
	account  *access.Account
	question iampolicy.Question
	unread   []error  // the reasons behind what is not known; none of them need be
	lost     bool     // something was not listed that may add to the answer, and of which the question does not say so
	notSeen  []string // what is never read, and may add to the answer or take away from it
	notes    []string
}

// evidence reads what decides, and no more.
func (a ask) evidence(ctx context.Context, from *opened) (*found, error) {
	switch {
	case a.kind == bucketResource:
		return a.bucket(ctx, from)
	case a.kind == keyResource && !a.foreign(from):
		return a.key(ctx, from)
	}
	store := from.store()
	account := readAccount(ctx, store)
	f := &found{account: account, unread: account.Gaps, question: iampolicy.Question{Action: a.action, Resource: a.resource}}
	switch {
	case a.foreign(from):
		f.theirs(a)
	case a.kind == roleResource:
		return f, f.role(a)
	default:
		return f, f.other(a)
	}
	return f, nil
}

// readAccount needs no region: the account's users and roles are in all of them.
func readAccount(ctx context.Context, store *inventory.Store) *access.Account {
	store.Collect(ctx, inventory.Plan(func(b *inventory.Binder) { access.Read(b) }).Nodes)
	return access.Read(store.Bind(awsapi.Global))
}

// theirs: the resource is another account's. Its own may use it only where that account's policies allow it as well.
func (f *found) theirs(a ask) {
	kind := map[resourceKind]iampolicy.ResourceKind{keyResource: iampolicy.KeyResource, roleResource: iampolicy.RoleTrust}[a.kind]
	f.question.Policy = &iampolicy.ResourcePolicy{Kind: kind, Account: a.account, Unread: true}
	f.unread = append(f.unread, inventory.Insufficient("the resource belongs to account %s, whose policies cannot be seen", a.account))
}

func (f *found) role(a ask) error {
	id, ok := f.account.Identity(a.resource)
	switch {
	case !ok && len(f.account.Missing) == 0:
		return usagef("no such role in account %s: %s", f.account.ID, a.resource)
	case !ok:
		f.question.Policy = &iampolicy.ResourcePolicy{Kind: iampolicy.RoleTrust, Account: f.account.ID, Unread: true}
	default:
		f.question.Policy = &iampolicy.ResourcePolicy{Kind: iampolicy.RoleTrust, Account: f.account.ID, Document: id.Trust, Unread: id.TrustUnread}
		if id.TrustUnread {
			f.unread = append(f.unread, inventory.Insufficient("the trust policy was not given, or is not a policy by the grammar"))
		}
	}
	return nil
}

// withoutPolicies are services whose resources have no policy of their own ("AWS services that work with IAM", IAM User
// Guide; a role's trust policy decides over sessions alone, which are asked for by sts:AssumeRole).
var withoutPolicies = map[string]bool{
	"autoscaling": true, "ebs": true, "ec2": true, "elasticloadbalancing": true, "iam": true, "rds": true,
}

func (f *found) other(a ask) error {
	of, name, _ := strings.Cut(strings.ToLower(a.action), ":")
	if !withoutPolicies[of] {
		f.notSeen = append(f.notSeen, "policies of the resource itself, which ourshare does not read here: they may let in others, and forbid what this says")
	}
	kind, _, _ := strings.Cut(a.rest, "/")
	named := a.service == "iam" && (kind == "user" || kind == "role" || kind == "group") && !strings.ContainsAny(a.rest, "*?")
	if !named || strings.HasPrefix(name, "create") && name != "createaccesskey" && name != "createloginprofile" || len(f.account.Missing) > 0 {
		return nil
	}
	if _, ok := f.account.Identity(a.resource); !ok {
		return usagef("no such %s in account %s: %s", kind, f.account.ID, a.resource)
	}
	return nil
}

type keyEvidence struct {
	account *access.Account
	keys    inventory.Rows[kms.Key]
	listed  inventory.Rows[kms.ListedKey]
	policy  inventory.Facts[kms.Key, kms.Policy]
	grants  inventory.Rows[kms.Grant]
}

func bindKey(b *inventory.Binder) keyEvidence {
	return keyEvidence{
		access.Read(b), inventory.Use(b, kms.Keys), inventory.Use(b, kms.ListedKeys), inventory.Read(b, kms.KeyPolicy), inventory.Use(b, kms.Grants),
	}
}

func (a ask) key(ctx context.Context, from *opened) (*found, error) {
	store := from.store(a.region)
	if from.saved != nil && !slices.Contains(store.Regions, a.region) {
		return nil, usagef("the saved inventory does not hold region %s, only %s", a.region, strings.Join(store.Regions, ", "))
	}
	if len(from.asked) > 0 && !slices.Contains(from.asked, a.region) {
		return nil, usagef("the key lies in %s, not in %s", a.region, strings.Join(from.asked, ", "))
	}
	store.Collect(ctx, inventory.Plan(func(b *inventory.Binder) { bindKey(b) }).Nodes)
	e := bindKey(store.Bind(a.region))
	f := &found{account: e.account, unread: e.account.Gaps, question: iampolicy.Question{Action: a.action, Resource: a.resource}}
	of := &iampolicy.ResourcePolicy{Kind: iampolicy.KeyResource, Account: e.account.ID}
	f.question.Policy = of
	k, listed := e.find(a)
	if listed.Resource == nil {
		if e.listed.Err() == nil && (strings.HasPrefix(a.rest, "key/") || e.aliasesRead(store)) {
			return nil, usagef("no such key in account %s: %s", e.account.ID, a.resource)
		}
		of.Unread = true
		f.unread = append(f.unread, gapErrors(e.listed.Gaps)...)
		f.unread = append(f.unread, gapErrors(store.Gaps(kms.Aliases.Node()))...)
		return f, nil
	}
	if f.question.Resource != listed.ARN {
		f.notes = append(f.notes, a.rest+" is "+listed.ARN)
		f.question.Resource = listed.ARN
	}
	if k.Resource == nil {
		of.Unread = true
		f.unread = append(f.unread, gapErrors(gapsOf(e.keys.Gaps, listed.ARN))...)
		return f, nil
	}
	if k.State != kms.Enabled && k.State != "" {
		f.notes = append(f.notes, "the key's state is "+k.State)
	}
	f.keyPolicy(e.policy.Of(k), k, of)
	f.keyGrants(e.grants, k)
	return f, nil
}

// find looks the key up, by its ARN or by an alias.
func (e keyEvidence) find(a ask) (k kms.Key, listed kms.ListedKey) {
	for _, l := range e.listed.List {
		if l.ARN == a.resource || slices.Contains(l.Aliases, a.rest) {
			listed = l
		}
	}
	for _, row := range e.keys.List {
		if listed.Resource != nil && row.ARN == listed.ARN {
			k = row
		}
	}
	return k, listed
}

func (keyEvidence) aliasesRead(store *inventory.Store) bool {
	return len(store.Gaps(kms.Aliases.Node())) == 0
}

func (f *found) keyPolicy(field inventory.Field[kms.Policy], k kms.Key, of *iampolicy.ResourcePolicy) {
	p, err := field.Get()
	switch {
	case errors.Is(err, inventory.ErrNotAsked) && k.Manager == kms.AWSManaged:
		err = inventory.Insufficient("AWS manages the key, and its policy: it is not read")
	case errors.Is(err, inventory.ErrNotAsked):
		err = inventory.Insufficient("the policy of a key whose state is %s is not read", k.State)
	case errors.Is(err, inventory.ErrGone):
		err = inventory.Insufficient("the key was deleted meanwhile")
	}
	if err == nil {
		of.Document, err = parsed("the key policy", p.Document)
	}
	if err != nil {
		of.Unread = true
		f.unread = append(f.unread, err)
	}
}

// keyGrants are complete where they were listed, and each names whom it is for.
func (f *found) keyGrants(rows inventory.Rows[kms.Grant], k kms.Key) {
	gaps := gapsOf(rows.Gaps, k.ARN)
	f.unread = append(f.unread, gapErrors(gaps)...)
	f.question.GrantsRead = len(gaps) == 0 && k.PolicyAsked()
	for _, g := range rows.List {
		if g.ARN != k.ARN {
			continue
		}
		grant := iampolicy.KeyGrant{ID: g.GrantID, Operations: g.Operations, Constraints: constraints(g)}
		if who, ok := grantee(g.Grantee, g.GranteeService); ok {
			grant.Principal = who
			f.question.Grants = append(f.question.Grants, grant)
		} else {
			f.question.GrantsRead = false
			f.unread = append(f.unread, inventory.Insufficient("the answer does not say whom the grant %s is for", g.GrantID))
		}
		// "The retiring principal can retire the grant" (CreateGrant, API reference), whatever its constraints are.
		if who, ok := grantee(g.Retiring, g.RetiringService); ok {
			f.question.Grants = append(f.question.Grants, iampolicy.KeyGrant{ID: g.GrantID, Principal: who, Operations: []string{"RetireGrant"}})
		}
	}
}

// grantee: AWS KMS shows a service in place of an ARN (ListGrants, API reference).
func grantee(arn, service string) (iampolicy.Principal, bool) {
	switch {
	case service != "":
		return iampolicy.Principal{Type: iampolicy.Service, ID: service}, true
	case arn == "" || strings.ContainsAny(arn, "*?"):
		return iampolicy.Principal{}, false
	case !strings.HasPrefix(arn, "arn:") && strings.HasSuffix(arn, ".amazonaws.com"):
		return iampolicy.Principal{Type: iampolicy.Service, ID: arn}, true
	}
	return iampolicy.Principal{Type: iampolicy.AWS, ID: arn}, true
}

func constraints(g kms.Grant) (out []string) {
	for _, c := range []struct {
		words string
		pairs kms.Context
	}{{"the encryption context is", g.ContextEquals}, {"the encryption context has", g.ContextSubset}} {
		var pairs []string
		for _, k := range slices.Sorted(maps.Keys(c.pairs)) {
			pairs = append(pairs, k+"="+c.pairs[k])
		}
		if len(pairs) > 0 {
			out = append(out, c.words+" "+strings.Join(pairs, ", "))
		}
	}
	if g.SourceARN != "" {
		out = append(out, "it is for "+g.SourceARN)
	}
	if g.ConstraintsGiven && len(out) == 0 {
		out = append(out, "constraints hold that the answer does not give")
	}
	return out
}

// gapsOf are those of one resource, and those of a dataset as a whole: a gap without a parent that names a call is one of
// the listing that the resource came through.
func gapsOf(gaps []inventory.Gap, arn string) []inventory.Gap {
	return slices.DeleteFunc(slices.Clone(gaps), func(g inventory.Gap) bool {
		return g.Parent != nil && g.Parent.ARN != arn || g.Parent == nil && g.Operation != ""
	})
}

// parsed reads a policy; one that is none by the grammar was read, and says nothing.
func parsed(what, text string) (*iampolicy.Document, error) {
	doc, err := iampolicy.Parse(text)
	if err != nil {
		return nil, policies.Unjudged(what, err.Error())
	}
	return doc, nil
}
