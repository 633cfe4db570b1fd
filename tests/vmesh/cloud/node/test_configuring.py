"""The second stage: what the role is told, when it runs and when it need not, and what becomes of a failure."""

import json
import time
from pathlib import Path

import pytest

from tests.vmesh.cloud.node import bundles
from tests.vmesh.cloud.node.test_keys import archive
from vmesh.cloud import bootstrap, configuring, record, role
from vmesh.cloud.agent_settings import AgentSettings
from vmesh.cloud.faults import Unreachable
from vmesh.cloud.places import keys_key, record_key
from vmesh.cloud.record import Record
from vmesh.security.key_folder import new_folder

NODE = {
    "index": 7,
    "instance": "i-1",
    "name": "test-7",
    "started": 1_800_000_000.0,
    "private": "10.0.0.7",
    "public": "host.example",
}


class Stage:
    """One node's second stage, with a role that only notes what it is told."""

    def __init__(self, folder, storage, bucket, monkeypatch):
        self.bucket, self.ran, self.started, self.failure = bucket, [], 0, None
        self.watched = []
        self.home, self.etc = folder / "opt", folder / "etc"
        self.folder = self.home / bundles.ID
        self.folder.mkdir(parents=True)
        self.etc.mkdir()
        (self.folder / "manifest.json").write_text("{}")
        names = {
            "NODE": "node.json",
            "NODE_METRICS": "node_metrics.json",
            "CONFIGURED": "configured.json",
            "SEEDS": "seeds.env",
            "KEYS": "keys",
            "VALUES": "cluster.json",
        }
        for name, file in names.items():
            monkeypatch.setattr(configuring, name, self.etc / file)
        monkeypatch.setattr(configuring, "HOME", self.home)
        monkeypatch.setattr(configuring, "BRIEFLY", 0.01)
        monkeypatch.setattr("vmesh.cloud.keys.BRIEFLY", 0.01)
        monkeypatch.setattr(configuring, "run_role", self.run_role)
        monkeypatch.setattr(configuring, "start_services", self.start)
        config = {"format": 1, "cluster": "test", "deploy": bucket.name, "data": bucket.name, "region": "r", "endpoint": "http://e"}
        self.teller = bootstrap.Teller(config, storage, {"format": 1, "bundle": bundles.ID, **NODE})
        self.values = bundles.values(b"", settings={"network": {"port": 7300}}, max_hours=2.0, workers=3)
        new_folder(folder / "cluster")
        bucket.put(keys_key("test"), archive(folder / "cluster"))

    def run_role(self, folder, values, file, name=role.VMESH):
        if name == role.METRICS:
            self.watched.append((self.started, values))
            raise Unreachable("the role node_metrics failed: no mirror")
        if self.failure:
            raise self.failure
        file.write_text(json.dumps(values))
        self.ran.append(values)
        configuring.write_seeds(values["vmesh_seeds"])

    def start(self):
        self.started += 1

    def run(self):
        given = {"config": self.teller.config, "node": self.teller.node, "values": self.values, "folder": str(self.folder)}
        configuring.configure(self.teller, given, self.folder)

    @property
    def seeds(self):
        return (self.etc / "seeds.env").read_text()


@pytest.fixture
def stage(tmp_path, storage, bucket, monkeypatch):
    return Stage(tmp_path, storage, bucket, monkeypatch)


def neighbour(bucket, index):
    one = Record(index, "i", f"test-{index}", "evolving", mesh=(f"10.0.0.{index}:7100",), updated=time.time())
    bucket.put(record_key("test", index), one.to_bytes())


def test_the_role_is_told_everything(stage):
    neighbour(stage.bucket, 2)
    stage.run()
    (told,) = stage.ran
    assert told["vmesh_hostname"] == "test-7" and told["vmesh_workers"] == 3 and told["vmesh_state"] == "stopped"
    assert told["vmesh_seeds"] == ["10.0.0.2:7100"] and told["vmesh_bind"] == told["vmesh_advertise"] == "10.0.0.7"
    assert told["vmesh_venv"] == str(stage.folder / "venv")
    assert told["vmesh_checkpoint_copy"] == f"s3://{stage.bucket.name}/clusters/test/checkpoints"
    assert told["vmesh_environment"] == {"AWS_DEFAULT_REGION": "r", "AWS_ENDPOINT_URL": "http://e"}
    agent = AgentSettings(**told["vmesh_agent"])
    assert agent.mesh == ("10.0.0.7:7300",) and agent.max_hours == 2.0 and agent.started == NODE["started"]
    own = record.read(stage.bucket.get(record_key("test", 7)))
    assert own.state == "configuring" and own.mesh == ("10.0.0.7:7300",) and own.admin == ("10.0.0.7:7301",)
    assert own.until == NODE["started"] + 7200
    assert stage.started == 1 and (stage.folder / "synced").exists()


def test_the_page_has_the_node_s_key_where_the_cluster_has_none(stage):
    stage.run()
    assert (stage.ran[0]["vmesh_page_key"], stage.ran[0]["vmesh_page_token"]) == ("launcher", str(stage.etc / "keys/page.token"))
    assert (stage.etc / "keys/page.token").exists()


def test_metrics_are_for_those_who_ask_and_no_node_waits_for_them(stage):
    stage.run()
    assert stage.watched == []
    stage.values["metrics"] = True
    stage.run()  # the mirror cannot be reached: evolution has begun before, and goes on
    ((started, told),) = stage.watched
    assert started == 2 and (stage.folder / "synced").exists()
    assert told == {"node_metrics_name": "test-7", "node_metrics_page_token": str(stage.etc / "keys/page.token")}
    stage.run()
    assert len(stage.watched) == 2 and len(stage.ran) == 1  # tried again at the next boot


def test_the_role_is_not_run_again_for_other_seeds(stage):
    stage.run()
    assert stage.seeds == "SEEDS=\n"
    neighbour(stage.bucket, 2)
    stage.run()
    assert len(stage.ran) == 1 and stage.started == 2 and stage.seeds == "SEEDS=10.0.0.2:7100\n"


def test_the_role_is_run_again_for_other_values(stage):
    stage.run()
    stage.values["workers"] = 4
    stage.run()
    assert [told["vmesh_workers"] for told in stage.ran] == [3, 4]


def test_a_role_that_failed_is_run_again(stage):
    stage.failure = Unreachable("the role vmesh failed")
    with pytest.raises(Unreachable):
        stage.run()
    assert stage.started == 0 and not (stage.folder / "synced").exists()
    stage.failure = None
    stage.run()
    assert len(stage.ran) == 1


def test_a_node_that_was_in_the_mesh_goes_on_without_s3(stage, s3):
    neighbour(stage.bucket, 2)
    stage.run()
    s3.fault = lambda method, number: 503
    stage.run()
    assert len(stage.ran) == 1 and stage.started == 2 and stage.seeds == "SEEDS=10.0.0.2:7100\n"


def test_a_new_node_does_not_begin_a_mesh_of_its_own_without_s3(stage, s3, monkeypatch):
    monkeypatch.setattr(configuring, "PATIENCE", 0.01)
    monkeypatch.setattr("vmesh.cloud.keys.PATIENCE", 0.01)
    s3.fault = lambda method, number: 503
    with pytest.raises(Unreachable):
        stage.run()
    assert stage.ran == []


def test_older_bundles_are_removed_and_nothing_else(stage):
    for name in ("older", "bootstrap"):
        (stage.home / name).mkdir()
    (stage.home / "older/manifest.json").touch()
    stage.run()
    assert sorted(path.name for path in stage.home.iterdir()) == [bundles.ID, "bootstrap"]


def program(folder, script):
    """A bundle whose ansible-playbook is a shell script."""
    path = Path(folder, "venv/bin/ansible-playbook")
    path.parent.mkdir(parents=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return folder


def test_the_role_gets_its_values_and_a_locale(tmp_path):
    folder = program(tmp_path / "bundle", 'echo "$@" $LC_ALL > said')
    role.run_role(folder, {"vmesh_target": "ä"}, tmp_path / "etc/node.json")
    words = (folder / "said").read_text().split()
    assert words == ["-c", "local", "-i", "localhost,", f"{folder}/node/node.yml", "-e", f"@{tmp_path}/etc/node.json", "C.UTF-8"]
    assert json.loads((tmp_path / "etc/node.json").read_text()) == {"vmesh_target": "ä"}


def test_a_role_that_hangs_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(role, "SECONDS", 0.05)
    with pytest.raises(Unreachable, match="did not end within"):
        role.run_role(program(tmp_path / "bundle", "exec sleep 60"), {}, tmp_path / "node.json")


OUTPUTS = [
    (
        'TASK [vmesh : Start] ***\nfatal: [localhost]: FAILED! => {"changed": false, "msg": "no such \\"unit\\""}',
        'vmesh : Start: no such \\"unit\\"',
    ),
    (
        "TASK [vmesh : Check] ***\n[ERROR]: Task failed: Module failed: the table is missing\nOrigin: x",
        "vmesh : Check: the table is missing",
    ),
    ("ERROR! the playbook could not be found", "the playbook could not be found"),
    ("", "it said nothing"),
    ("killed", "killed"),
]


@pytest.mark.parametrize(("output", "reason"), OUTPUTS)
def test_why_a_role_failed_is_one_line(tmp_path, output, reason):
    assert role.reason(output) == reason
    script = f"cat <<'END'\n{output}\nEND\nexit 2"
    with pytest.raises(Unreachable) as caught:
        role.run_role(program(tmp_path / "bundle", script), {}, tmp_path / "node.json")
    assert "\n" not in str(caught.value) and "look at journalctl -u vmesh-bootstrap" in str(caught.value)
