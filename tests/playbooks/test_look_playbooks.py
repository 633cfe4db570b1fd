"""status.yml, collect.yml, console.yml, the wait of a launch, the inventory: as a user types them, with EC2 and S3 on loopback."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from vmesh.cloud import mesh_keys

ROOT = Path(__file__).parents[2]
PROGRAM = Path(sys.executable).with_name("ansible-playbook")
WAIT = """
- hosts: localhost
  gather_facts: false
  environment: "{{ cluster_environment }}"
  tasks:
    - name: Wait
      cluster_wait:
        cluster: "{{ cluster_name }}"
        region: "{{ cluster_region }}"
        bucket: "{{ cluster_bucket_prefix }}-data"
        nodes: "{{ nodes }}"
        timeout: "{{ cluster_launch_timeout }}"
        advice: "{{ cluster_advice }}"
      register: awaited
    - name: Show
      cluster_show:
        lines: "{{ awaited.nodes | map(attribute='record') | map(attribute='public') }}"
"""

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="ansible is not installed")


class Admin:
    """Somebody at the top of the project. `cluster`: what there is."""

    def __init__(self, cluster, service, folder):
        self.cluster, self.folder = cluster, folder
        self.variables = {
            "cluster_region": "us-east-1", "cluster_results": str(folder / "results"), "cluster_bucket_prefix": cluster.prefix,
            "cluster_prices": {"c7g.large": 0.5},
        }  # fmt: skip
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ANSIBLE_", "VCLOUD_"))}
        own = {"PYTHONPATH": str(ROOT), "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "AWS_ENDPOINT_URL": service.url}
        self.environment = {**plain, **service.environment(), **own}

    def start(self, playbook, **more):
        words = [PROGRAM, playbook, "-e", json.dumps({**self.variables, **more})]
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        return subprocess.Popen(words, cwd=ROOT, env=self.environment, text=True, **streams)

    def play(self, playbook, status=0, **more):
        process = self.start(playbook, **more)
        output, _ = process.communicate(timeout=240)
        assert process.returncode == status, output
        assert "Traceback" not in output
        assert "DEPRECATION" not in output
        return output

    def waiting(self):
        path = self.folder / "wait.yml"
        path.write_text(WAIT)
        for name in ("group_vars", "library", "action_plugins"):
            if not (self.folder / name).exists():
                (self.folder / name).symlink_to(ROOT / ("group_vars" if name == "group_vars" else f"playbooks/{name}"))
        return str(path)


@pytest.fixture(scope="module")
def service():
    from tests.vmesh.faulty_s3 import FaultyS3

    one = FaultyS3()
    yield one
    one.close()


@pytest.fixture
def admin(service, tmp_path, monkeypatch):
    from tests.vmesh.cloud.pretend import PretendCluster

    for name, value in service.environment().items():
        monkeypatch.setenv(name, value)
    cluster = PretendCluster(service)
    yield Admin(cluster, service, tmp_path)
    cluster.end()


def test_status(admin):
    evolving, silent = admin.cluster.launch([0, 1])
    admin.cluster.say(evolving, best_loss=0.25, r2=0.99, formula="x * y", evaluations_per_second=5e6)
    output = admin.play("status.yml")
    assert re.search(rf"^vcloud-0 +{evolving.instance} +us-east-1a +evolving +2/2 +5M +0.25 +0.990 .* x \* y$", output, re.M)
    assert re.search(rf"^vcloud-1 +{silent.instance} +us-east-1a +silent", output, re.M)
    assert "$1.00 an hour" in output
    assert "changed=0" in output
    (line,) = [line for line in admin.play("status.yml", json=True).splitlines() if line.startswith("{")]
    assert [node["state"] for node in json.loads(line)["nodes"]] == ["evolving", "silent"]


def test_the_way_to_the_page_is_told_to_the_terminal_alone(admin):
    keys, log = admin.folder / "results/keys", admin.folder / "ansible.log"
    mesh_keys.made(keys, published=False, alive=False)
    token = (keys / "page.token").read_text().strip()
    admin.environment["ANSIBLE_LOG_PATH"] = str(log)
    silent, evolving = admin.cluster.launch([0, 1])
    assert silent.index < evolving.index
    admin.cluster.say(evolving)
    output = admin.play("status.yml")
    assert f"ssh -N -L 7080:127.0.0.1:7080 -F {admin.folder}/results/ssh_config vcloud-1\n" in output
    assert f"http://127.0.0.1:7080/{token}/\n" in output
    assert "Show the nodes" in log.read_text() and token not in log.read_text()
    assert token not in admin.play("status.yml", json=True)


def test_where_there_is_nothing(admin):
    assert "there is no cluster vcloud: no machine runs" in admin.play("status.yml")
    assert "nothing could be brought home of vcloud: no node runs" in admin.play("collect.yml", status=2)
    assert "no node of vcloud runs; launch some with ansible-playbook launch.yml" in admin.play("console.yml", status=2)


def test_results_come_home(admin):
    """Of a cluster that has ended, without ssh."""
    (node,) = admin.cluster.launch([0])
    admin.cluster.log(node, b"the end")
    admin.cluster.terminate(node)
    output = admin.play("collect.yml")
    assert "missing: no node runs, so the mesh cannot be asked for its front" in output
    (path,) = (admin.folder / "results" / "collected").glob("*/logs/*")
    assert path.read_bytes() == b"the end"


def test_a_launch_is_waited_for(admin):
    nodes = admin.cluster.launch([0, 1])
    admin.cluster.say(nodes[0])
    admin.cluster.say(nodes[1], "installing")
    process = admin.start(admin.waiting(), nodes=admin.cluster.awaited())
    lines = []
    for line in process.stdout:  # printed while it waits
        lines.append(line)
        if "vcloud-1: installing" in line:
            admin.cluster.say(nodes[1])
    assert process.wait() == 0, lines
    assert re.search(r"^\d+ s: 2 of 2 nodes evolving$", "".join(lines), re.M)
    assert lines.count("ec2-host\n") == 2


def test_a_launch_that_fails_says_why_and_what_to_do(admin):
    nodes = admin.cluster.launch([0, 1])
    admin.cluster.say(nodes[0])
    admin.cluster.say(nodes[1], "failed", reason="the bundle's checksum is wrong")
    output = admin.play(admin.waiting(), status=2, nodes=admin.cluster.awaited())
    assert f"vcloud-1 ({nodes[1].instance}) failed: the bundle's checksum is wrong; look at it: ssh -F" in output
    assert f"--instance-id {nodes[1].instance}; end everything: ansible-playbook terminate.yml" in output


def test_ctrl_c_while_it_waits(admin):
    admin.cluster.launch([0])
    process = admin.start(admin.waiting(), nodes=admin.cluster.awaited())
    for line in process.stdout:
        if "vcloud-0: silent" in line:
            break
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode not in (0, 2)
    assert "Traceback" not in output


def test_the_inventory_lists_what_runs(admin):
    pytest.importorskip("ansible_collections.amazon.aws")
    node, ended = admin.cluster.launch([0, 1])
    admin.cluster.launch([0], role="devserver")
    admin.cluster.terminate(ended)
    path = admin.folder / "vcloud.aws_ec2.yml"
    path.write_text((ROOT / "inventory/vcloud.aws_ec2.yml").read_text().replace("eu-central-1", "us-east-1"))
    command = [PROGRAM.with_name("ansible-inventory"), "-i", path, "--list"]
    told = json.loads(subprocess.run(command, cwd=ROOT, env=admin.environment, capture_output=True, text=True, check=True).stdout)
    assert told["node"]["hosts"] == [node.instance]
    assert len(told["cluster_vcloud"]["hosts"]) == 2
    variables = told["_meta"]["hostvars"][node.instance]
    assert node.instance in str(variables["ansible_host"])
    assert "-F results/vcloud/ssh_config" in str(variables["ansible_ssh_common_args"])
