"""Local clouds for tests: each in a folder of its own, ended however the test ends."""

import contextlib
import functools
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from tools.local_cloud import machine
from tools.local_cloud.errors import LocalCloudError

ROOT = Path(__file__).parents[3]
PROGRAM = (sys.executable, str(ROOT / "tools" / "local_cloud"))
TRUST = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
PATIENCE = 60.0


class Cloud:
    """One cloud's folder, and how its program is called."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = os.environ | {"VCLOUD_LOCAL": str(folder)}
        self.facts: dict = {}

    def tried(self, *words: str, text: str | None = None) -> subprocess.CompletedProcess:
        return subprocess.run((*PROGRAM, *words), input=text, env=self.environment, capture_output=True, text=True, check=False)

    def call(self, *words: str) -> dict:
        """What a command answers."""
        result = self.tried(*words)
        assert result.returncode == 0, f"{words}: {result.stderr}"
        return json.loads(result.stdout)

    def client(self, service: str, retries: int = 0, **credentials: str):
        credentials = credentials or {f"aws_{name}": text for name, text in self.facts["credentials"].items()}
        where = {"endpoint_url": self.facts["endpoint"], "region_name": self.facts["region"]}
        return boto3.client(service, config=Config(retries={"max_attempts": retries}), **where, **credentials)

    def ssh(self, address: str, command: str, user: str = "admin") -> subprocess.CompletedProcess:
        options = ("BatchMode=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR")
        proxy = f"ProxyCommand=env VCLOUD_LOCAL={self.folder} {' '.join(PROGRAM)} connect %h %p"
        words = [word for option in (*options, proxy) for word in ("-o", option)]
        key = ("-i", str(self.folder / "id_ed25519"))
        return subprocess.run(("ssh", *words, *key, f"{user}@{address}", command), capture_output=True, text=True, check=False)

    def answer(self, address: str, command: str) -> str:
        """What a command says on a host, once the host takes connections."""
        eventually(lambda: self.ssh(address, "true").returncode == 0, f"ssh to {address}")
        result = self.ssh(address, command)
        assert result.returncode == 0, result.stderr
        return result.stdout.strip()


def eventually(holds: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
    deadline = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.05)


@contextlib.contextmanager
def cloud(folder: Path, *options: str) -> Iterator[Cloud]:
    """A running cloud."""
    made = Cloud(folder)
    try:
        made.facts = made.call("up", *options)
        yield made
    finally:
        made.tried("down")


def make_profile(cloud: Cloud, name: str, statements: list[dict]) -> None:
    """An instance profile whose role may do that."""
    iam = cloud.client("iam")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [TRUST]}))
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=policy)
    iam.create_instance_profile(InstanceProfileName=name)
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)


@functools.cache
def hindrance_of_api() -> str:
    return machine.hindrance_of_modules()


@functools.cache
def hindrance_of_hosts() -> str:
    try:
        machine.check(hosts=True, daemon=True)
    except LocalCloudError as error:
        return str(error)
    return ""


needs_api = pytest.mark.skipif(bool(hindrance_of_api()), reason=hindrance_of_api() or "moto's server is there")
needs_hosts = pytest.mark.skipif(bool(hindrance_of_hosts()), reason=hindrance_of_hosts() or "hosts can be made")
