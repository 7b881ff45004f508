"""KMS: keys of LocalStack's, for services whose provider (moto) has a KMS of its own."""

import hashlib
import uuid

from localstack.services.kms import models, provider
from localstack.utils.patch import patch

from .operations import error, operation


@patch(models.KmsKey.generate_key_material_id)
def generate_key_material_id(fn, self, key_material):
    """uuid.uuid5 takes bytes only since Python 3.12; this is what it does there."""
    digest = hashlib.sha1(self._internal_key_id.bytes + key_material).digest()
    return uuid.UUID(bytes=digest[:16], version=5).hex * 2


def managed_key(account, region, alias) -> str:
    """The ARN of an AWS-managed key such as alias/aws/ebs; made on first use, as AWS does."""
    store = provider.kms_stores[account][region]
    if alias not in store.aliases:
        service = alias.rpartition("/")[2]
        key = provider.KmsProvider._create_kms_key(
            account,
            region,
            {"Description": f"Default key of {service} when no other key is defined"},
        )
        key.metadata["KeyManager"] = "AWS"
        request = {"AliasName": alias, "TargetKeyId": key.metadata["KeyId"]}
        provider.KmsProvider._create_kms_alias(account, region, request)
    return store.keys[store.aliases[alias].metadata["TargetKeyId"]].metadata["Arn"]


def key_arn(call, key) -> str:
    """A key id, ARN or alias as the key's ARN; a key of another account stays as it is."""
    if key.startswith("arn:") and f":{call.account}:" not in key:
        return key
    if key.startswith("alias/aws/"):
        return managed_key(call.account, call.region, key)
    try:
        id = provider.KmsProvider._get_key_id_from_any_id(call.account, call.region, key)
    except Exception:
        raise error("InvalidKmsKey.NotFound", f"The key '{key}' does not exist") from None
    return provider.kms_stores[call.account][call.region].keys[id].metadata["Arn"]


@operation("kms", "ListGrants")
def list_grants(call):
    """The account under which a grant was issued is part of its row."""
    answer = call.next()
    issuer = f"arn:{call.context.partition}:iam::{call.account}:root"
    rows = [{"IssuingAccount": issuer, **row} for row in answer.get("Grants", [])]
    return {**answer, "Grants": rows}
