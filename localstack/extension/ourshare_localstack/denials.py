"""Operations that an account's caller is not allowed to call, as a policy would have it.

The codes are those that AWS's services answer: UnauthorizedOperation of EC2
(https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html),
AccessDeniedException of the JSON services, AccessDenied of the others ("Common
errors" in their API references).
"""

import threading

from localstack.aws.api import CommonServiceException

_lock = threading.Lock()
_denied: dict[str, set[str]] = {}


def change(account: str, operations: list[str]) -> None:
    """From now on these are denied, and no others; "service:Operation"."""
    for name in operations:
        service, _, operation = name.partition(":")
        if not service or not operation:
            raise ValueError(f"no operation, service:Operation: {name}")
    with _lock:
        _denied[account] = set(operations)


def _error(code: str, message: str, status: int) -> CommonServiceException:
    return CommonServiceException(code, message, status_code=status, sender_fault=True)


def refuse(context) -> None:
    """Raises what AWS answers, where the call is denied."""
    name = f"{context.service.service_name}:{context.operation.name}"
    with _lock:
        if name not in _denied.get(context.account_id, ()):
            return
    if context.service.service_name == "ec2":
        raise _error("UnauthorizedOperation", "You are not authorized to perform this operation.", 403)
    if context.protocol == "json":
        raise _error("AccessDeniedException", f"not authorized to perform: {name}", 400)
    raise _error("AccessDenied", f"not authorized to perform: {name}", 403)
