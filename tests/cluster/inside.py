"""What only a test does with a cluster: look into its buckets, act as one of its nodes, damage its bundle."""

import json
import time

ASK = """
import sys, boto3
s3 = boto3.client("s3", endpoint_url=sys.argv[1], region_name="us-east-1")
try:
    if sys.argv[2] == "put":
        s3.put_object(Bucket=sys.argv[3], Key=sys.argv[4], Body=b"x")
    else:
        s3.get_object(Bucket=sys.argv[3], Key=sys.argv[4])
except Exception as error:
    print(type(error).__name__, error)
else:
    print("done")
"""


def account(cluster) -> str:
    return cluster.api("sts").get_caller_identity()["Account"]


def workers(cluster) -> list[str]:
    """The names of all workers that answer an administrator."""
    answers = [json.loads(line) for line in cluster.admin("status", "--all", "--json").splitlines()]
    return sorted(answer["worker"] for answer in answers if answer["ok"])


def record(cluster, index: int) -> dict:
    """What a node last wrote about itself."""
    place = {"Bucket": f"{cluster.name}-{account(cluster)}-data", "Key": f"clusters/{cluster.name}/nodes/{index:05d}.json"}
    return json.loads(cluster.api("s3").get_object(**place)["Body"].read())


def wait_until_gone(cluster, instance: str, seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while instance in [one["InstanceId"] for one in cluster.instances()]:
        assert time.monotonic() < deadline
        time.sleep(1)


def node_may(cluster, index: int, what: str, bucket: str, key: str) -> bool:
    """Whether that node, with the credentials of its role, may get or put an object."""
    python = "/opt/vmesh/$(ls /opt/vmesh | grep cp311)/venv/bin/python"
    endpoint = json.loads(cluster.local("status", "--brief"))["endpoint_for_nodes"]
    said = cluster.ssh(f"{cluster.name}-{index}", f"echo '{ASK}' | sudo {python} - {endpoint} {what} {bucket} {key}").strip()
    assert said == "done" or "AccessDenied" in said or "Forbidden" in said, said
    return said == "done"


class Damaged:
    """The cluster's bundle with another byte in its middle, until the end of the block."""

    def __init__(self, cluster) -> None:
        self.s3, self.bucket = cluster.api("s3"), f"{cluster.name}-{account(cluster)}-deploy"
        values = self.s3.get_object(Bucket=self.bucket, Key=f"clusters/{cluster.name}/cluster.json")["Body"].read()
        self.key = json.loads(values)["bundle"]["key"]

    def __enter__(self) -> "Damaged":
        self.whole = self.s3.get_object(Bucket=self.bucket, Key=self.key)["Body"].read()
        middle = len(self.whole) // 2
        damaged = self.whole[:middle] + bytes([self.whole[middle] ^ 1]) + self.whole[middle + 1 :]
        self.s3.put_object(Bucket=self.bucket, Key=self.key, Body=damaged)
        return self

    def __exit__(self, *_) -> None:
        self.s3.put_object(Bucket=self.bucket, Key=self.key, Body=self.whole)
