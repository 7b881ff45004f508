"""Providers for the services that LocalStack's open edition lacks and moto has."""

from localstack.aws.skeleton import Skeleton
from localstack.aws.spec import load_service
from localstack.services.moto import _proxy_moto
from localstack.services.plugins import Service, aws_provider


def _provider(name):
    def create():
        model = load_service(name)
        # moto answers what it implements; for the rest its dispatcher raises
        # NotImplementedError, which the skeleton turns into a 501
        table = {operation: _proxy_moto for operation in model.operation_names}
        return Service(name=name, skeleton=Skeleton(model, table))

    create.__name__ = name
    return aws_provider(api=name)(create)


def _unimplemented(context, request):
    raise NotImplementedError


def _own(name):
    """A service of which what the extension answers is all there is."""
    model = load_service(name)
    table = {operation: _unimplemented for operation in model.operation_names}
    return Service(name=name, skeleton=Skeleton(model, table))


@aws_provider(api="account")
def account():
    """moto has no account service: what account.py answers is all there is."""
    return _own("account")


# Services without an entry point: the metadata of the installation names the others
# alone, and a change of it would make every installation be done again.
OWN = ("cloudfront", "globalaccelerator")


def add_own() -> None:
    from localstack.services.plugins import SERVICE_PLUGINS
    from localstack.utils.bootstrap import get_enabled_apis

    for name in OWN:
        SERVICE_PLUGINS.api_provider_specs[name] = ["default"]
    get_enabled_apis.cache_clear()
    for name in OWN:
        SERVICE_PLUGINS.add_service(_own(name))


autoscaling = _provider("autoscaling")
backup = _provider("backup")
cloudtrail = _provider("cloudtrail")
efs = _provider("efs")
elb = _provider("elb")
elbv2 = _provider("elbv2")
guardduty = _provider("guardduty")
inspector2 = _provider("inspector2")
organizations = _provider("organizations")
rds = _provider("rds")
securityhub = _provider("securityhub")
