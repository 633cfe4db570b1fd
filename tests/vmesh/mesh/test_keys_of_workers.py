"""Keys as a cluster uses them: who has none, a wrong one or a revoked one is heard by nobody, and the mesh goes on without it."""

import contextlib
import shutil
import subprocess
import sys

import pytest
import zmq

from tests.vmesh.mesh.standing import assert_goes_on, assert_no_worse, assert_whole, fronts, shared
from tests.vmesh.mesh.workers import ROOT, Worker, ask, eventually
from vmesh.security.curve import prove_key
from vmesh.security.key_folder import admin_keys, listed, worker_keys

OPTIONS = ("--set", "vgp.population_size=100", "--set", "vgp.births_per_tick=50")


def vmesh(*words):
    """A command to its end: its status, and what it says."""
    done = subprocess.run(
        [sys.executable, "-m", "vmesh", *map(str, words)], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A folder of keys; `machine-2` and `machine-3` have keys of their own, in copies of the folder."""
    keys = tmp_path_factory.mktemp("cluster") / "keys"
    assert vmesh("keys", "new", keys)[0] == 0
    for name in ("machine-2", "machine-3"):
        assert vmesh("keys", "add", keys, name)[0] == 0
    return keys


def of_machine(keys, name, folder):
    """The folder as that machine has it: one worker's key, and a list of its own."""
    shutil.copytree(keys, folder)
    shutil.move(folder / f"{name}.key", folder / "worker.key")
    return folder


@pytest.fixture(scope="module")
def mesh(cluster, tmp_path_factory):
    """Two workers with the cluster's common key, and one with that of machine 2, all on lists of their own but the first two."""
    folder = tmp_path_factory.mktemp("mesh")
    own = of_machine(cluster, "machine-2", folder / "keys-2")
    with Worker(folder, 0, options=OPTIONS, keys=cluster).wait_ready() as first:
        seeds = [first.address]
        second, third = (Worker(folder, index, seeds, options=OPTIONS, keys=keys) for index, keys in ((1, cluster), (2, own)))
        with second, third:
            workers = [first, second.wait_ready(), third.wait_ready()]
            assert_whole(workers)
            yield workers


def strange_keys(cluster, folder):
    """Of those who must stay out: none, another cluster's, one that nobody allowed, an administrator's used as a worker's."""
    foreign = folder / "foreign"
    assert vmesh("keys", "new", foreign)[0] == 0
    made_up = shutil.copytree(cluster, folder / "made-up", ignore=shutil.ignore_patterns("machine*", "worker*"))
    assert vmesh("keys", "add", made_up, "worker")[0] == 0
    administrators = shutil.copytree(cluster, folder / "administrators")
    shutil.copy(cluster / "admin.key", administrators / "worker.key")
    return None, foreign, made_up, administrators


def test_strangers_stay_alone_and_the_mesh_does_not_notice(mesh, cluster, tmp_path):
    before = [worker.neighbours() for worker in mesh]
    seeds = [worker.address for worker in mesh[:2]]
    with contextlib.ExitStack() as running:
        strangers = [
            running.enter_context(
                Worker(tmp_path, index, seeds, host="stranger", options=OPTIONS, keys=keys, prefix=("nice", "-n", "19"))
            )
            for index, keys in enumerate(strange_keys(cluster, tmp_path))
        ]
        for stranger in strangers:
            stranger.wait_ready()
        for stranger in strangers:
            eventually(lambda stranger=stranger: stranger.ask("status")["uptime"] > 1.0)  # ten attempts to join
        assert_goes_on(mesh)
        for stranger in strangers:
            assert stranger.neighbours() == set()
            assert stranger.ask("status")["exchange"]["received"] == 0
    assert [worker.neighbours() for worker in mesh] == before
    assert all("stranger" not in str(worker.ask("peers")) for worker in mesh)


@pytest.mark.parametrize("kind", ["none", "a worker's"])
def test_whoever_has_no_administrators_key_is_not_answered(mesh, cluster, kind):
    socket = zmq.Context.instance().socket(zmq.REQ)
    socket.linger = 0
    if kind == "a worker's":
        prove_key(socket, worker_keys(cluster).client, admin_keys(cluster).server)
    socket.connect(f"tcp://{mesh[0].admin}")
    socket.send_json({"vmesh": 1, "command": "shutdown"})
    assert socket.poll(500) == 0
    socket.close()
    assert mesh[0].running and mesh[0].ask("status")["name"] == mesh[0].name


def public(keys, name):
    return next(one.public for one in listed(keys) if one.name == name)


def test_a_key_revoked_by_an_administrator_ends_its_workers_part_at_once(mesh, cluster, tmp_path):
    """And a mesh that lost it knows what it knew."""
    *others, revoked = mesh
    shared(mesh)
    before = fronts(others)
    status, said = vmesh("admin", "keys", "--revoke", public(cluster, "machine-2"), "--address", others[0].admin, "--keys", cluster)
    assert status == 0 and "machine-2" not in said, said
    eventually(lambda: [worker.neighbours() for worker in others] == [{others[1].name}, {others[0].name}])
    assert any("was revoked" in worker.log() for worker in others)
    assert_goes_on(others)
    received = revoked.ask("status")["exchange"]["received"]
    assert_goes_on(others)
    assert not any(revoked.name in worker.neighbours() for worker in others)
    assert revoked.ask("status")["exchange"]["received"] <= received + 1
    assert_no_worse(fronts(others), before)
    with Worker(tmp_path, 8, [worker.address for worker in others], options=OPTIONS, keys=revoked.keys) as again:
        again.wait_ready()
        eventually(lambda: again.ask("status")["uptime"] > 1.0)
        assert again.neighbours() <= {revoked.name}


def test_a_key_revoked_in_the_folder_while_its_worker_runs(mesh, cluster, tmp_path):
    others = mesh[:2]
    own = of_machine(cluster, "machine-3", tmp_path / "keys")
    with Worker(tmp_path, 9, [others[0].address], options=OPTIONS, keys=own) as late:
        late.wait_ready()
        assert_whole([*others, late])
        assert vmesh("keys", "revoke", cluster, "machine-3")[0] == 0
        eventually(lambda: not any(late.name in worker.neighbours() for worker in others))
        assert_goes_on(others)
        assert not any(late.name in worker.neighbours() for worker in others)


def test_a_revoked_administrator_is_not_answered_any_more(mesh, cluster, tmp_path):
    """The last one here: nobody can ask these workers after it."""
    old = shutil.copytree(cluster, tmp_path / "old")
    assert vmesh("keys", "add", cluster, "deputy", "--role", "admin")[0] == 0
    deputy = shutil.copytree(cluster, tmp_path / "deputy")
    shutil.move(deputy / "deputy.key", deputy / "admin.key")
    assert eventually(lambda: ask(mesh[0].admin, "status", keys=deputy)["ok"])
    assert ask(mesh[0].admin, "keys", keys=deputy, revoke=public(cluster, "admin"))["ok"]
    with pytest.raises(AssertionError, match="no answer"):
        ask(mesh[0].admin, "status", timeout=0.5, keys=old)
    assert ask(mesh[0].admin, "status", keys=deputy)["ok"]
    assert ask(mesh[0].admin, "shutdown", keys=deputy)["ok"]
    assert mesh[0].process.wait(20) == 0
