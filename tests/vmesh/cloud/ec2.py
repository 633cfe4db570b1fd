"""EC2 on loopback, in a process of its own, and a cluster's account in it as setup.yml leaves it."""

import contextlib
import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import boto3

from tests.vmesh.service_descriptions import read_once

read_once()

ROOT = Path(__file__).parents[3]
REGION = "us-east-1"
ACCOUNT = "123456789012"
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMwrBJCugz8iyOiINd1Vln6xpAt1Euspt5N1JFMbTpHf admin"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
}


class Ec2:
    """A running server; `environment` leads boto3 to it."""

    def __init__(self, port, pid):
        self.pid = pid
        self.url = f"http://127.0.0.1:{port}"
        self.environment = {**CREDENTIALS, "AWS_ENDPOINT_URL": self.url}
        self.clients = {}

    def client(self, service):
        """The test's own, one for all tests: to make one takes longer than what most tests ask of it."""
        if service not in self.clients:
            self.clients[service] = boto3.client(
                service,
                endpoint_url=self.url,
                region_name=REGION,
                aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            )
        return self.clients[service]

    def rules(self, *rules):
        """Calls that fail from now on; forgets the calls so far."""
        self._post("/_rules", rules)

    def calls(self, action=None):
        """Names of the calls since then, or the parameters of those of one action."""
        with urllib.request.urlopen(f"{self.url}/_calls") as answer:
            rows = json.load(answer)
        return [name for name, _ in rows] if action is None else [parameters for name, parameters in rows if name == action]

    def reset(self):
        self._post("/moto-api/reset", {})
        self.rules()

    def _post(self, path, content):
        urllib.request.urlopen(urllib.request.Request(self.url + path, json.dumps(content).encode(), method="POST")).close()


@contextlib.contextmanager
def serving():
    """Starts a server and ends it."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.vmesh.cloud.ec2_server"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Ec2(int(process.stdout.readline()), process.pid)
        finally:
            process.stdin.close()
            process.wait(20)


def template(ec2, cluster="c", role="node"):
    """A launch template as setup.yml makes it, with the little that moto looks at."""
    client = ec2.client("ec2")
    client.import_key_pair(KeyName=cluster, PublicKeyMaterial=PUBLIC_KEY.encode())
    client.create_launch_template(LaunchTemplateName=f"{cluster}-{role}", LaunchTemplateData={"KeyName": cluster})


def sites(ec2, *types):
    """All subnets of the default network, as cluster_preflight returns them."""
    rows = ec2.client("ec2").describe_subnets()["Subnets"]
    found = [{"subnet": row["SubnetId"], "zone": row["AvailabilityZone"], "types": list(types)} for row in rows]
    return sorted(found, key=lambda row: row["zone"])


def parameters(ec2, **changes):
    """Parameters of the module cluster_nodes."""
    usual = {
        "cluster": "c",
        "region": REGION,
        "state": "present",
        "role": None,
        "count": "1",
        "image": "ami-00000000000d12002",
        "root_device": "/dev/xvda",
        "disk": 16,
        "types": ["c7i.large"],
        "subnets": sites(ec2, "c7i.large", "c6i.large"),
        "template": "c-node",
        "user_data": "#!/bin/sh\n",
        "market": "on-demand",
        "timeout": 5,
    }
    return {**usual, **changes}
