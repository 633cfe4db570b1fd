"""An island that writes checkpoints, its files, and S3 on loopback."""

import numpy as np
import pytest

from vgp import Dataset, Island, Parameters
from vmesh.checkpoints import Copies, Files
from vmesh.s3 import S3


@pytest.fixture
def files(tmp_path):
    files = Files(tmp_path / "checkpoints", "host", 3)
    files.make_folder()
    return files


@pytest.fixture
def bucket(s3):
    return s3.bucket()


@pytest.fixture
def copies(bucket, files):
    return Copies(f"s3://{bucket.name}/run", files, S3(connect_seconds=1, read_seconds=5, attempts=1, pause=0.001))


@pytest.fixture(scope="package")
def dataset():
    return Dataset.from_arrays(np.arange(40.0).reshape(20, 2), np.arange(20.0) ** 2, names=("a", "b"), target="y")


@pytest.fixture(scope="package")
def other_rows():
    return Dataset.from_arrays(np.arange(60.0).reshape(30, 2), np.arange(30.0) ** 3, names=("a", "b"), target="y")


@pytest.fixture(scope="package")
def other_columns():
    return Dataset.from_arrays(np.arange(40.0).reshape(20, 2), np.arange(20.0) ** 2, names=("a", "c"), target="y")


@pytest.fixture
def island(dataset):
    with Island(dataset, Parameters(population_size=30), seed=1, sandbox="off") as island:
        island.create()
        yield island
