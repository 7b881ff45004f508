package iampolicy

import (
	"slices"
	"strings"
)

// escalationTarget is on what a combination works.
type escalationTarget int

const (
	onItself    escalationTarget = iota // the identity's own user or role
	onOwnGroup                          // a group that the user is in
	onOwnPolicy                         // a customer managed policy that is attached to it
	onGroup                             // a group, whose permissions it joins
	onUser                              // another user, whose credentials it gets
	onRole                              // a role that it then takes
	onPassed                            // a role that it passes to a service
	onHost                              // something that runs with a role already
	onProvider                          // an identity provider that a role trusts
)

// escalation is a combination of permissions by which an identity gets more than it has.
type escalation struct {
	steps [][]string // of each step one action is needed
	on    escalationTarget
	// service of the role, where it is passed to one or used by one.
	service string
	// unsure says what else must be so; the answer is then Unknown at most.
	unsure string
}

func steps(list ...[]string) [][]string { return list }
func any1(actions ...string) []string   { return actions }

// escalations are the established combinations. They were first collected by Rhino Security Labs ("AWS IAM Privilege
// Escalation - Methods and Mitigation") and are kept up at pathfinding.cloud; that an action does what is said here is in
// the Service Authorization Reference, and that a role must be passed with iam:PassRole, and trust the service, in
// "Granting a user permissions to pass a role to an AWS service". The last action of a step's alternatives is no better than the first.
//
// Left out, since what they give depends on data that policies do not show: keys (kms:PutKeyPolicy, kms:CreateGrant),
// buckets of code or templates, secrets, weakened MFA, policies of an organization, permission sets.
var escalations = []escalation{
	// Its own policies.
	{steps: steps(any1("iam:PutUserPolicy", "iam:AttachUserPolicy", "iam:PutRolePolicy", "iam:AttachRolePolicy")), on: onItself},
	{steps: steps(any1("iam:PutGroupPolicy", "iam:AttachGroupPolicy")), on: onOwnGroup},
	{steps: steps(any1("iam:CreatePolicyVersion")), on: onOwnPolicy},
	{steps: steps(any1("iam:SetDefaultPolicyVersion")), on: onOwnPolicy, unsure: "an earlier version of the policy allows more"},
	{steps: steps(any1("iam:AddUserToGroup")), on: onGroup},
	// Another's credentials.
	{steps: steps(any1("iam:CreateAccessKey")), on: onUser},
	{steps: steps(any1("iam:CreateLoginProfile", "iam:UpdateLoginProfile")), on: onUser},
	// Trust.
	{steps: steps(any1("sts:AssumeRole")), on: onRole},
	{steps: steps(any1("iam:UpdateAssumeRolePolicy")), on: onRole},
	{steps: steps(any1("iam:UpdateSAMLProvider")), on: onProvider},
	// A role goes on trusting the ARN of a provider that was deleted (DeleteSAMLProvider, IAM API reference).
	{steps: steps(any1("iam:CreateSAMLProvider"), any1("iam:DeleteSAMLProvider")), on: onProvider},
	{steps: steps(any1("iam:CreateSAMLProvider")), on: onProvider, unsure: "the provider that the role trusts is no longer there"},
	{
		steps: steps(any1("iam:AddClientIDToOpenIDConnectProvider", "iam:UpdateOpenIDConnectProviderThumbprint", "iam:CreateOpenIDConnectProvider")),
		on:    onProvider, unsure: "tokens of that provider can be made",
	},
	// A role passed to a service.
	passed("ec2.amazonaws.com", any1("ec2:RunInstances", "ec2:RequestSpotInstances")),
	passed("ec2.amazonaws.com", any1("autoscaling:CreateLaunchConfiguration"), any1("autoscaling:CreateAutoScalingGroup")),
	passed("ec2.amazonaws.com", any1("ec2:AssociateIamInstanceProfile", "ec2:ReplaceIamInstanceProfileAssociation")),
	passed("lambda.amazonaws.com", any1("lambda:CreateFunction"),
		any1("lambda:InvokeFunction", "lambda:AddPermission", "lambda:CreateEventSourceMapping", "lambda:CreateFunctionUrlConfig")),
	passed("lambda.amazonaws.com", any1("lambda:UpdateFunctionConfiguration"), any1("lambda:UpdateFunctionCode"), any1("lambda:InvokeFunction")),
	passed("ecs-tasks.amazonaws.com", any1("ecs:RegisterTaskDefinition"), any1("ecs:RunTask", "ecs:StartTask", "ecs:CreateService")),
	passed("glue.amazonaws.com", any1("glue:CreateDevEndpoint")),
	passed("glue.amazonaws.com", any1("glue:CreateJob", "glue:UpdateJob"), any1("glue:StartJobRun", "glue:CreateTrigger")),
	passed("cloudformation.amazonaws.com", any1("cloudformation:CreateStack", "cloudformation:CreateStackSet", "cloudformation:UpdateStack")),
	passed("datapipeline.amazonaws.com", any1("datapipeline:CreatePipeline"), any1("datapipeline:PutPipelineDefinition"),
		any1("datapipeline:ActivatePipeline")),
	passed("codebuild.amazonaws.com", any1("codebuild:CreateProject", "codebuild:UpdateProject"),
		any1("codebuild:StartBuild", "codebuild:StartBuildBatch")),
	passed("sagemaker.amazonaws.com", any1("sagemaker:CreateNotebookInstance"), any1("sagemaker:CreatePresignedNotebookInstanceUrl")),
	passed("sagemaker.amazonaws.com", any1("sagemaker:CreateTrainingJob", "sagemaker:CreateProcessingJob")),
	passed("states.amazonaws.com", any1("states:CreateStateMachine", "states:UpdateStateMachine"), any1("states:StartExecution")),
	passed("bedrock-agentcore.amazonaws.com", any1("bedrock-agentcore:CreateCodeInterpreter"),
		any1("bedrock-agentcore:StartCodeInterpreterSession"), any1("bedrock-agentcore:InvokeCodeInterpreter")),
	passed("ssm.amazonaws.com", any1("ssm:StartAutomationExecution")),
	passed("tasks.apprunner.amazonaws.com", any1("apprunner:CreateService")),
	// Something that runs with a role already.
	host("lambda.amazonaws.com", any1("lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration")),
	host("ec2.amazonaws.com", any1("ssm:SendCommand", "ssm:StartSession", "ec2-instance-connect:SendSSHPublicKey")),
	host("ec2.amazonaws.com", any1("ec2:ModifyInstanceAttribute"), any1("ec2:StopInstances"), any1("ec2:StartInstances")),
	host("ec2.amazonaws.com", any1("ec2:CreateLaunchTemplateVersion"), any1("ec2:ModifyLaunchTemplate")),
	host("glue.amazonaws.com", any1("glue:UpdateDevEndpoint", "glue:UpdateJob")),
	host("cloudformation.amazonaws.com", any1("cloudformation:UpdateStack")),
	host("cloudformation.amazonaws.com", any1("cloudformation:CreateChangeSet"), any1("cloudformation:ExecuteChangeSet")),
	host("ecs-tasks.amazonaws.com", any1("ecs:ExecuteCommand")),
	host("codebuild.amazonaws.com", any1("codebuild:StartBuild", "codebuild:StartBuildBatch", "codebuild:UpdateProject")),
	host("sagemaker.amazonaws.com", any1("sagemaker:CreatePresignedNotebookInstanceUrl")),
}

func passed(service string, more ...[]string) escalation {
	return escalation{steps: append(steps(any1("iam:PassRole")), more...), on: onPassed, service: service}
}

func host(service string, more ...[]string) escalation {
	return escalation{steps: more, on: onHost, service: service, unsure: "something runs with that role and is among the resources"}
}

// Beside the combinations: what somebody can do to a user, a group or a role whose credentials it has, or gets. The
// actions and their keys are in "Actions, resources, and condition keys for AWS Identity and Access Management"; that a
// boundary is set, replaced and deleted by them in "Permissions boundaries for IAM entities", section "Delegating
// responsibility to others using permissions boundaries".

// gift gives an identity any permissions: by an inline policy, or by a managed one.
type gift struct {
	kind        IdentityKind
	put, attach string
}

var giving = []gift{
	{User, "iam:PutUserPolicy", "iam:AttachUserPolicy"},
	{Role, "iam:PutRolePolicy", "iam:AttachRolePolicy"},
	{Group, "iam:PutGroupPolicy", "iam:AttachGroupPolicy"},
}

const (
	changePolicy = "iam:CreatePolicyVersion" // of a policy that is attached, or is a boundary
	makePolicy   = "iam:CreatePolicy"        // to attach it
	joinGroup    = "iam:AddUserToGroup"
)

// lift takes a boundary away.
type lift struct {
	kind            IdentityKind
	remove, replace string
}

var lifting = []lift{
	{User, "iam:DeleteUserPermissionsBoundary", "iam:PutUserPermissionsBoundary"},
	{Role, "iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary"},
}

// making is what makes a user or a role that one controls.
var making = []struct {
	kind   IdentityKind
	create string
	take   []string
}{
	{Role, "iam:CreateRole", nil},
	{User, "iam:CreateUser", []string{"iam:CreateAccessKey"}},
}

const keyPassedTo = "iam:passedtoservice"

// boundaryKeyed are the actions whose requests have iam:PermissionsBoundary ("Actions, resources, and condition keys for AWS
// Identity and Access Management"). iam:PolicyARN is in those that attach or detach a managed policy, iam:PassedToService in
// iam:PassRole.
var boundaryKeyed = []string{
	"iam:AttachRolePolicy", "iam:AttachUserPolicy", "iam:CreateRole", "iam:CreateUser", "iam:DeleteRolePermissionsBoundary",
	"iam:DeleteUserPermissionsBoundary", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy",
	"iam:PutUserPermissionsBoundary", "iam:PutUserPolicy", "iam:UpdateAssumeRolePolicy",
}

// keysOf adds that a request of the tables does not have a key which its action does not take.
func keysOf(action string, extra requestContext) requestContext {
	out := requestContext{}
	if !slices.ContainsFunc(boundaryKeyed, func(a string) bool { return strings.EqualFold(a, action) }) {
		out[keyBoundary] = absent
	}
	if !strings.HasPrefix(lower(action), "iam:attach") {
		out[keyPolicyARN] = absent
	}
	if !strings.EqualFold(action, "iam:PassRole") {
		out[keyPassedTo] = absent
	}
	return merged(out, extra)
}
