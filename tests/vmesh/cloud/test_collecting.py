"""What is brought home: the mesh's front, checkpoints, histories, journals; what cannot be had is named and costs nothing else."""

import gzip
import hashlib
import io
import json
import tarfile
from pathlib import Path

import numpy as np
import pytest

from tests.vmesh.admin.fakes import FakeNode, Hall
from tests.vmesh.cloud import nodes_by_ssh
from tests.vmesh.history.test_history import Worker as HistoryWorker
from tests.vmesh.history.test_history import recorded
from tests.vmesh.launcher.test_best_front import row
from vgp import Dataset, Island, Parameters
from vgp.errors import InputError
from vgp.model import Model
from vmesh.cloud import collecting, entering, from_nodes
from vmesh.cloud.mesh_front import Told, mesh_model
from vmesh.errors import AdminError
from vmesh.history.leavings import leavings
from vmesh.security.key_folder import new_folder, worker_keys
from vmesh.watch.replayed import Replayed

DATA = {"url": "s3://b/t.csv", "version": 0, "checksum": "0" * 64, "rows": 20, "columns": ["x", "z"], "target": "y"}


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    """A checkpoint."""
    path = tmp_path_factory.mktemp("state") / "worker-0.checkpoint"
    dataset = Dataset.from_arrays(np.arange(40.0).reshape(20, 2), np.arange(20.0) ** 2, names=("x", "z"), target="y")
    with Island(dataset, Parameters(population_size=30), seed=1, sandbox="off") as island:
        island.create()
        island.advance(1)
        island.checkpoint(path)
    return path.read_bytes()


class Worker(FakeNode):
    """With a front that is one."""

    def __init__(self, name, rows):
        super().__init__(name)
        self.rows = rows

    def front(self):
        return self.rows

    def status(self):
        return {**super().status(), "loss": "squared", "data": DATA}


@pytest.fixture
def home(pretend, tmp_path, monkeypatch):
    """Three nodes with a worker each, the second of which is out of reach of ssh."""
    home = Home(pretend, tmp_path, monkeypatch)
    with home.hall:
        yield home


class Home:
    """The cluster, its workers and what its administrator has."""

    def __init__(self, pretend, tmp_path, monkeypatch):
        self.cluster, self.path = pretend, tmp_path
        self.keys = tmp_path / "keys"
        new_folder(self.keys)
        (tmp_path / "ssh_config").touch()
        nodes = pretend.launch([0, 1, 2])
        rows = ([row("x", 3.0), row("x + z", 2.0)], [row("z", 2.5)], [row("x * z", 0.5), {"size": "?"}])
        self.hall = Hall([Worker(f"{node.name}/0", front) for node, front in zip(nodes, rows, strict=True)], worker_keys(self.keys))
        routes = {}
        for node, worker in zip(nodes, self.hall.nodes, strict=True):
            routes[f"{node.private}:7101"], worker.admin = worker.admin, f"{node.private}:7101"
        for worker in self.hall.nodes:
            worker.known = [(other.name, other.admin) for other in self.hall.nodes if other is not worker]
        for number, node in enumerate(nodes):
            pretend.say(node, updated=1.8e9 - number)
        self.saw = nodes_by_ssh.install(tmp_path / "bin", monkeypatch, routes, down=["vcloud-1"])

    def folder(self, host):
        """In which that node keeps its checkpoints and histories."""
        folder = self.path / "bin" / "states" / host
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def history(self, host, instance="", began=1000.0):
        """With three rows, on the node, or left by an instance of it that has ended."""
        path = self.folder(host if not instance else f"{host}-{instance}") / "worker-0.history.sqlite"
        recorded(path, 3, HistoryWorker(f"{host}/0", began))
        if instance:
            for name, content in leavings(path.parent):
                self.cluster.data.put(f"clusters/vcloud/histories/{host}-{instance}/{name}.gz", content)

    def state(self, host, content):
        folder = self.folder(host)
        for name in ("worker-0.checkpoint", "worker-0.checkpoint.1"):
            (folder / name).write_bytes(content)

    def copy(self, host, content, life=1, written=1):
        key = f"clusters/vcloud/checkpoints/{host}/worker-0/{life:020d}-{written:020d}.checkpoint"
        self.cluster.data.put(key, content)

    def given(self):
        return {
            "cluster": "vcloud", "region": "us-east-1", "bucket_prefix": self.cluster.prefix, "results": self.path / "results",
            "timeout": 20.0, "ssh_config": self.path / "ssh_config", "keys": self.keys,
        }  # fmt: skip

    def collect(self):
        return collecting.module(self.given(), False)


def test_all_that_there_is_comes_and_the_rest_is_named(home, state):
    home.copy("vcloud-0", state)
    home.copy("vcloud-0", b"cut off", written=2)
    home.state("vcloud-2", state)
    home.copy("vcloud-9", state)  # a node that has ended
    home.cluster.data.put("clusters/vcloud/logs/vcloud-9-i-9.journal.gz", gzip.compress(b"the end"))
    home.history("vcloud-0")
    home.history("vcloud-9", "i-9")
    (home.folder("vcloud-2") / "worker-0.history.sqlite").write_bytes(b"no history")
    home.cluster.data.put("clusters/vcloud/histories/vcloud-8-i-8/worker-0.history.sqlite.gz", b"cut off")
    answer = home.collect()
    folder = home.path / "results" / "collected" / answer["folder"].rpartition("/")[2]
    names = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert names == {
        *("README.txt", "manifest.json", "status.json", "front.json", "fronts.jsonl", "workers.jsonl"),
        *(f"checkpoints/vcloud-{index}/worker-0.checkpoint" for index in (0, 2, 9)),
        *("histories/vcloud-0/worker-0.history.sqlite", "histories/vcloud-9-i-9/worker-0.history.sqlite"),
        *("logs/vcloud-0.journal.gz", "logs/vcloud-2.journal.gz", "logs/vcloud-9-i-9.journal.gz"),
    }
    assert [(entry.size, entry.loss) for entry in Model.load(folder / "front.json").entries] == [(1, 2.5), (3, 0.5)]
    assert (folder / "checkpoints/vcloud-0/worker-0.checkpoint").read_bytes() == state
    assert gzip.decompress((folder / "logs/vcloud-2.journal.gz").read_bytes()) == b"journal of vcloud-2\n"
    assert len(answer["problems"]) == 5
    assert answer["problems"][0].startswith("vcloud-1 has no checkpoint in the data bucket, and gave none itself: ssh: connect")
    assert answer["problems"][1].startswith("a history did not come: vcloud-8-i-8/worker-0.history.sqlite: Not a gzipped file")
    assert answer["problems"][2].startswith("vcloud-1 did not give its histories: ssh: connect to host")
    assert answer["problems"][3] == "vcloud-2 did not give its histories: it has none that is whole"
    assert answer["problems"][4].startswith("vcloud-1 did not give its journal: ssh: connect to host")
    assert answer["lines"][-2].startswith("2 formulas, 3 checkpoints, 2 histories, 3 journals in ")
    assert answer["lines"][-1].startswith("y = ")
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["problems"] == answer["problems"]
    told = manifest["files"]["checkpoints/vcloud-9/worker-0.checkpoint"]
    assert told == {"bytes": len(state), "sha256": hashlib.sha256(state).hexdigest()}


def test_a_run_whose_node_was_replaced_is_played_from_its_beginning(home):
    home.history("vcloud-0", "i-1", began=1000.0)
    home.history("vcloud-0", began=2000.0)
    home.history("vcloud-2", began=2000.0)
    run = Replayed(Path(home.collect()["folder"]))
    assert (run.began, run.ended, sorted(run.look().workers)) == (1005.0, 2015.0, ["vcloud-0/0", "vcloud-2/0"])
    assert run.past(100).curves["vcloud-0/0"].time == [1005.0, 1010.0, 1015.0, 2005.0, 2010.0, 2015.0]
    view = run.at(1012.0)
    assert view.workers["vcloud-0/0"].figures.written == 1010.0 and view.silent == {"vcloud-2/0": "had not begun"}
    run.close()


def test_the_second_time_makes_a_folder_of_its_own(home, state):
    home.copy("vcloud-0", state)
    first, second = (home.collect()["folder"] for _ in range(2))
    assert first != second
    assert len(list((home.path / "results/collected").iterdir())) == 2


def test_without_a_mesh_its_leavings_come(home, state):
    """All nodes have ended."""
    home.copy("vcloud-0", state)
    for node in home.cluster.nodes:
        home.cluster.terminate(node)
    answer = home.collect()
    assert answer["lines"][-1].startswith("0 formulas, 1 checkpoints, 0 histories, 0 journals in ")
    assert answer["problems"] == ["no node runs, so the mesh cannot be asked for its front; its checkpoints hold all it knew"]


def test_nothing_at_all_is_an_error_and_leaves_no_folder(home, monkeypatch):
    monkeypatch.setenv("SSH_DOWN", "vcloud-0 vcloud-1 vcloud-2")
    with pytest.raises(InputError, match=r"nothing could be brought home of vcloud: the mesh did not give its front: .*timed out"):
        home.collect()
    assert list((home.path / "results/collected").iterdir()) == []


def test_check_mode_brings_nothing(home):
    assert collecting.module(home.given(), True)["folder"] == ""
    assert not (home.path / "results").exists()


def test_the_mesh_is_entered_by_the_first_door_that_opens(home, monkeypatch):
    monkeypatch.setenv("SSH_DOWN", "vcloud-0 vcloud-1")
    told = entering.module(home.given(), False)
    assert told["workers"] == ["vcloud-0/0", "vcloud-1/0", "vcloud-2/0"]
    assert told["lines"][0] == "3 workers answer through vcloud-2; the console:"
    assert f"--via vcloud-2 --ssh-config {home.path}/ssh_config --keys {home.path}/keys" in told["command"]


def test_a_console_without_nodes(home):
    for node in home.cluster.nodes:
        home.cluster.terminate(node)
    with pytest.raises(InputError, match="no node of vcloud runs; launch some"):
        entering.module(home.given(), False)


def test_a_console_where_nobody_answers(home, monkeypatch):
    monkeypatch.setattr("vmesh.cloud.doors.TRIED", 1)
    monkeypatch.setenv("SSH_ROUTES", "")
    with pytest.raises(AdminError, match="does not answer through the tunnel"):
        entering.module(home.given(), False)


def test_fronts_of_several_tables_and_losses_are_not_mixed():
    told = Told()

    def say(name, formula, loss, kind="squared", **data):
        told.statuses[name] = {"loss": kind, "data": {**DATA, **data}, "evaluations": 10}
        told.fronts[name] = [row(formula, loss)]

    say("a", "x", 0.1)
    say("b", "x", 5.0, version=1)
    say("c", "z", 4.0, version=1)
    say("d", "z", 0.2, "absolute", version=1)
    say("e", "z", 0.0, version=1, columns=None)
    model = mesh_model(told)
    assert [(entry.formula, entry.loss) for entry in model.entries] == [("z", 4.0)]
    assert (model.target, model.names, model.evaluations, model.loss) == ("y", ("x", "z"), 50, "squared")
    assert mesh_model(Told()) is None


def test_a_node_cannot_write_elsewhere_or_give_what_is_no_checkpoint(tmp_path, state):
    archive = tmp_path / "a.tar"
    with tarfile.open(archive, "w") as tar:
        for name in ("../worker-1.checkpoint", "/tmp/worker-2.checkpoint", "worker-3.checkpoint", "worker-0.checkpoint", "x"):
            member = tarfile.TarInfo(name)
            content = state if "0" in name else b"nonsense"
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        link = tarfile.TarInfo("worker-4.checkpoint")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    (tmp_path / "there").mkdir()
    expected = (from_nodes.CHECKPOINT, from_nodes.is_checkpoint)
    assert from_nodes.unpacked(archive, tmp_path / "there", *expected) == [tmp_path / "there/worker-0.checkpoint"]
    assert [path.name for path in (tmp_path / "there").iterdir()] == ["worker-0.checkpoint"]
    archive.write_bytes(b"no archive")
    assert from_nodes.unpacked(archive, tmp_path / "there", *expected) == []
