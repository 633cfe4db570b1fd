"""Bundles in their buckets: what is current changes last, and only whole bundles get there."""

import pytest

from tests.vmesh.cloud.bundles import bundle, manifest
from tests.vmesh.cloud.checkouts import checkout
from vgp.errors import InputError, VgpError
from vmesh.cloud.publishing import current_bundle, publish_bundle, publish_source, source_module
from vmesh.cloud.source import from_checkout
from vmesh.s3 import S3


@pytest.fixture
def store():
    return S3(connect_seconds=2, read_seconds=5, attempts=1, pause=0.001)


@pytest.fixture
def deploy(s3):
    return s3.bucket()


@pytest.fixture
def code(s3):
    return s3.bucket()


@pytest.fixture
def write(tmp_path):
    def write(data):
        path = tmp_path / "bundle.tar"
        path.write_bytes(data)
        return path

    return write



def test_a_bundle_becomes_the_current_one(write, deploy, store):
    path = write(bundle())
    assert current_bundle(deploy.name, "x86_64", store) is None
    published = publish_bundle(path, deploy.name, store)
    assert deploy.get(published.manifest.key) == path.read_bytes()
    assert deploy.get(f"bundles/{published.manifest.id}/manifest.json") == manifest().text()
    current = current_bundle(deploy.name, "x86_64", store)
    assert (current.manifest.id, current.sha256, current.size) == (published.manifest.id, published.sha256, published.size)
    assert current_bundle(deploy.name, "aarch64", store) is None


def test_the_newest_is_the_current_one_and_the_old_ones_stay(write, deploy, store):
    first = publish_bundle(write(bundle()), deploy.name, store)
    second = publish_bundle(write(bundle(source="cd" * 32)), deploy.name, store)
    assert current_bundle(deploy.name, "x86_64", store).manifest.id == second.manifest.id
    assert deploy.get(first.manifest.key)


@pytest.mark.parametrize("broken", [1, 2, 3])
def test_a_broken_upload_leaves_the_current_one(write, deploy, store, s3, broken):
    first = publish_bundle(write(bundle()), deploy.name, store)
    s3.reset()
    count = iter(range(1, 100))
    s3.fault = lambda method, number: 503 if method == "PUT" and next(count) == broken else None
    with pytest.raises(VgpError):
        publish_bundle(write(bundle(source="cd" * 32)), deploy.name, store)
    s3.reset()
    assert current_bundle(deploy.name, "x86_64", store).manifest.id == first.manifest.id


def test_a_damaged_bundle_is_not_uploaded(write, deploy, store, s3):
    with pytest.raises(InputError, match="no sound bundle"):
        publish_bundle(write(bundle()[:-600]), deploy.name, store)
    assert not s3.requests


def test_a_source_is_uploaded_once(tmp_path, code, store):
    source = from_checkout(checkout(tmp_path))
    assert publish_source(source, code.name, store)
    assert code.get(source.key) == source.compressed()
    assert not publish_source(source, code.name, store)


def run(root, code, deploy, check_mode=False, **changes):
    parameters = {"checkout": str(root), "code": code.name, "deploy": deploy.name, "arch": "x86_64", "again": False, **changes}
    return source_module(parameters, check_mode)


def test_the_module_uploads_a_source_until_its_bundle_is_built(tmp_path, write, code, deploy, store):
    root = checkout(tmp_path / "project")
    source = from_checkout(root)
    dry = run(root, code, deploy, check_mode=True)
    assert dry["changed"] and not dry["built"] and dry["bundle"] == ""
    first = run(root, code, deploy)
    assert first == dry and first["url"] == f"s3://{code.name}/{source.key}" and first["sha256"] == source.sha256
    assert not run(root, code, deploy)["changed"]
    publish_bundle(write(bundle(source=source.sha256)), deploy.name, store)
    built = run(root, code, deploy)
    assert built["built"] and not built["changed"] and built["bundle"].startswith(f"1.2.3-{source.sha256[:12]}-")
    code.client.delete_object(Bucket=code.name, Key=source.key)
    assert not run(root, code, deploy)["changed"], "nobody needs it any more"
    assert run(root, code, deploy, again=True)["changed"]
    assert not run(root, code, deploy, arch="aarch64")["built"]


def test_the_module_warns_of_what_git_does_not_know(tmp_path, code, deploy):
    root = checkout(tmp_path)
    (tmp_path / "forgotten.py").write_text("")
    assert run(root, code, deploy)["warnings"] == ["forgotten.py is not in the source bundle: git does not know it"]
