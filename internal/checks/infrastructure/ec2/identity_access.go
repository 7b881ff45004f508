package ec2

import (
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	ec2inv "github.com/ourshare/ourshare/internal/inventory/ec2"
	"github.com/ourshare/ourshare/internal/responsibility"
)

var identityAccess = []*checks.Check{instanceIMDSv2}

var instanceIMDSv2 = checks.On(ec2inv.Instances, checks.Meta{
	ID:       "ec2-instance-imdsv2-required",
	Title:    "EC2 instances require IMDSv2 or have the metadata service disabled",
	Layer:    responsibility.IdentityAccess,
	Severity: finding.High,
	Risk: "IMDSv1 answers any request that reaches it: a server-side request forgery in an application is enough to read the " +
		"instance role's credentials. IMDSv2 asks for a session token that such a request cannot get.",
	Fix: checks.Fix{
		Text: "Require session tokens on the instance, after checking that its software uses IMDSv2 (CloudWatch metric MetadataNoToken is 0).",
		CLI:  "aws ec2 modify-instance-metadata-options --instance-id <instance-id> --http-tokens required --http-endpoint enabled",
		URL:  "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-IMDS-existing-instances.html",
	},
	Cites: []checks.Cite{{Framework: "FSBP", ID: "EC2.8"}, {Framework: "CIS 7.0", ID: "6.7"}, {Framework: "Prowler", ID: "ec2_instance_imdsv2_enabled"}},
	Detail: "Passes where HttpTokens is required, or the metadata endpoint is disabled. Stopped instances are judged as well, since they " +
		"keep the setting. Options that are still being applied (State pending) are unknown, and so is an answer without them.",
}, func(i ec2inv.Instance) checks.Verdict {
	if i.Manager != "" {
		return checks.NotApplicable("the instance is managed by %s, which answers for its metadata options", i.Manager)
	}
	if i.MetadataState == "pending" {
		return checks.Unknown(inventory.Insufficient("a change of the metadata options is not in force yet"))
	}
	switch {
	case i.MetadataEndpoint == "disabled":
		return checks.Pass("the instance metadata service is disabled").With("http_endpoint", "disabled")
	case i.MetadataTokens == "required":
		return checks.Pass("IMDSv2 is required").With("http_tokens", "required")
	case i.MetadataTokens == "optional":
		return checks.Fail("IMDSv1 is allowed: HttpTokens is optional").With("http_tokens", "optional").With("state", i.State)
	}
	return checks.Unknown(inventory.Insufficient("the answer does not say whether tokens are required"))
})
