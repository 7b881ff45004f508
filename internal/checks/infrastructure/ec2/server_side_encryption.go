package ec2

import (
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	ec2inv "github.com/ourshare/ourshare/internal/inventory/ec2"
	"github.com/ourshare/ourshare/internal/responsibility"
)

var serverSideEncryption = []*checks.Check{ebsDefaultEncryption, volumeEncrypted, snapshotEncrypted}

var ebsDefaultEncryption = checks.OnDetail(ec2inv.EBSDefaultEncryption, checks.Meta{
	ID:       "ec2-ebs-default-encryption",
	Title:    "New EBS volumes of the region are encrypted by default",
	Layer:    responsibility.ServerSideEncryption,
	Severity: finding.Medium,
	Risk:     "Without the default, a volume is encrypted only if whoever creates it thinks of it, and so are the snapshots and images made of it.",
	Fix: checks.Fix{
		Text: "Turn encryption by default on in the region, and choose a key. Existing volumes and snapshots stay as they are.",
		CLI:  "aws ec2 enable-ebs-encryption-by-default --region <region>",
		URL:  "https://docs.aws.amazon.com/ebs/latest/userguide/encryption-by-default.html",
	},
	Cites: []checks.Cite{{Framework: "FSBP", ID: "EC2.7"}, {Framework: "CIS 7.0", ID: "6.1.1"}, {Framework: "Prowler", ID: "ec2_ebs_default_encryption"}},
	Detail: "One finding per scanned region, used or not: the setting belongs to the region. Passes where it is on, fails where it is off. " +
		"An answer without the flag is unknown.",
}, checks.Unknown(inventory.Insufficient("the answer does not say whether encryption by default is on")),
	func(_ inventory.Account, v ec2inv.DefaultEncryption) checks.Verdict {
		if v.Enabled {
			return checks.Pass("encryption by default is on").With("enabled", true)
		}
		return checks.Fail("encryption by default is off: new volumes are encrypted only where somebody asks for it").With("enabled", false)
	})

var volumeEncrypted = checks.On(ec2inv.Volumes, checks.Meta{
	ID:       "ec2-volume-encrypted",
	Title:    "EBS volumes are encrypted",
	Layer:    responsibility.ServerSideEncryption,
	Severity: finding.Medium,
	Risk:     "What an unencrypted volume holds can be read by anyone who gets hold of a snapshot of it, and no key's policy or log stands in between.",
	Fix: checks.Fix{
		Text: "Encryption cannot be added to a volume: copy a snapshot of it with encryption, make a volume of the copy, and replace the old one.",
		CLI:  "aws ec2 copy-snapshot --source-region <region> --source-snapshot-id <snapshot-id> --encrypted --kms-key-id <key>",
		URL:  "https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption.html",
	},
	Cites: []checks.Cite{{Framework: "Prowler", ID: "ec2_ebs_volume_encryption"}},
	Detail: "Every volume is judged, attached or not; those that are being deleted are left out. Passes where it is encrypted, whatever the key. " +
		"Volumes that another principal manages in the account are not applicable. An answer without the flag is unknown.",
}, func(v ec2inv.Volume) checks.Verdict {
	if v.Manager != "" {
		return checks.NotApplicable("the volume is managed by %s, which answers for its encryption", v.Manager)
	}
	verdict := encrypted("volume", v.Encrypted, v.SSEType, v.KMSKey)
	if verdict.Status == finding.Fail && len(v.InstanceIDs) > 0 {
		verdict = verdict.With("attached_to", v.InstanceIDs)
	}
	return verdict
})

var snapshotEncrypted = checks.On(ec2inv.Snapshots, checks.Meta{
	ID:       "ec2-snapshot-encrypted",
	Title:    "EBS snapshots that the account owns are encrypted",
	Layer:    responsibility.ServerSideEncryption,
	Severity: finding.Medium,
	Risk: "A snapshot is a full copy of a volume that can be shared by one call. Unencrypted, it can be made public, and whoever it is shared with " +
		"needs no key to read it.",
	Fix: checks.Fix{
		Text: "Copy the snapshot with encryption, move what uses it to the copy (images name their snapshots), and delete the original.",
		CLI:  "aws ec2 copy-snapshot --source-region <region> --source-snapshot-id <snapshot-id> --encrypted --kms-key-id <key>",
		URL:  "https://docs.aws.amazon.com/ebs/latest/userguide/ebs-copy-snapshot.html",
	},
	Cites: []checks.Cite{{Framework: "Prowler", ID: "ec2_ebs_snapshots_encrypted"}},
	Detail: "The snapshots that the account owns are judged, not those that others share with it. Passes where it is encrypted, whatever the key. " +
		"An answer without the flag is unknown.",
}, func(s ec2inv.Snapshot) checks.Verdict {
	v := encrypted("snapshot", s.Encrypted, s.SSEType, s.KMSKey)
	if v.Status == finding.Fail && s.VolumeID != "" {
		v = v.With("volume", s.VolumeID)
	}
	return v
})

// encrypted judges the flag. SseType is reserved for future use (API reference): should it ever say that AWS's own key
// encrypts what the flag calls unencrypted, as RDS does, then the two contradict each other and nothing is concluded.
func encrypted(what string, flag *bool, sseType, key string) checks.Verdict {
	switch {
	case flag == nil:
		return checks.Unknown(inventory.Insufficient("the answer does not say whether the %s is encrypted", what))
	case *flag && key != "":
		return checks.Pass("the %s is encrypted with the key %s", what, key).With("encrypted", true).With("kms_key", key)
	case *flag:
		return checks.Pass("the %s is encrypted", what).With("encrypted", true)
	case sseType != "" && sseType != "none":
		return checks.Unknown(inventory.Insufficient("the answer contradicts itself: not encrypted, but of type %s", sseType))
	}
	return checks.Fail("the %s is not encrypted", what).With("encrypted", false)
}
