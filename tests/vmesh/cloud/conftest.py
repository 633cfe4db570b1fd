"""EC2 and S3 on loopback, empty for each test. boto3, which most tests do without, is loaded when it is needed."""

import pytest


@pytest.fixture
def pretend(s3):
    """A cluster that is only listed, in the environment that leads to it."""
    from tests.vmesh.cloud.pretend import PretendCluster

    cluster = PretendCluster(s3)
    yield cluster
    cluster.end()


@pytest.fixture(scope="session")
def ec2_process():
    from tests.vmesh.cloud import ec2

    with ec2.serving() as running:
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
