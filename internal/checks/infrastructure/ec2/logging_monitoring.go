package ec2

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ourshare/ourshare/internal/checks"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	ec2inv "github.com/ourshare/ourshare/internal/inventory/ec2"
	"github.com/ourshare/ourshare/internal/responsibility"
)

var loggingMonitoring = []*checks.Check{vpcFlowLogs}

var vpcFlowLogs = checks.With(ec2inv.VPCs, checks.Meta{
	ID:       "ec2-vpc-flow-logs-enabled",
	Title:    "VPCs have a flow log of all or of rejected traffic, and it is delivered",
	Layer:    responsibility.LoggingMonitoring,
	Severity: finding.Medium,
	Risk: "Without flow logs nobody can tell afterwards who talked to what: scans, movement between hosts and data that leaves the VPC go " +
		"unseen.",
	Fix: checks.Fix{
		Text: "Create a flow log on the VPC for all, or at least for rejected, traffic; where one exists whose delivery fails, mend its role or destination.",
		CLI: "aws ec2 create-flow-logs --resource-type VPC --resource-ids <vpc-id> --traffic-type ALL --log-destination-type s3 " +
			"--log-destination <bucket-arn>",
		URL: "https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs.html",
	},
	Cites: []checks.Cite{{Framework: "FSBP", ID: "EC2.6"}, {Framework: "CIS 7.0", ID: "4.7"}, {Framework: "Prowler", ID: "vpc_flow_logs_enabled"}},
	Detail: "Every VPC that the account owns is judged, the default one included. Passes where a flow log of the VPC itself is active, takes ALL or " +
		"REJECT traffic, and its delivery succeeds. A log of accepted traffic alone, and one whose delivery failed, do not count, nor do logs of " +
		"single subnets or interfaces, which the message names. A log whose answer gives no delivery status is unknown.",
}, func(b *inventory.Binder) inventory.Rows[ec2inv.FlowLog] { return inventory.Use(b, ec2inv.FlowLogs) },
	func(logs inventory.Rows[ec2inv.FlowLog], v ec2inv.VPC) checks.Verdict {
		if v.Owner == "" {
			return checks.Unknown(inventory.Insufficient("the answer does not say which account owns it"))
		}
		logged := inventory.Any(logs, func(l ec2inv.FlowLog) inventory.Tri { return isOn(l, v.ID).And(records(l)) })
		return checks.Decide(logged, flowLogged(logs.List, v.ID), notFlowLogged(logs.List, v.ID))
	})

// isOn tells whether a flow log is one of the VPC itself.
func isOn(l ec2inv.FlowLog, vpc string) inventory.Tri {
	if l.ResourceID == "" {
		return inventory.Unknown(inventory.Insufficient("the answer does not say what flow log %s monitors", l.ID))
	}
	return inventory.Is(l.ResourceID == vpc)
}

// records tells whether a flow log is active, takes rejected traffic and is delivered.
func records(l ec2inv.FlowLog) inventory.Tri {
	said := func(value, what string, good ...string) inventory.Tri {
		if value == "" {
			return inventory.Unknown(inventory.Insufficient("the answer does not give the %s of flow log %s", what, l.ID))
		}
		return inventory.Is(slices.Contains(good, value))
	}
	delivered := said(l.Delivery, "delivery status", "SUCCESS")
	if l.Delivery != "" && l.Delivery != "SUCCESS" && l.Delivery != "FAILED" { // its only values (FlowLog, API reference)
		delivered = inventory.Unknown(inventory.Insufficient("the delivery status %s of flow log %s is not known here", l.Delivery, l.ID))
	}
	return said(l.Status, "status", "ACTIVE").
		And(said(l.TrafficType, "traffic type", "ALL", "REJECT")).
		And(delivered)
}

func flowLogged(logs []ec2inv.FlowLog, vpc string) checks.Verdict {
	var good, traffic []string
	for _, l := range logs {
		if yes, known := records(l).Known(); l.ResourceID == vpc && known && yes {
			good = append(good, l.ID)
			traffic = append(traffic, fmt.Sprintf("%s takes %s traffic", l.ID, l.TrafficType))
		}
	}
	slices.Sort(good)
	slices.Sort(traffic)
	return checks.Pass("flow log %s", strings.Join(traffic, ", ")).With("flow_logs", good)
}

// notFlowLogged says what there is instead.
func notFlowLogged(logs []ec2inv.FlowLog, vpc string) checks.Verdict {
	var short, others, ids []string
	for _, l := range logs {
		switch {
		case l.ResourceID == vpc:
			ids = append(ids, l.ID)
			short = append(short, shortcoming(l))
		case strings.HasPrefix(l.ResourceID, "subnet-"), strings.HasPrefix(l.ResourceID, "eni-"):
			others = append(others, fmt.Sprintf("%s of %s", l.ID, l.ResourceID))
		}
	}
	slices.Sort(ids)
	slices.Sort(short)
	slices.Sort(others)
	v := checks.Fail("the VPC has no flow log")
	if len(short) > 0 {
		v = checks.Fail("no flow log of the VPC records rejected traffic and is delivered: %s", join(short, shown)).With("flow_logs", ids)
	}
	if len(others) > 0 {
		v = v.Adding("; this region has flow logs of single subnets or interfaces, which do not cover a VPC: %s", join(others, shown))
	}
	return v
}

func shortcoming(l ec2inv.FlowLog) string {
	var why []string
	if l.Status != "ACTIVE" && l.Status != "" {
		why = append(why, "is "+l.Status)
	}
	if l.TrafficType != "ALL" && l.TrafficType != "REJECT" && l.TrafficType != "" {
		why = append(why, "takes "+l.TrafficType+" traffic only")
	}
	if l.Delivery != "SUCCESS" && l.Delivery != "" {
		text := "has delivery status " + l.Delivery
		if l.DeliveryError != "" {
			text += " (" + l.DeliveryError + ")"
		}
		why = append(why, text)
	}
	return l.ID + " " + strings.Join(why, " and ")
}
