"""CloudTrail, Inspector and GuardDuty: what moto cannot see or leaves out."""

from localstack.aws.api import CommonServiceException
from localstack.services.s3.models import s3_stores
from moto.inspector2.models import AccountStatus, inspector2_backends
from moto.s3.models import s3_backends

from .operations import error, operation


@operation("cloudtrail", "CreateTrail", "UpdateTrail")
def create_trail(call):
    """moto looks for the bucket among its own, where LocalStack's are not."""
    name = call.get("S3BucketName")
    own = s3_backends[call.account]["aws"]
    if name and name in s3_stores[call.account][call.region].global_bucket_map:
        if name not in own.buckets:
            own.create_bucket(name, "us-east-1")
    return call.next()


@operation("inspector2", "BatchGetAccountStatus")
def batch_get_account_status(call):
    """Without ids it is the caller's own account, which is DISABLED until enabled."""
    ids = call.get("accountIds") or [call.account]
    statuses = inspector2_backends[call.account][call.region].account_status
    answer = call.next(accountIds=ids)
    if call.account in ids and call.account not in statuses:
        fresh = AccountStatus(call.account).to_batch_json()
        answer["accounts"] = [*answer.get("accounts", []), fresh]
    return answer


@operation("inspector2", "Enable", "Disable")
def enable(call):
    if call.get("accountIds"):
        return call.next()
    return call.next(accountIds=[call.account])


# what a trail without selectors of its own records (GetEventSelectors)
_SELECTOR = {
    "ReadWriteType": "All",
    "IncludeManagementEvents": True,
    "DataResources": [],
    "ExcludeManagementEventSources": [],
}


@operation("cloudtrail", "GetEventSelectors")
def get_event_selectors(call):
    answer = call.next()
    if not answer.get("AdvancedEventSelectors"):
        answer.pop("AdvancedEventSelectors", None)
        answer["EventSelectors"] = answer.get("EventSelectors") or [_SELECTOR]
    return answer


@operation("cloudtrail", "GetInsightSelectors")
def get_insight_selectors(call):
    answer = call.next()
    if not answer.get("InsightSelectors"):
        raise error("InsightNotEnabledException", "Insights is not enabled for this trail.")
    return answer


@operation("guardduty", "GetDetector")
def get_detector(call):
    try:
        return call.next()
    except CommonServiceException as e:
        # the only client error that the model of the operation has
        raise error("BadRequestException", e.message) from e
