"""The ssh_config of a cluster, as ssh itself reads it."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.vmesh.cloud.pretend import REGION
from vgp.errors import InputError
from vmesh.cloud import ssh_config
from vmesh.cloud.ssh_config import SshConfig, SshHost

HOSTS = [SshHost("vcloud-0", "ec2-1.example", "i-0", "admin"), SshHost("vcloud-devserver", "10.0.0.9", "i-9", "ubuntu")]


def read(path, host):
    """What ssh makes of it."""
    if shutil.which("ssh") is None:
        pytest.skip("needs ssh")
    shown = subprocess.run(["ssh", "-G", "-F", path, host], capture_output=True, text=True, check=True).stdout
    return dict(line.split(" ", 1) for line in shown.splitlines() if " " in line)


def test_ssh_reads_it_as_it_is_meant(tmp_path):
    folder = tmp_path / "with a blank and 100%"
    config = SshConfig(folder / "key", folder / "known", "python tool connect %h %p")
    assert config.write(folder / "ssh_config", HOSTS)
    for host in ("vcloud-0", "i-0"):
        told = read(folder / "ssh_config", host)
        assert (told["hostname"], told["user"], told["hostkeyalias"]) == ("ec2-1.example", "admin", "i-0")
        assert told["stricthostkeychecking"] == "accept-new"
        assert told["proxycommand"] == "python tool connect %h %p"
        assert (told["controlmaster"], told["identitiesonly"], told["forwardagent"]) == ("false", "yes", "no")
    assert read(folder / "ssh_config", "vcloud-devserver")["user"] == "ubuntu"


def test_it_is_written_only_when_it_changes(tmp_path):
    config = SshConfig(tmp_path / "key", tmp_path / "known")
    path = tmp_path / "results" / "ssh_config"
    assert config.write(path, HOSTS, pretend=True) and not path.exists()
    assert config.write(path, HOSTS)
    assert not config.write(path, HOSTS)
    assert config.write(path, HOSTS[:1])
    assert "ProxyCommand" not in path.read_text()


@pytest.mark.parametrize("wrong", ["a b", "-oProxyCommand=x", "a\nProxyCommand x", "", "*"])
def test_nothing_that_a_cloud_says_becomes_an_option(tmp_path, wrong):
    with pytest.raises(InputError, match="cannot stand in an ssh_config"):
        SshConfig(tmp_path, tmp_path).text([SshHost("vcloud-0", wrong, "i-0", "admin")], tmp_path)


def test_a_path_that_ssh_cannot_read(tmp_path):
    with pytest.raises(InputError, match="quotation mark"):
        SshConfig(Path('/a"b'), tmp_path).text(HOSTS, tmp_path)


def test_through_moto(pretend, tmp_path):
    nodes = pretend.launch([0, 3])
    pretend.launch([0], role="devserver")
    pretend.terminate(nodes[0])
    given = {
        "cluster": pretend.name, "region": REGION, "path": tmp_path / "ssh_config", "identity": tmp_path / "key", "user": "admin",
        "known_hosts": tmp_path / "known", "users": {"devserver": "ubuntu"}, "address": "private_address", "proxy_command": "",
    }  # fmt: skip
    assert ssh_config.module(given, True)["changed"]
    answer = ssh_config.module(given, False)
    assert answer["hosts"] == ["vcloud-devserver", "vcloud-3"]
    assert read(tmp_path / "ssh_config", "vcloud-3")["hostname"] == nodes[1].private
    assert read(tmp_path / "ssh_config", nodes[1].instance)["user"] == "admin"
    assert read(tmp_path / "ssh_config", "vcloud-devserver")["user"] == "ubuntu"
    assert not ssh_config.module(given, False)["changed"]
