package cli

import (
	"context"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ourshare/ourshare/internal/iampolicy"
)

type whoCanOptions struct {
	source
	format string
}

func newWhoCan(io streams) *cobra.Command {
	var o whoCanOptions
	cmd := &cobra.Command{
		Use: "who-can ACTION RESOURCE", Short: "Say who may do an action on a resource, and by which statement",
		Long: "ACTION is the whole name of an action, without wildcards: s3:GetObject. RESOURCE is an ARN, in which * and ? are wildcards\n" +
			"(quote it), or *. The root user, users and roles of the account are decided by all of their policies; everyone else by\n" +
			"the policy of the resource, where it is one whose policy ourshare reads:\n\n" +
			"  a bucket or its objects   policy, ACL, object ownership, block public access, access points\n" +
			"  a KMS key or its alias    key policy, grants\n" +
			"  a role, for sts:AssumeRole and its kin   trust policy\n\n" +
			"A yes holds unless an organization policy forbids it.\n\n" +
			"Exit codes: 0 answered; 1 the account could not be read; 2 wrong usage, an unreadable inventory, no such resource;\n" +
			"4 not known, be it in part.",
		Example: "  ourshare who-can s3:GetObject 'arn:aws:s3:::my-bucket/*'\n" +
			"  ourshare who-can kms:Decrypt arn:aws:kms:eu-west-1:111122223333:alias/orders\n" +
			"  ourshare who-can sts:AssumeRole arn:aws:iam::111122223333:role/deploy --format json\n" +
			"  ourshare who-can iam:CreateAccessKey '*' --inventory inventory.json",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usagef("this command takes two arguments, an action and a resource")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), io, args[0], args[1]) },
	}
	cmd.Flags().StringVar(&o.format, "format", "table", "table or json")
	o.flags(cmd)
	return cmd
}

func (o *whoCanOptions) run(ctx context.Context, io streams, action, resource string) error {
	if err := oneOf("format", o.format, []string{"table", "json"}); err != nil {
		return err
	}
	ask, err := parseAsk(action, resource)
	if err != nil {
		return err
	}
	from, err := o.open(ctx)
	if err != nil {
		return err
	}
	if err := ask.within(from); err != nil {
		return err
	}
	found, err := ask.evidence(ctx, from)
	if err != nil {
		return err
	}
	answer := found.answer(ask)
	write := answer.writeTable
	if o.format == "json" {
		write = answer.writeJSON
	}
	if err := write(io.out); err != nil {
		return err
	}
	if !answer.Answered {
		return &codeError{exitIncomplete}
	}
	return nil
}

// ask is what the command line asks for.
type ask struct {
	action   string // as written
	resource string
	kind     resourceKind
	// Of an ARN; all empty for *.
	partition, service, region, account, rest string
}

// resourceKind is by which resource's policy the question is answered.
type resourceKind int

const (
	otherResource resourceKind = iota // its policy, if there is one, is not read
	bucketResource
	keyResource
	roleResource
)

var (
	actionForm = regexp.MustCompile(`^[A-Za-z0-9-]+:[A-Za-z0-9]+$`)
	// sessionActions are those of AWS STS on a role ("Actions, resources, and condition keys for AWS Security Token Service").
	sessionActions = map[string]bool{
		"sts:assumerole": true, "sts:assumerolewithsaml": true, "sts:assumerolewithwebidentity": true, "sts:tagsession": true,
		"sts:setsourceidentity": true, "sts:setcontext": true,
	}
)

func parseAsk(action, resource string) (ask, error) {
	a := ask{action: action, resource: resource}
	if strings.ContainsAny(action, "*?") {
		return a, usagef("who-can answers for one action: %q has a wildcard, name the action", action)
	}
	if !actionForm.MatchString(action) {
		return a, usagef("no such action: %q; its form is service:Action, as in s3:GetObject", action)
	}
	if resource != "*" {
		seg := strings.SplitN(resource, ":", 6)
		if len(seg) != 6 || seg[0] != "arn" || seg[1] == "" || seg[2] == "" || seg[5] == "" {
			return a, usagef("no such resource: %q; name it by its ARN, as in arn:aws:s3:::bucket/*, or all by *", resource)
		}
		a.partition, a.service, a.region, a.account, a.rest = seg[1], seg[2], seg[3], seg[4], seg[5]
	}
	of, _, _ := strings.Cut(strings.ToLower(action), ":")
	switch {
	case sessionActions[strings.ToLower(action)]:
		a.kind = roleResource
		if a.service != "iam" || !strings.HasPrefix(a.rest, "role/") || strings.ContainsAny(resource, "*?") {
			return a, usagef("%s is about one role: name it, as in arn:aws:iam::111122223333:role/deploy", action)
		}
	case of == "s3" && a.service == "s3" && a.region == "" && a.account == "":
		a.kind = bucketResource
		return a, a.checkBucket()
	case of == "s3" && a.service == "s3" && strings.HasPrefix(a.rest, "accesspoint/"):
		return a, usagef("ask about the bucket behind it, as in arn:aws:s3:::bucket/*: its access points are looked at with it")
	case of == "kms" && a.service == "kms":
		a.kind = keyResource
		if !strings.HasPrefix(a.rest, "key/") && !strings.HasPrefix(a.rest, "alias/") || strings.ContainsAny(resource, "*?") {
			return a, usagef("who-can answers for one key: name it by its ARN, or by that of an alias")
		}
	}
	return a, nil
}

// checkBucket refuses what no request can be about.
func (a ask) checkBucket() error {
	name, key, object := strings.Cut(a.rest, "/")
	if strings.ContainsAny(name, "*?") || name == "" || object && key == "" {
		return usagef("who-can answers for one bucket: name it, as in arn:aws:s3:::bucket or arn:aws:s3:::bucket/*")
	}
	ofObject, ofBucket := iampolicy.S3Level(a.action)
	switch {
	case ofObject && !object:
		return usagef("%s is about objects: ask for arn:%s:s3:::%s/*", a.action, a.partition, name)
	case ofBucket && object:
		return usagef("%s is about the bucket itself: ask for arn:%s:s3:::%s", a.action, a.partition, name)
	}
	return nil
}

// within refuses a resource that cannot be the account's.
func (a ask) within(from *opened) error {
	if a.partition != "" && a.partition != from.partition {
		return usagef("%s is of partition %s, and account %s of %s", a.resource, a.partition, from.id, from.partition)
	}
	return nil
}

// foreign tells whether the resource belongs to another account.
func (a ask) foreign(from *opened) bool {
	return a.account != "" && a.account != from.id && a.account != "aws"
}
