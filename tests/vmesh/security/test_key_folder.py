"""Keys are made once, stay secret, and their permission can be given and taken; the list follows its folder."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmesh.errors import KeyFileError
from vmesh.security import ADMIN, DOMAINS, MESH
from vmesh.security.allow_list import LOOK_INTERVAL, AllowList
from vmesh.security.key_file import is_key, new_pair, read_pair, read_public, write_pair, write_public
from vmesh.security.key_folder import add, admin_keys, listed, new_folder, revoke, worker_keys


def refused(call, *args):
    with pytest.raises(KeyFileError) as caught:
        call(*args)
    assert "\n" not in str(caught.value)
    return str(caught.value)


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_a_new_folder_has_all_that_a_cluster_needs(folder):
    keys, admin = worker_keys(folder), admin_keys(folder)
    publics = {keys.client.public, admin.client.public, keys.servers[MESH].public, keys.servers[ADMIN].public}
    assert len(publics) == 4, "mesh and administrators have different keys"
    assert admin.server == keys.servers[ADMIN].public
    allowed = AllowList(folder)
    assert allowed.permits(MESH, keys.client.public) and not allowed.permits(ADMIN, keys.client.public)
    assert allowed.permits(ADMIN, admin.client.public) and not allowed.permits(MESH, admin.client.public)
    assert not any(allowed.permits(domain, "") for domain in DOMAINS)


def test_secrets_are_readable_by_their_owner_only(folder):
    assert folder.stat().st_mode & 0o777 == 0o700
    secret = list(folder.rglob("*.key"))
    assert len(secret) == 4
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in secret)
    assert not [path for path in folder.rglob("*") if path.name.startswith(".")], "nothing unfinished stays behind"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o610])
def test_a_secret_that_others_can_read_is_refused(folder, mode):
    (folder / "worker.key").chmod(mode)
    assert "chmod 600" in refused(worker_keys, folder)


def test_keys_are_never_overwritten(folder):
    before = (folder / "worker.key").read_text()
    assert "already" in refused(new_folder, folder)
    assert "already" in refused(add, folder, "worker", MESH)
    assert "already" in refused(write_pair, folder / "worker.key", new_pair("worker"))
    assert (folder / "worker.key").read_text() == before


def test_what_is_missing_is_named(folder, tmp_path):
    assert "vmesh keys new" in refused(worker_keys, tmp_path / "nowhere")
    (folder / "admin-server.key").unlink()
    assert "admin-server.key" in refused(worker_keys, folder)
    (folder / "admin-server.pub").unlink()
    assert "admin-server.pub" in refused(admin_keys, folder)


def test_a_key_whose_halves_do_not_belong_together_is_refused(tmp_path):
    one, other = new_pair("a"), new_pair("b")
    (tmp_path / "a.key").write_text(f"vmesh-key 1\nname a\npublic {one.public}\nsecret {other.secret}\n")
    (tmp_path / "a.key").chmod(0o600)
    assert "belong together" in refused(read_pair, tmp_path / "a.key")


@given(st.binary(max_size=300) | st.just(b"x" * 10_000))
def test_any_bytes_are_a_key_or_refused(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.key"
    path.write_bytes(content)
    path.chmod(0o600)
    refused(read_pair, path)
    refused(read_public, path)


def test_what_is_no_file_is_refused(tmp_path):
    """Nobody waits at a pipe that nobody fills."""
    os.mkfifo(tmp_path / "a.pub")
    (tmp_path / "b.pub").mkdir()
    refused(read_public, tmp_path / "a.pub")
    refused(read_public, tmp_path / "b.pub")


@pytest.mark.parametrize("text", ["", "x" * 39, "x" * 41, "x" * 39 + " ", "x" * 39 + "\n", "#" * 40, "ä" * 40, "%nSc1" * 8])
def test_what_is_no_key(text):
    assert not is_key(text)


def test_the_largest_key_is_one():
    assert is_key("%nSc0" * 8) and is_key("0" * 40)


def test_a_key_written_can_be_read(tmp_path):
    pair = new_pair("host-3.example")
    write_pair(tmp_path / "a.key", pair)
    write_public(tmp_path / "a.pub", pair.name, pair.public)
    assert read_pair(tmp_path / "a.key") == pair
    assert read_public(tmp_path / "a.pub") == read_public(tmp_path / "a.key") == (pair.name, pair.public)


def test_a_machine_may_have_a_key_of_its_own(folder):
    public = add(folder, "host-3", MESH)
    (folder / "worker.key").unlink()
    assert worker_keys(folder).client.public == public
    add(folder, "host-4", MESH)
    assert "host-3.key, host-4.key" in refused(worker_keys, folder)


def credentials(folder, *names):
    """The folder as on a node of a cluster: secrets somewhere else, as systemd hands them to a service."""
    place = folder.parent / "credentials"
    place.mkdir()
    for name in names:
        (folder / f"{name}.key").rename(place / f"{name}.key")
    return place


def test_secret_keys_may_be_somewhere_else(folder):
    before, admin = worker_keys(folder), admin_keys(folder)
    place = credentials(folder, "mesh-server", "admin-server", "worker", "admin")
    assert "mesh-server.key" in refused(worker_keys, folder)
    assert worker_keys(folder, place) == before and admin_keys(folder, place) == admin


def test_the_only_allowed_key_among_credentials_is_taken(folder):
    public = add(folder, "launcher", ADMIN)
    assert admin_keys(folder, credentials(folder, "launcher", "mesh-server")).client.public == public


def test_a_credential_shows_its_access_list_as_the_groups_right_and_nobody_else_may_read_it(folder):
    place = credentials(folder, "mesh-server", "admin-server", "worker")
    for path in place.iterdir():
        path.chmod(0o440)
    worker_keys(folder, place)
    (place / "worker.key").chmod(0o444)
    assert "others can read this key" in refused(worker_keys, folder, place)


def test_a_key_made_elsewhere_can_be_allowed(folder):
    public = new_pair("elsewhere").public
    assert add(folder, "elsewhere", ADMIN, public) == public
    assert AllowList(folder).permits(ADMIN, public)
    assert not (folder / "elsewhere.key").exists()


def test_a_key_has_one_role_and_a_revoked_one_does_not_come_back(folder):
    public = add(folder, "second", MESH)
    assert "allowed already for mesh" in refused(add, folder, "again", ADMIN, public)
    revoke(folder, "second")
    assert "was revoked" in refused(add, folder, "again", MESH, public)
    assert "already" in refused(add, folder, "second", MESH)


@pytest.mark.parametrize("name", ["", "../x", ".x", "a/b", "a b", "x" * 65, "mesh-server", "-x"])
def test_names_of_keys_stay_inside_the_folder(folder, name):
    refused(add, folder, name, MESH)


def test_adding_to_what_is_no_folder_of_keys_and_what_is_no_key(tmp_path, folder):
    assert "vmesh keys new" in refused(add, tmp_path, "a", MESH)
    assert "no public key" in refused(add, folder, "a", MESH, "x" * 39)


@pytest.mark.parametrize("by", ["name", "public"])
def test_revoking(folder, by):
    public = add(folder, "second", MESH)
    allowed = AllowList(folder)
    gone = revoke(folder, {"name": "second", "public": public}[by])
    assert (gone.name, gone.public, gone.domain) == ("second", public, MESH)
    assert allowed.permits(MESH, public), "it is not looked at with every message"
    allowed.look()
    assert not allowed.permits(MESH, public)
    assert [one.name for one in listed(folder) if one.revoked] == ["second"]
    assert "no key called second" in refused(revoke, folder, "second")


def test_a_revoked_key_stays_out_even_if_its_permission_is_copied_back(folder):
    public = add(folder, "second", MESH)
    copy = (folder / "allowed" / "mesh" / "second.pub").read_text()
    revoke(folder, "second")
    (folder / "allowed" / "mesh" / "third.pub").write_text(copy)
    assert not AllowList(folder).permits(MESH, public)


def test_a_key_can_be_revoked_before_it_was_ever_seen(folder):
    public = new_pair("x").public
    revoke(folder, public)
    revoke(folder, new_pair("y").public)
    assert "was revoked" in refused(add, folder, "x", MESH, public)


def test_the_list_follows_its_folder_at_most_once_a_second(folder):
    clock = Clock()
    allowed = AllowList(folder, clock)
    public = add(folder, "second", MESH)
    clock.now = LOOK_INTERVAL * 0.9
    assert not allowed.permits(MESH, public)
    clock.now = LOOK_INTERVAL
    assert allowed.permits(MESH, public)
    revoke(folder, "second")
    clock.now = LOOK_INTERVAL * 2
    assert not allowed.permits(MESH, public)


def test_a_damaged_file_is_told_and_keeps_nobody_else_out(folder):
    (folder / "allowed" / "mesh" / "broken.pub").write_text("half a k")
    allowed = AllowList(folder)
    assert allowed.permits(MESH, worker_keys(folder).client.public)
    assert len(allowed.problems) == 1 and "broken.pub" in allowed.problems[0]
    (folder / "allowed" / "mesh" / "broken.pub").unlink()
    allowed.look()
    assert allowed.problems == ()


def test_while_the_folder_cannot_be_read_the_keys_known_stay_in_force(folder, monkeypatch):
    """Too many open files must not end the mesh."""
    allowed, public = AllowList(folder), worker_keys(folder).client.public

    def fails(*_):
        raise OSError(24, "Too many open files", "folder")

    monkeypatch.setattr(os, "scandir", fails)
    allowed.look()
    assert allowed.permits(MESH, public) and "Too many open files" in allowed.problems[0]
    monkeypatch.undo()
    (folder / "allowed" / "mesh" / "worker.pub").touch()
    monkeypatch.setattr(os, "open", fails)
    allowed.look()
    assert allowed.permits(MESH, public) and "Too many open files" in allowed.problems[0]
    monkeypatch.undo()
    allowed.look()
    assert allowed.permits(MESH, public) and allowed.problems == ()


def test_a_folder_that_is_gone_allows_nobody(folder):
    allowed, public = AllowList(folder), worker_keys(folder).client.public
    for path in (folder / "allowed" / "mesh").iterdir():
        path.unlink()
    (folder / "allowed" / "mesh").rmdir()
    allowed.look()
    assert not allowed.permits(MESH, public)
