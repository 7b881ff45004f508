package ec2

import (
	"testing"

	"github.com/ourshare/ourshare/internal/checks/checktest"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	ec2inv "github.com/ourshare/ourshare/internal/inventory/ec2"
)

func flowLog(id, of string, change ...func(*ec2inv.FlowLog)) ec2inv.FlowLog {
	l := ec2inv.FlowLog{
		Resource:   &inventory.Resource{Type: "AWS::EC2::FlowLog", ID: id, ARN: "arn:aws:ec2:us-east-1:111122223333:vpc-flow-log/" + id, Region: "us-east-1"},
		ResourceID: of, TrafficType: "ALL", Status: "ACTIVE", Delivery: "SUCCESS",
	}
	for _, f := range change {
		f(&l)
	}
	return l
}

func TestVPCFlowLogs(t *testing.T) {
	accept := func(l *ec2inv.FlowLog) { l.TrafficType = "ACCEPT" }
	failed := func(l *ec2inv.FlowLog) { l.Delivery, l.DeliveryError = "FAILED", "Access error" }
	type logs = []ec2inv.FlowLog
	for name, tt := range map[string]struct {
		logs   logs
		denied bool
		want   finding.Status
		text   []string
	}{
		"all traffic":               {logs: logs{flowLog("fl-1", "vpc-1")}, want: finding.Pass, text: []string{"fl-1 takes ALL traffic"}},
		"rejected traffic":          {logs: logs{flowLog("fl-1", "vpc-1", func(l *ec2inv.FlowLog) { l.TrafficType = "REJECT" })}, want: finding.Pass, text: []string{"REJECT"}},
		"accepted traffic only":     {logs: logs{flowLog("fl-1", "vpc-1", accept)}, want: finding.Fail, text: []string{"fl-1 takes ACCEPT traffic only"}},
		"accepted and rejected":     {logs: logs{flowLog("fl-1", "vpc-1", accept), flowLog("fl-2", "vpc-1", func(l *ec2inv.FlowLog) { l.TrafficType = "REJECT" })}, want: finding.Pass, text: []string{"flow log fl-2"}},
		"none":                      {want: finding.Fail, text: []string{"has no flow log"}},
		"another VPC's":             {logs: logs{flowLog("fl-1", "vpc-2")}, want: finding.Fail, text: []string{"has no flow log"}},
		"delivery failed":           {logs: logs{flowLog("fl-1", "vpc-1", failed)}, want: finding.Fail, text: []string{"fl-1 has delivery status FAILED (Access error)"}},
		"delivery failed of one":    {logs: logs{flowLog("fl-1", "vpc-1", failed), flowLog("fl-2", "vpc-1")}, want: finding.Pass, text: []string{"fl-2"}},
		"two shortcomings, sorted":  {logs: logs{flowLog("fl-2", "vpc-1", accept), flowLog("fl-1", "vpc-1", failed)}, want: finding.Fail, text: []string{"(Access error), fl-2 takes"}},
		"not active":                {logs: logs{flowLog("fl-1", "vpc-1", func(l *ec2inv.FlowLog) { l.Status = "DELETING" })}, want: finding.Fail, text: []string{"is DELETING"}},
		"of a subnet":               {logs: logs{flowLog("fl-1", "subnet-1")}, want: finding.Fail, text: []string{"has no flow log", "fl-1 of subnet-1"}},
		"of an interface":           {logs: logs{flowLog("fl-1", "eni-1")}, want: finding.Fail, text: []string{"fl-1 of eni-1"}},
		"of a transit gateway":      {logs: logs{flowLog("fl-1", "tgw-1", func(l *ec2inv.FlowLog) { l.TrafficType = "" })}, want: finding.Fail, text: []string{"has no flow log"}},
		"no delivery status":        {logs: logs{flowLog("fl-1", "vpc-1", func(l *ec2inv.FlowLog) { l.Delivery = "" })}, want: finding.Unknown, text: []string{"delivery status of flow log fl-1"}},
		"a new delivery status":     {logs: logs{flowLog("fl-1", "vpc-1", func(l *ec2inv.FlowLog) { l.Delivery = "STARTING" })}, want: finding.Unknown, text: []string{"STARTING of flow log fl-1"}},
		"a new status, accepted":    {logs: logs{flowLog("fl-1", "vpc-1", accept, func(l *ec2inv.FlowLog) { l.Delivery = "STARTING" })}, want: finding.Fail, text: []string{"STARTING"}},
		"no status":                 {logs: logs{flowLog("fl-1", "vpc-1", func(l *ec2inv.FlowLog) { l.Status = "" })}, want: finding.Unknown, text: []string{"status"}},
		"no traffic type":           {logs: logs{flowLog("fl-1", "vpc-1", func(l *ec2inv.FlowLog) { l.TrafficType = "" })}, want: finding.Unknown, text: []string{"traffic type"}},
		"no traffic type, failed":   {logs: logs{flowLog("fl-1", "vpc-1", failed, func(l *ec2inv.FlowLog) { l.TrafficType = "" })}, want: finding.Fail, text: []string{"FAILED"}},
		"no resource":               {logs: logs{flowLog("fl-1", "")}, want: finding.Unknown, text: []string{"what flow log fl-1 monitors"}},
		"no resource, beside one":   {logs: logs{flowLog("fl-1", ""), flowLog("fl-2", "vpc-1")}, want: finding.Pass, text: []string{"flow log fl-2"}},
		"no resource, not counting": {logs: logs{flowLog("fl-1", "", accept)}, want: finding.Fail},
		"denied":                    {denied: true, want: finding.Unknown, text: []string{"ec2:DescribeFlowLogs"}},
		"page lost, good log seen":  {logs: logs{flowLog("fl-1", "vpc-1")}, denied: true, want: finding.Pass},
		"page lost, none seen":      {logs: logs{flowLog("fl-1", "vpc-1", accept)}, denied: true, want: finding.Unknown, text: []string{"denied"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := checktest.New()
			checktest.Rows(f, ec2inv.VPCs, vpc())
			if tt.denied {
				checktest.Broken(f, ec2inv.FlowLogs, "ec2:DescribeFlowLogs", tt.logs...)
			} else {
				checktest.Rows(f, ec2inv.FlowLogs, tt.logs...)
			}
			checktest.Want(t, f.Run(vpcFlowLogs)["vpc-1"], tt.want, tt.text...)
		})
	}
	t.Run("listing of VPCs denied", func(t *testing.T) {
		f := checktest.New()
		checktest.Broken(f, ec2inv.VPCs, "ec2:DescribeVpcs", vpc())
		checktest.Rows(f, ec2inv.FlowLogs, flowLog("fl-1", "vpc-1"))
		got := f.Run(vpcFlowLogs)
		checktest.Want(t, got["vpc-1"], finding.Pass)
		checktest.Want(t, got[""], finding.Unknown, "ec2:DescribeVpcs")
	})
	t.Run("owner not given", func(t *testing.T) {
		f := checktest.New()
		v := vpc()
		v.Owner = ""
		checktest.Rows(f, ec2inv.VPCs, v)
		checktest.Rows(f, ec2inv.FlowLogs)
		checktest.Want(t, f.Run(vpcFlowLogs)["vpc-1"], finding.Unknown, "owns")
	})
}

func vpc() ec2inv.VPC {
	return ec2inv.VPC{
		Resource: &inventory.Resource{Type: "AWS::EC2::VPC", ID: "vpc-1", ARN: "arn:aws:ec2:us-east-1:111122223333:vpc/vpc-1", Region: "us-east-1"},
		Owner:    checktest.Account, State: "available",
	}
}
