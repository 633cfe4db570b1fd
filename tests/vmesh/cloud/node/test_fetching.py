"""A development server's source: fetched with the instance's role, whole and checked or not at all."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.vmesh.cloud.checkouts import checkout
from vmesh.cloud import fetching
from vmesh.cloud.publishing import publish_source
from vmesh.cloud.source import from_archive, from_checkout
from vmesh.s3 import S3

ROOT = Path(__file__).parents[4]


@pytest.fixture
def source(tmp_path, bucket, instance):
    """A source bundle in the code bucket."""
    source = from_checkout(checkout(tmp_path / "project"))
    publish_source(source, bucket.name, S3())
    return source


def words(source, bucket, target):
    return [f"s3://{bucket.name}/{source.key}", source.sha256, str(target)]


def test_what_arrives_is_the_source(source, bucket, tmp_path):
    target = tmp_path / "source.tar.gz"
    assert fetching.main(words(source, bucket, target)) == 0
    assert from_archive(target).sha256 == source.sha256
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("damage", [lambda data: data[:-20], lambda data: b"no gzip", lambda data: bytes(100) + data])
def test_a_damaged_source_is_refused(source, bucket, tmp_path, capsys, damage):
    bucket.put(source.key, damage(bucket.get(source.key)))
    target = tmp_path / "source.tar.gz"
    assert fetching.main(words(source, bucket, target)) == 1
    assert "is damaged" in capsys.readouterr().err
    assert not target.exists()


def test_another_source_is_refused(source, bucket, tmp_path, capsys):
    target = tmp_path / "source.tar.gz"
    url, _, _ = words(source, bucket, target)
    assert fetching.main([url, "0" * 64, str(target)]) == 1
    reason = f"its checksum is {source.sha256[:12]}... instead of 000000000000..."
    assert capsys.readouterr().err.startswith(f"{url} is damaged: {reason}")
    assert not target.exists()


@pytest.mark.parametrize("url", ["file:///etc/passwd", "s3://bucket", "source.tar.gz"])
def test_what_is_no_place_in_s3_is_refused(tmp_path, capsys, url):
    assert fetching.main([url, "0" * 64, str(tmp_path / "source")]) == 1
    assert "is no place in S3" in capsys.readouterr().err


def test_it_needs_the_standard_library_only(tmp_path):
    """The role devserver copies these files to a machine that has nothing else."""
    role = (ROOT / "roles/devserver/vars/main.yml").read_text()
    names = role.split("_devserver_fetching: [")[1].split("]")[0].split(", ")
    for name in names:
        (tmp_path / "vmesh" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "vmesh" / name).write_text((ROOT / "vmesh" / name).read_text())
    command = [sys.executable, "-S", "-E", "-m", "vmesh.cloud.fetching", "file:///x", "0", "y"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "is no place in S3" in done.stderr and done.returncode == 1
