"""Attacks from inside the worker: each ends it, harms nobody, and would have worked without the lockdown."""

import errno
import os
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.sandbox.genomes import Nodes, random_genomes
from vgp.layout import Status, batch
from vgp.sandbox import EXECUTABLE, Sandbox

Attack = Callable[[str | int], Nodes]
Without = Callable[[str], Path]

# what the kernel does without the lockdown: None: works (returns 0 or more), or the errno
FORBIDDEN: dict[str, int | None] = {
    **dict.fromkeys(("open_file", "create_file", "remove_file", "open_socket", "start_process", "start_process_anew")),
    **dict.fromkeys(("kill_parent", "hold_parent", "write_error_output", "read_area_descriptor", "make_memory_file")),
    **dict.fromkeys(("map_executable", "map_shared", "make_executable", "change_protection")),
    **dict.fromkeys(("futex_high_word", "map_high_word", "futex_other_operation", "futex_with_time_limit", "move_mapping")),
    **dict.fromkeys(("allow_tracing", "outlive_parent", "ignore_signals", "raise_limits", "raise_priority")),
    "grow_area": errno.EPERM,  # the seals hold by themselves
    "shrink_area": errno.EPERM,
    "load_bpf": errno.EINVAL,  # let in, with nothing to load
}
# what depends on how the kernel was configured: without the lockdown the worker survives the attempt, whatever came of it
ATTEMPTS = ("trace_parent", "read_parent", "new_user_namespace", "set_up_uring", "x32_call", "int80_call")
ENDS = ("segmentation_fault", "illegal_instruction", "call_abort", "leave", "recurse", "divide_by_zero", "execute")
HANGS = ("loop", "move_cursor_for_ever", "sleep_for_ever")


@pytest.fixture(scope="module")
def others() -> list[Nodes]:
    return random_genomes(1, 20, 5)


@pytest.fixture(scope="module")
def undisturbed(others: list[Nodes], data_path: Path) -> np.ndarray:
    with Sandbox(data_path, mode="off") as executor:
        return executor.evaluate(*batch(others))


@pytest.fixture
def among_others(others: list[Nodes], undisturbed: np.ndarray, data_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs an attacker among twenty others in a folder of its own; gives its result, having checked theirs."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "attack-victim").touch()

    def run(executable: Path, attacker: Nodes, **settings: float) -> np.ndarray:
        with Sandbox(data_path, executable=executable, cpu_seconds=0.2, **settings) as executor:
            results = executor.evaluate(*batch([*others[:10], attacker, *others[10:]]))
        np.testing.assert_array_equal(np.delete(results, 10), undisturbed)
        return results[10]

    return run


@pytest.mark.parametrize("name", [*FORBIDDEN, *ATTEMPTS, "yield_for_ever"])
def test_what_is_forbidden_ends_the_worker(name: str, among_others, attack: Attack, attackable: Path, tmp_path: Path) -> None:
    assert Status(among_others(attackable, attack(name))["status"]) is Status.crashed
    assert os.listdir(tmp_path) == ["attack-victim"]


@pytest.mark.parametrize("name", FORBIDDEN)
def test_without_the_lockdown_it_works(name: str, among_others, attack: Attack, without: Without) -> None:
    result = among_others(without("all"), attack(name))
    assert Status(result["status"]) is Status.ok
    returned = np.int64(result["signature"])
    expected = FORBIDDEN[name]
    assert returned >= 0 if expected is None else returned == -expected


@pytest.mark.parametrize("name", ATTEMPTS)
def test_without_the_lockdown_it_may_be_tried(name: str, among_others, attack: Attack, without: Without) -> None:
    assert Status(among_others(without("all"), attack(name))["status"]) is Status.ok


def test_the_controls_leave_their_traces(among_others, attack: Attack, without: Without, tmp_path: Path) -> None:
    for name in ("create_file", "remove_file", "execute"):
        among_others(without("all"), attack(name))
    assert set(os.listdir(tmp_path)) == {"attack-created", "attack-executed"}


@pytest.mark.parametrize("name", ENDS)
def test_a_crash_costs_nobody_else_anything(name: str, among_others, attack: Attack, attackable: Path, tmp_path: Path) -> None:
    assert Status(among_others(attackable, attack(name))["status"]) is Status.crashed
    assert os.listdir(tmp_path) == ["attack-victim"]


@pytest.mark.parametrize("name", HANGS)
def test_a_hang_costs_nobody_else_anything(name: str, among_others, attack: Attack, attackable: Path) -> None:
    assert Status(among_others(attackable, attack(name))["status"]) is Status.timed_out


@pytest.mark.parametrize("name", ["allocate_all", "grow_heap"])
def test_memory_is_bounded(name: str, among_others, attack: Attack, attackable: Path, without: Without) -> None:
    bound = 256 << 20
    assert np.int64(among_others(attackable, attack(name), memory_bytes=bound)["signature"]) < bound
    assert np.int64(among_others(without("limits"), attack(name), memory_bytes=bound)["signature"]) > 8 * bound


def test_a_memory_bomb_ends(among_others, attack: Attack, attackable: Path) -> None:
    assert Status(among_others(attackable, attack("touch_all"))["status"]) in (Status.crashed, Status.timed_out)


def test_no_system_call_outside_the_policy_survives(attack: Attack, attackable: Path, data_path: Path) -> None:
    """Every number up to beyond the newest call, made for real, all arguments 0."""
    allowed = {9, 11, 12, 25, 202}
    # uretprobe (6.14) and uprobe (6.18): the kernel itself exempts them from every filter, and refuses both to whoever does not
    # stand in a trampoline that it has made for a probe
    exempt = {335, 336}
    with Sandbox(data_path, executable=attackable) as executor:
        for number in [n for n in range(480) if n not in allowed]:
            (result,) = executor.evaluate(*batch([attack(number)]))
            refused = number in exempt and np.int64(result["signature"]) < 0
            assert refused or Status(result["status"]) is Status.crashed, number


@pytest.mark.parametrize(
    ("omitted", "name", "error"),
    [
        ("seccomp", "open_file", errno.EACCES),  # Landlock
        ("seccomp", "create_file", errno.EACCES),
        ("seccomp", "remove_file", errno.EACCES),
        ("seccomp", "map_executable", errno.EACCES),  # MDWE
        ("seccomp", "make_executable", errno.EACCES),
        ("seccomp", "write_error_output", errno.EBADF),  # closed
        ("seccomp", "read_area_descriptor", errno.EBADF),
        ("seccomp", "grow_area", errno.EBADF),
    ],
)
def test_the_other_layers_hold_without_the_filter(
    omitted: str, name: str, error: int, among_others, attack: Attack, without: Without, data_path: Path
) -> None:
    with Sandbox(data_path) as executor:
        levels = executor.report()["levels"]
    if (error == errno.EACCES) and ("mdwe" if "executable" in name else "landlock") not in levels:
        pytest.skip("this kernel has no such layer")
    assert np.int64(among_others(without(omitted), attack(name))["signature"]) == -error


def test_landlock_scopes_signals(among_others, attack: Attack, without: Without, data_path: Path) -> None:
    with Sandbox(data_path) as executor:
        if executor.report()["landlock_abi"] < 6:
            pytest.skip("this kernel's Landlock does not scope signals")
    assert np.int64(among_others(without("seccomp"), attack("kill_parent"))["signature"]) == -errno.EPERM


def test_the_product_contains_no_attack(attackable: Path) -> None:
    """Neither their names nor the way to leave out a step."""
    marks = re.compile(rb"attack-created|forge_loss|-without-|--attacks")
    assert not marks.search(EXECUTABLE.read_bytes())
    assert marks.search(attackable.read_bytes())


def test_a_product_of_that_name_locks_itself_down_all_the_same(data_path: Path, tmp_path: Path) -> None:
    disguised = tmp_path / "vgp-sandbox-without-all"
    disguised.symlink_to(EXECUTABLE)
    with Sandbox(data_path, executable=disguised) as executor:
        assert "seccomp" in executor.report()["levels"]
