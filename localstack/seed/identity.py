"""Users with their passwords, MFA devices and keys; the password policy; the root user."""

from .target import say

PASSWORD = "Not-A-Secret-1"


class Identity:
    def __init__(self, target):
        self.target, self.iam = target, target.client("iam")

    def user(self, name, created, mfa=False, password=None, password_used=None):
        """Ages in days: of the user, of the password that was set, of its last use."""
        self.iam.create_user(UserName=name, Tags=[{"Key": "Name", "Value": name}])
        facts = {"CreateDate": self.target.since(created)}
        if password is not None:
            self.iam.create_login_profile(UserName=name, Password=PASSWORD)
            facts["PasswordLastChanged"] = self.target.since(password)
        if password_used is not None:
            facts["PasswordLastUsed"] = self.target.since(password_used)
        if mfa:
            device = self.iam.create_virtual_mfa_device(VirtualMFADeviceName=name)
            self.iam.enable_mfa_device(
                UserName=name,
                SerialNumber=device["VirtualMFADevice"]["SerialNumber"],
                AuthenticationCode1="123456",
                AuthenticationCode2="654321",
            )
        self.target.backdate("iam:user", name, **facts)

    def key(self, user, created, used=None, active=True):
        made = self.iam.create_access_key(UserName=user)
        id = made["AccessKey"]["AccessKeyId"]
        if not active:
            self.iam.update_access_key(UserName=user, AccessKeyId=id, Status="Inactive")
        facts = {"CreateDate": self.target.since(created)}
        if used is not None:
            facts |= {
                "LastUsedDate": self.target.since(used),
                "LastUsedRegion": "us-east-1",
                "LastUsedService": "s3",
            }
        self.target.backdate("iam:access-key", id, **facts)

    def password_policy(self, length, reuse, symbols=True):
        self.iam.update_account_password_policy(
            MinimumPasswordLength=length,
            RequireUppercaseCharacters=True,
            RequireLowercaseCharacters=True,
            RequireNumbers=True,
            RequireSymbols=symbols,
            AllowUsersToChangePassword=True,
            PasswordReusePrevention=reuse,
        )


def demo(target):
    say("users, password policy and root user")
    i = Identity(target)
    i.password_policy(length=12, reuse=5, symbols=False)
    target.hook(
        "root",
        mfa="hardware",
        password=True,
        created=target.since(2000),
        password_last_used=target.since(180),
        access_keys=[],
    )
    i.user("alice", created=900, mfa=True, password=200, password_used=1)
    i.key("alice", created=89, used=2)
    i.user("bob", created=700, password=100, password_used=10)
    i.user("carol", created=800, mfa=True, password=400, password_used=200)
    # invited, and never came
    i.user("dora", created=60, password=60)
    i.user("emil", created=5, mfa=True, password=5)
    i.user("deploy-bot", created=400)
    i.key("deploy-bot", created=400, used=1)
    i.user("backup-bot", created=30)
    i.key("backup-bot", created=30)
    i.user("sync-bot", created=200)
    i.key("sync-bot", created=91)
    # its key was disabled when it left, the password was not
    i.user("frank", created=1500, mfa=True, password=1000, password_used=300)
    i.key("frank", created=1000, used=400, active=False)
    # nothing to log in with
    i.user("grace", created=300)


def second(target):
    say("users, password policy and root user")
    i = Identity(target)
    i.password_policy(length=14, reuse=24)
    target.hook(
        "root",
        mfa="none",
        password=True,
        created=target.since(500),
        password_last_used=target.since(3),
        access_keys=[
            {
                "active": True,
                "last_rotated": target.since(480),
                "last_used_date": target.since(20),
                "last_used_region": "us-east-1",
                "last_used_service": "ec2",
            }
        ],
    )
    i.user("henry", created=400, mfa=True, password=40, password_used=3)
    i.user("lab-bot", created=100)
    i.key("lab-bot", created=20, used=1)
