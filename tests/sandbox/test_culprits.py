"""Organisms that crash, hang or lie are found; everybody else gets the result of an undisturbed run."""

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sandbox.conftest import table
from tests.sandbox.genomes import Nodes, random_genomes, reference, variable
from vgp import genome
from vgp.errors import SandboxError
from vgp.layout import Status, batch
from vgp.sandbox import Sandbox

Attack = Callable[[str | int], Nodes]

FORGERIES = (
    *("forge_loss", "forge_nan", "forge_slope", "forge_crash", "forge_status", "forge_missing", "forge_invalid_with_loss"),
    *("forge_others", "forge_answer_code", "forge_wanted_count", "forge_wanted_id", "forge_response"),
)


@pytest.fixture(scope="module")
def population() -> list[Nodes]:
    return random_genomes(7, 200, 5)


@pytest.fixture(scope="module")
def undisturbed(population: list[Nodes], data_path: Path) -> np.ndarray:
    with Sandbox(data_path, mode="off") as executor:
        return executor.evaluate(*batch(population))


def with_culprits(population: list[Nodes], culprits: dict[int, Nodes]) -> tuple[np.ndarray, np.ndarray]:
    return batch([culprits.get(i, genome) for i, genome in enumerate(population)])


def check(results: np.ndarray, undisturbed: np.ndarray, verdicts: dict[int, Status]) -> None:
    assert {i: Status(results["status"][i]) for i in verdicts} == verdicts
    rest = np.delete(np.arange(len(results)), list(verdicts))
    np.testing.assert_array_equal(results[rest], undisturbed[rest])


def test_several_culprits_in_one_batch(population, undisturbed, data_path, attackable, attack: Attack) -> None:
    kinds = {
        0: "loop",
        1: "segmentation_fault",
        63: "open_file",
        100: "sleep_for_ever",
        101: "forge_cursor",
        150: "forge_nan",
        199: "recurse",
    }
    with Sandbox(data_path, executable=attackable, cpu_seconds=0.1) as executor:
        results = executor.evaluate(*with_culprits(population, {i: attack(name) for i, name in kinds.items()}))
        report = executor.report()
    verdicts = {i: Status.timed_out if name in ("loop", "sleep_for_ever") else Status.crashed for i, name in kinds.items()}
    check(results, undisturbed, verdicts)
    assert (report["crashed"], report["timed_out"]) == (5, 2)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kinds=st.dictionaries(
        st.integers(0, 199),
        st.sampled_from(["segmentation_fault", "forge_cursor", "forge_wild_cursor", "leave", "forge_loss"]),
        max_size=12,
    )
)
def test_any_culprits_anywhere(kinds: dict[int, str], population, undisturbed, data_path, attackable, attack: Attack) -> None:
    with Sandbox(data_path, executable=attackable, max_organisms=64) as executor:
        results = executor.evaluate(*with_culprits(population, {i: attack(name) for i, name in kinds.items()}))
    check(results, undisturbed, dict.fromkeys(kinds, Status.crashed))


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forger_is_marked_and_nobody_else(name: str, population, undisturbed, data_path, attackable, attack: Attack) -> None:
    with Sandbox(data_path, executable=attackable, cpu_seconds=0.2) as executor:
        check(executor.evaluate(*with_culprits(population, {120: attack(name)})), undisturbed, {120: Status.crashed})
        assert executor.report()["forgeries"] > 0
        np.testing.assert_array_equal(executor.evaluate(*batch(population)), undisturbed)


def test_results_that_change_after_the_answer(population, undisturbed, data_path, attackable, attack: Attack) -> None:
    """They are copied before they are checked. The forger may have been quick enough to look honest, for itself alone."""
    with Sandbox(data_path, executable=attackable, cpu_seconds=0.2) as executor:
        for _ in range(3):
            results = executor.evaluate(*with_culprits(population, {120: attack("flip_results")}))
            assert results["status"][120] in (Status.ok, Status.crashed)
            np.testing.assert_array_equal(np.delete(results, 120), np.delete(undisturbed, 120))


@pytest.mark.parametrize("name", ["forge_early_answer", "forge_offsets"])
def test_an_answer_for_itself_does_not_speak_for_others(
    name: str, population, undisturbed, data_path, attackable, attack: Attack
) -> None:
    """It claims a loss that could be honest; nobody can tell. But whoever comes after it in the silent worker is not blamed."""
    with Sandbox(data_path, executable=attackable) as executor:
        for _ in range(2):
            results = executor.evaluate(*with_culprits(population, {120: attack(name)}))
            check(results, undisturbed, {120: Status.ok})
        np.testing.assert_array_equal(executor.evaluate(*batch(population)), undisturbed)


def test_a_culprit_among_outputs(population, data_path, attackable, attack: Attack) -> None:
    with Sandbox(data_path, mode="off") as executor:
        expected = executor.outputs(*batch(population))
    with Sandbox(data_path, executable=attackable, outputs_rows=32) as executor:
        values = executor.outputs(*with_culprits(population, {50: attack("segmentation_fault")}))
    assert np.isnan(values[50]).all()
    np.testing.assert_array_equal(np.delete(values, 50, 0), np.delete(expected, 50, 0))


def test_a_callee_that_crashes_takes_only_its_callers(population, undisturbed, data_path, attackable, attack: Attack) -> None:
    """The attack hides in an organism that another refers to: whoever the worker dies on is marked, the rest is not."""
    hidden = population[3]
    library = {genome.genome_id(hidden): hidden}
    organisms = [*population[:20], reference(genome.genome_id(hidden)), attack("segmentation_fault"), *population[20:]]
    with Sandbox(data_path, executable=attackable) as executor:
        results = executor.evaluate(*batch(organisms), resolve=library.get)
    assert Status(results["status"][21]) is Status.crashed
    assert results["loss"][20] == undisturbed["loss"][3]
    np.testing.assert_array_equal(np.delete(results, [20, 21]), undisturbed)


def test_killed_at_random_moments(tmp_path: Path) -> None:
    """Somebody else's SIGKILL - the machine short of memory, an operator - loses nothing and blames nobody."""
    organisms = random_genomes(11, 300, 5)
    with table(20_000).temporary() as path, Sandbox(path, mode="off") as reference_executor, Sandbox(path) as executor:
        expected = reference_executor.evaluate(*batch(organisms))
        stop = threading.Event()
        kills = 0

        def kill_now_and_then() -> None:
            nonlocal kills
            rng = np.random.default_rng(5)
            while not stop.wait(rng.uniform(0.005, 0.08)):
                pid = executor.report()["pid"]
                if pid:
                    os.kill(pid, signal.SIGKILL)
                    kills += 1

        killer = threading.Thread(target=kill_now_and_then)
        killer.start()
        try:
            deadline = time.monotonic() + 60
            while kills < 25 and time.monotonic() < deadline:
                np.testing.assert_array_equal(executor.evaluate(*batch(organisms)), expected)
        finally:
            stop.set()
            killer.join()
        assert executor.report()["respawns"] >= 5
        assert executor.report()["crashed"] == 0


def test_memory_that_an_old_worker_holds_is_not_an_organisms_fault(
    population, undisturbed, data_path, attackable, attack: Attack
) -> None:
    """A result must not depend on what the worker had evaluated before."""
    with Sandbox(data_path, executable=attackable) as executor:
        for respawns in (0, 1, 2):
            results = executor.evaluate(*with_culprits(population, {7: attack("no_memory_but_in_a_fresh_worker")}))
            check(results, undisturbed, {7: Status.ok})
            assert executor.report()["respawns"] == respawns


def test_found_dead_while_idle_is_nobodys_fault(population, undisturbed, data_path) -> None:
    with Sandbox(data_path) as executor:
        for _ in range(3):
            os.kill(executor.report()["pid"], signal.SIGKILL)
            time.sleep(0.02)
            np.testing.assert_array_equal(executor.evaluate(*batch(population)), undisturbed)
        assert executor.report()["respawns"] == 3


def test_the_thread_that_started_it_may_end(population, undisturbed, data_path) -> None:
    """PR_SET_PDEATHSIG fires when the starting thread ends, not only when the process does."""
    opened: list[Sandbox] = []
    starter = threading.Thread(target=lambda: opened.append(Sandbox(data_path)))
    starter.start()
    starter.join()
    time.sleep(0.05)
    with opened[0] as executor:
        np.testing.assert_array_equal(executor.evaluate(*batch(population)), undisturbed)
        assert executor.report()["respawns"] == 1


def test_stopped_and_continued(population, undisturbed, data_path) -> None:
    """Ctrl-Z and fg: no system call outside the policy is needed to go on."""
    with Sandbox(data_path) as executor:
        pid = executor.report()["pid"]
        os.kill(pid, signal.SIGSTOP)
        time.sleep(0.02)
        os.kill(pid, signal.SIGCONT)
        np.testing.assert_array_equal(executor.evaluate(*batch(population)), undisturbed)
        assert executor.report()["respawns"] == 0


def test_a_damaged_machine_is_not_blamed_on_organisms(data_path, attackable, without) -> None:
    """Every request dies: after a few verdicts in a row even a single variable is tried, and evolution stops with a reason."""
    with table(2000).temporary() as path, Sandbox(path) as executor:
        organisms = random_genomes(3, 50, 5)
        executor.evaluate(*batch(organisms))
        os.truncate(path, 4096)  # the mapped columns are gone: SIGBUS on every touch
        with pytest.raises(SandboxError):
            executor.evaluate(*batch(organisms))


def test_a_worker_that_never_starts_is_not_tried_for_ever(tmp_path: Path, data_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    with pytest.raises(SandboxError, match="exited with status 3"):
        Sandbox(data_path, executable=broken)


def test_a_worker_that_stops_starting_is_reported(tmp_path: Path, population, data_path: Path, attackable) -> None:
    copy = tmp_path / "worker"
    copy.write_bytes(attackable.read_bytes())
    copy.chmod(0o755)
    with Sandbox(data_path, executable=copy) as executor:
        os.kill(executor.report()["pid"], signal.SIGKILL)
        copy.unlink()
        time.sleep(0.02)
        with pytest.raises(SandboxError, match="No such file"):
            executor.evaluate(*batch(population))


def test_the_budget_can_be_changed_while_it_lives(data_path, attackable, attack: Attack) -> None:
    with Sandbox(data_path, executable=attackable, cpu_seconds=30.0) as executor:
        executor.cpu_seconds = 0.05
        begin = time.process_time()
        results = executor.evaluate(*batch([variable(), attack("loop")]))
        assert [Status(s) for s in results["status"]] == [Status.ok, Status.timed_out]
        assert time.process_time() - begin < 10
