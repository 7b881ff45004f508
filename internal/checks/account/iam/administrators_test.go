package iam

import (
	"testing"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/checks/checktest"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	iaminv "github.com/ourshare/ourshare/internal/inventory/iam"
)

// principalRow is a user or role with inline policies of one statement each.
func principalRow(kind iaminv.PrincipalKind, path string, statements ...string) iaminv.Principal {
	p := iaminv.Principal{Resource: &inventory.Resource{ID: path, ARN: "arn:aws:iam::" + checktest.Account + ":" + path, Region: "global"}, Kind: kind, Path: "/"}
	for _, s := range statements {
		p.Inline = append(p.Inline, iaminv.InlinePolicy{Name: "own", Document: new(`{"Version":"2012-10-17","Statement":[` + s + `]}`)})
	}
	return p
}

func allows(actions string) string {
	return `{"Effect":"Allow","Action":` + actions + `,"Resource":"*"}`
}

const (
	all          = `{"Effect":"Allow","Action":"*","Resource":"*"}`
	allWithMFA   = `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}`
	powerUser    = `{"Effect":"Allow","NotAction":["iam:*","organizations:*","account:*"],"Resource":"*"}`
	denyEvery    = `{"Effect":"Deny","Action":"*","Resource":"*"}`
	denyBilling  = `{"Effect":"Deny","Action":"aws-portal:*","Resource":"*"}`
	readsObjects = `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}`
)

func TestAdministrators(t *testing.T) {
	with := func(p iaminv.Principal, change func(*iaminv.Principal)) iaminv.Principal {
		change(&p)
		return p
	}
	u := func(statements ...string) iaminv.Principal {
		return principalRow(iaminv.UserKind, "user/u", statements...)
	}
	managed := func(name string, document *string) iaminv.AuthorizationDetail {
		return iaminv.AuthorizationDetail{Policy: &iaminv.ManagedPolicy{Resource: &inventory.Resource{ID: name, ARN: "arn:aws:iam::aws:policy/" + name}, Document: document}}
	}
	attach := func(p *iaminv.Principal) {
		p.Attached = []iaminv.AttachedPolicy{{ARN: "arn:aws:iam::aws:policy/Admin", Name: "Admin"}}
	}
	document := func(statement string) *string { return new(`{"Version":"2012-10-17","Statement":` + statement + `}`) }
	boss := principalRow(iaminv.RoleKind, "role/boss", all)
	boss.Trust = document(`{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}`)
	group := principalRow(iaminv.GroupKind, "group/g", all)

	is, can := principalAdministrator, principalCanEscalate
	listed := func(patterns ...string) map[string]any {
		return map[string]any{"administrators": inventory.ARNPatterns(patterns)}
	}
	for label, tt := range map[string]struct {
		check  *checks.Check
		who    iaminv.Principal
		others []iaminv.AuthorizationDetail
		params map[string]any
		want   finding.Status
		texts  []string
	}{
		"everything":               {is, u(all), nil, nil, finding.Fail, []string{"own", "unless an organization policy forbids it"}},
		"nothing":                  {is, u(), nil, nil, finding.Pass, nil},
		"a few actions":            {is, u(readsObjects), nil, nil, finding.Pass, []string{"no administrator"}},
		"all but IAM":              {is, u(powerUser), nil, nil, finding.Pass, nil},
		"all but IAM, and IAM":     {is, u(powerUser, allows(`["iam:*","organizations:*","account:*"]`)), nil, nil, finding.Fail, nil},
		"with MFA":                 {is, u(allWithMFA), nil, nil, finding.Fail, []string{"MultiFactorAuthPresent"}},
		"everything denied":        {is, u(all, denyEvery), nil, nil, finding.Pass, nil},
		"a part denied":            {is, u(all, denyBilling), nil, nil, finding.Fail, []string{"though", "aws-portal"}},
		"listed":                   {is, u(all), nil, listed("arn:aws:iam::*:user/u"), finding.Pass, []string{"arn:aws:iam::*:user/u"}},
		"listed by a pattern":      {is, u(all), nil, listed("arn:aws:iam::999999999999:*", "arn:aws:iam::111122223333:user/*"), finding.Pass, nil},
		"another listed":           {is, u(all), nil, listed("arn:aws:iam::111122223333:user/u2"), finding.Fail, nil},
		"attached":                 {is, with(u(), attach), []iaminv.AuthorizationDetail{managed("Admin", document(all))}, nil, finding.Fail, []string{"Admin"}},
		"attached, not read":       {is, with(u(), attach), []iaminv.AuthorizationDetail{managed("Admin", nil)}, nil, finding.Unknown, []string{"could not be judged"}},
		"attached, not given":      {is, with(u(), attach), nil, nil, finding.Unknown, nil},
		"not read, but listed":     {is, with(u(), attach), nil, listed("arn:aws:iam::*:user/u"), finding.Pass, nil},
		"not read, and everything": {is, with(u(all), attach), nil, nil, finding.Unknown, nil}, // it may deny all
		"by its group":             {is, with(u(), func(p *iaminv.Principal) { p.Groups = []string{"g"} }), []iaminv.AuthorizationDetail{{Principal: &group}}, nil, finding.Fail, []string{"group g"}},
		"of a group not given":     {is, with(u(), func(p *iaminv.Principal) { p.Groups = []string{"g"} }), nil, nil, finding.Unknown, nil},
		"within a boundary": {
			is, with(u(all), func(p *iaminv.Principal) { p.Boundary = new("arn:aws:iam::aws:policy/Bound") }),
			[]iaminv.AuthorizationDetail{managed("Bound", document(readsObjects))},
			nil, finding.Pass,
			[]string{"boundary"},
		},
		"a boundary not said": {is, with(u(all), func(p *iaminv.Principal) { p.Boundary = new("") }), nil, nil, finding.Unknown, nil},
		"service-linked":      {is, with(principalRow(iaminv.RoleKind, "role/x", all), func(p *iaminv.Principal) { p.Path = "/aws-service-role/x/" }), nil, nil, finding.NotApplicable, nil},

		"escalates: nothing":     {can, u(readsObjects), []iaminv.AuthorizationDetail{{Principal: &boss}}, nil, finding.Pass, nil},
		"escalates: already":     {can, u(all), nil, nil, finding.NotApplicable, []string{"already"}},
		"escalates: listed":      {can, u(all), nil, listed("arn:aws:iam::*:user/u"), finding.NotApplicable, nil},
		"escalates: own policy":  {can, u(allows(`"iam:PutUserPolicy"`)), nil, nil, finding.Fail, []string{"iam:PutUserPolicy", "unless an organization"}},
		"escalates: passes":      {can, u(allows(`["iam:PassRole","lambda:CreateFunction","lambda:InvokeFunction"]`)), []iaminv.AuthorizationDetail{{Principal: &boss}}, nil, finding.Fail, []string{"iam:PassRole", "boss"}},
		"escalates: nobody":      {can, u(allows(`["iam:PassRole","lambda:CreateFunction","lambda:InvokeFunction"]`)), nil, nil, finding.Pass, nil},
		"escalates: denied":      {can, u(allows(`"iam:PutUserPolicy"`), denyEvery), nil, nil, finding.Pass, nil},
		"escalates: perhaps":     {can, u(allows(`"lambda:UpdateFunctionCode"`)), []iaminv.AuthorizationDetail{{Principal: &boss}}, nil, finding.Unknown, []string{"boss"}},
		"escalates: not read":    {can, with(u(readsObjects), attach), nil, nil, finding.Unknown, nil},
		"escalates: service":     {can, with(principalRow(iaminv.RoleKind, "role/x", allows(`"iam:*"`)), func(p *iaminv.Principal) { p.Path = "/aws-service-role/x/" }), nil, nil, finding.NotApplicable, nil},
		"escalates: group alone": {can, principalRow(iaminv.GroupKind, "group/h", allows(`"iam:PutGroupPolicy"`)), nil, nil, finding.Fail, nil},
	} {
		t.Run(label, func(t *testing.T) {
			f := checktest.New()
			f.Store.Params = tt.params
			checktest.Rows(f, iaminv.AuthorizationDetails, append([]iaminv.AuthorizationDetail{{Principal: &tt.who}}, tt.others...)...)
			checktest.Want(t, f.Run(tt.check)[tt.who.ID], tt.want, tt.texts...)
		})
	}
	t.Run("listing broken", func(t *testing.T) {
		who, passer := u(all), principalRow(iaminv.UserKind, "user/p", allows(`["iam:PassRole","lambda:CreateFunction","lambda:InvokeFunction"]`))
		f := checktest.New()
		checktest.Broken(f, iaminv.AuthorizationDetails, "iam:GetAccountAuthorizationDetails", iaminv.AuthorizationDetail{Principal: &who}, iaminv.AuthorizationDetail{Principal: &passer})
		got := f.Run(is)
		checktest.Want(t, got["user/u"], finding.Fail)
		checktest.Want(t, got["user/p"], finding.Pass)
		checktest.Want(t, got[""], finding.Unknown, "iam:GetAccountAuthorizationDetails")
		checktest.Want(t, f.Run(can)["user/p"], finding.Unknown, "iam:GetAccountAuthorizationDetails")
		checktest.Want(t, checktest.New().Run(can)[""], finding.Unknown, "does not hold")
	})
}
