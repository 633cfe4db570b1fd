"""Hosts without EC2: as many as a test of a role wants, without a daemon."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.tools.local_cloud.clouds import Cloud, needs_hosts
from tools.local_cloud import cgroups, network, state

pytestmark = needs_hosts


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    cloud = Cloud(tmp_path_factory.mktemp("plain"))
    yield cloud
    cloud.call("down")
    tag = state.State(cloud.folder, cloud.folder).tag
    assert not cgroups.names(tag)
    assert not list(network.NAMESPACES.glob(f"{tag}*"))


@pytest.fixture(scope="module")
def pair(made, tmp_path_factory):
    shown = tmp_path_factory.mktemp("shown")
    shown.chmod(0o755)
    (shown / "file").write_text("seen")
    words = [("host", "up", f"m{number}", f"172.31.200.{number}", "--bind", f"{shown}:/mnt/shown") for number in (1, 2)]
    with ThreadPoolExecutor() as pool:
        return list(pool.map(lambda each: made.call(*each), words))


def test_two_at_a_time_are_up_and_take_ssh(made, pair):
    for each in pair:
        assert each["running"]
        assert made.answer(each["address"], "hostname; sudo id -u").split() == [each["name"], "0"]


def test_a_folder_is_shown_to_read(made, pair):
    assert made.answer("172.31.200.1", "cat /mnt/shown/file") == "seen"
    assert made.ssh("172.31.200.1", "sudo touch /mnt/shown/other").returncode != 0


def test_up_again_changes_nothing(made, pair):
    made.answer("172.31.200.1", "echo kept > kept")
    assert made.call("host", "up", "m1", "172.31.200.1")["pid"] == pair[0]["pid"]
    made.call("power-cut", "m1")
    assert [each["running"] for each in made.call("host", "list")] == [False, True]
    assert made.call("host", "up", "m1", "172.31.200.1")["pid"] != pair[0]["pid"]
    assert made.answer("172.31.200.1", "cat kept") == "kept"


def test_no_two_hosts_with_one_address(made, pair):
    refused = made.tried("host", "up", "m3", "172.31.200.1")
    assert (refused.returncode, refused.stderr) == (1, "local cloud: 172.31.200.1 is already the address of m1\n")


def test_a_host_that_restarts_itself_comes_back(made, pair):
    made.ssh("172.31.200.2", "echo kept > kept; sync; sudo systemctl reboot")
    assert made.answer("172.31.200.2", "cat kept") == "kept"


@pytest.mark.parametrize("words", [("m4", "10.0.0.1"), ("M", "172.31.200.4"), ("m4", "172.31.200.4", "--bind", "x")])
def test_wrong_words_are_one_line(made, words):
    refused = made.tried("host", "up", *words)
    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)


def test_a_port_where_nobody_listens_is_one_line(made, pair):
    refused = made.tried("connect", "172.31.200.1", "9")
    assert (refused.returncode, refused.stderr) == (1, "local cloud: 172.31.200.1 port 9: Connection refused\n")


def test_down_again_is_no_error(made, pair):
    assert made.call("host", "down", "m2")["removed"]
    assert not made.call("host", "down", "m2")["removed"]
    assert [each["name"] for each in made.call("host", "list")] == ["m1"]
