"""The module's side: batches, references, outputs, interrupts, and what is left behind."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from tests.sandbox.conftest import N_VARIABLES, table
from tests.sandbox.genomes import random_genomes, reference, variable
from vgp import genome
from vgp.errors import InputError, SandboxError
from vgp.layout import NODE, RESULT, Status, batch
from vgp.sandbox import EXECUTABLE, Sandbox


@pytest.fixture(scope="module")
def population() -> list[np.ndarray]:
    return random_genomes(2, 300, N_VARIABLES)


def test_the_same_results_as_in_process(population, data_path) -> None:
    for settings in ({}, {"loss": "absolute"}, {"loss": "huber", "huber_delta": 0.5}, {"linear_scaling": False}):
        with Sandbox(data_path) as inside, Sandbox(data_path, mode="off") as here:
            expected = here.evaluate(*batch(population), **settings)
            assert (expected["status"] == Status.ok).any()
            np.testing.assert_array_equal(inside.evaluate(*batch(population), **settings), expected)
            np.testing.assert_array_equal(inside.outputs(*batch(population)), here.outputs(*batch(population)))


@pytest.mark.parametrize(
    "limits", [{"max_organisms": 1}, {"max_organisms": 7}, {"max_nodes": 1}, {"max_organisms": 299}, {"outputs_rows": 1}]
)
def test_batches_larger_than_the_area_are_split(limits, population, data_path) -> None:
    with Sandbox(data_path, **limits) as small, Sandbox(data_path, mode="off") as here:
        np.testing.assert_array_equal(small.evaluate(*batch(population)), here.evaluate(*batch(population)))
        np.testing.assert_array_equal(small.outputs(*batch(population)), here.outputs(*batch(population)))


def test_an_empty_batch(data_path) -> None:
    with Sandbox(data_path) as executor:
        assert executor.evaluate(np.zeros(0, NODE), np.zeros(1, np.uint32)).shape == (0,)
        assert executor.outputs(np.zeros(0, NODE), np.zeros(1, np.uint32)).shape == (0, 100)


def test_a_genome_beyond_all_limits_is_malformed_and_travels_nowhere(data_path, population) -> None:
    monster = np.zeros(100_000, NODE)
    with Sandbox(data_path) as executor, Sandbox(data_path, mode="off") as here:
        results = executor.evaluate(*batch([population[0], monster, population[1], np.zeros(0, NODE)]))
        assert [Status(s) for s in results["status"][[1, 3]]] == [Status.malformed, Status.malformed]
        np.testing.assert_array_equal(results, here.evaluate(*batch([population[0], monster, population[1], np.zeros(0, NODE)])))


def test_random_bytes_as_genomes_get_a_verdict_and_harm_nobody(data_path, population) -> None:
    rng = np.random.default_rng(0)
    junk = [rng.integers(0, 256, 12 * n, np.uint8).view(NODE) for n in rng.integers(1, 60, 500)]
    with Sandbox(data_path) as executor:
        assert set(executor.evaluate(*batch(junk))["status"]) == {Status.malformed}
        assert executor.report()["respawns"] == 0


def test_references_are_asked_for_and_absent_ones_named(data_path, population) -> None:
    library = {genome.genome_id(g): g for g in population}
    callers = [reference(id) for id in library]
    indirect = [reference(genome.genome_id(c)) for c in callers]
    library |= {genome.genome_id(c): c for c in callers}
    asked: list[int] = []

    def resolve(id: int) -> np.ndarray | None:
        asked.append(id)
        return library.get(id)

    with Sandbox(data_path) as executor:
        plain = executor.evaluate(*batch(population))
        results = executor.evaluate(*batch([*indirect, reference(0xDEAD)]), resolve=resolve)
    np.testing.assert_array_equal(results["loss"][:-1], plain["loss"])
    assert Status(results["status"][-1]) is Status.missing_reference
    assert results["detail"][-1] == 0xDEAD
    assert set(asked) == {*library, 0xDEAD}


def test_more_references_than_the_area_holds(data_path) -> None:
    organisms = random_genomes(9, 6000, N_VARIABLES, smallest=40, largest=60)
    library = {genome.genome_id(g): g for g in organisms}
    with Sandbox(data_path, max_organisms=100_000, max_nodes=1 << 20) as executor:
        plain = executor.evaluate(*batch(list(library.values())))
        results = executor.evaluate(*batch([reference(id) for id in library]), resolve=library.get)
    np.testing.assert_array_equal(results["loss"], plain["loss"])


def test_without_a_resolver_nothing_is_found(data_path) -> None:
    with Sandbox(data_path) as executor:
        (result,) = executor.evaluate(*batch([reference(5)]))
    assert Status(result["status"]) is Status.missing_reference


def test_what_a_resolver_raises_is_raised(data_path) -> None:
    def resolve(id: int) -> None:
        raise LookupError(f"no {id}")

    for mode in ("on", "off"):
        with Sandbox(data_path, mode=mode) as executor:
            with pytest.raises(LookupError, match="no 5"):
                executor.evaluate(*batch([reference(5)]), resolve=resolve)
            assert Status(executor.evaluate(*batch([variable()]))["status"][0]) is Status.ok


def test_ctrl_c_interrupts_and_leaves_it_usable() -> None:
    organisms = batch(random_genomes(4, 3000, N_VARIABLES))
    with table(200_000).temporary() as path, Sandbox(path) as executor:
        pid = executor.report()["pid"]
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            executor.evaluate(*organisms)
        assert not Path(f"/proc/{pid}").exists()
        assert Status(executor.evaluate(*batch([variable()]))["status"][0]) is Status.ok


def test_the_terminals_signals_do_not_reach_the_worker(data_path) -> None:
    with Sandbox(data_path) as executor:
        pid = executor.report()["pid"]
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGTSTP, signal.SIGQUIT, signal.SIGXCPU):
            os.kill(pid, number)
        time.sleep(0.05)
        executor.evaluate(*batch([variable()]))
        assert executor.report()["respawns"] == 0


def test_threads_take_turns(data_path, population) -> None:
    with Sandbox(data_path) as executor:
        expected = executor.evaluate(*batch(population))
        wrong: list[int] = []

        def work(k: int) -> None:
            for _ in range(20):
                if not np.array_equal(executor.evaluate(*batch(population)), expected):
                    wrong.append(k)

        threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []


def test_closing_ends_the_worker(data_path) -> None:
    executor = Sandbox(data_path)
    pid = executor.report()["pid"]
    executor.close()
    executor.close()
    assert not Path(f"/proc/{pid}").exists()
    with pytest.raises(SandboxError, match="closed"):
        executor.evaluate(*batch([variable()]))


def test_no_descriptor_and_no_process_is_left(data_path) -> None:
    before = set(os.listdir("/proc/self/fd"))
    pids = []
    for _ in range(20):
        with Sandbox(data_path) as executor:
            pids.append(executor.report()["pid"])
            os.kill(pids[-1], signal.SIGKILL)
            executor.evaluate(*batch([variable()]))
            pids.append(executor.report()["pid"])
    assert set(os.listdir("/proc/self/fd")) == before
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]


PARENT = """
import os, sys, time
from vgp.sandbox import Sandbox
executor = Sandbox(sys.argv[1])
print(executor.report()["pid"], flush=True)
time.sleep(60)
"""


def test_the_death_of_the_parent_kills_the_worker(data_path) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT, data_path], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert Path(f"/proc/{pid}").exists()
        parent.kill()
        parent.wait()
    deadline = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.005)
    assert not Path(f"/proc/{pid}").exists()


def test_a_parent_that_is_gone_already_is_noticed(data_path) -> None:
    """Its death signal cannot be asked for any more: the worker must see for itself."""
    area = os.memfd_create("area")
    os.ftruncate(area, 4096)
    done = subprocess.run([EXECUTABLE, "1", "1000000000", data_path], pass_fds=(area,), check=False, timeout=10)
    assert done.returncode != 0


def test_the_worker_holds_nothing(data_path) -> None:
    """No descriptor, no environment, no capability to be traced, one thread."""
    readable, writable = os.pipe()
    os.set_inheritable(readable, True)
    os.environ["VGP_TEST_SECRET"] = "secret"
    try:
        with Sandbox(data_path) as executor:
            folder = Path(f"/proc/{executor.report()['pid']}")
            if os.geteuid() == 0:  # others may not even look: it is not dumpable
                assert os.listdir(folder / "fd") == []
                assert (folder / "environ").read_bytes() == b""
            status = dict(line.split(":\t", 1) for line in (folder / "status").read_text().splitlines() if ":\t" in line)
            assert status["Seccomp"] == "2"
            assert status["NoNewPrivs"] == "1"
            assert status["Threads"] == "1"
            assert folder.stat().st_uid == 0  # not dumpable
    finally:
        del os.environ["VGP_TEST_SECRET"]
        os.close(readable)
        os.close(writable)


def test_a_fork_of_this_process_leaves_the_worker_alone(data_path) -> None:
    with Sandbox(data_path) as executor:
        pid = executor.report()["pid"]
        child = os.fork()
        if child == 0:
            executor.close()
            os._exit(0)
        os.waitpid(child, 0)
        assert executor.report()["pid"] == pid
        executor.evaluate(*batch([variable()]))
        assert executor.report()["respawns"] == 0


def test_the_report(data_path) -> None:
    with Sandbox(data_path) as executor:
        executor.evaluate(*batch([variable()]))
        report = executor.report()
    assert report["mode"] == "on"
    assert {"rlimits", "no_new_privs", "seccomp"} <= set(report["levels"])
    assert report["instruction_set"] != ""
    assert report["node_evaluations"] > 0
    with Sandbox(data_path, mode="off") as here:
        assert (here.report()["mode"], here.report()["levels"]) == ("off", [])


def test_without_seccomp_it_refuses_and_says_what_to_do(data_path, without) -> None:
    """The attackable worker under a filter that refuses filters, as some containers have."""
    if not Path("/usr/bin/qemu-aarch64").exists():
        pytest.skip("qemu-aarch64, which knows no seccomp, is not installed")
    pytest.importorskip("tests.sandbox.test_aarch64").refuses_to_start(data_path)


@pytest.mark.parametrize(
    ("content", "reason"), [(None, "No such file"), (b"", "empty"), (b"short", "shorter"), (b"x" * 5000, "not a vgp data file")]
)
@pytest.mark.parametrize("mode", ["on", "off"])
def test_a_bad_data_file_is_named(content: bytes | None, reason: str, mode: str, tmp_path: Path) -> None:
    path = tmp_path / "data"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SandboxError, match="data file"):
        Sandbox(path, mode=mode)


def test_too_little_memory_is_said_at_the_start(data_path) -> None:
    with pytest.raises(SandboxError):
        Sandbox(data_path, memory_bytes=1 << 20)


@pytest.mark.parametrize(
    "arguments",
    [
        (np.zeros(2, NODE), np.array([0, 5], np.uint32)),
        (np.zeros(2, NODE), np.array([1, 2], np.uint32)),
        (np.zeros(2, NODE), np.array([0, 2, 1, 2], np.uint32)),
        (np.zeros(2, NODE), np.zeros(0, np.uint32)),
        (np.zeros((2, 2), NODE), np.array([0, 2], np.uint32)),
        (np.zeros(2), np.array([0, 2], np.uint32)),
    ],
)
def test_wrong_arrays_are_refused(arguments, data_path) -> None:
    with Sandbox(data_path) as executor, pytest.raises(InputError):
        executor.evaluate(*arguments)


def test_wrong_settings_are_refused(data_path) -> None:
    with pytest.raises(InputError, match="on or off"):
        Sandbox(data_path, mode="perhaps")
    with Sandbox(data_path) as executor, pytest.raises(InputError, match="squared"):
        executor.evaluate(*batch([variable()]), loss="cubed")


def test_results_are_records(data_path) -> None:
    with Sandbox(data_path) as executor:
        assert executor.evaluate(*batch([variable()])).dtype == RESULT
