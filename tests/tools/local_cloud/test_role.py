"""The role has the cloud as asked, tells the playbook how it is reached, and fails with one sentence where there can be none."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tools.local_cloud.clouds import ROOT, Cloud, needs_hosts

ANSIBLE = Path(sys.executable).with_name("ansible-playbook")
pytestmark = pytest.mark.skipif(not ANSIBLE.exists(), reason="ansible is not installed")
PLAY = """
- name: Try
  hosts: localhost
  gather_facts: false
  tasks:
    - name: See that the local cloud is up
      ansible.builtin.include_role:
        name: local_cloud
      vars: {VARIABLES}
    - name: Tell
      ansible.builtin.copy:
        content: "{{ cluster_local | to_json }}"
        dest: FOLDER/told.json
        mode: "0600"
      when: cluster_local is defined
"""


def play(folder, *words, path=None, **variables):
    """Runs a play with the role."""
    text = PLAY.replace("{VARIABLES}", json.dumps(variables)).replace("FOLDER", str(folder))
    (folder / "play.yml").write_text(text)
    environment = os.environ | {"VCLOUD_LOCAL": str(folder / "cloud"), "ANSIBLE_ROLES_PATH": str(ROOT / "roles"), "NO_COLOR": "1"}
    environment |= {"PATH": path} if path else {}
    interpreter = ("-e", f"ansible_python_interpreter={sys.executable}")
    command = (str(ANSIBLE), "-i", "localhost,", "-c", "local", *interpreter, str(folder / "play.yml"), *words)
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=folder)


@needs_hosts
def test_started_again_and_stopped(tmp_path):
    cloud = Cloud(tmp_path / "cloud")
    try:
        first = play(tmp_path)
        assert first.returncode == 0, first.stdout
        told = json.loads((tmp_path / "told.json").read_text())
        facts = cloud.call("up", "--enforce-iam")
        assert told["environment"] == facts["environment"]
        assert told["node_endpoint"] == facts["endpoint_for_nodes"]
        assert told["proxy_command"].endswith("connect %h %p")
        assert "changed=0" in play(tmp_path).stdout
        assert "changed=0" in play(tmp_path, "--check").stdout
        assert "changed=1" in play(tmp_path, local_cloud_state="stopped").stdout
        assert cloud.tried("status").returncode == 1
        assert "changed=0" in play(tmp_path, local_cloud_state="stopped").stdout
    finally:
        cloud.tried("down")


def test_without_a_cloud_there_is_nothing_to_check_against(tmp_path):
    """What follows in the play would otherwise speak to AWS."""
    result = play(tmp_path, "--check")
    assert result.returncode != 0
    assert "run it without --check first" in result.stdout + result.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gets as far as the packages")
def test_a_missing_package_is_one_sentence(tmp_path):
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("sh", "ip", "nsenter", "unshare", "ssh-keygen", "debootstrap", "env"):
        (programs / name).symlink_to(shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin"))
    environment = os.environ | {"PATH": str(programs), "VCLOUD_LOCAL": str(tmp_path / "x")}
    program = "import sys; from tools.local_cloud import cli, machine; machine.SBIN = ''; sys.exit(cli.main(['up']))"
    result = subprocess.run((sys.executable, "-c", program), env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    expected = "local cloud: the local cloud needs systemd-container; install with: apt-get install systemd-container\n"
    assert (result.returncode, result.stderr) == (1, expected)
