"""Who cannot run it is told in one line what is missing; the parts that read this machine read any machine."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.tools.local_cloud.clouds import PROGRAM
from tools.local_cloud import apt, catalogue, cgroups, image, machine, wheels
from tools.local_cloud.cli import main
from tools.local_cloud.errors import LocalCloudError

HYBRID = """\
29 22 0:25 / /sys/fs/cgroup ro - tmpfs tmpfs rw,mode=755
30 29 0:26 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
31 29 0:27 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd
32 29 0:28 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
33 29 0:29 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
34 29 0:30 / /sys/fs/cgroup/devices rw - cgroup cgroup rw,devices
"""
UNIFIED = "30 22 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
TARGETS = """\
https://packages.example.org/apt/ cloud-sdk-bookworm main Packages
http://mirror.example.org/debian-security/ bookworm-security main Packages
http://mirror.example.org/debian/ bookworm contrib Packages
http://mirror.example.org/debian/ bookworm main Translations
http://mirror.example.org/debian/ bookworm main Packages
http://other.example.org/debian/ trixie main Packages
"""


def test_control_groups_of_both_versions_are_found():
    base = Path("/sys/fs/cgroup")
    expected = {"": base / "unified", "name=systemd": base / "systemd", "memory": base / "memory"}
    assert cgroups.hierarchies(HYBRID) == expected | dict.fromkeys(("cpu", "cpuacct"), base / "cpu,cpuacct")
    assert cgroups.hierarchies(UNIFIED) == {"": base}


def test_a_host_mounts_again_what_version_one_shares(monkeypatch, tmp_path):
    monkeypatch.setattr(cgroups, "MOUNTS", tmp_path / "mountinfo")
    cgroups.MOUNTS.write_text(HYBRID)
    assert cgroups.mounted_by_init() == ["cpu,cpuacct", "memory"]
    cgroups.MOUNTS.write_text(UNIFIED)
    assert cgroups.mounted_by_init() == []


def test_the_mirror_is_the_machines_own():
    assert apt.chosen(TARGETS, {"bookworm", "trixie", "noble"}) == apt.Mirror("http://mirror.example.org/debian", "bookworm")
    assert apt.chosen(TARGETS, {"noble"}) is None
    assert apt.chosen("", {"bookworm"}) is None


@pytest.mark.parametrize(
    ("platform", "user", "words"), [("darwin", 0, "needs Linux"), ("linux", 1000, "needs root"), ("linux", 0, "")]
)
def test_who_cannot_is_told_why(platform, user, words):
    assert words in machine.hindrance_of_system(platform, user)
    assert bool(words) == bool(machine.hindrance_of_system(platform, user))


def test_missing_packages_are_named(monkeypatch):
    monkeypatch.setattr(machine.shutil, "which", lambda program: None if program in ("systemd-nspawn", "ip") else program)
    assert machine.hindrance_of_packages().endswith("apt-get install iproute2 systemd-container")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_without_root_one_line_and_no_traceback(tmp_path):
    tmp_path.chmod(0o755)
    result = subprocess.run(
        ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *PROGRAM, "host", "up", "a", "172.31.200.1"),
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"VCLOUD_LOCAL": str(tmp_path / "x")},
    )
    if "Permission denied" in result.stderr and "Traceback" not in result.stderr:
        pytest.skip("others may not read this folder")
    assert result.returncode == 1
    assert "the local cloud needs root" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_help_names_every_command(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    shown = capsys.readouterr().out
    assert ended.value.code == 0
    for name in "up down status base wheels connect shell power-cut spot-notice expire fault calls host".split():
        assert name in shown


def test_a_cloud_that_is_not_up_says_so(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("VCLOUD_LOCAL", str(tmp_path))
    for words in (["status"], ["calls"], ["fault", "{}"], ["spot-notice", "i-1"]):
        assert main(words) == 1
        assert capsys.readouterr().err == "local cloud: the local cloud is not up; start it with: up\n"


def test_an_interrupted_build_is_not_taken_for_a_whole_one(tmp_path):
    def broken(target):
        target.mkdir()
        (target / "half").touch()
        raise LocalCloudError("no network")

    def whole(target):
        target.mkdir()
        (target / "all").touch()

    with pytest.raises(LocalCloudError):
        image.once(tmp_path, "node-1", broken)
    assert not (tmp_path / "node-1").exists()
    made = image.once(tmp_path, "node-1", whole)
    assert [path.name for path in made.iterdir()] == ["all"]
    assert image.once(tmp_path, "node-1", broken) == made, "what is there is not built again"


def test_another_content_is_another_image():
    assert image.key("node", "a", "b") != image.key("node", "ab") != image.key("node", "a", "c")


def test_what_a_build_step_says_last_is_the_reason(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("mount namespaces are root's")
    with pytest.raises(LocalCloudError, match="sh failed: .*no such mirror"):
        image.followed(("sh", "-c", "echo no such mirror; exit 3"), print)


def test_images_have_their_real_owners_and_names():
    found = {each.key: each for each in catalogue.IMAGES}
    assert len({each.id for each in catalogue.IMAGES}) == len(catalogue.IMAGES)
    assert found["debian12"].owner == "136693071363"
    assert found["debian12"].name.startswith("debian-12-amd64-")
    assert found["debian12_arm64"].architecture == "arm64"
    assert found["ubuntu2404"].owner == "099720109477"
    assert found["ubuntu2404"].name.startswith("ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-")
    assert all(len(each.id) == 21 and set(each.id[4:]) <= set("0123456789abcdef") for each in catalogue.IMAGES)
    assert [catalogue.user_of(found[key].id) for key in ("debian12", "ubuntu2404")] == ["admin", "ubuntu"]


def test_a_development_server_gets_what_the_project_asks_for():
    wanted = wheels.requirements()
    for name in ("setuptools", "cython", "numpy", "pytest", "boto3", "ansible-core"):
        assert any(line.startswith(name) for line in wanted), name
    assert not any(line.startswith("pyoperon") for line in wanted), "benchmarks are not run there"


def test_packages_fit_the_images_python(tmp_path):
    (tmp_path / "usr/bin").mkdir(parents=True)
    (tmp_path / "usr/bin/python3").symlink_to("python3.12")
    assert wheels.version_of(tmp_path) == "3.12"
