"""Clusters in moto."""

import pytest


@pytest.fixture
def pretend(s3):
    """A cluster that is only listed, in the environment that leads to it."""
    from tests.vmesh.cloud.pretend import PretendCluster  # loads boto3, which most tests do without

    cluster = PretendCluster(s3)
    yield cluster
    cluster.end()
