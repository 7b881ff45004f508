package ec2

import (
	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/finding"
	ec2inv "github.com/ourshare/ourshare/internal/inventory/ec2"
	"github.com/ourshare/ourshare/internal/responsibility"
)

var platformApplication = []*checks.Check{applicationPlatform}

const whoPatches = "who patches the runtimes, web servers and middleware on the instances of this region, and how is it known?"

var applicationPlatform = checks.On(ec2inv.InstanceRegions, checks.Meta{
	ID:       "ec2-application-platform",
	Title:    "Somebody patches what runs on EC2 instances above the operating system",
	Layer:    responsibility.PlatformApplication,
	Severity: finding.Medium,
	Risk: "On an instance everything above the hypervisor is the customer's: a language runtime, web server or message broker that nobody patches is as " +
		"open as an unpatched kernel, and patch baselines of the operating system do not see what was installed beside its packages.",
	Fix: checks.Fix{
		Text: "Name an owner for each runtime, web server and middleware, have an inventory show their versions, and attest how updates reach them.",
		CLI:  "aws ssm list-inventory-entries --instance-id <instance-id> --type-name AWS:Application",
		URL:  "https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-inventory.html",
	},
	Detail: "No API shows it: one question per account and region that has an instance, running or not, to be answered by an attestation. Where the " +
		"instances could not be listed, it is unknown whether the question arises.",
	Question: whoPatches,
}, func(r ec2inv.RegionOfInstances) checks.Verdict {
	return checks.Manual(whoPatches).
		With("instances", r.Instances)
})
