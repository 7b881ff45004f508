package iampolicy

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	pointARN   = "arn:aws:s3:eu-west-1:" + mine + ":accesspoint/p"
	throughAny = `{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"],"Condition":{"StringEquals":{"s3:DataAccessPointAccount":"` + mine + `"}}}`
	noHTTP     = `{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}`
)

// pointAllows is a statement of the access point's policy.
func pointAllows(principal, objects string) string {
	return `{"Effect":"Allow","Principal":` + principal + `,"Action":"s3:GetObject","Resource":"` + pointARN + `/object/` + objects + `"}`
}

// said writes an answer as the tables here do.
func said(list []Access) (out []string) {
	for _, x := range list {
		s := strings.TrimPrefix(x.Who, on)
		if x.Through != "" {
			s += " through " + x.Through
		}
		s += ": " + x.Decision.Some.String() + "/" + x.Decision.All.String()
		if len(x.Decision.If) > 0 {
			s += " if " + strings.Join(x.Decision.If, " and ")
		}
		out = append(out, s)
	}
	return out
}

func TestAccessPoints(t *testing.T) {
	all := userWith(t, "all", `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`)
	direct := userWith(t, "direct", `{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/*"}`)
	byPoint := userWith(t, "point", `{"Effect":"Allow","Action":"s3:*","Resource":"`+pointARN+`/object/*"}`)
	a := &Account{ID: mine, Identities: []Identity{all, direct, byPoint, userWith(t, "none")}}
	point := func(change func(*AccessPoint), statements ...string) []AccessPoint {
		p := AccessPoint{Name: "p", ARN: pointARN, Account: mine, RestrictPublicBuckets: No}
		if len(statements) > 0 {
			p.Policies = []*Document{mustParse(t, statements...)}
		}
		if change != nil {
			change(&p)
		}
		return []AccessPoint{p}
	}
	root := "root: yes/yes"
	other := `{"AWS":"` + theirs + `"}`
	for _, tt := range []struct {
		name     string
		bucket   []string
		points   []AccessPoint
		restrict Answer
		want     []string
		whole    bool
	}{
		{"no point", []string{throughAny}, nil, No, []string{root, "user/all: yes/yes", "user/direct: yes/yes"}, true},
		{"a point without a policy: the identity allows it on the point, the bucket by it", []string{throughAny}, point(nil), No, []string{root, "user/all: yes/yes", "user/direct: yes/yes", "user/point through p: yes/yes"}, true},
		{"the bucket leaves it to nobody", nil, point(nil, pointAllows(other, "*")), No, []string{root, "user/all: yes/yes", "user/direct: yes/yes"}, true},
		{"another account", []string{throughAny}, point(nil, pointAllows(other, "*")), No, []string{root, "user/all: yes/yes", "user/direct: yes/yes", "user/point through p: yes/yes", "account " + theirs + " through p: yes/yes"}, true},
		{"a part of it", []string{throughAny}, point(nil, pointAllows(other, "a/*")), No, []string{root, "user/all: yes/yes", "user/direct: yes/yes", "user/point through p: yes/yes", "account " + theirs + " through p: yes/no"}, true},
		{
			"other parts on both sides",
			[]string{strings.Replace(throughAny, `"arn:aws:s3:::b/*"`, `"arn:aws:s3:::b/x/*"`, 1)},
			point(nil, pointAllows(other, "a/*")), No,
			[]string{root, "user/all: yes/yes", "user/direct: yes/yes", "user/point through p: yes/no", "account " + theirs + " through p: unknown/no"},
			true,
		},
		{
			"one part within the other",
			[]string{strings.Replace(throughAny, `"arn:aws:s3:::b/*"`, `"arn:aws:s3:::b/x/*"`, 1)},
			point(nil, pointAllows(other, "x/y/*")), No,
			[]string{root, "user/all: yes/yes", "user/direct: yes/yes", "user/point through p: yes/no", "account " + theirs + " through p: yes/no"},
			true,
		},
		{
			"everyone, but not by plain HTTP",
			[]string{throughAny, noHTTP},
			point(nil, pointAllows(`"*"`, "*")), No,
			[]string{
				root + ` if not (Bool aws:SecureTransport ["false"])`, `user/all: yes/yes if not (Bool aws:SecureTransport ["false"])`,
				`user/direct: yes/yes if not (Bool aws:SecureTransport ["false"])`, `user/none through p: yes/yes if not (Bool aws:SecureTransport ["false"])`,
				`user/point through p: yes/yes if not (Bool aws:SecureTransport ["false"])`, `anyone through p: yes/yes if not (Bool aws:SecureTransport ["false"])`,
			},
			true,
		},
		{
			"cut off by the point's own block",
			[]string{throughAny},
			point(func(p *AccessPoint) { p.RestrictPublicBuckets = Yes }, pointAllows(`"*"`, "*")), No,
			[]string{root, "user/all: yes/yes", "user/direct: yes/yes", "user/none through p: yes/yes", "user/point through p: yes/yes"},
			true,
		},
		{
			"the block not known",
			[]string{throughAny},
			point(func(p *AccessPoint) { p.RestrictPublicBuckets = Unknown }, pointAllows(`"*"`, "*")), No,
			[]string{root, "user/all: yes/yes", "user/direct: yes/yes", "user/none through p: yes/yes", "user/point through p: yes/yes", "anyone through p: unknown/unknown"},
			true,
		},
		{
			"from a VPC it is never public",
			[]string{throughAny},
			point(func(p *AccessPoint) { p.RestrictPublicBuckets, p.VPCOnly = Yes, true }, pointAllows(other, "*")), Yes,
			[]string{root, "user/all: yes/yes", "user/direct: yes/yes", "user/point through p: yes/yes", "account " + theirs + " through p: yes/yes"},
			true,
		},
		{
			"only by access points",
			[]string{
				`{"Effect":"Allow","Principal":` + other + `,"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}`,
				`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b/*","Condition":{"StringNotEquals":{"s3:DataAccessPointAccount":"` + mine + `"}}}`,
			},
			point(nil, pointAllows(other, "*")), No,
			[]string{"root through p: yes/yes", "user/all through p: yes/yes", "account " + theirs + " through p: yes/yes"},
			true,
		},
		{"not read", []string{throughAny}, point(func(p *AccessPoint) { p.Unread = true }), No, []string{root, "user/all: yes/yes", "user/direct: yes/yes"}, false},
		{
			"points of another account",
			[]string{strings.Replace(throughAny, mine, theirs, 1)},
			nil, No,
			[]string{root, "user/all: yes/yes", "user/direct: yes/yes", "anyone through an access point of another account: unknown/unknown"},
			false,
		},
		{
			"points of any account",
			[]string{strings.Replace(throughAny, `"StringEquals":{"s3:DataAccessPointAccount":"`+mine+`"}`, `"StringLike":{"s3:DataAccessPointArn":"arn:aws:s3:*:*:accesspoint/p"}`, 1)},
			point(nil, pointAllows(other, "*")), No,
			[]string{
				root, "user/all: yes/yes", "user/direct: yes/yes", "user/point through p: yes/yes", "account " + theirs + " through p: yes/yes",
				"anyone through an access point of another account: unknown/unknown",
			},
			false,
		},
	} {
		b := &Bucket{Name: "b", Account: mine, RestrictPublicBuckets: tt.restrict, IgnorePublicACLs: Yes, OwnerEnforced: Yes}
		if len(tt.bucket) > 0 {
			b.Policy = mustParse(t, tt.bucket...)
		}
		list, whole := a.WhoCan(Question{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/*", Bucket: b, Points: tt.points})
		if diff := cmp.Diff(tt.want, said(list)); diff != "" || whole != tt.whole {
			t.Errorf("%s: whole %v: %s", tt.name, whole, diff)
		}
		if !a.PointsMatter(b) && len(tt.bucket) > 0 {
			t.Errorf("%s: access points count as of no account", tt.name)
		}
	}
	if a.PointsMatter(&Bucket{Policy: mustParse(t, noHTTP)}) {
		t.Error("no policy speaks of access points")
	}
}

func TestRootOfABucket(t *testing.T) {
	shut := mustParse(t, `{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]}`)
	a := &Account{ID: mine, Identities: []Identity{userWith(t, "admin", full)}}
	for action, want := range map[string][]string{
		"s3:DeleteBucketPolicy": {"root: yes/yes"}, "s3:DeleteBucket": nil,
	} {
		list, _ := a.WhoCan(Question{Action: action, Resource: "arn:aws:s3:::b", Bucket: &Bucket{Name: "b", Account: mine, Policy: shut, OwnerEnforced: Yes}})
		if diff := cmp.Diff(want, said(list)); diff != "" {
			t.Errorf("%s: %s", action, diff)
		}
	}
}

// A public policy under RestrictPublicBuckets keeps out those whom an ACL lets in as well.
func TestACLUnderRestriction(t *testing.T) {
	a := &Account{ID: mine}
	b := &Bucket{
		Name: "b", Account: mine, ACL: []ACLGrant{{"other", "READ"}}, OwnerCanonicalID: "me", OwnerEnforced: No, IgnorePublicACLs: Yes,
		Policy: mustParse(t, `{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}`),
	}
	root := "root: yes/yes"
	for restrict, want := range map[Answer][]string{
		No: {root, "canonical other: yes/yes"}, Unknown: {root, "canonical other: unknown/unknown"}, Yes: {root},
	} {
		b.RestrictPublicBuckets = restrict
		list, _ := a.WhoCan(Question{Action: "s3:ListBucket", Resource: "arn:aws:s3:::b", Bucket: b})
		if diff := cmp.Diff(want, said(list)); diff != "" {
			t.Errorf("restricted %s: %s", restrict, diff)
		}
	}
}
