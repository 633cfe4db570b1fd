"""Tables, a cache folder, and S3 on loopback."""

import pytest

from tests.vmesh.data.tables import csv
from tests.vmesh.faulty_s3 import FaultyS3


@pytest.fixture(scope="package")
def service():
    service = FaultyS3()
    yield service
    service.close()


@pytest.fixture
def s3(service, monkeypatch):
    service.reset()
    for name, value in service.environment().items():
        monkeypatch.setenv(name, value)
    return service


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(csv())
    return path
