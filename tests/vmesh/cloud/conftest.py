"""One EC2 on loopback for all tests of a process, empty for each of them."""

import pytest

from tests.vmesh.cloud import ec2 as ec2_module


@pytest.fixture(scope="session")
def ec2_process():
    pytest.importorskip("moto")
    with ec2_module.serving() as running:
        yield running


@pytest.fixture
def ec2(ec2_process, monkeypatch):
    """An account without anything but its default network; boto3 finds it by the environment."""
    ec2_process.reset()
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name, value in ec2_process.environment.items():
        monkeypatch.setenv(name, value)
    return ec2_process
