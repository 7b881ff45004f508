// Package least holds the formulas of docs/benchmarks.md: the least number of calls with which AWS's API can answer what
// a full scan asks, given what the account holds. Tests and the benchmark hold a scan's own count against it.
package least

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/ourshare/ourshare/internal/awsapi"
)

// Calls gives the least number of calls by operation, for the account whose saved inventory is given.
func Calls(file []byte) (map[string]int, error) {
	h := &holding{entries: map[string]json.RawMessage{}}
	var f struct {
		Regions []string `json:"regions"`
		Entries []struct {
			Name, Scope string
			Data        json.RawMessage
		} `json:"entries"`
	}
	if err := json.Unmarshal(file, &f); err != nil {
		return nil, err
	}
	for _, e := range f.Entries {
		h.entries[e.Name+" of "+e.Scope] = e.Data
	}
	calls := map[string]int{"sts:GetCallerIdentity": 1, "ec2:DescribeRegions": 1}
	h.global(calls)
	for _, r := range f.Regions {
		h.region(calls, r)
	}
	return calls, h.err
}

// holding is what the account holds, by the names of the datasets.
type holding struct {
	entries map[string]json.RawMessage
	err     error
}

// pages is how many pages of a size n rows take; an empty listing is one page, too.
func pages(n, size int) int { return max(1, ceil(n, size)) }

func ceil(n, size int) int { return (n + size - 1) / size }

func (h *holding) global(calls map[string]int) {
	buckets, users := h.rows("s3.buckets", awsapi.Global), h.rows("iam.users", awsapi.Global)
	calls["s3:ListBuckets"] = pages(buckets, 10_000)
	for _, op := range []string{
		"GetBucketAcl", "GetBucketEncryption", "GetBucketLifecycleConfiguration", "GetBucketLogging", "GetBucketOwnershipControls",
		"GetBucketPolicy", "GetBucketVersioning", "GetObjectLockConfiguration", "GetPublicAccessBlock",
	} {
		calls["s3:"+op] = buckets // no bulk form exists
	}
	calls["s3control:GetPublicAccessBlock"] = 1
	h.worldwide(calls)
	calls["s3control:ListMultiRegionAccessPoints"] = pages(h.rows("s3.multi-region-access-points", awsapi.Global), 100)
	calls["s3control:GetMultiRegionAccessPointPolicy"] = h.rows("s3.multi-region-access-points", awsapi.Global)
	calls["iam:ListUsers"] = pages(users, 1000)
	calls["iam:ListAccessKeys"] = users // the credential report has no key ids
	for _, op := range []string{"GetAccountSummary", "GetAccountPasswordPolicy", "GenerateCredentialReport", "GetCredentialReport"} {
		calls["iam:"+op] = 1
	}
	calls["iam:GetAccountAuthorizationDetails"] = pages(h.rows("iam.authorization-details", awsapi.Global), 1000)
}

func (h *holding) region(calls map[string]int, r string) {
	for op, dataset := range map[string]string{
		"DescribeInstances": "ec2.instances", "DescribeVolumes": "ec2.volumes", "DescribeImages": "ec2.images",
		"DescribeSecurityGroups": "ec2.security-groups", "DescribeNetworkAcls": "ec2.network-acls", "DescribeVpcs": "ec2.vpcs",
		"DescribeFlowLogs": "ec2.flow-logs",
	} {
		calls["ec2:"+op] += pages(h.rows(dataset, r), 1000)
	}
	calls["ec2:DescribeSnapshots"] += pages(h.rows("ec2.snapshots", r), 1000) + pages(h.rows("ec2.public-snapshots", r), 1000)
	for _, op := range []string{"GetEbsEncryptionByDefault", "GetSnapshotBlockPublicAccessState", "GetImageBlockPublicAccessState"} {
		calls["ec2:"+op]++
	}
	for _, entries := range h.prefixLists(r) {
		calls["ec2:GetManagedPrefixListEntries"] += pages(entries, 100)
	}
	calls["ec2:DescribeManagedPrefixLists"] += ceil(h.asked("ec2.prefix-list-names", r), 100)
	h.paths(calls, r)
	calls["ssm:DescribeInstanceInformation"] += pages(h.rows("ssm.managed-nodes", r), 50)
	calls["ssm:DescribeInstancePatchStates"] += ceil(h.asked("ssm.patch-states", r), 50)

	calls["s3control:ListAccessPoints"] += pages(h.rows("s3.access-points", r), 1000)
	calls["s3control:GetAccessPoint"] += h.asked("s3.access-point-public-access-block", r) // those that the internet reaches
	calls["s3control:GetAccessPointPolicy"] += h.asked("s3.access-point-policy", r)

	calls["kms:ListKeys"] += pages(h.rows("kms.key-ids", r), 1000)
	calls["kms:ListAliases"] += pages(h.rows("kms.aliases", r), 100)
	calls["kms:DescribeKey"] += h.rows("kms.key-ids", r) - h.managedKeys(r) // an alias tells AWS's own
	calls["kms:GetKeyPolicy"] += h.asked("kms.key-policy", r)
	for _, grants := range h.grants(r) {
		calls["kms:ListGrants"] += pages(grants, 100)
	}

	calls["elbv2:DescribeLoadBalancers"] += pages(h.rows("elbv2.load-balancers", r), 400)
	calls["elbv2:DescribeListeners"] += h.rows("elbv2.load-balancers", r)
	calls["elbv2:DescribeRules"] += h.asked("elbv2.listener-rules", r) + h.asked("elbv2.forward-rules", r) // of application load balancers

	for op, dataset := range map[string]string{
		"DescribeDBInstances": "rds.instances", "DescribeDBClusters": "rds.clusters",
		"DescribeDBSnapshots": "rds.db-snapshots", "DescribeDBClusterSnapshots": "rds.cluster-snapshots",
	} {
		calls["rds:"+op] += pages(h.rows(dataset, r), 100)
	}
	calls["rds:DescribeDBSnapshotAttributes"] += h.asked("rds.db-snapshot-sharing", r) // manual ones only
	calls["rds:DescribeDBClusterSnapshotAttributes"] += h.asked("rds.cluster-snapshot-sharing", r)
	calls["rds:DescribeDBParameters"] += h.asked("rds.tls-parameters", r) // per group in use
	calls["rds:DescribeDBClusterParameters"] += h.asked("rds.cluster-tls-parameters", r)
	if h.asked("rds.oracle-option-groups", r) > 0 {
		calls["rds:DescribeOptionGroups"]++ // up to 100 option groups
	}
}

// paths is what the ways from the internet take.
func (h *holding) paths(calls map[string]int, r string) {
	for op, dataset := range map[string]string{
		"DescribeSubnets": "ec2.subnets", "DescribeInternetGateways": "ec2.internet-gateways", "DescribeNetworkInterfaces": "ec2.network-interfaces",
		"DescribeVpcPeeringConnections": "ec2.vpc-peering-connections", "DescribeTransitGatewayVpcAttachments": "ec2.transit-gateway-vpc-attachments",
		"DescribeCarrierGateways": "ec2.carrier-gateways", "DescribeClientVpnEndpoints": "ec2.client-vpn-endpoints",
		"DescribeVerifiedAccessEndpoints": "ec2.verified-access-endpoints", "DescribeVpcEndpointServiceConfigurations": "ec2.vpc-endpoint-services",
	} {
		calls["ec2:"+op] += pages(h.rows(dataset, r), 1000)
	}
	calls["ec2:DescribeRouteTables"] += pages(h.rows("ec2.route-tables", r), 100)
	calls["ec2:DescribeInstanceConnectEndpoints"] += pages(h.rows("ec2.instance-connect-endpoints", r), 50)
	calls["ec2:DescribeVpnGateways"]++ // no pages
	calls["ec2:DescribeVpcBlockPublicAccessOptions"]++
	if h.blocks(r) {
		calls["ec2:DescribeVpcBlockPublicAccessExclusions"] += pages(h.rows("ec2.vpc-block-public-access-exclusions", r), 1000)
	}
	calls["elbv2:DescribeTargetGroups"] += pages(h.rows("elbv2.target-groups", r), 400)
	calls["elbv2:DescribeTargetHealth"] += h.asked("elbv2.targets", r)
	calls["elbv2:DescribeTargetGroupAttributes"] += h.asked("elbv2.target-group-attributes", r) // of network load balancers
	calls["elb:DescribeLoadBalancers"] += pages(h.rows("elb.load-balancers", r), 400)
}

// worldwide is what the ways from the internet take beside the regions.
func (h *holding) worldwide(calls map[string]int) {
	accelerators, listeners := h.rows("globalaccelerator.accelerators", awsapi.Global), h.rows("globalaccelerator.listeners", awsapi.Global)
	calls["globalaccelerator:ListAccelerators"] = pages(accelerators, 100)
	calls["globalaccelerator:ListListeners"] = accelerators // those that are switched on
	calls["globalaccelerator:ListEndpointGroups"] = listeners
	calls["globalaccelerator:ListCustomRoutingAccelerators"] = pages(h.rows("globalaccelerator.custom-routing-accelerators", awsapi.Global), 100)
	calls["globalaccelerator:ListCrossAccountAttachments"] = pages(h.rows("globalaccelerator.cross-account-attachments", awsapi.Global), 100)
	calls["cloudfront:ListDistributions"] = pages(h.rows("cloudfront.distributions", awsapi.Global), 100)
	calls["cloudfront:ListVpcOrigins"] = pages(h.rows("cloudfront.vpc-origins", awsapi.Global), 100)
	calls["cloudfront:GetVpcOrigin"] = h.asked("cloudfront.vpc-origin-endpoints", awsapi.Global)
}

// blocks says whether VPC Block Public Access is on: only then are its exclusions asked for.
func (h *holding) blocks(scope string) bool {
	var v struct {
		Rows []struct {
			Mode string `json:"mode"`
		} `json:"rows"`
	}
	h.decode(h.entry("ec2.vpc-block-public-access", scope), &v)
	return len(v.Rows) == 1 && v.Rows[0].Mode != "off"
}

func (h *holding) entry(name, scope string) json.RawMessage {
	e, ok := h.entries[name+" of "+scope]
	if !ok && h.err == nil {
		h.err = fmt.Errorf("the inventory holds no %s of %s", name, scope)
	}
	return e
}

func (h *holding) decode(raw json.RawMessage, v any) {
	if h.err == nil {
		h.err = json.Unmarshal(raw, v)
	}
}

// rows counts a dataset's rows.
func (h *holding) rows(name, scope string) int {
	var v struct {
		Rows []json.RawMessage `json:"rows"`
	}
	h.decode(h.entry(name, scope), &v)
	return len(v.Rows)
}

// asked counts the facts of a detail that a call was made for.
func (h *holding) asked(name, scope string) int {
	var facts map[string]struct {
		State string `json:"state"`
	}
	h.decode(h.entry(name, scope), &facts)
	n := 0
	for _, f := range facts {
		if f.State != "not_asked" {
			n++
		}
	}
	return n
}

// prefixLists are the numbers of entries of the lists that rules and routes name.
func (h *holding) prefixLists(scope string) []int {
	var out []int
	for _, name := range []string{"ec2.prefix-lists", "ec2.path-prefix-lists"} {
		var v struct {
			Rows []struct {
				Entries []json.RawMessage `json:"entries"`
			} `json:"rows"`
		}
		h.decode(h.entry(name, scope), &v)
		for _, r := range v.Rows {
			out = append(out, len(r.Entries))
		}
	}
	slices.Sort(out)
	return out
}

// managedKeys counts the keys that an alias of AWS's names.
func (h *holding) managedKeys(scope string) int {
	var v struct {
		Rows []struct {
			ID     string `json:"name"`
			Target string `json:"target_key_id"`
		} `json:"rows"`
	}
	h.decode(h.entry("kms.aliases", scope), &v)
	n := 0
	for _, a := range v.Rows {
		if a.Target != "" && strings.HasPrefix(a.ID, "alias/aws/") {
			n++
		}
	}
	return n
}

// grants are the numbers of grants of the keys whose policy is read, by key.
func (h *holding) grants(scope string) map[string]int {
	var facts map[string]struct {
		State string `json:"state"`
	}
	h.decode(h.entry("kms.key-policy", scope), &facts)
	n := map[string]int{}
	for arn, f := range facts {
		if f.State != "not_asked" {
			n[arn] = 0
		}
	}
	var v struct {
		Rows []struct {
			ARN string `json:"arn"`
		} `json:"rows"`
	}
	h.decode(h.entry("kms.grants", scope), &v)
	for _, g := range v.Rows {
		n[g.ARN]++
	}
	return n
}
