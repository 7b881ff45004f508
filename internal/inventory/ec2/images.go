package ec2

import (
	"cmp"
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// Image is one machine image that the account owns. Deregistered ones are no rows.
type Image struct {
	*inventory.Resource
	State  string `json:"state"`  // available, pending, disabled, failed, ...
	Public *bool  `json:"public"` // it has a launch permission for everyone; nil: the answer did not say
}

// Key is the image's id.
func (i Image) Key() string { return i.ID }

var imageOps = awsapi.Calls("ec2:DescribeImages")

// Images are the account's own images, the disabled and deprecated ones included. The Allowed AMIs setting hides none of
// them (GetAllowedImagesSettings, API reference: it does not restrict the AMIs that the account owns).
var Images = inventory.Regional("ec2.images", imageOps,
	func(ctx context.Context, s *awsapi.Session) ([]Image, error) {
		in := &ec2.DescribeImagesInput{
			Owners: []string{"self"}, IncludeDisabled: aws.Bool(true), IncludeDeprecated: aws.Bool(true), MaxResults: aws.Int32(1000),
		}
		pages := listed[ec2.DescribeImagesOutput]{
			ec2.NewDescribeImagesPaginator(client(s), in), func(o *ec2.DescribeImagesOutput) bool { return o.Images != nil },
			broken(s, imageOps, "the list of images"),
		}
		return awsapi.Pages(ctx, pages, func(o *ec2.DescribeImagesOutput) []Image {
			rows := make([]Image, 0, len(o.Images))
			for _, i := range o.Images {
				if i.State != types.ImageStateDeregistered {
					rows = append(rows, imageRow(s, i))
				}
			}
			return rows
		})
	})

func imageRow(s *awsapi.Session, i types.Image) Image {
	tags := tagsOf(i.Tags)
	id := aws.ToString(i.ImageId)
	return Image{
		Resource: &inventory.Resource{
			Type: "AWS::EC2::Image", ID: id, ARN: ownerlessARN(s, "image/"+id), Name: cmp.Or(tags["Name"], aws.ToString(i.Name)),
			Region: s.Region, Tags: tags,
		},
		State: string(i.State), Public: i.Public,
	}
}
