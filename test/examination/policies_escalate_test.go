package examination

import (
	"testing"

	"github.com/ourshare/ourshare/internal/inventory/iam"
)

// with adds further principals.
func with(others ...iam.Principal) person {
	return func(c *crowd) { c.others = append(c.others, others...) }
}

// roleFor is a role that a service, or a principal, may take.
func roleFor(name, trust string, statements ...string) iam.Principal {
	r := principal(iam.RoleKind, name)
	text := document(trust)
	r.Trust = &text
	if len(statements) > 0 {
		inline(&r, statements...)
	}
	return r
}

func service(name string) string { return allow(from(name)) }

func userWith(name string, statements ...string) iam.Principal {
	u := principal(iam.UserKind, name)
	if len(statements) > 0 {
		inline(&u, statements...)
	}
	return u
}

// Passing a role: [passrole]; each action's meaning: the service authorization reference
// (service-authorization/latest/reference/list_*.html). Where something that runs already would have to be known, FU.
func TestEscalationsByPassing(t *testing.T) {
	for _, c := range []struct {
		want, service, actions string
	}{
		{"F", "ec2.amazonaws.com", `"ec2:RunInstances"`},
		{"F", "lambda.amazonaws.com", `"lambda:CreateFunction","lambda:InvokeFunction"`},
		{"F", "lambda.amazonaws.com", `"lambda:CreateFunction","lambda:AddPermission"`},
		{"F", "lambda.amazonaws.com", `"lambda:CreateFunction","lambda:CreateEventSourceMapping"`},
		{"F", "ecs-tasks.amazonaws.com", `"ecs:RegisterTaskDefinition","ecs:RunTask"`},
		{"F", "ecs-tasks.amazonaws.com", `"ecs:RegisterTaskDefinition","ecs:CreateService"`},
		{"F", "glue.amazonaws.com", `"glue:CreateDevEndpoint"`},
		{"F", "glue.amazonaws.com", `"glue:CreateJob","glue:StartJobRun"`},
		{"F", "glue.amazonaws.com", `"glue:CreateJob","glue:CreateTrigger"`},
		{"FU", "glue.amazonaws.com", `"glue:UpdateJob","glue:StartJobRun"`},
		{"F", "cloudformation.amazonaws.com", `"cloudformation:CreateStack"`},
		{"F", "codebuild.amazonaws.com", `"codebuild:CreateProject","codebuild:StartBuild"`},
		{"F", "codebuild.amazonaws.com", `"codebuild:CreateProject","codebuild:StartBuildBatch"`},
		{"F", "sagemaker.amazonaws.com", `"sagemaker:CreateNotebookInstance","sagemaker:CreatePresignedNotebookInstanceUrl"`},
		{"F", "sagemaker.amazonaws.com", `"sagemaker:CreateTrainingJob"`},
		{"F", "sagemaker.amazonaws.com", `"sagemaker:CreateProcessingJob"`},
		{"F", "states.amazonaws.com", `"states:CreateStateMachine","states:StartExecution"`},
		{"F", "ssm.amazonaws.com", `"ssm:StartAutomationExecution"`},
		{"F", "tasks.apprunner.amazonaws.com", `"apprunner:CreateService"`},
		{"F", "datapipeline.amazonaws.com", `"datapipeline:CreatePipeline","datapipeline:PutPipelineDefinition","datapipeline:ActivatePipeline"`},
		{"F", "ec2.amazonaws.com", `"ec2:RequestSpotInstances"`},
		{"F", "ec2.amazonaws.com", `"autoscaling:CreateLaunchConfiguration","autoscaling:CreateAutoScalingGroup"`},
		{"F", "bedrock-agentcore.amazonaws.com", `"bedrock-agentcore:CreateCodeInterpreter","bedrock-agentcore:StartCodeInterpreterSession","bedrock-agentcore:InvokeCodeInterpreter"`},
	} {
		strong := roleFor("boss", service(c.service), everything)
		strong.InstanceProfiles = []string{"arn:aws:iam::111122223333:instance-profile/boss"}
		weak := roleFor("worker", service(c.service), can(`"s3:GetObject"`))
		actions := `[` + c.actions + `,"iam:PassRole"]`
		escalates := func(label, want string, changes ...person) {
			t.Helper()
			judged(t, c.actions+": "+label, people(changes...).verdict(t, "iam-principal-can-escalate"), want)
		}
		escalates("with a strong role", c.want, may(can(actions)), with(strong))
		escalates("with a weak role", "P", may(can(actions)), with(weak))
		escalates("without passing", "PU", may(can(`[`+c.actions+`]`)), with(strong))
		escalates("passing the weak role alone", "PU", may(can(`[`+c.actions+`]`), allow(`"Action":"iam:PassRole","Resource":"arn:aws:iam::111122223333:role/worker"`)), with(strong, weak))
		escalates("passing to another service", "PU", may(can(`[`+c.actions+`]`), allow(`"Action":"iam:PassRole","Resource":"*"`+when("StringEquals", "iam:PassedToService", `"batch.amazonaws.com"`))), with(strong))
		escalates("passing to this service", c.want+"U", may(can(`[`+c.actions+`]`), allow(`"Action":"iam:PassRole","Resource":"*"`+when("StringLike", "iam:PassedToService", `"*.amazonaws.com"`))), with(strong))
		escalates("passing denied", "PU", may(can(actions), deny(`"Action":"iam:PassRole","Resource":"*"`)), with(strong))
		escalates("within a boundary", "P", may(can(actions)), with(strong), bounded(can(`"s3:*"`)))
		escalates("a role that trusts another service", "PU", may(can(actions)), with(roleFor("boss", service("batch.amazonaws.com"), everything)))
		escalates("a role whose policies were not read", "FU", may(can(actions)), with(blind(roleFor("boss", service(c.service)))))
		escalates("a role whose trust was not read", "FU", may(can(actions)), with(trustless(strong)))
	}
	judged(t, "passing alone", people(may(can(`"iam:PassRole"`)), with(roleFor("boss", service("ec2.amazonaws.com"), everything))).verdict(t, "iam-principal-can-escalate"), "P")
}

func blind(p iam.Principal) iam.Principal {
	p.Inline = []iam.InlinePolicy{{Name: "own"}}
	return p
}

func trustless(p iam.Principal) iam.Principal {
	p.Trust = nil
	return p
}

// Changing who one is: each action's meaning as the service authorization reference of IAM says, and its condition keys
// iam:PolicyARN and iam:PermissionsBoundary (list_awsidentityandaccessmanagementiam.html).
func TestEscalationsByIAM(t *testing.T) {
	onSelf := `"Resource":"arn:aws:iam::111122223333:user/judged"`
	boss := userWith("boss", everything)
	peer := userWith("peer", can(`"s3:GetObject"`))
	trusted := func(who string) string { return allow(`"Principal":{"AWS":"` + who + `"},` + assume) }
	account, self := "arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:user/judged"
	king := func(trust string) iam.Principal { return roleFor("king", trust, everything) }
	one := func(action, resource string) person {
		return may(allow(`"Action":` + action + `,"Resource":"` + resource + `"`))
	}
	for _, c := range []principalCase{
		{"F", "writes its own policy", []person{may(allow(`"Action":"iam:PutUserPolicy",` + onSelf))}},
		{"F", "writes its own policy, by a variable", []person{may(allow(`"Action":"iam:PutUserPolicy","Resource":"arn:aws:iam::111122223333:user/${aws:username}"`))}},
		{"P", "writes another's policy", []person{one(`"iam:PutUserPolicy"`, peer.ARN), with(peer)}},
		{"F", "writes another's policy and makes keys of it", []person{one(`["iam:PutUserPolicy","iam:CreateAccessKey"]`, peer.ARN), with(peer)}},
		{"F", "attaches to itself", []person{may(allow(`"Action":"iam:AttachUserPolicy",` + onSelf))}},
		{"F", "attaches the administrator's policy", []person{may(allow(`"Action":"iam:AttachUserPolicy",` + onSelf + when("ArnEquals", "iam:PolicyARN", `"arn:aws:iam::aws:policy/AdministratorAccess"`)))}},
		{"PU", "attaches the reader's policy", []person{may(allow(`"Action":"iam:AttachUserPolicy",` + onSelf + when("ArnEquals", "iam:PolicyARN", `"arn:aws:iam::aws:policy/ReadOnlyAccess"`)))}},
		{"P", "attaches to a role that it cannot take", []person{one(`"iam:AttachRolePolicy"`, "arn:aws:iam::111122223333:role/r"), with(roleFor("r", service("ec2.amazonaws.com")))}},
		{"F", "attaches to a role that it can take", []person{one(`["iam:AttachRolePolicy","sts:AssumeRole"]`, "arn:aws:iam::111122223333:role/r"), with(roleFor("r", trusted(account)))}},
		{"F", "attaches to its group", []person{among(), one(`"iam:AttachGroupPolicy"`, "arn:aws:iam::111122223333:group/g")}},
		{"F", "writes its group's policy", []person{among(), one(`"iam:PutGroupPolicy"`, "arn:aws:iam::111122223333:group/g")}},
		{"P", "writes another group's policy", []person{one(`"iam:PutGroupPolicy"`, "arn:aws:iam::111122223333:group/g"), with(principal(iam.GroupKind, "g"))}},
		{"F", "joins the strong group", []person{may(can(`"iam:AddUserToGroup"`)), with(strongGroup())}},
		{"P", "joins a weak group", []person{may(can(`"iam:AddUserToGroup"`)), with(principal(iam.GroupKind, "g"))}},
		{"F", "a new version of its policy", []person{attached("p", can(`"iam:CreatePolicyVersion"`))}},
		{"P", "a new version of a policy that it has not", []person{one(`"iam:CreatePolicyVersion"`, policyARN("q")), func(c *crowd) {
			text := document(can(`"s3:GetObject"`))
			c.policies = append(c.policies, managedRow(policyARN("q"), &text))
		}}},
		{"FU", "another version of its policy", []person{attached("p", can(`"iam:SetDefaultPolicyVersion"`))}},
		{"P", "a new version of AWS's policy", []person{may(can(`"iam:CreatePolicyVersion"`)), func(c *crowd) {
			text := document(can(`"s3:GetObject"`))
			arn := "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
			c.policies = append(c.policies, managedRow(arn, &text))
			c.judged.Attached = append(c.judged.Attached, iam.AttachedPolicy{ARN: arn, Name: "r"})
		}}},
		{"F", "keys of the strong", []person{may(can(`"iam:CreateAccessKey"`)), with(boss)}},
		{"P", "keys of the weak", []person{may(can(`"iam:CreateAccessKey"`)), with(peer)}},
		{"P", "keys of its own", []person{may(allow(`"Action":"iam:CreateAccessKey",` + onSelf)), with(boss)}},
		{"F", "a password for the strong", []person{may(can(`"iam:CreateLoginProfile"`)), with(boss)}},
		{"FU", "another password for the strong", []person{may(can(`"iam:UpdateLoginProfile"`)), with(boss)}},
		{"U", "keys of one whose policies were not read", []person{may(can(`"iam:CreateAccessKey"`)), with(blind(userWith("b")))}},
		{"F", "keys of one who may have keys of the strong", []person{one(`"iam:CreateAccessKey"`, peer.ARN), with(userWith("peer", can(`"iam:CreateAccessKey"`)), boss)}},

		{"F", "takes a strong role", []person{may(can(`"sts:AssumeRole"`)), with(king(trusted(account)))}},
		{"F", "takes a strong role that names it", []person{with(king(trusted(self)))}},
		{"P", "may not take the strong role", []person{with(king(trusted(account)))}},
		{"P", "a strong role that names another", []person{may(can(`"sts:AssumeRole"`)), with(king(trusted("arn:aws:iam::111122223333:user/peer")))}},
		{"P", "takes a strong role, denied", []person{may(can(`"sts:AssumeRole"`), deny(`"Action":"sts:*","Resource":"*"`)), with(king(trusted(account)))}},
		{"P", "takes a strong role, denied by its trust", []person{may(can(`"sts:AssumeRole"`)), with(roleFor("king", trusted(account)+","+deny(`"Principal":{"AWS":"`+self+`"},`+assume), everything))}},
		{"FU", "takes a strong role with an external id", []person{may(can(`"sts:AssumeRole"`)), with(king(allow(`"Principal":{"AWS":"` + account + `"},` + assume + when("StringEquals", "sts:ExternalId", `"x7"`))))}},
		{"F", "rewrites the trust of a strong role", []person{may(can(`["iam:UpdateAssumeRolePolicy","sts:AssumeRole"]`)), with(king(service("ec2.amazonaws.com")))}},
		{"F", "rewrites the trust, naming itself", []person{may(can(`"iam:UpdateAssumeRolePolicy"`)), with(king(service("ec2.amazonaws.com")))}},
		{"P", "rewrites the trust of a weak role", []person{may(can(`["iam:UpdateAssumeRolePolicy","sts:AssumeRole"]`)), with(roleFor("r", service("ec2.amazonaws.com")))}},
		{"P", "rewrites the trust of a service-linked role", []person{may(can(`["iam:UpdateAssumeRolePolicy","sts:AssumeRole"]`)), with(linked(king(service("ec2.amazonaws.com"))))}},
		{"F", "by a role of its own to a strong one", []person{may(can(`"sts:AssumeRole"`)), with(roleFor("mid", trusted(account), can(`"iam:CreateAccessKey"`)), boss)}},

		{"F", "takes off its boundary", []person{may(everything), bounded(can(`"iam:DeleteUserPermissionsBoundary"`))}},
		{"P", "may not take off its boundary", []person{may(everything), bounded(can(`"s3:*"`))}},
		{"P", "takes off its boundary, and has little", []person{may(can(`["s3:*","iam:DeleteUserPermissionsBoundary"]`)), bounded(everything)}},
		{"P", "writes its policy, but stays within its boundary", []person{may(can(`"iam:PutUserPolicy"`)), bounded(can(`["iam:PutUserPolicy","s3:*"]`)), with(boss)}},
		{"F", "changes its boundary's policy", []person{may(everything), bounded(can(`"iam:CreatePolicyVersion"`))}},
		{"F", "puts another boundary on itself", []person{may(everything), bounded(can(`"iam:PutUserPermissionsBoundary"`)), listedPolicy("wide", everything)}},
		{"F", "puts AWS's policy on itself as a boundary", []person{may(everything), bounded(can(`"iam:PutUserPermissionsBoundary"`))}},
		{"PU", "puts a narrow boundary on itself", []person{may(everything), bounded(allow(`"Action":"iam:PutUserPermissionsBoundary","Resource":"*"` + when("ArnEquals", "iam:PermissionsBoundary", `"`+policyARN("narrow")+`"`))), listedPolicy("narrow", can(`"s3:*"`))}},
		{"F", "puts AWS's policy for IAM on itself as a boundary, and goes on", []person{may(everything), bounded(allow(`"Action":"iam:PutUserPermissionsBoundary","Resource":"*"` + when("ArnEquals", "iam:PermissionsBoundary", `"arn:aws:iam::aws:policy/IAMFullAccess"`)))}},
		{"U", "puts a policy of AWS's on itself that is not known", []person{may(everything), bounded(allow(`"Action":"iam:PutUserPermissionsBoundary","Resource":"*"` + when("ArnEquals", "iam:PermissionsBoundary", `"arn:aws:iam::aws:policy/PowerUserAccess"`)))}},
		{"FU", "puts a partial boundary on itself after it gave itself everything", []person{
			may(can(`["iam:PutUserPermissionsBoundary","iam:PutUserPolicy"]`)),
			bounded(allow(`"Action":"iam:PutUserPermissionsBoundary","Resource":"*"`+when("ArnEquals", "iam:PermissionsBoundary", `"`+policyARN("partial")+`"`)), can(`"iam:PutUserPolicy"`)),
			listedPolicy("partial", can(`"iam:DeleteUserPermissionsBoundary"`)),
		}},
		{"F", "replaces the boundary of a user whose keys it makes", []person{may(can(`["iam:PutUserPermissionsBoundary","iam:CreateAccessKey"]`)), with(boundedUser())}},
		{"F", "puts a partial boundary on itself, and goes on", []person{
			may(everything), bounded(allow(`"Action":"iam:PutUserPermissionsBoundary","Resource":"*"` + when("ArnEquals", "iam:PermissionsBoundary", `"`+policyARN("partial")+`"`))),
			listedPolicy("partial", can(`["iam:DeleteUserPermissionsBoundary","s3:*"]`)),
		}},
		{"F", "makes a user", []person{may(can(`["iam:CreateUser","iam:PutUserPolicy","iam:CreateAccessKey"]`))}},

		{"FU", "a policy not read", []person{unread()}},
		{"F", "a path, and the listing cut off", []person{may(allow(`"Action":"iam:PutUserPolicy",` + onSelf)), func(c *crowd) { c.cut = true }}},
		{"U", "no path, and the listing cut off", []person{may(can(`"iam:CreateAccessKey"`)), func(c *crowd) { c.cut = true }}},
		{"N", "an administrator", []person{may(everything)}},
	} {
		judged(t, c.label, people(c.changes...).verdict(t, "iam-principal-can-escalate"), c.want)
	}
}

func listedPolicy(name string, statements ...string) person {
	return func(c *crowd) {
		text := document(statements...)
		c.policies = append(c.policies, managedRow(policyARN(name), &text))
	}
}

// boundedUser may do everything within a boundary that is not listed.
func boundedUser() iam.Principal {
	u := userWith("held", everything)
	arn := policyARN("unlisted")
	u.Boundary = &arn
	return u
}

func strongGroup() iam.Principal {
	g := principal(iam.GroupKind, "strong")
	inline(&g, everything)
	return g
}

func linked(r iam.Principal) iam.Principal {
	r.Path = "/aws-service-role/ec2.amazonaws.com/"
	r.ARN = "arn:aws:iam::111122223333:role/aws-service-role/ec2.amazonaws.com/king"
	return r
}

// What runs already with a role: it is not known which, so that FU is right; without the strong role it must pass.
func TestEscalationsByWhatRuns(t *testing.T) {
	for _, c := range []struct{ service, actions string }{
		{"lambda.amazonaws.com", `"lambda:UpdateFunctionCode"`},
		{"lambda.amazonaws.com", `"lambda:UpdateFunctionConfiguration"`},
		{"ec2.amazonaws.com", `"ssm:SendCommand"`},
		{"ec2.amazonaws.com", `"ssm:StartSession"`},
		{"ec2.amazonaws.com", `"ec2-instance-connect:SendSSHPublicKey"`},
		{"ec2.amazonaws.com", `"ec2:ModifyInstanceAttribute","ec2:StopInstances","ec2:StartInstances"`},
		{"ec2.amazonaws.com", `"ec2:CreateLaunchTemplateVersion","ec2:ModifyLaunchTemplate"`},
		{"glue.amazonaws.com", `"glue:UpdateDevEndpoint"`},
		{"cloudformation.amazonaws.com", `"cloudformation:UpdateStack"`},
		{"cloudformation.amazonaws.com", `"cloudformation:CreateChangeSet","cloudformation:ExecuteChangeSet"`},
		{"ecs-tasks.amazonaws.com", `"ecs:ExecuteCommand"`},
		{"codebuild.amazonaws.com", `"codebuild:StartBuild"`},
		{"sagemaker.amazonaws.com", `"sagemaker:CreatePresignedNotebookInstanceUrl"`},
	} {
		strong := roleFor("boss", service(c.service), everything)
		strong.InstanceProfiles = []string{"arn:aws:iam::111122223333:instance-profile/boss"}
		weak := roleFor("worker", service(c.service), can(`"s3:GetObject"`))
		judged(t, c.actions, people(may(can(`[`+c.actions+`]`)), with(strong)).verdict(t, "iam-principal-can-escalate"), "FU")
		judged(t, c.actions+", weak", people(may(can(`[`+c.actions+`]`)), with(weak)).verdict(t, "iam-principal-can-escalate"), "P")
		judged(t, c.actions+", denied", people(may(can(`[`+c.actions+`]`), deny(`"Action":[`+c.actions+`],"Resource":"*"`)), with(strong)).verdict(t, "iam-principal-can-escalate"), "P")
	}
	for _, actions := range []string{
		`"iam:CreateSAMLProvider"`, `"iam:UpdateSAMLProvider"`,
	} {
		idp := roleFor("sso", allow(`"Principal":{"Federated":"arn:aws:iam::111122223333:saml-provider/staff"},`+saml), everything)
		judged(t, actions, people(may(can(actions)), with(idp)).verdict(t, "iam-principal-can-escalate"), "FU")
	}
	gh := roleFor("ci", allow(github+when("StringLike", actor+"sub", `"repo:fernhill/*"`)), everything)
	judged(t, "a provider of the same address", people(may(can(`"iam:UpdateOpenIDConnectProviderThumbprint"`)), with(gh)).verdict(t, "iam-principal-can-escalate"), "FU")
}
