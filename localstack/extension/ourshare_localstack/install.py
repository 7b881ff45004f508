"""Entry point: runs once, when the server starts."""

from importlib import import_module

from localstack.runtime import hooks as runtime_hooks

# Every module that registers operations.
MODULES = (
    "accelerators",
    "access_points",
    "account",
    "cloudfront",
    "compliance",
    "ec2",
    "ec2_settings",
    "elb",
    "entrances",
    "iam",
    "kms",
    "rds",
    "rds_catalog",
    "rds_parameters",
    "s3",
    "security",
    "ssm",
    "sts",
)


@runtime_hooks.on_infra_start()
def on_infra_start():
    from localstack.aws import handlers
    from localstack.services.edge import ROUTER

    from . import api_models, hooks, moto_services, operations

    api_models.install()
    for name in MODULES:
        import_module(f"{__package__}.{name}")
    operations.install()
    moto_services.add_own()
    handlers.serve_custom_service_request_handlers.append(hooks.before_call)
    ROUTER.add(hooks.Routes())
