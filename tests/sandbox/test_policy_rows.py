"""The hunt for rows that nobody needs: without any one of them the worker dies of honest work."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sandbox.build import ROOT
from tests.sandbox.conftest import table
from tests.sandbox.genomes import MIXED, of, random_genomes, reference
from vgp import genome
from vgp.errors import SandboxError
from vgp.layout import CONSTANT, OPCODES, REFERENCE, VARIABLE, Status, batch, constant_payload
from vgp.sandbox import Sandbox

ROWS = re.findall(r"^VGP_ALLOW\((\w+), (\d+), (\d+),", (ROOT / "vgp/sandbox/policy.def").read_text(), re.MULTILINE)
CALLS = sorted({name for name, *_ in ROWS})


def honest_work(path: Path, executable: Path) -> bool:
    """Everything that takes memory in the worker; True if it survived."""
    organisms = random_genomes(1, 50, 5)
    long = random_genomes(3, 1, 5, MIXED, 3000, 3000)[0]
    add = (OPCODES["add"], 0)
    calls = [row for i in range(15) for row in ((VARIABLE, i % 5), (REFERENCE, genome.genome_id(long), 1), *([add] if i else []))]
    many = [of((CONSTANT, constant_payload(i + 1.0)), (VARIABLE, 0), add) for i in range(20_000)]
    library = {genome.genome_id(g): g for g in [*organisms, long, *many]}
    try:
        with Sandbox(path, executable=executable, cpu_seconds=10.0, cache_bytes=4 << 20) as executor:
            for work in (organisms, [reference(id) for id in library], [of(*calls)]):
                results = executor.evaluate(*batch(work), resolve=library.get)
                if Status.crashed in set(results["status"]):
                    return False
            executor.outputs(*batch(organisms))
            return bool(executor.report()["respawns"] == 0)
    except SandboxError:
        return False


@pytest.fixture(scope="module")
def path():
    with table(2000).temporary() as path:
        yield path


def test_the_whole_policy_suffices(path: Path, attackable: Path) -> None:
    assert honest_work(path, attackable)


@pytest.mark.parametrize("call", CALLS)
def test_every_row_is_needed(call: str, path: Path, without: Callable[[str], Path]) -> None:
    assert not honest_work(path, without(f"call-{call}"))


def test_the_document_lists_every_row() -> None:
    text = (ROOT / "SECURITY.md").read_text()
    for name in CALLS:
        assert f"`{name}`" in text, name


def test_the_document_lists_every_step_in_order() -> None:
    source = (ROOT / "vgp/sandbox/lockdown.cpp").read_text()
    table_of_steps = source[source.index("constexpr Step STEPS[]") :]
    steps = re.findall(r'^    \{"(\w+)",', table_of_steps, re.MULTILINE)
    documented = re.findall(r"^\d+\. \*\*(\w+)\*\*", (ROOT / "SECURITY.md").read_text(), re.MULTILINE)
    assert len(steps) > 5
    assert documented == steps
