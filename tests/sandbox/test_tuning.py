"""Constants are tuned in the locked-down worker as in this process, and nothing it answers is believed unseen."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.sandbox.genomes import Nodes, of, random_genomes, reference, variable
from vgp.errors import InputError
from vgp.layout import CONSTANT, OPCODES, VARIABLE, Status, batch, constant_payload
from vgp.sandbox import Sandbox

Attack = Callable[[str | int], Nodes]
LIES = ("forge_numbers", "forge_trials", "forge_loss", "forge_nan", "forge_status")
ENDS = ("segmentation_fault", "call_abort")


def constant(x: float) -> tuple[int, int]:
    return CONSTANT, constant_payload(x)


def wave(frequency: float = 1.2) -> Nodes:
    """sin(frequency * x0)"""
    return of((VARIABLE, 0), constant(frequency), (OPCODES["mul"], 0), (OPCODES["sin"], 0))


def tuned(data_path: Path, genomes: list[Nodes], mode: str = "on", **settings: object) -> tuple[Nodes, np.ndarray]:
    options = {name: settings.pop(name) for name in ("steps", "rows", "loss", "resolve") if name in settings}
    with Sandbox(data_path, mode=mode, **settings) as sandbox:  # type: ignore[arg-type]
        return sandbox.tune(*batch(genomes), **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def others() -> list[Nodes]:
    return random_genomes(5, 40, 5)


@pytest.mark.parametrize(
    "options",
    [{}, {"steps": 3, "rows": 32}, {"loss": "huber"}, {"max_organisms": 7}, {"max_nodes": 4096, "loss": "absolute"}],
)
def test_the_worker_tunes_as_this_process_does(options: dict[str, object], others: list[Nodes], data_path: Path) -> None:
    here = {name: value for name, value in options.items() if not name.startswith("max")}
    nodes, results = tuned(data_path, others, "off", **here)
    for one, other in zip((nodes, results), tuned(data_path, others, **options), strict=True):
        assert np.array_equal(one, other)
    with Sandbox(data_path) as sandbox:
        again = sandbox.evaluate(nodes, batch(others)[1], loss=str(options.get("loss", "squared")))
    assert np.array_equal(again["loss"], results["loss"])


def test_callees_are_asked_for(data_path: Path) -> None:
    callee = of((VARIABLE, 0), (VARIABLE, 1), (OPCODES["mul"], 0))
    caller = of((OPCODES["reference"], 7, 0), constant(0.4), (OPCODES["mul"], 0), (OPCODES["tanh"], 0))
    expected = tuned(data_path, [caller], "off", resolve={7: callee}.get)
    nodes, results = tuned(data_path, [caller, reference(8)], resolve={7: callee}.get)
    assert results["status"].tolist() == [Status.ok, Status.missing_reference]
    assert np.array_equal(nodes[:-1], expected[0]) and results[0] == expected[1][0]


@pytest.mark.parametrize("lie", LIES)
def test_lies_about_constants_convict_their_organism_alone(
    lie: str, others: list[Nodes], data_path: Path, attackable: Path, attack: Attack
) -> None:
    alone_nodes, alone = tuned(data_path, others, "off", steps=2)
    liar = attack(lie)
    nodes, results = tuned(data_path, [*others[:9], liar, *others[9:]], steps=2, executable=attackable, cpu_seconds=0.2)
    assert results["status"][9] == Status.crashed
    assert np.array_equal(np.delete(results, 9), alone)
    at = sum(map(len, others[:9]))
    assert np.array_equal(np.delete(nodes, at), alone_nodes) and nodes[at] == liar[0]


@pytest.mark.parametrize("end", ENDS)
def test_who_ends_the_worker_while_it_tunes_is_found(
    end: str, others: list[Nodes], data_path: Path, attackable: Path, attack: Attack
) -> None:
    alone_nodes, alone = tuned(data_path, others, "off", steps=2)
    nodes, results = tuned(data_path, [attack(end), *others], steps=2, executable=attackable, cpu_seconds=0.2)
    assert results["status"][0] == Status.crashed
    assert np.array_equal(results[1:], alone) and np.array_equal(nodes[1:], alone_nodes)


def test_a_killed_worker_is_replaced(others: list[Nodes], data_path: Path) -> None:
    expected = tuned(data_path, others, "off")
    with Sandbox(data_path) as sandbox:
        os.kill(sandbox.report()["pid"], signal.SIGKILL)
        for one, other in zip(sandbox.tune(*batch(others)), expected, strict=True):
            assert np.array_equal(one, other)


@pytest.mark.parametrize("mode", ["on", "off"])
def test_standard_errors_come_through(mode: str, data_path: Path) -> None:
    with Sandbox(data_path, mode=mode) as sandbox:
        fit, _ = sandbox.tune(*batch([wave()]))
        (frequency,), slope, intercept = sandbox.standard_errors(fit)
        assert 0 < frequency < np.inf and 0 < slope < np.inf and 0 < intercept < np.inf
        constants, *_ = sandbox.standard_errors(of(constant(2.0), (VARIABLE, 0), (OPCODES["mul"], 0)))
        assert np.isinf(constants).all()
        assert sandbox.standard_errors(variable(), linear_scaling=False)[1:] == (0.0, 0.0)
        with pytest.raises(InputError, match="missing_reference"):
            sandbox.standard_errors(reference(3))


@pytest.mark.parametrize("wrong", [{"steps": -1}, {"steps": 1001}, {"rows": -1}, {"loss": "none"}])
def test_wrong_settings_are_refused(wrong: dict[str, object], data_path: Path) -> None:
    with pytest.raises(InputError):
        tuned(data_path, [wave()], **wrong)


@pytest.mark.parametrize("mode", ["on", "off"])
def test_nothing_to_tune(mode: str, data_path: Path) -> None:
    nodes, results = tuned(data_path, [], mode)
    assert len(nodes) == len(results) == 0
    start = [wave()]
    nodes, _ = tuned(data_path, start, mode, steps=0)
    assert np.array_equal(nodes, start[0])
