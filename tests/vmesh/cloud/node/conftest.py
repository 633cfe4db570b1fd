"""An instance's metadata service on loopback, and S3 as a node speaks to it."""

import pytest

from tests.vmesh.cloud.node.fake_metadata import FakeMetadata
from vmesh.cloud import faults
from vmesh.cloud.metadata import Metadata
from vmesh.cloud.storage import S3


@pytest.fixture(scope="session")
def metadata_service():
    service = FakeMetadata()
    yield service
    service.close()


@pytest.fixture
def instance(metadata_service, monkeypatch):
    """The service as if new, where a node looks for it; attempts follow each other quickly."""
    metadata_service.reset()
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", metadata_service.url)
    monkeypatch.setattr(faults, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(faults, "LONGEST_PAUSE", 0.01)
    return metadata_service


@pytest.fixture
def bucket(s3):
    return s3.bucket()


@pytest.fixture
def storage(instance, s3):
    """S3 of a node."""
    return S3("us-east-1", s3.url, Metadata())
