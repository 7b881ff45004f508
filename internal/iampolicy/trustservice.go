package iampolicy

import (
	"slices"
	"strings"
)

// ServiceTrust is one service that may take a role.
type ServiceTrust struct {
	Service string
	Ref     Ref
	// Scoped is Yes if the service can take the role only on behalf of a fixed account, resource or organization, or if
	// the service offers no way to say so and takes roles of its own account only. Unknown: whether the service sends
	// the source was not established.
	Scoped Answer
	Why    string
	Unless []string // Deny statements that may take it away
}

// passedOnly are services that take a role only where someone of the role's own account has passed it to a resource of
// that account: an instance profile, a function. Their guides' pages on the role ask for no source in the trust policy, and
// iam:PassRole does not reach over accounts ("Granting a user permissions to pass a role to an AWS service": "You can't
// use the PassRole permission to pass a cross-account role").
var passedOnly = []string{"ec2.amazonaws.com", "ec2.amazonaws.com.cn", "lambda.amazonaws.com"}

// sendsSource are services whose guides tell to limit the trust policy by aws:SourceAccount or aws:SourceArn: the page
// "Cross-service confused deputy prevention" of the guide, or the page of the service role. Services of which no such page is
// known (AWS Backup, CodePipeline, DataBrew, EventBridge Pipes, ...) are left out, whatever is said elsewhere.
var sendsSource = map[string]string{
	"appstream.amazonaws.com":        "Amazon AppStream 2.0, Example: fleet machine role cross-service confused deputy prevention",
	"bedrock.amazonaws.com":          "Amazon Bedrock, Create a service role",
	"codebuild.amazonaws.com":        "AWS CodeBuild, Cross-service confused deputy prevention",
	"codedeploy.amazonaws.com":       "AWS CodeDeploy, Cross-service confused deputy prevention",
	"cognito-idp.amazonaws.com":      "Amazon Cognito, Confused deputy prevention",
	"comprehend.amazonaws.com":       "Amazon Comprehend, Cross-service confused deputy prevention",
	"config.amazonaws.com":           "AWS Config, Permissions for the IAM role assigned to AWS Config",
	"datasync.amazonaws.com":         "AWS DataSync, Cross-service confused deputy prevention",
	"ecs-tasks.amazonaws.com":        "Amazon ECS, Amazon ECS task IAM role",
	"eks-fargate-pods.amazonaws.com": "Amazon EKS, Pod execution IAM role",
	"elasticmapreduce.amazonaws.com": "Amazon EMR, Service role for Amazon EMR",
	"fis.amazonaws.com":              "AWS Fault Injection Service, IAM roles; Resilience Hub, Single-account execution role",
	"forecast.amazonaws.com":         "Amazon Forecast, Set up permissions, Cross-service confused deputy prevention",
	"frauddetector.amazonaws.com":    "Amazon Fraud Detector, Confused deputy prevention",
	"glue.amazonaws.com":             "AWS Glue, Cross-service confused deputy prevention",
	"iot.amazonaws.com":              "AWS IoT Core, Cross-service confused deputy prevention",
	"kinesisanalytics.amazonaws.com": "Managed Service for Apache Flink, Cross-service confused deputy prevention",
	"logs.amazonaws.com":             "Amazon CloudWatch Logs, Subscription filters, Confused deputy prevention",
	"monitoring.rds.amazonaws.com":   "Amazon RDS, Setting up and enabling Enhanced Monitoring",
	"personalize.amazonaws.com":      "Amazon Personalize, Cross-service confused deputy prevention",
	"rekognition.amazonaws.com":      "Amazon Rekognition, Cross-service confused deputy prevention",
	"sagemaker.amazonaws.com":        "Amazon SageMaker AI, Cross-service confused deputy prevention",
	"scheduler.amazonaws.com":        "Amazon EventBridge Scheduler, Confused deputy prevention",
	"ses.amazonaws.com":              "Amazon SES, Cross-service confused deputy prevention",
	"ssm.amazonaws.com":              "AWS Systems Manager, Cross-service confused deputy prevention",
	"states.amazonaws.com":           "AWS Step Functions, Cross-service confused deputy prevention",
	"transcribe.amazonaws.com":       "Amazon Transcribe, Identity-based policy examples, Confused deputy prevention policy",
	"transfer.amazonaws.com":         "AWS Transfer Family, Cross-service confused deputy prevention",
	"vpc-flow-logs.amazonaws.com":    "Amazon VPC, IAM role for publishing flow logs to CloudWatch Logs",
}

// ServiceTrusts tells of every service that a trust policy lets take the role whether that is scoped, in a fixed order.
//
// Source: "The confused deputy problem", "Cross-service confused deputy prevention", IAM User Guide, and the services' own
// pages, see the tables. A service in neither table that is not limited by conditions is Unknown.
func (d *Document) ServiceTrusts() []ServiceTrust {
	vars := d.hasVariables()
	var out []ServiceTrust
	for i := range d.Statements {
		s := &d.Statements[i]
		if s.Effect != Allow {
			continue
		}
		for _, to := range s.granteesOf(vars) {
			if to.Kind != ToService && (to.Kind != ToUnclear || !strings.HasPrefix(to.ID, "Service:")) {
				continue
			}
			a, by := d.trustOf(s, to, "sts:AssumeRole")
			if a == No {
				continue
			}
			t := ServiceTrust{Service: to.ID, Ref: s.Ref, Unless: by}
			t.Scoped, t.Why = s.serviceScope(to, vars)
			if ref := d.deniesOtherSources(to); t.Scoped != Yes && ref != "" {
				t.Scoped, t.Why = Yes, "limited to a fixed source: all others are denied by "+ref
			}
			if a == Unknown && t.Scoped == No {
				t.Scoped, t.Why = Unknown, t.Why+", possibly denied by "+strings.Join(by, ", ")
			}
			out = append(out, t)
		}
	}
	slices.SortStableFunc(out, func(a, b ServiceTrust) int {
		if c := strings.Compare(a.Service, b.Service); c != 0 {
			return c
		}
		return a.Ref.Index - b.Ref.Index
	})
	return out
}

// deniesOtherSources names a Deny statement that leaves a service nothing but requests with a fixed source: each of its tests is
// the negation of such a limit, which holds where the key is missing as well ("Condition operators"), or asks for services.
func (d *Document) deniesOtherSources(to Grantee) string {
	for i := range d.Statements {
		s := &d.Statements[i]
		if s.Effect != Deny || s.Resources != nil || s.appliesToGrantee(to) != Yes || matchesAction(s, "sts:assumerole") != Yes {
			continue
		}
		fixed := No
		for _, t := range s.Conditions {
			if lower(t.Key) == "aws:principalisawsservice" && t.Operator.Base == "Bool" && slices.Equal(t.Values, []string{"true"}) {
				continue
			}
			if !t.Operator.Negated || t.Operator.Qualifier != NoQualifier {
				fixed = No
				break
			}
			t.Operator.Negated, t.Operator.IfExists = false, false
			if a, ok := t.limitsSource(d.hasVariables()); !ok || a != Yes {
				fixed = No
				break
			}
			fixed = Yes
		}
		if fixed == Yes {
			return s.Ref.String()
		}
	}
	return ""
}

func (s *Statement) serviceScope(to Grantee, vars bool) (Answer, string) {
	name := regional(to.ID)
	switch source := s.sourced(vars); {
	case source == Yes:
		return Yes, "limited to a fixed source" + conditionWords(s)
	case s.fixesExternalID(vars) == Yes && sendsSource[name] == "":
		return Unknown, "an external id is asked for; whether the service sends the source is not established"
	case source == Unknown:
		return Unknown, "whether the conditions limit the source is not decided" + conditionWords(s)
	case to.Kind == ToUnclear:
		return Unknown, to.ID + " is not a service's name"
	case slices.Contains(passedOnly, name):
		return Yes, "the service takes only roles that were passed to it within the account"
	case sendsSource[name] != "":
		return No, "no condition on aws:SourceAccount, aws:SourceArn, aws:SourceOrgID or aws:SourceOrgPaths, which the service sends (" +
			sendsSource[name] + ")"
	default:
		return Unknown, "no condition on the source; whether the service sends it is not established"
	}
}

func (s *Statement) fixesExternalID(vars bool) Answer {
	result := No
	for _, t := range s.Conditions {
		if lower(t.Key) == "sts:externalid" {
			result = result.or(t.fixesKey(s, vars))
		}
	}
	return result
}

// regional takes the region out of a service's name: "states.eu-west-1.amazonaws.com" is "states.amazonaws.com".
func regional(service string) string {
	parts := strings.Split(service, ".")
	if len(parts) == 4 && strings.Count(parts[1], "-") >= 2 {
		return parts[0] + "." + strings.Join(parts[2:], ".")
	}
	return service
}
