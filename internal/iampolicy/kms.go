package iampolicy

import "strings"

// KeyPublic tells whether a KMS key's policy lets the principals of every AWS account use or manage the key. AWS KMS takes
// no anonymous requests. A statement for everyone is limited by kms:CallerAccount, aws:PrincipalOrgID and the other keys
// that say who asks or from where, with fixed values; kms:ViaService alone, an encryption context or a grant's
// constraint is no limit, since every account can meet it.
//
// Sources: "Key policies in AWS KMS", "Condition keys for AWS KMS" (kms:CallerAccount: "use this condition key to allow or
// deny access to all identities (users and roles) in an AWS account"; kms:ViaService), AWS KMS Developer Guide. Grants of
// the key are not looked at: they name their grantees.
func (d *Document) KeyPublic() Verdict {
	var list []Verdict
	for _, g := range d.grants(true) {
		if !g.Grantee.open() && g.Grantee.Kind != ToUnclear && g.Grantee.Kind != ToFederated {
			continue
		}
		if !g.speaksOfService("kms") {
			continue
		}
		v := Verdict{Answer: g.Holds.and(g.Limited.not())}
		v.add(g.Ref, "%s", strings.TrimSuffix(g.String(), " ("+g.Ref.String()+")"))
		list = append(list, v)
	}
	return strongest(list, "no statement gives the key to everyone")
}

// speaksOfService tells whether a grant has an action of a service.
func (g Grant) speaksOfService(name string) bool {
	if g.NotAction {
		return true
	}
	to := newArea(name + ":*")
	for _, a := range g.Actions {
		if r, _ := relateAction(a, to); r != apart {
			return true
		}
	}
	return false
}
