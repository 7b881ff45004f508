"""Members of the API that are newer than the models in the lock.

The auditor's SDK reads them; the response serializer writes only what the model
knows, so the model learns them. Each is documented in the API reference.
"""

from localstack.aws import spec

# StorageEncryptionType: none, sse-rds (a key that AWS owns; StorageEncrypted is
# then false) or sse-kms.
_RDS = ("DBCluster", "DBClusterSnapshot", "DBInstance", "DBSnapshot")


def install() -> None:
    name = "rds/2014-10-31/service-2"
    patches = spec.loader.patches.setdefault(name, [])
    for shape in _RDS:
        patches.append(
            {
                "op": "add",
                "path": f"/shapes/{shape}/members/StorageEncryptionType",
                "value": {"shape": "String"},
            }
        )
