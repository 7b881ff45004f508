package globalaccelerator

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/globalaccelerator"
	"github.com/aws/aws-sdk-go-v2/service/globalaccelerator/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// CrossAccountAttachment lets other accounts' accelerators use resources of this one: an entrance whose accelerator the
// account does not see.
type CrossAccountAttachment struct {
	*inventory.Resource
	Principals []string `json:"principals"` // accounts and accelerators, sorted
	Endpoints  []string `json:"endpoints"`  // ids and ARNs of resources, and CIDR blocks, sorted
}

// Key is the attachment's ARN.
func (a CrossAccountAttachment) Key() string { return a.ARN }

// CrossAccountAttachments are those that the account owns.
var CrossAccountAttachments = inventory.Global("globalaccelerator.cross-account-attachments", awsapi.Calls("globalaccelerator:ListCrossAccountAttachments"),
	func(ctx context.Context, s *awsapi.Session) ([]CrossAccountAttachment, error) {
		if !offered(s) {
			return nil, nil
		}
		in := &globalaccelerator.ListCrossAccountAttachmentsInput{MaxResults: aws.Int32(pageSize)}
		return awsapi.Pages(ctx, globalaccelerator.NewListCrossAccountAttachmentsPaginator(client(s), in), func(o *globalaccelerator.ListCrossAccountAttachmentsOutput) []CrossAccountAttachment {
			rows := make([]CrossAccountAttachment, 0, len(o.CrossAccountAttachments))
			for _, a := range o.CrossAccountAttachments {
				rows = append(rows, attachmentRow(a))
			}
			return rows
		})
	})

func attachmentRow(a types.Attachment) CrossAccountAttachment {
	row := CrossAccountAttachment{
		Resource:   resource("AWS::GlobalAccelerator::CrossAccountAttachment", a.AttachmentArn, a.Name),
		Principals: slices.Sorted(slices.Values(a.Principals)),
	}
	for _, r := range a.Resources {
		for _, id := range []*string{r.EndpointId, r.Cidr} {
			if aws.ToString(id) != "" {
				row.Endpoints = append(row.Endpoints, *id)
			}
		}
	}
	slices.Sort(row.Endpoints)
	return row
}
