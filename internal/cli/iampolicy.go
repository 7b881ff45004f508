package cli

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"github.com/ourshare/ourshare/internal/checks"
)

type policyDocument struct {
	Version   string
	Statement []policyStatement
}

type policyStatement struct {
	Sid, Effect string
	Action      []string
	Resource    string
}

// Policy is the least-privilege IAM policy of a scan with these checks, as JSON.
func Policy(list []*checks.Check, tags bool) ([]byte, error) {
	doc := policyDocument{"2012-10-17", []policyStatement{{
		Sid: "OurshareReadOnly", Effect: "Allow", Action: actions(operations(list, tags)), Resource: "*",
	}}}
	b, err := json.MarshalIndent(doc, "", "  ")
	return append(b, '\n'), err
}

func newIAMPolicy(io streams) *cobra.Command {
	var sel selection
	var tags bool
	cmd := &cobra.Command{
		Use: "iam-policy", Short: "Print the IAM policy that a scan needs, and no more", Args: noArgs,
		Long: "Prints the least-privilege identity policy of the selected checks, from what their datasets declare.\n" +
			"Every action in it has access level Read or List.",
		RunE: func(*cobra.Command, []string) error {
			list, err := sel.choose()
			if err != nil {
				return err
			}
			b, err := Policy(list, tags)
			if err != nil {
				return err
			}
			_, err = io.out.Write(b)
			return err
		},
	}
	sel.flags(cmd)
	cmd.Flags().BoolVar(&tags, "tags", false, "with what --tags of a scan reads")
	return cmd
}
