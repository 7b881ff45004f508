package ec2

import (
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	ec2inv "github.com/ourshare/ourshare/internal/inventory/ec2"
	"github.com/ourshare/ourshare/internal/responsibility"
)

var customerData = []*checks.Check{snapshotNotPublic, imageNotPublic}

var snapshotNotPublic = checks.With(ec2inv.Snapshots, checks.Meta{
	ID:       "ec2-snapshot-not-public",
	Title:    "EBS snapshots that the account owns are not public",
	Layer:    responsibility.CustomerData,
	Severity: finding.Critical,
	Risk:     "Anyone with an AWS account can make a volume of a public snapshot and read everything that it holds; such snapshots are searched for.",
	Fix: checks.Fix{
		Text: "Take the permission from the group all, treat the content as disclosed, and block all public sharing in the region.",
		CLI:  "aws ec2 modify-snapshot-attribute --snapshot-id <snapshot-id> --attribute createVolumePermission --operation-type remove --group-names all",
		URL:  "https://docs.aws.amazon.com/ebs/latest/userguide/block-public-access-snapshots.html",
	},
	Cites: []checks.Cite{{Framework: "FSBP", ID: "EC2.1"}, {Framework: "Prowler", ID: "ec2_ebs_public_snapshot"}},
	Detail: "Fails where the snapshot's permission names everyone and the region's block of public sharing does not neutralise it. Passes where the " +
		"permission does not, or the block is block-all-sharing; the message says so where the permission itself is still public. block-new-sharing " +
		"leaves shared snapshots public. Sharing with named accounts is not judged. Unknown where what is left unread decides.",
}, bindSnapshotSharing, func(in snapshotSharing, s ec2inv.Snapshot) checks.Verdict {
	shared := in.sharedWithAll(s)
	isShared, sharedKnown := shared.Known()
	isBlocked, blockKnown := in.blocked.Known()
	pass := checks.Pass("the snapshot is not shared with everyone").With("shared_with_all", false)
	if blockKnown && isBlocked {
		pass = checks.Pass("all public sharing is blocked in the region").With("block_public_access", "block-all-sharing")
		if sharedKnown && isShared {
			pass = checks.Pass("shared with everyone, but neutralised: all public sharing is blocked in the region").
				With("shared_with_all", true).With("block_public_access", "block-all-sharing")
		}
	}
	if !blockKnown {
		pass = pass.NotSeen("the block of public sharing", in.blocked.Why()[0])
	}
	if !sharedKnown {
		pass = pass.NotSeen("whether the snapshot is shared with everyone", shared.Why()[0])
	}
	return checks.Decide(shared.And(in.blocked.Not()), checks.Fail("the snapshot is public: anyone with an AWS account can copy it").
		With("shared_with_all", true).With("block_public_access", in.state), pass)
})

// snapshotSharing is the evidence about public snapshots of a region.
type snapshotSharing struct {
	public  map[string]bool // ids of the snapshots that are shared with everyone
	unseen  []error         // what of them could not be listed
	blocked inventory.Tri   // all public sharing is blocked
	state   string          // of the block, where known
}

func bindSnapshotSharing(b *inventory.Binder) snapshotSharing {
	in := snapshotSharing{public: map[string]bool{}}
	rows := inventory.Use(b, ec2inv.PublicSnapshots)
	for _, s := range rows.List {
		in.public[s.ID] = true
	}
	for i := range rows.Gaps {
		in.unseen = append(in.unseen, &rows.Gaps[i].Error)
	}
	block, err := inventory.Read(b, ec2inv.SnapshotBlockPublicAccess).Only().Get()
	if err != nil {
		in.blocked = inventory.Unknown(err)
		return in
	}
	in.state = block.State
	switch block.State {
	case "block-all-sharing":
		in.blocked = inventory.Yes
	case "block-new-sharing", "unblocked":
		in.blocked = inventory.No
	default:
		in.blocked = inventory.Unknown(inventory.Insufficient("the block of public sharing has a state that is not known here: %q", block.State))
	}
	return in
}

func (in snapshotSharing) sharedWithAll(s ec2inv.Snapshot) inventory.Tri {
	if !in.public[s.ID] && len(in.unseen) > 0 {
		return inventory.Unknown(in.unseen...)
	}
	return inventory.Is(in.public[s.ID])
}

var imageNotPublic = checks.With(ec2inv.Images, checks.Meta{
	ID:       "ec2-image-not-public",
	Title:    "Machine images that the account owns are not public",
	Layer:    responsibility.CustomerData,
	Severity: finding.Critical,
	Risk: "Anyone with an AWS account can launch a public image and read its disks: application code, configuration, and the secrets that were " +
		"left on them.",
	Fix: checks.Fix{
		Text: "Take the launch permission from the group all, treat the content as disclosed, and block new public sharing in the region.",
		CLI:  "aws ec2 modify-image-attribute --image-id <image-id> --launch-permission 'Remove=[{Group=all}]'",
		URL:  "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/block-public-access-to-amis.html",
	},
	Cites: []checks.Cite{{Framework: "Prowler", ID: "ec2_ami_public"}},
	Detail: "Passes where the image has no launch permission for everyone, fails where it has. The region's block of public images stops new sharing " +
		"only, so the message mentions it, no more. A disabled image is private by AWS's rule. Sharing with named accounts or organizations is not " +
		"judged. An answer without the flag is unknown, and so is a disabled image that is called public.",
}, func(b *inventory.Binder) inventory.Field[ec2inv.BlockPublicAccess] {
	return inventory.Read(b, ec2inv.ImageBlockPublicAccess).Only()
}, func(block inventory.Field[ec2inv.BlockPublicAccess], i ec2inv.Image) checks.Verdict {
	switch {
	case i.Public == nil:
		return checks.Unknown(inventory.Insufficient("the answer does not say whether the image is public"))
	case !*i.Public:
		return mentionBlock(checks.Pass("the image is not public").With("public", false), block)
	case i.State == "disabled":
		// DisableImage, API reference: "If an AMI was public or previously shared, it is made private."
		return checks.Unknown(inventory.Insufficient("the answer contradicts itself: the image is disabled, which makes it private, and public"))
	}
	return mentionBlock(checks.Fail("the image is public: anyone with an AWS account can launch it").With("public", true), block)
})

func mentionBlock(v checks.Verdict, block inventory.Field[ec2inv.BlockPublicAccess]) checks.Verdict {
	b, err := block.Get()
	if err != nil {
		return v.NotSeen("the block of new public sharing", err)
	}
	v = v.With("block_public_access", b.State)
	switch {
	case b.State == "block-new-sharing" && v.Status == finding.Fail:
		return v.Adding("; new public sharing is blocked in the region, which leaves this image public")
	case b.State == "block-new-sharing":
		return v.Adding("; new public sharing is blocked in the region")
	case b.State == "unblocked":
		return v.Adding("; public sharing is not blocked in the region")
	}
	return v
}
