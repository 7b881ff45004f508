package ec2

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/inventory"
)

// PrefixListName is what a list is called, and whose it is: AWS's own lists ("com.amazonaws.global.cloudfront.origin-facing")
// stand for its services. An empty string means that the answer did not say.
type PrefixListName struct {
	Name  string `json:"name"`
	Owner string `json:"owner"` // the account, or AWS
}

// nameBatch is how many lists one call asks for: the largest page (API reference: MaxResults 1-100). They go into a filter,
// since an unknown id among the operation's ids fails the call.
const nameBatch = 100

// PrefixListNames are the names of the lists that inbound rules of security groups name.
var PrefixListNames = inventory.Batch(PrefixListRefs, "ec2.prefix-list-names", awsapi.Calls("ec2:DescribeManagedPrefixLists"), PrefixListRef.Key, nameBatch,
	func(ctx context.Context, s *awsapi.Session, refs []PrefixListRef) (map[string]PrefixListName, error) {
		filter := types.Filter{Name: aws.String("prefix-list-id")}
		for _, r := range refs {
			filter.Values = append(filter.Values, r.ID)
		}
		in := &ec2.DescribeManagedPrefixListsInput{MaxResults: aws.Int32(nameBatch), Filters: []types.Filter{filter}}
		names := map[string]PrefixListName{}
		lists, err := awsapi.Pages(ctx, ec2.NewDescribeManagedPrefixListsPaginator(client(s), in), func(o *ec2.DescribeManagedPrefixListsOutput) []types.ManagedPrefixList {
			return o.PrefixLists
		})
		for _, l := range lists {
			names[aws.ToString(l.PrefixListId)] = PrefixListName{aws.ToString(l.PrefixListName), aws.ToString(l.OwnerId)}
		}
		return names, err
	})
