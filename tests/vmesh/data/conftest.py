"""Tables, a cache folder, and S3 on loopback."""

import pytest

from tests.vmesh.data.tables import csv


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(csv())
    return path
