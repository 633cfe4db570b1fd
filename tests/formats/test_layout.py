"""The tables that Python shows are those of the compiled core."""

import re
from pathlib import Path

from vgp import layout, primitives

CORE = Path(layout.__file__).parent / "core"


def test_layouts_have_the_sizes_of_the_headers():
    assert layout.NODE.itemsize == 12
    assert layout.RESULT.itemsize == 112


def test_primitives_are_the_rows_of_opcodes_def():
    rows = re.findall(r'^VGP_OPCODE\((\d+), \w+, "(\w+)", (\d+)\)', (CORE / "opcodes.def").read_text(), re.MULTILINE)
    assert [(p.number, p.name, p.arity) for p in layout.PRIMITIVES] == [(int(n), name, int(arity)) for n, name, arity in rows]


def test_statuses_and_losses_have_the_numbers_of_evaluation_hpp():
    assert {status.name: int(status) for status in layout.Status} == primitives.status_rows()
    assert {loss.name: int(loss) for loss in layout.Loss} == primitives.loss_rows()
    names = re.search(r"enum class Status : uint32_t \{(.*?)\};", (CORE / "evaluation.hpp").read_text(), re.DOTALL)
    assert names is not None
    assert {name: int(n) for name, n in re.findall(r"(\w+) = (\d+)", names[1])} == primitives.status_rows()


def test_genome_errors_are_named_in_the_order_of_genome_hpp():
    body = re.search(r"enum class GenomeError : uint32_t \{(.*?)\};", (CORE / "genome.hpp").read_text(), re.DOTALL)
    assert body is not None
    assert list(layout.GENOME_ERRORS) == re.findall(r"^ +(\w+)(?: = 0)?,", body[1], re.MULTILINE)


def test_constants_are_float64_bits():
    assert layout.constant_value(layout.constant_payload(-0.1)) == -0.1
