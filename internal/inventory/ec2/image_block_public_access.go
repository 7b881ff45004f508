package ec2

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

var imageBlockOps = awsapi.Calls("ec2:GetImageBlockPublicAccessState")

// ImageBlockPublicAccess is, per region, the block of public images. It stops new sharing only: images that are public
// already stay public (GetImageBlockPublicAccessState, API reference).
var ImageBlockPublicAccess = inventory.Each(inventory.Regions, "ec2.image-block-public-access", imageBlockOps, inventory.Account.Key,
	func(ctx context.Context, s *awsapi.Session, _ inventory.Account) (v BlockPublicAccess, err error) {
		o, err := client(s).GetImageBlockPublicAccessState(ctx, &ec2.GetImageBlockPublicAccessStateInput{})
		switch {
		case err != nil:
			return v, err
		case aws.ToString(o.ImageBlockPublicAccessState) == "":
			return v, broken(s, imageBlockOps, "the state")
		}
		return BlockPublicAccess{State: *o.ImageBlockPublicAccessState, ManagedBy: string(o.ManagedBy)}, nil
	})
