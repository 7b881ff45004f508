"""The one place where an AWS call can be answered or changed before its provider.

A function marked ``@operation("ec2", "DescribeRegions")`` takes a Call and
returns the operation's output; ``call.next()`` asks the provider that was there
before. Several functions for one operation are not allowed: one file owns it.
"""

import base64
import binascii
import re

from localstack.aws.api import CommonServiceException, RequestContext
from localstack.aws.forwarder import create_aws_request_context
from localstack.aws.handlers.service import ServiceExceptionSerializer
from localstack.aws.protocol.parser import OperationNotFoundParserError
from localstack.aws.protocol.serializer import create_serializer
from localstack.aws.skeleton import Skeleton
from localstack.http import Response
from localstack.utils.patch import patch

from . import aging, denials, paging

_handlers = {}


class Call:
    """One AWS call on its way to the provider."""

    def __init__(self, context: RequestContext, request: dict, provider):
        self.context = context
        self.request = request or {}
        self._provider = provider

    @property
    def account(self) -> str:
        return self.context.account_id

    @property
    def region(self) -> str:
        return self.context.region

    @property
    def operation(self) -> tuple[str, str]:
        return self.context.service.service_name, self.context.operation.name

    def get(self, member, default=None):
        value = self.request.get(member)
        return default if value is None else value

    def next(self, **members):
        """Ask the provider; a member given here replaces the caller's, None leaves it out."""
        if not members:
            return self._provider(self.context, self.request) or {}
        request = {k: v for k, v in {**self.request, **members}.items() if v is not None}
        return self._provider(rebuild(self.context, request), request) or {}

    def describe(self, name: str, **members):
        """Ask the provider another operation of the same service, as the same caller."""
        context = rebuild(self.context, members, name)
        return self.context.skeleton_table[name](context, members) or {}

    def for_account(self, account: str, **members):
        """Ask the provider as another account would, for answers that reach across accounts."""
        request = {k: v for k, v in {**self.request, **members}.items() if v is not None}
        context = rebuild(self.context, request)
        context.account_id = account
        # the header by which moto learns the account
        context.request.headers["x-moto-account-id"] = account
        return self._provider(context, request) or {}


def rebuild(context: RequestContext, request: dict, name: str = "") -> RequestContext:
    """The same call with other members: moto reads the HTTP request, not the parsed one."""
    new = create_aws_request_context(
        service_name=context.service.service_name,
        action=name or context.operation.name,
        parameters=_unencoded(context, request),
        region=context.region,
        protocol=context.protocol,
    )
    headers = context.request.headers.copy()
    for name in ("Content-Length", "Content-MD5"):
        headers.pop(name, None)
    headers.update(new.request.headers)
    # account and region are read from the signature of the caller
    if authorization := context.request.headers.get("Authorization"):
        headers["Authorization"] = authorization
    new.request.headers = headers
    new.account_id = context.account_id
    new.partition = context.partition
    new.request_id = context.request_id
    new.internal_request_params = context.internal_request_params
    new.skeleton_table = context.skeleton_table
    return new


def _unencoded(context, request):
    """boto encodes a launch's user data, which came encoded already."""
    if context.operation.name not in ("RunInstances", "CreateLaunchConfiguration"):
        return request
    try:
        return {**request, "UserData": base64.b64decode(request["UserData"], validate=True)}
    except (KeyError, TypeError, binascii.Error):
        return request


def operation(service: str, *names: str):
    def wrapper(function):
        for name in names:
            key = (service, name)
            if key in _handlers:
                raise ValueError(f"{service}:{name} has two handlers")
            _handlers[key] = function
        return function

    return wrapper


def error(code: str, message: str, status: int = 400) -> CommonServiceException:
    return CommonServiceException(code, message, status_code=status, sender_fault=status < 500)


def _finish(call, result):
    result = aging.overlay(call, result)
    if call.operation[0] == "iam" and call.context.operation.output_shape is not None:
        from .iam import encode_documents

        result = encode_documents(call.context.operation.output_shape, result)
    return result


def _readable(exception, operation):
    """Some of moto's REST services send their errors as XML, and the code is lost in it."""
    found = re.search(
        r"<Code>(\w+)</Code>.*?<Message>(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?</Message>",
        str(exception.message),
        re.S,
    )
    if not str(exception.code).isdigit() or not found:
        return exception
    code, message = found.groups()
    status = 400
    for shape in operation.error_shapes:
        if shape.name == code:
            status = shape.metadata.get("error", {}).get("httpStatusCode", status)
    return error(code, message, status)


def install() -> None:
    """Put the handlers and the paging in front of every provider."""

    @patch(ServiceExceptionSerializer.create_exception_response)
    def create_exception_response(fn, self, exception, context):
        if isinstance(exception, OperationNotFoundParserError) and context.operation is None:
            return _unknown_operation(context)
        return fn(self, exception, context)

    @patch(Skeleton.dispatch_request)
    def dispatch_request(fn, self, serializer, context, instance):
        provider = self.dispatch_table[context.operation.name]
        context.skeleton_table = self.dispatch_table
        handler = _handlers.get((context.service.service_name, context.operation.name))

        def answer(ctx, request):
            call = Call(ctx, request, provider)
            try:
                result = (handler(call) if handler else call.next()) or {}
            except CommonServiceException as e:
                raise _readable(e, ctx.operation) from e
            return result if isinstance(result, Response) else _finish(call, result)

        # LocalStack's services call one another; only callers from outside are paged
        if context.is_internal_call:
            result = answer(context, instance)
        else:
            denials.refuse(context)
            result = paging.page(Call(context, instance, answer))
        if isinstance(result, Response):
            return result
        context.service_response = result
        return serializer.serialize_to_response(
            result, context.operation, context.request.headers, context.request_id
        )


def _unknown_operation(context):
    """An operation that the API model does not have: AWS answers a client error, not a fault.

    The codes are those of "Common errors" in the API references: InvalidAction
    of the query protocols, UnknownOperationException of the JSON ones.
    """
    query = context.protocol in ("ec2", "query")
    code = "InvalidAction" if query else "UnknownOperationException"
    named = context.request.values.get("Action") or context.request.headers.get("X-Amz-Target")
    # the serializer needs some operation, for the envelope alone
    some = context.service.operation_model(context.service.operation_names[0])
    return create_serializer(context.service, context.protocol).serialize_error_to_response(
        error(code, f"The action {named} is not valid for this web service."),
        some,
        context.request.headers,
        context.request_id,
    )
