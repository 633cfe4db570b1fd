"""A cluster that is only listed: instances in moto with the right tags, and records in its data bucket as nodes write them."""

import time
import uuid
from types import SimpleNamespace

import boto3

from tests.vmesh.faulty_s3 import Bucket
from vmesh.cloud import indexes
from vmesh.cloud.places import log_key, record_key
from vmesh.cloud.record import Record

AMI = "ami-12c6146b"  # one that moto has
REGION = "us-east-1"


class PretendCluster:
    """`s3` is the fixture of that name; every cluster has a bucket of its own."""

    def __init__(self, s3, name="vcloud"):
        self.name, self.prefix = name, f"test-{uuid.uuid4().hex[:12]}"
        self.data = Bucket(f"http://{s3.behind[0]}:{s3.behind[1]}", f"{self.prefix}-data")
        self.ec2 = boto3.client("ec2", endpoint_url=self.data.client.meta.endpoint_url, region_name=REGION)
        self.nodes = []

    def launch(self, numbers, role="node", kind="c7g.large"):
        """Instances with these indexes, launched with one call."""
        tags = {"vcloud-cluster": self.name, "vcloud-role": role}
        if role == "node":
            tags["vcloud-indexes"] = indexes.written(numbers)
        answer = self.ec2.run_instances(
            ImageId=AMI, InstanceType=kind, MinCount=len(numbers), MaxCount=len(numbers),
            TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}],
        )  # fmt: skip
        rows = sorted(answer["Instances"], key=lambda row: row["AmiLaunchIndex"])
        made = [
            SimpleNamespace(index=index, instance=row["InstanceId"], name=f"{self.name}-{index}", private=row["PrivateIpAddress"])
            for index, row in zip(numbers, rows, strict=True)
        ]
        self.nodes += made
        return made

    def terminate(self, node):
        self.ec2.terminate_instances(InstanceIds=[node.instance])

    def say(self, node, state="evolving", **told):
        """Puts the node's record."""
        now = time.time()
        evolving = {"workers": 2, "workers_evolving": 2 if state == "evolving" else 0, "started": now - 60, "updated": now}
        record = Record(
            index=node.index, instance=node.instance, name=node.name, state=state, private=node.private, public="ec2-host",
            mesh=(f"{node.private}:7100",), admin=(f"{node.private}:7101",), **{**evolving, **told},
        )  # fmt: skip
        self.data.put(record_key(self.name, node.index), record.to_bytes())

    def log(self, node, content=b"a journal"):
        self.data.put(log_key(self.name, node.name, node.instance), content)

    def end(self):
        """Nothing of it stays in moto, which all tests of a process share."""
        for node in self.nodes:
            self.terminate(node)

    def awaited(self):
        """As cluster_nodes returns them."""
        return [{"index": node.index, "instance": node.instance, "name": node.name} for node in self.nodes]
