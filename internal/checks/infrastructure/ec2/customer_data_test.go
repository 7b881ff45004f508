package ec2

import (
	"testing"

	"github.com/ourshare/ourshare/internal/checks/checktest"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	ec2inv "github.com/ourshare/ourshare/internal/inventory/ec2"
)

func snapshot(id string) ec2inv.Snapshot {
	return ec2inv.Snapshot{Resource: &inventory.Resource{Type: "AWS::EC2::Snapshot", ID: id, Region: checktest.Region}}
}

func block(state string) inventory.Field[ec2inv.BlockPublicAccess] {
	return inventory.Known(ec2inv.BlockPublicAccess{State: state})
}

var blockDenied = inventory.Failure[ec2inv.BlockPublicAccess](inventory.DeniedError("ec2:GetBlockState"))

func TestSnapshotNotPublic(t *testing.T) {
	const listed, notListed, lost = "listed", "not listed", "lost" // among the public ones
	for name, tt := range map[string]struct {
		public string
		block  inventory.Field[ec2inv.BlockPublicAccess]
		want   finding.Status
		texts  []string
	}{
		"private":                        {notListed, block("unblocked"), finding.Pass, []string{"not shared with everyone"}},
		"public":                         {listed, block("unblocked"), finding.Fail, []string{"is public"}},
		"public, new sharing blocked":    {listed, block("block-new-sharing"), finding.Fail, []string{"is public"}},
		"public, all sharing blocked":    {listed, block("block-all-sharing"), finding.Pass, []string{"shared with everyone, but neutralised"}},
		"private, all sharing blocked":   {notListed, block("block-all-sharing"), finding.Pass, []string{"all public sharing is blocked"}},
		"private, block denied":          {notListed, blockDenied, finding.Pass, []string{"not shared with everyone", "not seen: the block", "ec2:GetBlockState"}},
		"public, block denied":           {listed, blockDenied, finding.Unknown, []string{"ec2:GetBlockState"}},
		"public, a new state":            {listed, block("block-some-sharing"), finding.Unknown, []string{"block-some-sharing"}},
		"private, a new state":           {notListed, block("block-some-sharing"), finding.Pass, []string{"not shared", "block-some-sharing"}},
		"list lost":                      {lost, block("unblocked"), finding.Unknown, []string{"ec2:DescribeSnapshots"}},
		"list lost, new sharing blocked": {lost, block("block-new-sharing"), finding.Unknown, []string{"ec2:DescribeSnapshots"}},
		"list lost, all sharing blocked": {lost, block("block-all-sharing"), finding.Pass, []string{"all public sharing is blocked", "not seen: whether the snapshot is shared"}},
		"both unread":                    {lost, blockDenied, finding.Unknown, []string{"ec2:DescribeSnapshots", "ec2:GetBlockState"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := checktest.New()
			checktest.Rows(f, ec2inv.Snapshots, snapshot("snap-1"))
			switch tt.public {
			case listed:
				checktest.Rows(f, ec2inv.PublicSnapshots, snapshot("snap-1"), snapshot("snap-2"))
			case notListed:
				checktest.Rows(f, ec2inv.PublicSnapshots, snapshot("snap-2"))
			default:
				checktest.Broken(f, ec2inv.PublicSnapshots, "ec2:DescribeSnapshots", snapshot("snap-2"))
			}
			checktest.Facts(f, ec2inv.SnapshotBlockPublicAccess, map[string]inventory.Field[ec2inv.BlockPublicAccess]{checktest.Account: tt.block})
			got := f.Run(snapshotNotPublic)
			checktest.Want(t, got["snap-1"], tt.want, tt.texts...)
			if len(got) != 1 { // a gap in the list of public ones is no listing of the subjects
				t.Errorf("findings: %v", got)
			}
		})
	}
	t.Run("second page of the public ones lost", func(t *testing.T) {
		f := checktest.New()
		checktest.Rows(f, ec2inv.Snapshots, snapshot("snap-1"), snapshot("snap-2"))
		checktest.Broken(f, ec2inv.PublicSnapshots, "ec2:DescribeSnapshots", snapshot("snap-1"))
		checktest.Facts(f, ec2inv.SnapshotBlockPublicAccess, map[string]inventory.Field[ec2inv.BlockPublicAccess]{checktest.Account: block("unblocked")})
		got := f.Run(snapshotNotPublic)
		checktest.Want(t, got["snap-1"], finding.Fail)
		checktest.Want(t, got["snap-2"], finding.Unknown, "denied")
	})
	t.Run("listing denied", func(t *testing.T) {
		f := checktest.New()
		checktest.Broken(f, ec2inv.Snapshots, "ec2:DescribeSnapshots")
		checktest.Rows(f, ec2inv.PublicSnapshots)
		checktest.Facts(f, ec2inv.SnapshotBlockPublicAccess, map[string]inventory.Field[ec2inv.BlockPublicAccess]{checktest.Account: block("unblocked")})
		checktest.Want(t, f.Run(snapshotNotPublic)[""], finding.Unknown, "denied")
	})
}

func TestImageNotPublic(t *testing.T) {
	for name, tt := range map[string]struct {
		image ec2inv.Image
		block inventory.Field[ec2inv.BlockPublicAccess]
		want  finding.Status
		texts []string
	}{
		"private":                     {ec2inv.Image{State: "available", Public: flag(false)}, block("unblocked"), finding.Pass, []string{"not public", "not blocked"}},
		"public":                      {ec2inv.Image{State: "available", Public: flag(true)}, block("unblocked"), finding.Fail, []string{"is public"}},
		"public, new sharing blocked": {ec2inv.Image{State: "available", Public: flag(true)}, block("block-new-sharing"), finding.Fail, []string{"leaves this image public"}},
		"public, block denied":        {ec2inv.Image{State: "available", Public: flag(true)}, blockDenied, finding.Fail, []string{"is public", "not seen: the block", "ec2:GetBlockState"}},
		"private, block denied":       {ec2inv.Image{State: "available", Public: flag(false)}, blockDenied, finding.Pass, []string{"not seen: the block"}},
		"not said":                    {ec2inv.Image{State: "available"}, block("block-new-sharing"), finding.Unknown, []string{"does not say"}},
		"disabled":                    {ec2inv.Image{State: "disabled", Public: flag(false)}, block("unblocked"), finding.Pass, nil},
		"disabled, yet public":        {ec2inv.Image{State: "disabled", Public: flag(true)}, block("unblocked"), finding.Unknown, []string{"contradicts"}},
		"pending and public":          {ec2inv.Image{State: "pending", Public: flag(true)}, block("unblocked"), finding.Fail, nil},
	} {
		t.Run(name, func(t *testing.T) {
			tt.image.Resource = &inventory.Resource{Type: "AWS::EC2::Image", ID: "ami-1", Region: checktest.Region}
			f := checktest.New()
			checktest.Rows(f, ec2inv.Images, tt.image)
			checktest.Facts(f, ec2inv.ImageBlockPublicAccess, map[string]inventory.Field[ec2inv.BlockPublicAccess]{checktest.Account: tt.block})
			checktest.Want(t, f.Run(imageNotPublic)["ami-1"], tt.want, tt.texts...)
		})
	}
	t.Run("listing denied", func(t *testing.T) {
		f := checktest.New()
		checktest.Broken(f, ec2inv.Images, "ec2:DescribeImages")
		checktest.Facts(f, ec2inv.ImageBlockPublicAccess, map[string]inventory.Field[ec2inv.BlockPublicAccess]{checktest.Account: block("unblocked")})
		checktest.Want(t, f.Run(imageNotPublic)[""], finding.Unknown, "denied")
	})
}
