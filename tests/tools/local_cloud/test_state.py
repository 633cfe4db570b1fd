"""Clouds with different folders never share a name, and no name is longer than Linux allows."""

import json
import os

import pytest

from tools.local_cloud import network, state
from tools.local_cloud.errors import LocalCloudError


def a_state(folder, tmp_path):
    return state.State(tmp_path / folder, tmp_path / "cache")


def test_two_folders_have_two_tags_and_one_folder_always_the_same(tmp_path):
    assert a_state("a", tmp_path).tag == a_state("a", tmp_path).tag != a_state("b", tmp_path).tag


def test_no_tag_begins_another(tmp_path):
    """What belongs to a cloud is found by the beginning of its name."""
    assert len({len(a_state(str(number), tmp_path).tag) for number in range(50)}) == 1


def test_interfaces_have_at_most_fifteen_characters():
    links = {network.link_of(address) for address in ("172.31.0.4", "172.31.255.253", "172.31.100.200")}
    assert len(links) == 3
    assert max(map(len, links)) <= 15


def test_the_environment_names_the_folders(monkeypatch):
    monkeypatch.setenv("VCLOUD_LOCAL", "/var/tmp/one")
    monkeypatch.setenv("VCLOUD_CACHE", "")
    found = state.from_environment()
    assert (str(found.folder), str(found.cache)) == ("/var/tmp/one", state.CACHE)


@pytest.mark.parametrize("path", ["/a:b", "/a,b", "/a b", "/a\\b"])
def test_a_folder_that_overlay_mounts_cannot_name_is_refused(path, monkeypatch):
    monkeypatch.setenv("VCLOUD_LOCAL", path)
    with pytest.raises(LocalCloudError, match="path holds"):
        state.from_environment()


@pytest.mark.parametrize("name", ["", "-x", "A", "a/b", "..", "a" * 41, "a_b", "a b"])
def test_names_that_could_lead_out_of_the_folder_are_refused(name):
    with pytest.raises(LocalCloudError, match="cannot be a host's name"):
        state.checked_host_name(name)


@pytest.mark.parametrize("address", ["10.0.0.1", "172.31.255.254", "172.31.0.0", "172.31.255.255", "nonsense", "::1", ""])
def test_addresses_that_no_host_can_have_are_refused(address):
    with pytest.raises(LocalCloudError, match="cannot be a host's address"):
        network.checked_address(address)


def test_a_file_that_was_never_finished_is_none(tmp_path):
    (tmp_path / "daemon.json").write_text('{"pid": 1')
    assert state.read_json(tmp_path / "daemon.json") is None
    assert state.read_json(tmp_path / "nothing.json") is None


def test_files_with_keys_are_their_owners_alone(tmp_path):
    state.write_json(tmp_path / "x.json", {"secret": 1})
    assert (tmp_path / "x.json").stat().st_mode & 0o077 == 0
    assert json.loads((tmp_path / "x.json").read_text()) == {"secret": 1}


def test_a_daemon_whose_number_another_process_got_is_none(tmp_path):
    found = a_state("a", tmp_path)
    found.make()
    began = state.beginning_of(os.getpid())
    state.write_json(found.daemon_file, {"pid": os.getpid(), "began": began})
    assert found.daemon()
    state.write_json(found.daemon_file, {"pid": os.getpid(), "began": began - 1})
    assert found.daemon() is None
