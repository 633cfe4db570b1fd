"""The way to the page of a cluster: what is printed can be typed, and the secret in it is this folder's."""

import re
import shlex
import stat

import pytest

from vmesh.cloud import mesh_keys, page_way
from vmesh.errors import SettingsError
from vmesh.security.key_folder import listed, new_folder, revoke


@pytest.fixture
def keys(tmp_path):
    folder = tmp_path / "my keys"
    mesh_keys.made(folder, published=False, alive=False)
    return folder


def told(keys, nodes=("c-0", "c-1")):
    return page_way.lines({"nodes": list(nodes), "ssh_config": "/home/a b/ssh_config", "keys": str(keys)})


def test_tunnel_and_address(keys):
    _, way, address = told(keys)
    assert shlex.split(way) == ["ssh", "-N", "-L", "7080:127.0.0.1:7080", "-F", "/home/a b/ssh_config", "c-0"]
    token = (keys / "page.token").read_text().strip()
    assert address.strip() == f"http://127.0.0.1:7080/{token}/" and re.fullmatch(r"[\w-]{22,}", token)


def test_nothing_is_told_where_there_is_nothing(keys, tmp_path):
    assert told(keys, nodes=()) == []
    assert told(tmp_path / "elsewhere") == []


def test_a_token_that_others_can_read_is_not_used(keys):
    (keys / "page.token").chmod(0o644)
    with pytest.raises(SettingsError, match="others can read this token; run chmod 600"):
        told(keys)


def test_a_folder_of_an_older_version_gets_what_it_lacks_once(tmp_path):
    folder = tmp_path / "keys"
    new_folder(folder)
    assert not mesh_keys.complete(folder)
    assert not mesh_keys.made(folder, published=True, alive=True)
    assert mesh_keys.complete(folder)
    made = {name: (folder / name).read_bytes() for name in mesh_keys.PAGE_SECRETS}
    assert all(stat.S_IMODE((folder / name).stat().st_mode) == 0o600 for name in made)
    assert not mesh_keys.made(folder, published=True, alive=True)
    assert made == {name: (folder / name).read_bytes() for name in made}


def test_a_key_of_the_page_that_was_revoked_stays_so(keys):
    revoke(keys, "page")
    mesh_keys.equip_page(keys)
    assert [one.revoked for one in listed(keys) if one.name == "page"] == [True]
