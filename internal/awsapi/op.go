// Package awsapi is the only way to AWS: credentials and sessions, the guard that refuses any operation which was not
// declared, the refusal of answers that are not whole, the classes of errors, pacing, and the ledger of calls.
package awsapi

import (
	"slices"
	"strings"
)

// Op is one operation of AWS's API.
type Op struct {
	Service string   // a name of the services table below, such as "ec2"
	Name    string   // the operation, such as "DescribeInstances"
	Actions []string // the IAM actions that it needs, such as "ec2:DescribeInstances"
}

// String is the operation as reports name it: service:Operation.
func (o Op) String() string { return o.Service + ":" + o.Name }

// Ops is a declared set of operations: what one dataset or detail may call.
type Ops []Op

// Calls declares an operation, "service:Operation", with the IAM actions that it needs. Without actions it is the one
// of the same name under the service's IAM prefix. An unknown service panics: declarations are package variables, so
// a mistake shows at the first start.
func Calls(op string, actions ...string) Ops {
	service, name, ok := strings.Cut(op, ":")
	svc, known := services[service]
	if !ok || !known || name == "" {
		panic("awsapi: no such service in the table: " + op)
	}
	if len(actions) == 0 {
		actions = []string{svc.prefix + ":" + name}
	}
	return Ops{{Service: service, Name: name, Actions: actions}}
}

// And adds an operation to the set, as Calls would declare it.
func (o Ops) And(op string, actions ...string) Ops {
	return append(slices.Clone(o), Calls(op, actions...)...)
}

func (o Ops) find(service, name string) (Op, bool) {
	i := slices.IndexFunc(o, func(e Op) bool { return e.Service == service && e.Name == name })
	if i < 0 {
		return Op{}, false
	}
	return o[i], true
}

type service struct {
	sdkID  string  // ServiceID of the SDK's client, which middleware sees
	prefix string  // IAM action prefix
	rate   float64 // attempts a second per account and region that a scan allows itself
	burst  int     // attempts that may go at once
}

// services is the one table of service names: AWS's own API models' names. The rates keep a scan well below what AWS
// grants an account, since EC2's and IAM's throttle buckets are shared with production. EC2's documentation ("Request
// throttling for the Amazon EC2 API") gives 50-100 tokens refilled at 10-20 a second for unfiltered Describe calls; the
// other services publish no figures for these calls, and the values are cautious.
var services = map[string]service{
	"cloudfront":        {"CloudFront", "cloudfront", 10, 20},
	"ec2":               {"EC2", "ec2", 20, 50},
	"elb":               {"Elastic Load Balancing", "elasticloadbalancing", 20, 40},
	"elbv2":             {"Elastic Load Balancing v2", "elasticloadbalancing", 20, 40},
	"globalaccelerator": {"Global Accelerator", "globalaccelerator", 10, 20},
	"iam":               {"IAM", "iam", 20, 40},
	"kms":               {"KMS", "kms", 40, 40},
	"rds":               {"RDS", "rds", 20, 40},
	"s3":                {"S3", "s3", 600, 200},
	"s3control":         {"S3 Control", "s3", 20, 40},
	"ssm":               {"SSM", "ssm", 10, 20},
	"sts":               {"STS", "sts", 20, 40},
	"sso":               {"SSO", "sso", 20, 40},
	"sso-oidc":          {"SSO OIDC", "sso-oauth", 20, 40},
	"signin":            {"Signin", "signin", 20, 40},
}

var bySDKID = func() map[string]string {
	m := map[string]string{}
	for name, s := range services {
		m[s.sdkID] = name
	}
	return m
}()

// Services returns every service name of the table, sorted.
func Services() []string {
	names := make([]string, 0, len(services))
	for n := range services {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// The operations of every scan: who the caller is, and which regions the account has.
var (
	IdentityOps = Calls("sts:GetCallerIdentity")
	RegionOps   = Calls("ec2:DescribeRegions")
)

// credentialOps are what the SDK's own credential chain may call, whatever is being read. sts:AssumeRole and its like
// have access level Write in AWS's service authorization reference; they issue credentials and change nothing.
var credentialOps = Calls("sts:AssumeRole").And("sts:AssumeRoleWithWebIdentity").And("sts:AssumeRoleWithSAML").
	And("sso:GetRoleCredentials").And("sso-oidc:CreateToken").And("signin:CreateOAuth2Token")
