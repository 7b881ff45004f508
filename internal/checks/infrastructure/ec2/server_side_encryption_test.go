package ec2

import (
	"testing"

	"github.com/ourshare/ourshare/internal/checks/checktest"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	ec2inv "github.com/ourshare/ourshare/internal/inventory/ec2"
)

func flag(b bool) *bool { return &b }

func TestEBSDefaultEncryption(t *testing.T) {
	for name, tt := range map[string]struct {
		fact inventory.Field[ec2inv.DefaultEncryption]
		want finding.Status
		text string
	}{
		"on":     {inventory.Known(ec2inv.DefaultEncryption{Enabled: true}), finding.Pass, "is on"},
		"off":    {inventory.Known(ec2inv.DefaultEncryption{}), finding.Fail, "is off"},
		"denied": {inventory.Failure[ec2inv.DefaultEncryption](inventory.DeniedError("ec2:GetEbsEncryptionByDefault")), finding.Unknown, "denied"},
		"absent": {inventory.Failure[ec2inv.DefaultEncryption](inventory.ErrAbsent), finding.Unknown, "does not say"},
	} {
		t.Run(name, func(t *testing.T) {
			f := checktest.New()
			checktest.Facts(f, ec2inv.EBSDefaultEncryption, map[string]inventory.Field[ec2inv.DefaultEncryption]{checktest.Account: tt.fact})
			checktest.Want(t, f.Run(ebsDefaultEncryption)[checktest.Account], tt.want, tt.text)
		})
	}
}

func TestVolumeEncrypted(t *testing.T) {
	for name, tt := range map[string]struct {
		volume ec2inv.Volume
		want   finding.Status
		text   string
	}{
		"encrypted":            {ec2inv.Volume{Encrypted: flag(true), KMSKey: "arn:aws:kms:us-east-1:111122223333:key/k"}, finding.Pass, "key/k"},
		"encrypted, no key":    {ec2inv.Volume{Encrypted: flag(true)}, finding.Pass, "is encrypted"},
		"not encrypted":        {ec2inv.Volume{Encrypted: flag(false), SSEType: "none", InstanceIDs: []string{"i-1"}}, finding.Fail, "not encrypted"},
		"not said":             {ec2inv.Volume{KMSKey: "arn:key"}, finding.Unknown, "does not say"},
		"not, yet of type EBS": {ec2inv.Volume{Encrypted: flag(false), SSEType: "sse-ebs"}, finding.Unknown, "contradicts"},
		"managed by EKS":       {ec2inv.Volume{Encrypted: flag(false), Manager: "eks.amazonaws.com"}, finding.NotApplicable, "eks.amazonaws.com"},
	} {
		t.Run(name, func(t *testing.T) {
			tt.volume.Resource = &inventory.Resource{Type: "AWS::EC2::Volume", ID: "vol-1", Region: checktest.Region}
			f := checktest.New()
			checktest.Rows(f, ec2inv.Volumes, tt.volume)
			checktest.Want(t, f.Run(volumeEncrypted)["vol-1"], tt.want, tt.text)
		})
	}
	t.Run("listing denied", func(t *testing.T) {
		f := checktest.New()
		checktest.Broken(f, ec2inv.Volumes, "ec2:DescribeVolumes")
		checktest.Want(t, f.Run(volumeEncrypted)[""], finding.Unknown, "denied")
	})
}

func TestSnapshotEncrypted(t *testing.T) {
	for name, tt := range map[string]struct {
		snapshot ec2inv.Snapshot
		want     finding.Status
	}{
		"encrypted":            {ec2inv.Snapshot{Encrypted: flag(true), KMSKey: "arn:key"}, finding.Pass},
		"not encrypted":        {ec2inv.Snapshot{Encrypted: flag(false), VolumeID: "vol-1"}, finding.Fail},
		"not said":             {ec2inv.Snapshot{}, finding.Unknown},
		"not, yet of type EBS": {ec2inv.Snapshot{Encrypted: flag(false), SSEType: "sse-ebs"}, finding.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			tt.snapshot.Resource = &inventory.Resource{Type: "AWS::EC2::Snapshot", ID: "snap-1", Region: checktest.Region}
			f := checktest.New()
			checktest.Rows(f, ec2inv.Snapshots, tt.snapshot)
			checktest.Want(t, f.Run(snapshotEncrypted)["snap-1"], tt.want)
		})
	}
	t.Run("listing denied", func(t *testing.T) {
		f := checktest.New()
		checktest.Broken(f, ec2inv.Snapshots, "ec2:DescribeSnapshots")
		checktest.Want(t, f.Run(snapshotEncrypted)[""], finding.Unknown, "denied")
	})
}
