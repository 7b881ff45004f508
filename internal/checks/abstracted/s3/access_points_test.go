package s3

import (
	"testing"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/checks/checktest"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	s3inv "github.com/ourshare/ourshare/internal/inventory/s3"
)

const (
	pointARN    = "arn:aws:s3:us-east-1:111122223333:accesspoint/one"
	byAnyPoint  = `{"StringLike":{"s3:DataAccessPointArn":"arn:aws:s3:us-east-1:111122223333:accesspoint/*"}}`
	byThisPoint = `{"StringEquals":{"s3:DataAccessPointArn":"` + pointARN + `"}}`
	byAccount   = `{"StringEquals":{"s3:DataAccessPointAccount":"111122223333"}}`
	byOther     = `{"StringEquals":{"s3:DataAccessPointAccount":"444455556666"}}`
)

// pointPolicy is a policy of the access point, on its objects.
func pointPolicy(principal, action, condition string) *policyField {
	if condition != "" {
		condition = `,"Condition":` + condition
	}
	return new(policy(`{"Effect":"Allow","Principal":` + principal + `,"Action":"` + action + `","Resource":"` + pointARN + `/object/*"` + condition + `}`))
}

func TestAccessPoints(t *testing.T) {
	lets := func(action, condition string) policyField { return policy(may(anyPrincipal, action, condition)) }
	open := lets("s3:*", byAccount)
	elsewhere := s3inv.AccessPoint{
		Resource: &inventory.Resource{ID: "two", ARN: pointARN[:len(pointARN)-3] + "two"}, AccountID: checktest.Account, Bucket: "another", BucketAccount: checktest.Account,
	}
	blockDenied := denied[s3inv.PublicAccessBlock]("s3control:GetAccessPoint")
	unreadPolicy := denied[s3inv.Policy]("s3control:GetAccessPointPolicy")
	public, write, external := bucketNotPublic, bucketWritableByAnyone, bucketExternalAccess
	const denyReads = `,{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"*"}`
	for label, tt := range map[string]struct {
		check  *checks.Check
		bucket policyField // policy of the bucket
		point  *policyField
		block  *blockField
		origin string
		own    *blockField // of the bucket
		want   finding.Status
		texts  []string
	}{
		"a role of the account":          {public, open, pointPolicy(`{"AWS":"arn:aws:iam::111122223333:role/app"}`, "s3:GetObject", ""), nil, "Internet", nil, finding.Pass, []string{"none of which"}},
		"everyone":                       {public, open, pointPolicy(anyPrincipal, "s3:GetObject", ""), nil, "Internet", nil, finding.Fail, []string{"access point one"}},
		"everyone, by any access point":  {public, open, pointPolicy(anyPrincipal, "s3:GetObject", byAnyPoint), nil, "Internet", nil, finding.Fail, []string{"access point one"}},
		"everyone, by this access point": {public, open, pointPolicy(anyPrincipal, "s3:GetObject", byThisPoint), nil, "Internet", nil, finding.Unknown, nil},
		"the same, restricted":           {public, open, pointPolicy(anyPrincipal, "s3:GetObject", byThisPoint), &restrict, "Internet", nil, finding.Unknown, nil},
		"everyone of an office":          {public, open, pointPolicy(anyPrincipal, "s3:GetObject", office), nil, "Internet", nil, finding.Pass, nil},
		"everyone, restricted by itself": {public, open, pointPolicy(anyPrincipal, "s3:GetObject", ""), &restrict, "Internet", nil, finding.Pass, nil},
		"everyone, restricted above":     {public, open, pointPolicy(anyPrincipal, "s3:GetObject", ""), nil, "Internet", &restrict, finding.Pass, []string{"RestrictPublicBuckets at the bucket"}},
		"everyone, block denied":         {public, open, pointPolicy(anyPrincipal, "s3:GetObject", ""), &blockDenied, "Internet", nil, finding.Unknown, []string{"s3control:GetAccessPoint"}},
		"a role, block denied":           {public, open, pointPolicy(`{"AWS":"arn:aws:iam::111122223333:role/app"}`, "s3:GetObject", ""), &blockDenied, "Internet", nil, finding.Pass, []string{"not seen: the block of the access point one"}},
		"everyone of a VPC":              {public, open, pointPolicy(anyPrincipal, "s3:GetObject", ""), nil, "VPC", nil, finding.Pass, nil},
		"no policy":                      {public, open, new(absent[s3inv.Policy]()), nil, "Internet", nil, finding.Pass, nil},
		"gone":                           {public, open, new(vanished[s3inv.Policy]()), nil, "Internet", nil, finding.Pass, nil},
		"policy denied":                  {public, open, &unreadPolicy, nil, "Internet", nil, finding.Unknown, []string{"s3control:GetAccessPointPolicy"}},
		"policy denied, restricted":      {public, open, &unreadPolicy, nil, "Internet", &restrict, finding.Pass, nil},
		"policy not JSON":                {public, open, new(inventory.Known(s3inv.Policy{Document: "{"})), nil, "Internet", nil, finding.Unknown, []string{"could not be judged"}},
		"only another access point":      {public, lets("s3:*", `{"StringEquals":{"s3:DataAccessPointArn":"`+elsewhere.ARN+`"}}`), pointPolicy(anyPrincipal, "s3:GetObject", ""), nil, "Internet", nil, finding.Pass, nil},
		"those of another account":       {public, lets("s3:*", byOther), pointPolicy(anyPrincipal, "s3:GetObject", ""), nil, "Internet", nil, finding.Unknown, []string{"other accounts"}},
		"other actions":                  {public, lets("s3:PutObject", byAccount), pointPolicy(anyPrincipal, "s3:GetObject", ""), nil, "Internet", nil, finding.Pass, nil},
		"not left to it":                 {public, closedPolicy, pointPolicy(anyPrincipal, "s3:GetObject", ""), nil, "Internet", nil, finding.Pass, []string{"lets no public in"}},

		"writes: everyone reads":             {write, open, pointPolicy(anyPrincipal, "s3:GetObject", ""), nil, "Internet", nil, finding.Pass, nil},
		"writes: everyone":                   {write, open, pointPolicy(anyPrincipal, "s3:PutObject", ""), nil, "Internet", nil, finding.Fail, []string{"access point one", "s3:PutObject"}},
		"writes: everyone, by its name":      {write, open, pointPolicy(anyPrincipal, "s3:PutObject", byThisPoint), nil, "Internet", nil, finding.Unknown, nil},
		"writes: the bucket lets reads":      {write, lets("s3:Get*", byAccount), pointPolicy(anyPrincipal, "s3:*", ""), nil, "Internet", nil, finding.Pass, nil},
		"writes: denied by the bucket":       {write, policy(may(anyPrincipal, "s3:*", byAccount) + denyWrites), pointPolicy(anyPrincipal, "s3:PutObject", ""), nil, "Internet", nil, finding.Pass, nil},
		"writes: restricted":                 {write, open, pointPolicy(anyPrincipal, "s3:PutObject", ""), &restrict, "Internet", nil, finding.Pass, nil},
		"writes: policy denied":              {write, open, &unreadPolicy, nil, "Internet", nil, finding.Unknown, []string{"s3control:GetAccessPointPolicy"}},
		"outside: an account":                {external, open, pointPolicy(partner, "s3:GetObject", ""), nil, "Internet", nil, finding.Fail, []string{"access point one", "444455556666"}},
		"outside: an account, restricted":    {external, open, pointPolicy(partner, "s3:GetObject", ""), nil, "Internet", &restrict, finding.Fail, nil}, // one account is not public
		"outside: denied by the bucket":      {external, policy(may(anyPrincipal, "s3:*", byAccount) + denyReads), pointPolicy(partner, "s3:GetObject", ""), nil, "Internet", nil, finding.Pass, nil},
		"outside: the account itself":        {external, open, pointPolicy(`{"AWS":"111122223333"}`, "s3:GetObject", ""), nil, "Internet", nil, finding.Pass, nil},
		"outside: points of another account": {external, lets("s3:*", byOther), new(absent[s3inv.Policy]()), nil, "Internet", nil, finding.Fail, []string{"444455556666", "access points of its own"}},
		"outside: theirs, but denied":        {external, policy(may(anyPrincipal, "s3:GetObject", byOther) + denyReads), new(absent[s3inv.Policy]()), nil, "Internet", nil, finding.Unknown, []string{"other accounts"}},
		"outside: everyone of a VPC":         {external, open, pointPolicy(anyPrincipal, "s3:GetObject", ""), nil, "VPC", nil, finding.Pass, nil},
		"outside: everyone":                  {external, open, pointPolicy(anyPrincipal, "s3:GetObject", byAnyPoint), nil, "Internet", nil, finding.Fail, []string{"anyone"}},
		"outside: everyone, block denied":    {external, open, pointPolicy(anyPrincipal, "s3:GetObject", ""), &blockDenied, "Internet", nil, finding.Unknown, []string{"s3control:GetAccessPoint"}},
		"outside: policy denied":             {external, open, &unreadPolicy, nil, "Internet", nil, finding.Unknown, []string{"s3control:GetAccessPointPolicy"}},
	} {
		t.Run(label, func(t *testing.T) {
			one := s3inv.AccessPoint{
				Resource: &inventory.Resource{ID: "one", ARN: pointARN}, AccountID: checktest.Account, Bucket: name, BucketAccount: checktest.Account, Origin: tt.origin,
			}
			s := setting{policy: &tt.bucket, acl: owned(), bucket: tt.own}
			v := s.runFilled(tt.check, nil, func(f *checktest.Fixture) {
				checktest.Rows(f, s3inv.AccessPoints, elsewhere, one)
				checktest.Facts(f, s3inv.AccessPointPolicy, map[string]policyField{pointARN: *tt.point, elsewhere.ARN: *pointPolicy(anyPrincipal, "s3:*", "")})
				block := noBlock
				if tt.block != nil {
					block = *tt.block
				}
				checktest.Facts(f, s3inv.AccessPointPublicAccessBlock, map[string]blockField{pointARN: block})
				checktest.Rows(f, s3inv.MultiRegionAccessPoints)
			})
			checktest.Want(t, v, tt.want, tt.texts...)
		})
	}
}

func TestMultiRegionAccessPoints(t *testing.T) {
	const arn = "arn:aws:s3::111122223333:accesspoint/abc.mrap"
	open := policy(may(anyPrincipal, "s3:*", byAccount))
	text := func(principal string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":` + principal + `,"Action":"s3:PutObject","Resource":"` + arn + `/object/*"}]}`
	}
	everyone, partners := text(anyPrincipal), text(partner)
	for label, tt := range map[string]struct {
		policy                        inventory.Field[s3inv.MultiRegionPolicy]
		block                         *s3inv.PublicAccessBlock
		public, writable, fromOutside finding.Status
	}{
		"everyone":             {inventory.Known(s3inv.MultiRegionPolicy{Established: everyone}), &s3inv.PublicAccessBlock{}, finding.Fail, finding.Fail, finding.Fail},
		"everyone, proposed":   {inventory.Known(s3inv.MultiRegionPolicy{Established: partners, Proposed: everyone}), &s3inv.PublicAccessBlock{}, finding.Fail, finding.Fail, finding.Fail},
		"everyone, restricted": {inventory.Known(s3inv.MultiRegionPolicy{Established: everyone}), &s3inv.PublicAccessBlock{RestrictPublicBuckets: true}, finding.Pass, finding.Pass, finding.Pass},
		"everyone, block not said": {
			inventory.Known(s3inv.MultiRegionPolicy{Established: everyone}), nil, finding.Unknown, finding.Unknown, finding.Unknown,
		},
		"an account": {inventory.Known(s3inv.MultiRegionPolicy{Established: partners}), nil, finding.Pass, finding.Pass, finding.Fail},
		"none":       {absent[s3inv.MultiRegionPolicy](), nil, finding.Pass, finding.Pass, finding.Pass},
		"denied":     {denied[s3inv.MultiRegionPolicy]("s3control:GetMultiRegionAccessPointPolicy"), nil, finding.Unknown, finding.Unknown, finding.Unknown},
	} {
		t.Run(label, func(t *testing.T) {
			for c, want := range map[*checks.Check]finding.Status{bucketNotPublic: tt.public, bucketWritableByAnyone: tt.writable, bucketExternalAccess: tt.fromOutside} {
				v := setting{policy: &open, acl: owned()}.runFilled(c, nil, func(f *checktest.Fixture) {
					checktest.Rows(f, s3inv.AccessPoints)
					checktest.Rows(f, s3inv.MultiRegionAccessPoints, s3inv.MultiRegionAccessPoint{
						Resource: &inventory.Resource{ID: "world", ARN: arn}, AccountID: checktest.Account, PublicAccessBlock: tt.block,
						Buckets: []s3inv.MultiRegionEndpoint{{Bucket: name}},
					})
					checktest.Facts(f, s3inv.MultiRegionAccessPointPolicy, map[string]inventory.Field[s3inv.MultiRegionPolicy]{"world": tt.policy})
				})
				if v.Status != want {
					t.Errorf("%s: %s (%s %v), want %s", c.ID, v.Status, v.Message, v.Why, want)
				}
			}
		})
	}
	t.Run("listing denied", func(t *testing.T) {
		v := setting{policy: &open, acl: owned()}.runFilled(bucketNotPublic, nil, func(f *checktest.Fixture) {
			checktest.Rows(f, s3inv.AccessPoints)
			checktest.Broken(f, s3inv.MultiRegionAccessPoints, "s3control:ListMultiRegionAccessPoints")
		})
		checktest.Want(t, v, finding.Unknown, "s3control:ListMultiRegionAccessPoints")
	})
}
