"""What the three buckets of a cluster are called: bucket names are the world's, so the account's number is in them."""

from __future__ import annotations

from vmesh.cloud.aws import Cloud

KINDS = ("code", "deploy", "data")


def bucket_names(cloud: Cloud, cluster: str, prefix: str = "") -> dict[str, str]:
    """Names by kind. `prefix` in place of CLUSTER-ACCOUNT, where it is not empty. Raises CloudError."""
    if not prefix:
        account = cloud.call("sts", "get_caller_identity", "find out whose credentials these are")["Account"]
        prefix = f"{cluster}-{account}"
    return {kind: f"{prefix}-{kind}" for kind in KINDS}
