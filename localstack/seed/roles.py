"""Roles: who may take them, and what they may do."""

from .permissions import ADMINISTRATOR
from .policies import AUDITOR, ORGANIZATION, PARTNER, document, root, statement
from .target import say

GITHUB = "token.actions.githubusercontent.com"
CLUSTER = "oidc.eks.{}.amazonaws.com/id/{}"
READ_ONLY = "arn:aws:iam::aws:policy/SecurityAudit"
METADATA = """<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" \
entityID="https://login.fernhill.example"><IDPSSODescriptor \
protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing">\
<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>{}</X509Certificate>\
</X509Data></KeyInfo></KeyDescriptor><SingleSignOnService \
Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" \
Location="https://login.fernhill.example/saml"/></IDPSSODescriptor></EntityDescriptor>"""


class Roles:
    def __init__(self, target):
        self.iam, self.account = target.client("iam"), target.account

    def role(self, name, trust, *statements, managed=()):
        self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))
        for arn in managed:
            self.iam.attach_role_policy(RoleName=name, PolicyArn=arn)
        if statements:
            self.iam.put_role_policy(
                RoleName=name, PolicyName=name, PolicyDocument=document(*statements)
            )

    def instance_profile(self, role):
        """The profile has its role's name, as the console makes it."""
        self.iam.create_instance_profile(InstanceProfileName=role)
        self.iam.add_role_to_instance_profile(InstanceProfileName=role, RoleName=role)

    def oidc(self, host):
        return self.iam.create_open_id_connect_provider(
            Url=f"https://{host}", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["9" * 40]
        )["OpenIDConnectProviderArn"]

    def saml(self, name):
        metadata = METADATA.format("RmVybmhpbGw=" * 60)
        made = self.iam.create_saml_provider(Name=name, SAMLMetadataDocument=metadata)
        return made["SAMLProviderArn"]

    def service_linked(self, service):
        self.iam.create_service_linked_role(AWSServiceName=service)


def trust(principal, action="sts:AssumeRole", **condition):
    return statement(action, principal=principal, **condition)


def service(name, **condition):
    return trust({"Service": f"{name}.amazonaws.com"}, **condition)


def web(provider, **condition):
    return trust({"Federated": provider}, "sts:AssumeRoleWithWebIdentity", **condition)


def read(bucket):
    return statement("s3:GetObject", f"arn:aws:s3:::{bucket}/*")


def demo(target):
    say("roles")
    r = Roles(target)
    _others(r)
    _services(r)
    _federated(r)


def _others(r):
    # for the newspapers, whoever they are
    r.role("press-kit-reader", trust({"AWS": "*"}), read("fernhill-press"))
    r.role(
        "ridgeline-audit",
        trust(root(AUDITOR), StringEquals={"sts:ExternalId": "fernhill-7d1c"}),
        managed=[READ_ONLY],
    )
    r.role("partner-stock", trust(root(PARTNER)), read("fernhill-partners"))
    r.role(
        "group-support",
        trust({"AWS": "*"}, StringEquals={"aws:PrincipalOrgID": ORGANIZATION}),
        statement(["support:DescribeCases", "support:CreateCase"], "*"),
    )
    # two statements that are everything together
    r.role(
        "break-glass",
        trust({"AWS": f"arn:aws:iam::{r.account}:user/alice"}),
        {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
        statement("iam:*", "*"),
    )


def _services(r):
    r.role(
        "web-server", service("ec2"), read("fernhill-website"),
        managed=["arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"],
    )
    r.instance_profile("web-server")
    # for whoever works on the jump host, to save them their own keys
    r.role("jump-host", service("ec2"), managed=[ADMINISTRATOR])
    r.instance_profile("jump-host")
    r.role("nightly-jobs", service("lambda"), managed=[ADMINISTRATOR])
    r.role("report-builder", service("lambda"), read("fernhill-data-lake"))
    # "Permissions for the IAM Role Assigned to AWS Config" asks for AWS:SourceAccount
    r.role(
        "config-recorder", service("config"),
        statement(["config:Put*", "ec2:Describe*", "s3:GetBucket*"], "*"),
    )
    # "Confused deputy prevention in EventBridge Scheduler"
    r.role(
        "reminders",
        service(
            "scheduler",
            StringEquals={"aws:SourceAccount": r.account},
            ArnLike={"aws:SourceArn": f"arn:aws:scheduler:*:{r.account}:schedule-group/shop"},
        ),
        statement("sqs:SendMessage", f"arn:aws:sqs:us-east-1:{r.account}:reminders"),
    )
    r.service_linked("elasticloadbalancing.amazonaws.com")


def _federated(r):
    github = r.oidc(GITHUB)
    audience = {f"{GITHUB}:aud": "sts.amazonaws.com"}
    branch = {f"{GITHUB}:sub": "repo:fernhill/shop:ref:refs/heads/main"}
    site = statement("s3:PutObject", "arn:aws:s3:::fernhill-website/*")
    r.role("github-deploy", web(github, StringEquals=audience | branch), site)
    # fernhill-anything/repo as well: the name of the organization has no end
    r.role(
        "github-preview",
        web(github, StringEquals=audience, StringLike={f"{GITHUB}:sub": "repo:fernhill*"}),
        site,
    )
    # made before IAM asked for the subject ("Identity-provider controls")
    r.role("github-legacy", web(github, StringEquals=audience), site)

    host = CLUSTER.format("eu-west-1", "5F0E3A0B7C914D21A6C7D3B8E2F41900")
    account = {f"{host}:sub": "system:serviceaccount:ingress:controller"}
    r.role(
        "cluster-ingress",
        web(r.oidc(host), StringEquals={f"{host}:aud": "sts.amazonaws.com"} | account),
        statement("elasticloadbalancing:Describe*", "*"),
    )
    r.role(
        "staff-developer",
        trust(
            {"Federated": r.saml("fernhill-staff")},
            "sts:AssumeRoleWithSAML",
            StringEquals={"SAML:aud": "https://signin.aws.amazon.com/saml"},
        ),
        managed=["arn:aws:iam::aws:policy/PowerUserAccess"],
    )


def second(target):
    say("roles")
    r = Roles(target)
    # set up by the main account's people, in a hurry
    r.role("main-account", trust(root("111111111111")), managed=[ADMINISTRATOR])
    r.role(
        "config-recorder",
        service("config", StringEquals={"AWS:SourceAccount": r.account}),
        statement(["config:Put*", "ec2:Describe*", "s3:GetBucket*"], "*"),
    )
    # any pod of the cluster
    host = CLUSTER.format("us-east-1", "0B1D52E77F3A4C6893A1E5D0C4B7F210")
    r.role(
        "lab-notebooks",
        web(r.oidc(host), StringEquals={f"{host}:aud": "sts.amazonaws.com"}),
        read("fernhill-lab-data"),
    )
