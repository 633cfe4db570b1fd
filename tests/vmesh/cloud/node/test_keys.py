"""The keys of a node: from the cluster's archive, secrets closed, what was revoked stays revoked, one key more for the launcher."""

import io
import stat
import tarfile

import pytest

from vmesh.cloud import keys, mesh_keys
from vmesh.cloud.faults import Unfit, Unreachable
from vmesh.cloud.places import keys_key
from vmesh.security import ADMIN, MESH
from vmesh.security.allow_list import AllowList
from vmesh.security.key_folder import PAGE_TOKEN, add, admin_keys, new_folder, revoke, worker_keys


def archive(folder):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for path in sorted(folder.rglob("*")):
            tar.add(path, path.relative_to(folder), recursive=False)
    return out.getvalue()


@pytest.fixture
def cluster(tmp_path):
    """The administrators' folder."""
    new_folder(tmp_path / "cluster")
    return tmp_path / "cluster"


@pytest.fixture
def node(tmp_path, storage, bucket, cluster):
    """The node's folder, and how it is renewed."""
    folder = tmp_path / "etc/keys"

    def renew():
        keys.renew(storage, bucket.name, "test", folder)
        return folder

    bucket.put(keys_key("test"), archive(cluster))
    renew.folder = folder
    return renew


def test_a_node_has_what_its_workers_and_its_launcher_need(node, cluster):
    folder = node()
    assert worker_keys(folder).client == worker_keys(cluster).client
    assert admin_keys(folder).client.name == "launcher"
    assert AllowList(folder).permits(ADMIN, admin_keys(folder).client.public)
    assert not AllowList(cluster).permits(ADMIN, admin_keys(folder).client.public)
    assert not (folder / "admin.key").exists()


def test_secrets_are_for_root_alone(node):
    for path in node().rglob("*"):
        if path.is_file():
            assert stat.S_IMODE(path.stat().st_mode) == (0o600 if path.suffix in (".key", ".token") else 0o644)


def test_renewed_it_is_the_same_and_what_is_new_is_there(node, cluster, bucket):
    folder = node()
    launcher = admin_keys(folder)
    public = add(cluster, "second", ADMIN)
    bucket.put(keys_key("test"), archive(cluster))
    node()
    assert admin_keys(folder) == launcher and AllowList(folder).permits(ADMIN, public)


def test_a_key_revoked_on_the_node_stays_revoked(node, cluster):
    public = worker_keys(cluster).client.public
    revoke(node(), "worker")
    node()
    assert not AllowList(node.folder).permits(MESH, public)


def test_the_keys_of_the_last_boot_do_while_s3_is_away(node, s3, monkeypatch):
    monkeypatch.setattr(keys, "BRIEFLY", 0.01)
    before = worker_keys(node())
    s3.fault = lambda method, number: 503
    assert worker_keys(node()) == before


def test_without_any_keys_a_node_does_not_begin(node, s3, monkeypatch):
    monkeypatch.setattr(keys, "PATIENCE", 0.01)
    s3.fault = lambda method, number: 503
    with pytest.raises(Unreachable):
        node()


def test_an_archive_without_keys_is_told(node, bucket):
    bucket.put(keys_key("test"), archive_of({"x": b""}))
    with pytest.raises(Unfit, match=r"keys\.tar holds no mesh-server\.key; run launch\.yml again"):
        node()
    assert not list(node.folder.iterdir())


def archive_of(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def test_the_page_of_every_node_has_the_cluster_s_key_and_token(node, cluster, bucket):
    assert keys.page_key(node()) == "launcher"  # of a cluster of an older version: a page of this node alone
    own = (node.folder / PAGE_TOKEN).read_text()
    mesh_keys.equip_page(cluster)
    bucket.put(keys_key("test"), mesh_keys.packed(cluster))
    folder = node()
    assert keys.page_key(folder) == "page"
    assert (folder / PAGE_TOKEN).read_bytes() == (cluster / PAGE_TOKEN).read_bytes() != own.encode()
    assert admin_keys(folder, None, "page") == admin_keys(cluster, None, "page")
    assert admin_keys(folder).client.name == "launcher"  # it is never taken for the launcher's
    assert stat.S_IMODE((folder / PAGE_TOKEN).stat().st_mode) == stat.S_IMODE((folder / "page.key").stat().st_mode) == 0o600
    assert AllowList(folder).permits(ADMIN, admin_keys(folder, None, "page").client.public)
