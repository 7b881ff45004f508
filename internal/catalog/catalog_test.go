package catalog

import (
	_ "embed"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ourshare/ourshare/docs/controls"
	"github.com/ourshare/ourshare/internal/awsapi"
	"github.com/ourshare/ourshare/internal/finding"
	"github.com/ourshare/ourshare/internal/inventory"
	"github.com/ourshare/ourshare/internal/responsibility"
)

// released are the ids, categories, layers and severities that are final.
var released = map[string]string{
	"ec2-instance-managed-by-ssm":                "infrastructure operating-system medium",
	"ec2-instance-patches-compliant":             "infrastructure operating-system high",
	"ec2-instance-patch-evidence-recent":         "infrastructure operating-system medium",
	"ec2-security-group-ssh-open":                "infrastructure network-firewall high",
	"ec2-security-group-rdp-open":                "infrastructure network-firewall high",
	"ec2-security-group-all-ports-open":          "infrastructure network-firewall high",
	"ec2-security-group-high-risk-ports-open":    "infrastructure network-firewall high",
	"ec2-security-group-unauthorized-ports-open": "infrastructure network-firewall high",
	"ec2-default-security-group-closed":          "infrastructure network-firewall medium",
	"ec2-network-acl-admin-ports-open":           "infrastructure network-firewall medium",
	"ec2-instance-no-public-ipv4":                "infrastructure network-firewall medium",
	"ec2-instance-ssh-reachable":                 "infrastructure network-firewall high",
	"ec2-instance-rdp-reachable":                 "infrastructure network-firewall high",
	"ec2-instance-high-risk-port-reachable":      "infrastructure network-firewall high",
	"rds-instance-reachable":                     "container network-firewall high",
	"elbv2-load-balancer-internet-facing":        "infrastructure network-firewall info",
	"elb-load-balancer-internet-facing":          "infrastructure network-firewall info",
	"ec2-vpc-flow-logs-enabled":                  "infrastructure logging-monitoring medium",
	"ec2-ebs-default-encryption":                 "infrastructure server-side-encryption medium",
	"ec2-volume-encrypted":                       "infrastructure server-side-encryption medium",
	"ec2-snapshot-encrypted":                     "infrastructure server-side-encryption medium",
	"ec2-snapshot-not-public":                    "infrastructure customer-data critical",
	"ec2-image-not-public":                       "infrastructure customer-data critical",
	"ec2-instance-imdsv2-required":               "infrastructure identity-access high",
	"elbv2-listener-encrypted":                   "infrastructure data-in-transit medium",
	"ec2-application-platform":                   "infrastructure platform-application medium",
	"rds-instance-storage-encrypted":             "container server-side-encryption high",
	"rds-cluster-storage-encrypted":              "container server-side-encryption high",
	"rds-snapshot-encrypted":                     "container server-side-encryption medium",
	"rds-instance-backup-retention":              "container customer-data high",
	"rds-cluster-backup-retention":               "container customer-data high",
	"rds-snapshot-not-public":                    "container customer-data critical",
	"rds-instance-deletion-protection":           "container customer-data low",
	"rds-cluster-deletion-protection":            "container customer-data low",
	"rds-instance-not-publicly-accessible":       "container network-firewall high",
	"rds-instance-auto-minor-upgrade":            "container platform-application medium",
	"rds-instance-multi-az":                      "container platform-application medium",
	"rds-cluster-multi-az":                       "container platform-application medium",
	"rds-instance-tls-required":                  "container data-in-transit medium",
	"rds-instance-log-exports":                   "container logging-monitoring medium",
	"rds-cluster-log-exports":                    "container logging-monitoring medium",
	"s3-account-public-access-block":             "abstracted identity-access high",
	"s3-bucket-public-access-block":              "abstracted identity-access high",
	"s3-bucket-not-public":                       "abstracted identity-access critical",
	"s3-bucket-acls-disabled":                    "abstracted identity-access medium",
	"s3-bucket-writable-by-anyone":               "abstracted identity-access critical",
	"s3-bucket-external-access":                  "abstracted identity-access medium",
	"s3-bucket-tls-only":                         "abstracted data-in-transit medium",
	"s3-bucket-default-encryption":               "abstracted server-side-encryption low",
	"s3-bucket-versioning":                       "abstracted customer-data medium",
	"s3-bucket-lifecycle":                        "abstracted customer-data low",
	"s3-bucket-object-lock":                      "abstracted customer-data low",
	"s3-bucket-access-logging":                   "abstracted logging-monitoring medium",
	"s3-object-client-side-encryption":           "abstracted client-side-encryption medium",
	"iam-root-no-access-key":                     "account identity-access critical",
	"iam-root-mfa":                               "account identity-access critical",
	"iam-password-policy":                        "account identity-access medium",
	"iam-user-mfa":                               "account identity-access high",
	"iam-access-key-rotated":                     "account identity-access medium",
	"iam-credentials-unused":                     "account identity-access medium",
	"iam-role-assumable-by-anyone":               "account identity-access critical",
	"iam-role-assumable-by-other-accounts":       "account identity-access medium",
	"iam-role-service-trust-scoped":              "account identity-access high",
	"iam-role-oidc-trust-scoped":                 "account identity-access high",
	"iam-principal-administrator":                "account identity-access medium",
	"iam-principal-can-escalate":                 "account identity-access high",
	"kms-key-not-public":                         "account server-side-encryption critical",
}

func TestReleasedChecks(t *testing.T) {
	got := map[string]string{}
	for _, c := range All() {
		got[c.ID] = strings.Join([]string{string(c.Category), string(c.Layer), string(c.Severity)}, " ")
	}
	for id, want := range released {
		if got[id] != want {
			t.Errorf("%s: %q, want %q", id, got[id], want)
		}
	}
	for id := range got {
		if released[id] == "" {
			t.Errorf("%s is not in this list: an id is final once it is released", id)
		}
	}
}

var idForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)+$`)

func TestMetadata(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range All() {
		wrong := func(format string, args ...any) { t.Helper(); t.Errorf(c.ID+": "+format, args...) }
		if seen[c.ID] {
			wrong("the id stands twice")
		}
		seen[c.ID] = true
		if !idForm.MatchString(c.ID) || !strings.HasPrefix(c.ID, c.Service+"-") {
			wrong("the id does not read as service and words")
		}
		if c.Title == "" || strings.HasSuffix(c.Title, ".") || c.Title[:1] != strings.ToUpper(c.Title[:1]) {
			wrong("the title %q is no heading", c.Title)
		}
		for what, text := range map[string]string{"risk": c.Risk, "fix": c.Fix.Text, "detail": c.Detail} {
			if !strings.HasSuffix(text, ".") || len(text) < 30 {
				wrong("the %s is no sentence: %q", what, text)
			}
		}
		if !strings.HasPrefix(c.Fix.URL, "https://docs.aws.amazon.com/") {
			wrong("the fix names no page of AWS's documentation: %q", c.Fix.URL)
		}
		if c.Fix.CLI != "" && !strings.HasPrefix(c.Fix.CLI, "aws ") {
			wrong("the command is not the AWS CLI's: %q", c.Fix.CLI)
		}
		if !slices.Contains(finding.Severities(), c.Severity) {
			wrong("no such severity: %q", c.Severity)
		}
		if cell, ok := responsibility.Of(c.Category, c.Layer); !ok || !cell.Ours() {
			wrong("%s/%s is not the customer's", c.Category, c.Layer)
		}
		cited := map[string]bool{}
		for _, cite := range c.Cites {
			if !controls.Known(cite.Framework, cite.ID) {
				wrong("no such control: %s %s", cite.Framework, cite.ID)
			}
			if cited[cite.Framework+cite.ID] {
				wrong("%s %s is cited twice", cite.Framework, cite.ID)
			}
			cited[cite.Framework+cite.ID] = true
		}
	}
}

func nodes() []*inventory.Node {
	var all []*inventory.Node
	for _, c := range All() {
		for _, n := range c.Plan().Nodes {
			if !slices.Contains(all, n) {
				all = append(all, n)
			}
			if t := n.Tags(); t != nil && !slices.Contains(all, t) {
				all = append(all, t)
			}
		}
	}
	return all
}

func TestDatasets(t *testing.T) {
	names := map[string]*inventory.Node{}
	for _, n := range nodes() {
		if names[n.Name] != nil {
			t.Errorf("two datasets have the name %s", n.Name)
		}
		names[n.Name] = n
		acyclic(t, n, nil)
		for _, op := range n.Ops {
			if !awsapi.HasRoot(op) {
				t.Errorf("%s: the answer of %s cannot be checked for being whole", n.Name, op)
			}
		}
	}
}

func acyclic(t *testing.T, n *inventory.Node, path []*inventory.Node) {
	t.Helper()
	if slices.Contains(path, n) {
		t.Fatalf("%s depends on itself", n.Name)
	}
	for _, d := range n.Deps() {
		acyclic(t, d, append(path, n))
	}
}

// A threshold that several checks read has one default, bounds and sentence.
func TestThresholds(t *testing.T) {
	seen := map[string]inventory.ParamInfo{}
	for _, c := range All() {
		plan := c.Plan()
		for _, p := range slices.Concat(plan.Params, plan.Shared) {
			if before, ok := seen[p.Name]; ok && !reflect.DeepEqual(before, p) {
				t.Errorf("%s: the threshold %s is declared twice", c.ID, p.Name)
			}
			seen[p.Name] = p
			if kind := reflect.TypeOf(p.Default).Kind(); kind == reflect.Slice && p.Doc != "" {
				continue // ports, whose bounds are those of a port, or names
			}
			low, ok1 := p.Min.(int)
			value, ok2 := p.Default.(int)
			high, ok3 := p.Max.(int)
			if !ok1 || !ok2 || !ok3 || low > value || value > high || p.Doc == "" {
				t.Errorf("%s: the threshold %+v has no bounds around its default, or no sentence", c.ID, p)
			}
		}
	}
	if len(seen) == 0 {
		t.Error("no check has a threshold")
	}
}

//go:embed testdata/actions.tsv
var actionsTSV string

// Every action that a policy asks for exists, and its access level is Read or List.
func TestActionsOnlyRead(t *testing.T) {
	levels := map[string]string{}
	for line := range strings.Lines(actionsTSV) {
		if action, level, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok && !strings.HasPrefix(line, "#") {
			levels[strings.ToLower(action)] = level
		}
	}
	ops := slices.Concat(awsapi.IdentityOps, awsapi.RegionOps)
	for _, n := range nodes() {
		ops = append(ops, n.Ops...)
	}
	used := map[string]bool{}
	for _, op := range ops {
		for _, a := range op.Actions {
			used[a] = true
			if levels[strings.ToLower(a)] == "" {
				t.Errorf("%s asks for %s, which is no action of level Read or List", op, a)
			}
		}
	}
	if len(used) < 20 {
		t.Errorf("only %v are used", slices.Sorted(maps.Keys(used)))
	}
}
