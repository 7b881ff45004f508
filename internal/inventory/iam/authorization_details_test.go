package iam

import (
	"bytes"
	"encoding/json"
	"net/url"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/google/go-cmp/cmp"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

func TestDocumentOf(t *testing.T) {
	for label, tt := range map[string]struct {
		text *string
		want *string
	}{
		"left out":        {nil, nil},
		"empty":           {aws.String(""), nil},
		"encoded":         {aws.String("%7B%22Action%22%3A%22s3%3A%2A%22%7D"), aws.String(`{"Action":"s3:*"}`)},
		"a space, a plus": {aws.String("%7B%22Sid%22%3A%22a%20b+c%2B%22%7D"), aws.String(`{"Sid":"a b+c+"}`)},
		"a percent sign":  {aws.String("%7B%22Resource%22%3A%22a%252Fb%22%7D"), aws.String(`{"Resource":"a%2Fb"}`)},
		"not encoded":     {aws.String(`{"Resource":"a%2Fb"}`), aws.String(`{"Resource":"a%2Fb"}`)},
		"broken":          {aws.String("%7B%2"), nil},
	} {
		if diff := cmp.Diff(tt.want, documentOf(tt.text)); diff != "" {
			t.Errorf("%s: %s", label, diff)
		}
	}
}

func TestPrincipals(t *testing.T) {
	made, used := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	doc := aws.String("%7B%7D")
	rows := authorizationRows(&iam.GetAccountAuthorizationDetailsOutput{
		UserDetailList: []types.UserDetail{{
			UserName: aws.String("alice"), Arn: aws.String("arn:aws:iam::111122223333:user/team/alice"), UserId: aws.String("AIDA"), Path: aws.String("/team/"),
			CreateDate: &made, GroupList: []string{"admins"}, Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}},
			AttachedManagedPolicies: []types.AttachedPolicy{{PolicyArn: aws.String("arn:aws:iam::aws:policy/ReadOnlyAccess"), PolicyName: aws.String("ReadOnlyAccess")}},
			UserPolicyList:          []types.PolicyDetail{{PolicyName: aws.String("in"), PolicyDocument: doc}, {}},
			PermissionsBoundary:     &types.AttachedPermissionsBoundary{PermissionsBoundaryArn: aws.String("arn:b")},
		}, {}},
		GroupDetailList: []types.GroupDetail{{GroupName: aws.String("admins"), Arn: aws.String("arn:aws:iam::111122223333:group/admins"), GroupId: aws.String("AGPA")}},
		RoleDetailList: []types.RoleDetail{{
			RoleName: aws.String("svc"), Arn: aws.String("arn:aws:iam::111122223333:role/aws-service-role/x/svc"), Path: aws.String("/aws-service-role/x/"),
			AssumeRolePolicyDocument: doc, RoleLastUsed: &types.RoleLastUsed{LastUsedDate: &used, Region: aws.String("us-east-1")},
			InstanceProfileList: []types.InstanceProfile{{Arn: aws.String("arn:ip")}}, PermissionsBoundary: &types.AttachedPermissionsBoundary{},
		}, {RoleName: aws.String("bare")}},
	})
	if len(rows) != 5 {
		t.Fatalf("%d rows", len(rows))
	}
	want := []Principal{
		{
			Resource: &inventory.Resource{
				Type: "AWS::IAM::User", ID: "alice", ARN: "arn:aws:iam::111122223333:user/team/alice", Name: "alice", Region: awsapi.Global,
				Tags: map[string]string{"k": "v"},
			},
			Kind: UserKind, PrincipalID: "AIDA", Path: "/team/", Created: &made, Groups: []string{"admins"}, Boundary: aws.String("arn:b"),
			Inline:   []InlinePolicy{{"in", aws.String("{}")}, {}},
			Attached: []AttachedPolicy{{"arn:aws:iam::aws:policy/ReadOnlyAccess", "ReadOnlyAccess"}},
		},
		{
			Resource: &inventory.Resource{Type: "AWS::IAM::User", Region: awsapi.Global, Tags: map[string]string{}}, Kind: UserKind,
			Inline: []InlinePolicy{}, Attached: []AttachedPolicy{},
		},
		{
			Resource: &inventory.Resource{
				Type: "AWS::IAM::Group", ID: "admins", ARN: "arn:aws:iam::111122223333:group/admins", Name: "admins", Region: awsapi.Global,
				Tags: map[string]string{},
			},
			Kind: GroupKind, PrincipalID: "AGPA", Inline: []InlinePolicy{}, Attached: []AttachedPolicy{},
		},
		{
			Resource: &inventory.Resource{
				Type: "AWS::IAM::Role", ID: "svc", ARN: "arn:aws:iam::111122223333:role/aws-service-role/x/svc", Name: "svc", Region: awsapi.Global,
				Tags: map[string]string{},
			},
			Kind: RoleKind, Path: "/aws-service-role/x/", Trust: aws.String("{}"), LastUsed: &used, LastUsedRegion: "us-east-1",
			InstanceProfiles: []string{"arn:ip"}, Boundary: aws.String(""), Inline: []InlinePolicy{}, Attached: []AttachedPolicy{},
		},
		{
			Resource: &inventory.Resource{Type: "AWS::IAM::Role", ID: "bare", Name: "bare", Region: awsapi.Global, Tags: map[string]string{}}, Kind: RoleKind,
			Inline: []InlinePolicy{}, Attached: []AttachedPolicy{},
		},
	}
	for i, w := range want {
		if diff := cmp.Diff(w, *rows[i].Principal); diff != "" {
			t.Errorf("row %d: %s", i, diff)
		}
	}
	if !want[3].ServiceLinked() || want[4].ServiceLinked() || want[0].ServiceLinked() {
		t.Error("the wrong ones are service-linked roles")
	}
	var again AuthorizationDetail
	raw, err := json.Marshal(rows[0])
	if err == nil {
		err = json.Unmarshal(raw, &again)
	}
	if diff := cmp.Diff(rows[0], again); err != nil || diff != "" {
		t.Errorf("saved and read again: %v %s", err, diff)
	}
	if empty := (AuthorizationDetail{}).Subject(); empty == nil || empty.Region != awsapi.Global {
		t.Errorf("a row of nothing is %+v", empty)
	}
}

func TestManagedPolicyRow(t *testing.T) {
	version := func(id string, isDefault bool, doc string) types.PolicyVersion {
		return types.PolicyVersion{VersionId: aws.String(id), IsDefaultVersion: isDefault, Document: aws.String(doc)}
	}
	for label, tt := range map[string]struct {
		id       *string
		versions []types.PolicyVersion
		version  string
		document *string
	}{
		"the marked one":       {aws.String("v2"), []types.PolicyVersion{version("v1", false, "old"), version("v2", true, "new")}, "v2", aws.String("new")},
		"only the id says":     {aws.String("v2"), []types.PolicyVersion{version("v1", false, "old"), version("v2", false, "new")}, "v2", aws.String("new")},
		"only the mark says":   {nil, []types.PolicyVersion{version("v1", true, "old"), version("v2", false, "new")}, "v1", aws.String("old")},
		"they disagree":        {aws.String("v2"), []types.PolicyVersion{version("v1", true, "old"), version("v2", false, "new")}, "v2", nil},
		"two are marked":       {aws.String("v2"), []types.PolicyVersion{version("v1", true, "old"), version("v2", true, "new")}, "v2", nil},
		"nothing says":         {nil, []types.PolicyVersion{version("v1", false, "old")}, "", nil},
		"the version is away":  {aws.String("v3"), []types.PolicyVersion{version("v1", false, "old")}, "v3", nil},
		"no versions":          {aws.String("v1"), nil, "v1", nil},
		"no document":          {aws.String("v1"), []types.PolicyVersion{{VersionId: aws.String("v1"), IsDefaultVersion: true}}, "v1", nil},
		"versions without ids": {nil, []types.PolicyVersion{{Document: aws.String("x")}}, "", nil},
	} {
		row := managedPolicyRow(types.ManagedPolicyDetail{Arn: aws.String("arn:aws:iam::111122223333:policy/p"), PolicyName: aws.String("p"), DefaultVersionId: tt.id, PolicyVersionList: tt.versions})
		if row.DefaultVersion != tt.version || !cmp.Equal(row.Document, tt.document) || row.AWSManaged || row.Attachments != nil || row.Tags != nil || row.Key() != row.ARN {
			t.Errorf("%s: %+v", label, row)
		}
	}
	for arn, want := range map[string]bool{
		"arn:aws-cn:iam::aws:policy/AdministratorAccess": true, "arn:aws:iam::111122223333:policy/aws": false, "": false,
	} {
		if awsManaged(arn) != want {
			t.Errorf("%q: %v", arn, !want)
		}
	}
}

func TestAuthorizationDetailsOverTheWire(t *testing.T) {
	const document = `{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	encoded := url.PathEscape(document)
	user := func(name string) string {
		return "<member><UserName>" + name + "</UserName><Arn>arn:aws:iam::111122223333:user/" + name + "</Arn><GroupList/><AttachedManagedPolicies/></member>"
	}
	first := "<UserDetailList>" + user("alice") + "</UserDetailList><GroupDetailList/><RoleDetailList/><Policies><member><PolicyName>p</PolicyName>" +
		"<Arn>arn:aws:iam::111122223333:policy/p</Arn><DefaultVersionId>v1</DefaultVersionId><AttachmentCount>0</AttachmentCount><PolicyVersionList><member><VersionId>v1</VersionId>" +
		"<IsDefaultVersion>true</IsDefaultVersion><Document>" + encoded + "</Document></member></PolicyVersionList></member></Policies><IsTruncated>true</IsTruncated><Marker>m</Marker>"
	second := "<UserDetailList/><GroupDetailList/><RoleDetailList/><Policies/><IsTruncated>true</IsTruncated><Marker>n</Marker>"
	third := "<UserDetailList>" + user("bob") + "</UserDetailList><RoleDetailList><member><RoleName>r</RoleName><AssumeRolePolicyDocument>" + encoded +
		"</AssumeRolePolicyDocument></member></RoleDetailList>"
	for label, tt := range map[string]struct {
		end        string // of the third page
		principals int
		gap        awsapi.Outcome
	}{
		"whole":            {"<IsTruncated>false</IsTruncated>", 3, ""},
		"the third denied": {"!AccessDenied", 1, awsapi.Denied},
		"cut off":          {"<IsTruncated>true</IsTruncated>", 3, awsapi.Failed},
	} {
		t.Run(label, func(t *testing.T) {
			w := &wire{answer: func(action string, form url.Values) string {
				switch {
				case action != "GetAccountAuthorizationDetails" || form.Get("MaxItems") != "1000" || form.Has("Filter.member.1"):
					return "!ValidationError"
				case form.Get("Marker") == "":
					return first
				case form.Get("Marker") == "m":
					return second
				case tt.end[0] == '!':
					return tt.end
				}
				return third + tt.end
			}}
			b := scan(t, w, Principals.Node(), ManagedPolicies.Node(), AuthorizationDetails.Node())
			principals, policies := inventory.Use(b, Principals), inventory.Use(b, ManagedPolicies)
			if len(principals.List) != tt.principals || len(policies.List) != 1 || w.asked["GetAccountAuthorizationDetails"] != 3 {
				t.Errorf("%d principals, %d policies, asked %v", len(principals.List), len(policies.List), w.asked)
			}
			if p := policies.List[0]; p.Document == nil || *p.Document != document || *p.Attachments != 0 {
				t.Errorf("policy %+v", p)
			}
			if tt.principals == 3 && *principals.List[2].Trust != document {
				t.Errorf("role %+v", principals.List[2])
			}
			for _, gaps := range [][]inventory.Gap{principals.Gaps, policies.Gaps} {
				switch {
				case tt.gap == "" && len(gaps) != 0, tt.gap != "" && (len(gaps) != 1 || gaps[0].Outcome != tt.gap || gaps[0].Operation != "iam:GetAccountAuthorizationDetails"):
					t.Errorf("gaps %+v", gaps)
				}
			}
		})
	}
}

// What is derived is not saved, and comes back from the one listing that is.
func TestAuthorizationDetailsSurviveSaving(t *testing.T) {
	s := inventory.NewFixture("aws", "111122223333", []string{"us-east-1"}, time.Now())
	row := managedPolicyRow(types.ManagedPolicyDetail{Arn: aws.String("arn:aws:iam::aws:policy/P"), PolicyName: aws.String("P")})
	user := userPrincipal(types.UserDetail{UserName: aws.String("alice")})
	inventory.SetRows(s, AuthorizationDetails, awsapi.Global, inventory.Rows[AuthorizationDetail]{List: []AuthorizationDetail{{Policy: &row}, {Principal: &user}}})
	var file bytes.Buffer
	if err := s.Save(&file, inventory.File{}); err != nil {
		t.Fatal(err)
	}
	nodes := []*inventory.Node{AuthorizationDetails.Node(), Principals.Node(), ManagedPolicies.Node()}
	again, _, err := inventory.Load(&file, nodes)
	if err != nil {
		t.Fatal(err)
	}
	again.Compute(nodes)
	b := again.Bind("us-east-1")
	if p := inventory.Use(b, Principals); len(p.List) != 1 || p.List[0].Name != "alice" || p.Err() != nil {
		t.Errorf("principals %+v", p)
	}
	if p := inventory.Use(b, ManagedPolicies); len(p.List) != 1 || !p.List[0].AWSManaged {
		t.Errorf("policies %+v", p)
	}
}
