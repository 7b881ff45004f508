package report

import (
	"regexp"
	"strings"

	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/finding"
)

// namesByType says, for the placeholders of the catalogue's commands, which part of the finding fills them, by the resource's
// type: a command may name things that are not the finding's resource, and these keep their placeholder.
var namesByType = map[string]map[string]func(*finding.Finding) string{
	"AWS::EC2::Image":                           {"image-id": resourceID},
	"AWS::EC2::Instance":                        {"instance-id": resourceID},
	"AWS::EC2::NetworkAcl":                      {"acl-id": resourceID},
	"AWS::EC2::NetworkInterface":                {"interface-id": resourceID},
	"AWS::EC2::SecurityGroup":                   {"group-id": resourceID},
	"AWS::EC2::Snapshot":                        {"snapshot-id": resourceID},
	"AWS::EC2::Volume":                          {"volume-id": resourceID},
	"AWS::EC2::VPC":                             {"vpc-id": resourceID},
	"AWS::ElasticLoadBalancingV2::Listener":     {"listener-arn": resourceARN},
	"AWS::ElasticLoadBalancingV2::LoadBalancer": {"load-balancer-arn": resourceARN},
	"AWS::IAM::AccessKey":                       {"access-key-id": resourceID, "user": ownerInARN},
	"AWS::IAM::Group":                           {"group": resourceID},
	"AWS::IAM::Role":                            {"role": resourceID},
	"AWS::IAM::User":                            {"user": resourceID},
	"AWS::KMS::Key":                             {"key-id": resourceID},
	"AWS::RDS::DBCluster":                       {"cluster": resourceID},
	"AWS::RDS::DBInstance":                      {"instance": resourceID, "group": evidenceText("parameter_group")},
	"AWS::RDS::DBSnapshot":                      {"snapshot": resourceID},
	"AWS::S3::Bucket":                           {"bucket": resourceID},
}

func resourceID(f *finding.Finding) string  { return f.Resource.ID }
func resourceARN(f *finding.Finding) string { return f.Resource.ARN }

// ownerInARN is the last part of the ARN: an access key has the ARN of its user, arn:aws:iam::111122223333:user/path/name.
func ownerInARN(f *finding.Finding) string {
	return f.Resource.ARN[strings.LastIndexByte(f.Resource.ARN, '/')+1:]
}

func evidenceText(key string) func(*finding.Finding) string {
	return func(f *finding.Finding) string {
		for _, kv := range f.Evidence {
			if s, ok := kv.Value.(string); ok && kv.Key == key {
				return s
			}
		}
		return ""
	}
}

func nameFor(f *finding.Finding, placeholder string) string {
	switch placeholder {
	case "account-id":
		return f.AccountID
	case "region":
		if f.Region == awsapi.Global {
			return ""
		}
		return f.Region
	}
	if of := namesByType[f.Resource.Type][placeholder]; of != nil {
		return of(f)
	}
	return ""
}

var (
	// bareName needs no quotes in a POSIX shell, and changes nothing within quotes, JSON or the AWS CLI's shorthand.
	bareName = regexp.MustCompile(`^[A-Za-z0-9_./:@%+][A-Za-z0-9_./:@%+-]*$`)
	// loads: the AWS CLI reads a parameter of this form from a file or an address.
	// Source: https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-parameters-file.html
	loads       = regexp.MustCompile(`(?i)^(file|fileb|https?)://`)
	placeholder = regexp.MustCompile(`^<([a-z][a-z-]*)>`)
)

// command is the fix of a failing finding with this resource's names in it, for a POSIX shell. A name that is not known,
// that a shell or the AWS CLI would take for something else (an option, a file), or that would not look like what it is
// (control, direction and zero-width characters) leaves its placeholder.
func command(f *finding.Finding) string {
	cli := inRegion(f.Rule.Remediation.CLI, f.Region)
	var out strings.Builder
	quote := byte(0) // within '…' or "…"
	for i := 0; i < len(cli); {
		m := placeholder.FindStringSubmatch(cli[i:])
		if m == nil {
			switch c := cli[i]; {
			case c == '\\' && quote != '\'' && i+1 < len(cli):
				out.WriteByte(c)
				i++
			case c == quote:
				quote = 0
			case quote == 0 && (c == '\'' || c == '"'):
				quote = c
			}
			out.WriteByte(cli[i])
			i++
			continue
		}
		name, end := nameFor(f, m[1]), i+len(m[0])
		// A word of which the name is only a part ("<bucket>/", or within quotes) takes a plain name alone.
		whole := quote == 0 && (i == 0 || cli[i-1] == ' ') && (end == len(cli) || strings.IndexByte(" ;", cli[end]) >= 0)
		switch {
		case bareName.MatchString(name) && !loads.MatchString(name):
			out.WriteString(name)
		case whole && quotable(name):
			out.WriteString(quoted(name))
		default:
			out.WriteString(m[0])
		}
		i = end
	}
	return out.String()
}

// calls are the AWS CLI's calls in a command.
var calls = regexp.MustCompile(`(^|; |&& |\|\| |\| )(aws [a-z0-9-]+ [a-z0-9-]+)`)

// inRegion makes a command act in the finding's region, whatever region the reader's profile has.
func inRegion(cli, region string) string {
	if region == "" || region == awsapi.Global || strings.Contains(cli, " --region ") {
		return cli
	}
	return calls.ReplaceAllString(cli, "$1$2 --region <region>")
}

func quotable(name string) bool {
	return name != "" && name[0] != '-' && !loads.MatchString(name) && Visible(name) == name && len(name) <= 1024
}

// quoted is one word of a POSIX shell: between single quotes nothing has a meaning but the single quote.
// Source: POSIX.1-2017, Shell Command Language, 2.2.2 Single-Quotes.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
