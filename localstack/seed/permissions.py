"""What users and groups may do: groups, policies, boundaries."""

from .policies import document, statement
from .target import say

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


class Permissions:
    def __init__(self, target):
        self.iam, self.account = target.client("iam"), target.account

    def arn(self, kind, name):
        return f"arn:aws:iam::{self.account}:{kind}/{name}"

    def policy(self, name, *statements):
        made = self.iam.create_policy(PolicyName=name, PolicyDocument=document(*statements))
        return made["Policy"]["Arn"]

    def group(self, name, members, *policies):
        self.iam.create_group(GroupName=name)
        for arn in policies:
            self.iam.attach_group_policy(GroupName=name, PolicyArn=arn)
        for user in members:
            self.iam.add_user_to_group(GroupName=name, UserName=user)

    def attach(self, user, arn):
        self.iam.attach_user_policy(UserName=user, PolicyArn=arn)

    def inline(self, user, name, *statements):
        self.iam.put_user_policy(
            UserName=user, PolicyName=name, PolicyDocument=document(*statements)
        )


def demo(target):
    say("groups and permissions of users")
    p = Permissions(target)
    run_functions = statement(["lambda:CreateFunction", "lambda:InvokeFunction"], "*")

    p.group("administrators", ["alice"], ADMINISTRATOR)
    # typed in one night, and never taken back
    p.inline("bob", "everything", statement("*", "*"))
    p.inline(
        "emil", "everything-with-mfa",
        statement("*", "*", Bool={"aws:MultiFactorAuthPresent": "true"}),
    )
    # an administrator within a boundary is none
    p.attach("carol", ADMINISTRATOR)
    p.iam.put_user_permissions_boundary(
        UserName="carol",
        PermissionsBoundary=p.policy(
            "developer-boundary", statement(["s3:*", "logs:*", "cloudwatch:*"], "*")
        ),
    )
    p.attach("frank", ADMINISTRATOR)
    p.inline("frank", "has-left", statement("*", "*", effect="Deny"))

    # whoever may write the policy that they have, has what they like
    own = p.arn("policy", "release-managers")
    p.group(
        "release-managers",
        ["dora"],
        p.policy(
            "release-managers",
            statement("s3:PutObject", "arn:aws:s3:::fernhill-website/*"),
            statement(["iam:GetPolicyVersion", "iam:CreatePolicyVersion"], own),
        ),
    )
    # a function of her own, with an administrator's role
    p.inline(
        "grace", "functions",
        statement("iam:PassRole", p.arn("role", "nightly-jobs")), run_functions,
    )
    # the same, but for a role that may do little
    p.inline(
        "sync-bot", "functions",
        statement("iam:PassRole", p.arn("role", "report-builder")), run_functions,
    )
    # any role, but to instances only, which it cannot start
    p.inline(
        "deploy-bot", "deploy",
        statement(
            "iam:PassRole", "*", StringEquals={"iam:PassedToService": "ec2.amazonaws.com"}
        ),
        run_functions,
    )
    p.inline(
        "backup-bot", "backups",
        statement(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::fernhill-backups/*"),
    )


def second(target):
    say("groups and permissions of users")
    p = Permissions(target)
    p.attach("henry", ADMINISTRATOR)
    lab = statement(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::fernhill-lab-data/*")
    p.group("researchers", ["henry", "lab-bot"], p.policy("researchers", lab))
