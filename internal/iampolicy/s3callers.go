package iampolicy

import (
	"maps"
	"net/netip"
	"slices"
	"strings"
)

// stranger is an account, and otherOrganization an organization, that stands for every other one.
const (
	stranger          = "210987654321"
	otherOrganization = "o-z9y8x7w6v5"
)

// otherEndpoint is a VPC, and an endpoint in it, that stand for all of other accounts.
var otherEndpoint = requestContext{
	"aws:sourcevpc": present("vpc-0f9e8d7c6b5a43210"), "aws:sourcevpce": present("vpce-0f9e8d7c6b5a43210"), keySourceIP: absent,
}

// outside are the keys that a caller's own request from outside AWS does not have ("AWS global condition context keys").
var outside = []string{
	"aws:sourcearn", "aws:sourceaccount", "aws:sourceowner", "aws:sourceorgid", "aws:sourceorgpaths",
	"aws:tokenissuetime", "aws:multifactorauthpresent", "aws:multifactorauthage", "aws:calledvia", "aws:calledviafirst",
	"aws:calledvialast", "aws:principalorgid", "aws:principalorgpaths", "aws:principalservicename",
	"aws:principalservicenameslist",
}

// identity are the keys that an anonymous request lacks as well.
var identity = []string{
	"aws:principalarn", "aws:principalaccount", "aws:userid", "aws:username", "aws:principalisawsservice",
}

// headers are the keys that a client fills by what it asks for: the requests that are tried go straight to the bucket and
// have none of it.
var headers = []string{
	"s3:x-amz-acl", "s3:x-amz-copy-source", "s3:x-amz-metadata-directive", "s3:x-amz-server-side-encryption",
	"s3:x-amz-server-side-encryption-aws-kms-key-id", "s3:x-amz-server-side-encryption-customer-algorithm",
	"s3:x-amz-grant-read", "s3:x-amz-grant-write", "s3:x-amz-grant-read-acp", "s3:x-amz-grant-write-acp",
	"s3:x-amz-grant-full-control", "s3:x-amz-storage-class", "s3:x-amz-website-redirect-location", "s3:prefix",
	"s3:delimiter", "s3:max-keys", keyAccessPointARN, keyAccessPointAccount, "s3:accesspointnetworkorigin", "aws:referer",
}

// askedBy gives an action whose requests can have a key that a client fills, or that tells of the object asked for
// ("Actions, resources, and condition keys for Amazon S3").
func askedBy(key string) (action string, ok bool) {
	switch {
	case key == "s3:prefix" || key == "s3:delimiter" || key == "s3:max-keys":
		return "s3:ListBucket", true
	case strings.HasPrefix(key, objectTagPrefix):
		return "s3:GetObject", true
	case strings.HasPrefix(key, "s3:x-amz-") && slices.Contains(headers, key):
		return "s3:PutObject", true
	default:
		return "", false
	}
}

// callers gives the ways to make a request that are tried: an anonymous one, one by a user of another account, and, for
// what the Deny statements name, one that has it; each of them in every one of the networks.
func (t *tlsProof) callers() []caller {
	simple := requestContext{"aws:useragent": present("curl/8.5.0")}
	overHTTP(simple)
	for _, key := range headers {
		simple[key] = absent
	}
	t.setAbsent(simple, objectTagPrefix)
	anonymous := caller{name: "an anonymous caller", context: maps.Clone(simple)}
	t.setOutside(anonymous.context)
	for _, key := range identity {
		anonymous.context[key] = absent
	}
	anonymous.context[keyPrincipalType] = present("Anonymous")
	user := Principal{AWS, "arn:" + t.partition + ":iam::" + stranger + ":user/someone"}
	foreign := caller{name: "a user of another account", who: user, signed: true, context: maps.Clone(simple)}
	t.setOutside(foreign.context)
	maps.Copy(foreign.context, principalContext(user))
	foreign.context["aws:userid"] = present("AIDAEXAMPLEOFSOMEONE1")
	foreign.context["aws:username"] = present("someone")
	foreign.context[keyPrincipalType] = present("User")
	foreign.context["aws:principalisawsservice"] = present("false")

	callers := []caller{anonymous, foreign}
	for _, c := range t.namedCallers() {
		c.context = merged(simple, c.context)
		callers = append(callers, c)
	}
	var out []caller
	for _, n := range t.networks() {
		for _, c := range callers {
			if len(out) == maxExamples {
				return out
			}
			if c.service {
				if n.name != "" {
					continue
				}
			} else {
				c.context = merged(c.context, n.context)
			}
			c.name += n.name
			out = append(out, c)
		}
	}
	return out
}

// setOutside makes absent what a request from outside lacks, tags of the caller among it.
func (t *tlsProof) setOutside(c requestContext) {
	for _, key := range outside {
		c[key] = absent
	}
	c["aws:viaawsservice"] = present("false")
	t.setAbsent(c, tagPrefix)
}

// setAbsent takes away the keys of a prefix that the Deny statements name.
func (t *tlsProof) setAbsent(c requestContext, prefix string) {
	for i := range t.denies {
		for _, test := range t.denies[i].Conditions {
			if key := lower(test.Key); strings.HasPrefix(key, prefix) {
				c[key] = absent
			}
		}
	}
}

const (
	tagPrefix        = "aws:principaltag/"
	objectTagPrefix  = "s3:existingobjecttag/"
	keyPrincipalType = "aws:principaltype"
)

func merged(a, b requestContext) requestContext {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}

// namedCallers gives a caller for each principal that the Deny statements leave out or ask for.
func (t *tlsProof) namedCallers() []caller {
	var out []caller
	seen := map[string]bool{}
	add := func(c caller) {
		if !seen[c.name] {
			seen[c.name] = true
			out = append(out, c)
		}
	}
	for i := range t.denies {
		x := &t.denies[i]
		if x.NotPrincipal {
			for _, p := range x.Principals {
				if a, _ := p.fixed(); a == Yes {
					add(caller{name: p.String() + ", who is left out", who: p, signed: true, context: principalContext(p)})
				}
			}
		}
		for _, test := range x.Conditions {
			key, values := lower(test.Key), test.Values
			if test.Operator.Base == "Null" {
				values = []string{"x"} // true and false are no values of the key
			}
			if key == "aws:principalorgid" {
				values = append(slices.Clone(values), otherOrganization)
			}
			for _, v := range values {
				if c, ok := callerWith(key, v); ok {
					add(c)
				}
			}
		}
	}
	return out
}

func principalContext(p Principal) requestContext {
	c := requestContext{}
	if account := accountOf(p.ID); p.Type == AWS && accountID.MatchString(account) {
		c["aws:principalaccount"] = present(account)
	}
	if p.Type == AWS && strings.HasPrefix(p.ID, "arn:") && strings.Contains(p.ID, ":iam:") {
		c["aws:principalarn"] = present(p.ID)
	}
	return c
}

// callerWith gives a caller that has a value of a key which tells who is calling, or by which program. Nothing else of it
// is known.
func callerWith(key, v string) (caller, bool) {
	v = instance(v)
	c := caller{signed: true, context: requestContext{}}
	switch key {
	case "aws:principalarn":
		p := Principal{AWS, v}
		if a, _ := p.fixed(); a != Yes || !strings.Contains(v, ":iam:") {
			return caller{}, false
		}
		c.who, c.context = p, principalContext(p)
		c.context["aws:principalisawsservice"] = present("false")
	case "aws:principalaccount", "aws:principalorgid", "aws:userid", "aws:username", "aws:useragent", "aws:referer":
		c.context[key] = present(v)
	case "aws:sourcearn", "aws:sourceaccount", "aws:sourceowner", "aws:sourceorgid", "aws:principalservicename":
		c.service, c.context[key] = true, present(v)
	case "aws:principalisawsservice", "aws:viaawsservice":
		v = "true"
		c.context[key] = present(v)
	default:
		action, ok := askedBy(key)
		if !ok && !strings.HasPrefix(key, tagPrefix) {
			return caller{}, false
		}
		c.action, c.context[key] = action, present(v)
	}
	c.name = "a caller with " + key + " " + v
	return c, true
}

// instance gives a text that a pattern matches.
func instance(pattern string) string {
	return strings.NewReplacer("*", "x", "?", "x").Replace(pattern)
}

// network is the way a request comes.
type network struct {
	name    string
	context requestContext
}

// networks gives the ways that are tried: from a public address, from addresses inside and beside the ranges that the
// Deny statements name, and through the VPCs and VPC endpoints that they name and one that they do not.
func (t *tlsProof) networks() []network {
	var out []network
	seen := map[string]bool{}
	add := func(name string, c requestContext) {
		if !seen[name] {
			seen[name] = true
			out = append(out, network{name, c})
		}
	}
	address := func(name, ip string) {
		// aws:SourceIp is there unless the request comes through a VPC endpoint ("IP address condition operators").
		add(name, requestContext{
			keySourceIP: present(ip), "aws:sourcevpc": absent, "aws:sourcevpce": absent, "aws:vpcsourceip": absent,
		})
	}
	// Through a VPC endpoint the address is missing, and which VPC and endpoint it is, is open.
	other := false
	address("", "1.2.3.4")
	add(" through a VPC endpoint", requestContext{keySourceIP: absent})
	for i := range t.denies {
		for _, test := range t.denies[i].Conditions {
			for _, v := range test.Values {
				switch key := lower(test.Key); key {
				case keySourceIP:
					if p, ok := parseCIDR(v); ok {
						for _, a := range []netip.Addr{p.Addr(), p.Addr().Prev()} {
							if a.IsGlobalUnicast() && !a.IsPrivate() && !a.Is4In6() {
								address(" from "+a.String(), a.String())
							}
						}
					}
				case "aws:sourcevpc", "aws:sourcevpce":
					other = true
					if test.Operator.Base != "Null" {
						add(" through "+instance(v), requestContext{key: present(instance(v)), keySourceIP: absent})
					}
				}
			}
		}
	}
	if other {
		add(" through another account's VPC endpoint", otherEndpoint)
	}
	return out
}
