"""The first stage as a node runs it: the rendered user-data, a process of the system's Python, metadata and S3 on loopback."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.vmesh.cloud.node import bundles
from vmesh.cloud import bootstrap
from vmesh.cloud.faults import Unreachable
from vmesh.cloud.user_data import render


class Node:
    """A machine whose root is a folder."""

    def __init__(self, folder, instance, s3, bucket):
        self.root, self.bucket, self.s3 = folder, bucket, s3
        self.handed = folder / "handed.json"
        tools = folder / "tools"
        tools.mkdir()
        (tools / "systemctl").write_text(f"#!/bin/sh\necho $* >> {folder}/systemctl\n")
        (tools / "systemctl").chmod(0o755)
        self.environment = {"VCLOUD_ROOT": str(folder), "PATH": f"{tools}:/usr/bin:/bin", "HANDED": str(self.handed)}
        self.environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = instance.url
        names = {"cluster": "test", "deploy": bucket.name, "data": bucket.name, "region": "us-east-1", "endpoint": s3.url}
        (folder / "user-data").write_text(render({"format": 1, **names}))
        self.python("user-data", check=True)

    def python(self, name, check=False):
        words = [sys.executable, str(self.root / name)]
        return subprocess.run(words, env=self.environment, capture_output=True, text=True, timeout=60, check=check)

    def publish(self, content, **others):
        values = bundles.values(content, **others)
        self.bucket.put(values["bundle"]["key"], content)
        self.bucket.put("clusters/test/cluster.json", json.dumps(values))

    def boot(self, status=0):
        done = self.python("opt/vmesh/bootstrap")
        assert done.returncode == status, done.stderr
        return done.stderr

    def record(self):
        return json.loads(self.bucket.get("clusters/test/nodes/00007.json"))

    @property
    def folder(self):
        return self.root / "opt/vmesh" / bundles.ID


@pytest.fixture
def node(tmp_path, instance, s3, bucket):
    return Node(tmp_path, instance, s3, bucket)


def test_user_data_starts_the_unit_and_does_not_wait_for_it(node):
    asked = (node.root / "systemctl").read_text().splitlines()
    assert asked[-1] == "start --no-block vmesh-bootstrap.service"
    assert "enable vmesh-bootstrap.service" in asked
    assert (
        "ExecStart=/usr/bin/python3 /opt/vmesh/bootstrap\n"
        in (node.root / "etc/systemd/system/vmesh-bootstrap.service").read_text()
    )


def test_a_bundle_is_installed_and_takes_over(node):
    node.publish(bundles.bundle())
    node.boot()
    python, given = json.loads(node.handed.read_text())
    assert python == str(node.folder / "venv/bin/python")
    assert given["node"]["name"] == "test-7" and given["node"]["instance"] == "i-0123456789abcdef0"
    assert given["values"]["target"] == "y"
    assert node.record()["state"] == "installing"
    assert (node.folder / "venv/bin/vmesh").read_text().startswith(f"#!{python}\n")
    assert not (node.root / "opt/vmesh/.bundle.tar").exists()


def test_installing_twice_does_nothing(node):
    node.publish(bundles.bundle())
    node.boot()
    before = (node.folder / "manifest.json").stat().st_ino
    node.s3.requests.clear()
    node.boot()
    assert (node.folder / "manifest.json").stat().st_ino == before
    assert node.s3.requests == ["PUT", "GET"]  # the record, and the values of the cluster


def test_what_a_power_cut_may_have_left_half_written_is_installed_again(node):
    node.publish(bundles.bundle())
    node.boot()
    (node.folder / "installed").write_text("another boot")
    (node.folder / "manifest.json").write_bytes(b"")
    node.boot()
    assert (node.folder / "manifest.json").stat().st_size


def test_what_is_known_to_be_on_the_disk_stays(node):
    node.publish(bundles.bundle())
    node.boot()
    (node.folder / "installed").write_text("another boot")
    (node.folder / "synced").touch()
    before = node.folder.stat().st_ino
    node.boot()
    assert node.folder.stat().st_ino == before


def test_a_boot_that_was_killed_while_it_fetched_is_resumed(node):
    node.publish(bundles.bundle(files=bundles.FILES | {"site/large": "x" * 3_000_000}))
    node.s3.fault = lambda method, number: node.s3.gate.clear() if number == 5 else None  # the bundle
    process = subprocess.Popen([sys.executable, str(node.root / "opt/vmesh/bootstrap")], env=node.environment)
    deadline = time.monotonic() + 30
    while node.s3.gate.is_set() and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    node.s3.reset()
    assert not node.folder.exists()
    node.boot()
    assert node.handed.exists()
    assert sorted(path.name for path in (node.root / "opt/vmesh").iterdir()) == [bundles.ID, "bootstrap"]


def test_a_connection_that_breaks_is_taken_up_where_it_broke(node):
    node.publish(bundles.bundle(files=bundles.FILES | {"site/large": "x" * 3_000_000}))
    node.s3.fault = lambda method, number: "cut" if number == 4 else None
    assert "breaks off" in node.boot()
    assert (node.folder / "venv/lib").is_dir()


WRONG = [
    ({"manifest": bundles.MANIFEST | {"python": "cp27"}}, "the bundle is for python cp27 and this machine has python cp3"),
    ({"manifest": bundles.MANIFEST | {"arch": "vax"}}, "the bundle is for arch vax and this machine has arch"),
    ({"manifest": []}, "manifest cannot be read"),
    ({"manifest": {}}, "manifest cannot be read"),
]


@pytest.mark.parametrize(("options", "reason"), WRONG)
def test_a_bundle_that_does_not_fit_is_told(node, options, reason):
    node.publish(bundles.bundle(**options))
    node.boot(status=3)
    record = node.record()
    assert record["state"] == "failed" and reason in record["reason"]


def test_a_wrong_checksum_is_told_and_nothing_is_installed(node):
    content = bundles.bundle()
    node.publish(content)
    node.bucket.put(f"bundles/{bundles.ID}/bundle.tar", content[:-1] + b"!")
    node.boot(status=3)
    assert "the bundle's checksum is wrong: s3://" in node.record()["reason"]
    assert not node.folder.exists()


@pytest.mark.parametrize("missing", ["cluster.json", "bundle.tar"])
def test_what_is_missing_is_told(node, missing):
    node.publish(bundles.bundle())
    key = next(filter(lambda key: key.endswith(missing), node.bucket.keys()))
    node.bucket.client.delete_object(Bucket=node.bucket.name, Key=key)
    node.boot(status=3)
    assert node.record()["reason"].startswith(f"there is no s3://{node.bucket.name}/{key}")


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b'{"format": 2}', b'{"format": 1, "bundle": {"id": "../../etc"}}', b"null", b"\xff"]
)
def test_values_that_are_none_are_told(node, content):
    node.bucket.put("clusters/test/cluster.json", content)
    node.boot(status=3)
    assert "run launch.yml again" in node.record()["reason"]


def test_s3_may_be_away_for_a_while(node):
    node.publish(bundles.bundle())
    node.s3.fault = lambda method, number: 503 if number < 4 else None
    assert "tried again in" in node.boot()


def test_the_values_of_the_last_boot_do_while_s3_is_away(s3, storage, tmp_path, monkeypatch):
    values = bundles.values(b"")
    monkeypatch.setattr(bootstrap, "VALUES", tmp_path / "cluster.json")
    monkeypatch.setattr(bootstrap, "BRIEFLY", 0.05)
    monkeypatch.setattr(bootstrap, "PATIENCE", 0.05)
    s3.fault = lambda method, number: 503
    with pytest.raises(Unreachable):
        bootstrap.cluster_values(storage, {"cluster": "test", "deploy": "deploy"})
    bootstrap.VALUES.write_text(json.dumps(values))
    assert bootstrap.cluster_values(storage, {"cluster": "test", "deploy": "deploy"}) == values


def test_no_index_no_record(node, instance):
    del instance.answers["meta-data/tags/instance/vcloud-indexes"]
    assert "the tag vcloud-indexes '' has no element 2; launch the instance by launch.yml" in node.boot(status=3)
    assert node.bucket.keys() == []


def test_user_data_is_small_and_always_the_same(node):
    text = (node.root / "user-data").read_text()
    assert text.startswith("#!/usr/bin/python3\n") and len(text.encode()) < 14_000
    config = json.loads((node.root / "etc/vmesh/bootstrap.json").read_text())
    assert render(config) == text
    assert os.access(node.root / "opt/vmesh/bootstrap/__main__.py", os.R_OK)
