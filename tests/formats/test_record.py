"""The portable record: what goes out comes back, equal organisms give equal bytes, and no bytes do harm."""

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.strategies import families, genome_of, genomes, ids
from vgp.errors import RecordError
from vgp.formula import parse
from vgp.genome import decode_bundle, decode_genomes, encode_bundle, encode_nodes, error_of, genome_id
from vgp.hashing import content_hash
from vgp.layout import CONSTANT, GENOME_ERRORS, MAX_DEPTH, MAX_NODES, OPCODES, REFERENCE, VARIABLE, batch, constant_payload

RECORD_ERRORS = """truncated bad_magic unsupported_version bad_flags bad_checksum bad_count trailing_bytes duplicate_organism
    unused_organism missing_reference wrong_order reference_depth work_limit""".split()
REASONS = {*RECORD_ERRORS, *GENOME_ERRORS[1:]}


def sealed(body: bytes) -> bytes:
    """The bytes with their right checksum behind them: what an attacker would send."""
    return body + struct.pack("<Q", content_hash(body))


def record(*organisms: tuple[int, int, bytes], counts: tuple[int, int] | None = None, version: int = 1, flags: int = 0) -> bytes:
    """A record made by hand from (n_nodes, flags, nodes) rows."""
    n, total = counts or (len(organisms), sum(row[0] for row in organisms))
    head = b"VGPO" + struct.pack("<HHII", version, flags, n, total)
    return sealed(head + b"".join(struct.pack("<HB", n_nodes, flag) + nodes for n_nodes, flag, nodes in organisms))


X0 = bytes([VARIABLE, 0, 0])
X1 = bytes([VARIABLE, 1, 0])


def reason_of(data: bytes, **options: bool) -> str:
    with pytest.raises(RecordError) as caught:
        decode_bundle(data, **options)
    assert "\n" not in str(caught.value)
    return caught.value.reason


@given(families())
def test_a_bundle_comes_back_as_it_went(family):
    called = {payload for genome in family for payload in genome["payload"][genome["op"] == REFERENCE].tolist()}
    roots = [genome_id(genome) not in called for genome in family]
    data = encode_bundle(*batch(family), roots)
    bundle = decode_bundle(data)
    assert [bundle.genome(i).tolist() for i in range(len(bundle))] == [genome.tolist() for genome in family]
    assert bundle.ids.tolist() == [genome_id(genome) for genome in family]
    assert bundle.is_root.tolist() == roots
    assert encode_bundle(bundle.nodes, bundle.offsets, bundle.is_root) == data


@given(st.lists(genomes(callees=ids), max_size=8))
def test_nodes_of_a_population_come_back_as_they_went(population):
    nodes, offsets = batch(population)
    back = decode_genomes(encode_nodes(nodes), offsets)
    assert back.tobytes() == nodes.tobytes()


def test_the_format_stays_what_docs_record_md_says():
    """Records of older versions must stay readable: these bytes were written by version 1."""
    f = parse("x0 + 2.5")
    g = genome_of([(VARIABLE, 0, 7), (REFERENCE, 1, genome_id(f))])
    data = encode_bundle(*batch([f, g]), [False, True])
    constant = bytes([CONSTANT]) + struct.pack("<d", 2.5)
    call = bytes([REFERENCE, 1]) + struct.pack("<Q", genome_id(f))
    assert data == record((3, 0, X0 + constant + bytes([OPCODES["add"]])), (2, 1, bytes([VARIABLE, 7, 0]) + call))
    assert data.hex() == GOLDEN


GOLDEN = "5647504f0100000002000000050000000300000100000000000000000004400802000101070002010f2f6c1af4274b7fac848d9e9c5593a0"


@pytest.mark.parametrize("end", range(0, 60, 3))
def test_a_record_cut_off_is_refused(end):
    data = encode_bundle(*batch([parse("x0 + 2.5*sin(x1)"), parse("exp(x3)/4")]))
    assert reason_of(data[:end]) in ("truncated", "bad_checksum")


@given(st.data())
@settings(max_examples=200)
def test_one_flipped_bit_is_noticed(data):
    good = encode_bundle(*batch([parse("x0 + 2.5*sin(x1)"), parse("exp(x3)/4")]))
    bit = data.draw(st.integers(0, 8 * len(good) - 1))
    bad = bytearray(good)
    bad[bit // 8] ^= 1 << bit % 8
    assert reason_of(bad) in ("bad_magic", "unsupported_version", "bad_checksum")


def attempt(decode, *arguments, **options):
    """(what was decoded, "") or (None, the reason)."""
    try:
        return decode(*arguments, **options), ""
    except RecordError as error:
        return None, error.reason


@given(st.binary(max_size=80))
@settings(max_examples=500)
def test_any_bytes_give_organisms_or_a_named_error(noise):
    for data in (noise, sealed(noise), sealed(b"VGPO\1\0\0\0" + noise)):
        bundle, reason = attempt(decode_bundle, data, open=True)
        if bundle is None:
            assert reason in REASONS
        else:
            assert encode_bundle(bundle.nodes, bundle.offsets, bundle.is_root, open=True) == data
            assert all(error_of(bundle.genome(i)) == "none" for i in range(len(bundle)))


@given(st.binary(max_size=60), st.lists(st.integers(0, 12), max_size=6))
def test_any_bytes_give_nodes_or_a_named_error(noise, lengths):
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.uint32)
    nodes, reason = attempt(decode_genomes, noise, offsets)
    if nodes is None:
        assert reason in REASONS
    else:
        assert encode_nodes(nodes) == noise


def nan_constant() -> bytes:
    return bytes([CONSTANT]) + struct.pack("<d", float("nan"))


def call(id: int, arity: int = 0) -> bytes:
    return bytes([REFERENCE, arity]) + struct.pack("<Q", id)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (record((1, 1, X0), version=2), "unsupported_version"),
        (record((1, 1, X0), flags=1), "bad_flags"),
        (record((1, 3, X0)), "bad_flags"),
        (record((1, 1, X0), counts=(2**32 - 1, 1)), "bad_count"),
        (record((1, 1, X0), counts=(1, 2**32 - 1)), "bad_count"),
        (record((1, 1, X0), counts=(1, 2)), "bad_count"),
        (record((1, 1, X0), (1, 1, X1), counts=(1, 1)), "trailing_bytes"),
        (record((1, 1, X0), (1, 1, X1), counts=(2, 1)), "bad_count"),
        (record((1, 1, X0 + X0)), "trailing_bytes"),
        (record((2, 1, X0)), "truncated"),
        (record((0, 1, X0)), "empty"),
        (record((1, 1, bytes([200]) + X0)), "unknown_opcode"),
        (record((1, 1, nan_constant())), "non_finite_constant"),
        (record((1, 1, bytes([OPCODES["sin"]]) + X0)), "stack_underflow"),
        (record((2, 1, X0 + X1)), "not_one_result"),
        (record((1, 1, call(0))), "bad_payload"),
        (record((1, 1, call(5, arity=4))), "bad_arity"),
        (record((2, 1, X0 + call(5, arity=2))), "stack_underflow"),
        (record((MAX_DEPTH + 1, 1, X0 + bytes([OPCODES["sin"]]) * MAX_DEPTH)), "too_deep"),
        (record((MAX_NODES + 1, 1, X0 * (MAX_NODES + 1))), "too_long"),
        (record((1, 1, X0), (1, 1, X0)), "duplicate_organism"),
        (record((1, 0, X0), (1, 1, X1)), "unused_organism"),
        (record((1, 1, call(5))), "missing_reference"),
    ],
)
def test_a_sealed_lie_is_refused_by_name(data, reason):
    assert reason_of(data) == reason


def test_a_reference_that_leaves_the_bundle_needs_permission():
    data = record((1, 1, call(5)))
    assert decode_bundle(data, open=True).genome(0)["payload"][0] == 5
    assert encode_bundle(*batch([genome_of([(REFERENCE, 0, 5)])]), open=True) == data
    with pytest.raises(RecordError, match="missing_reference"):
        encode_bundle(*batch([genome_of([(REFERENCE, 0, 5)])]))


def test_a_caller_before_its_callee_is_refused():
    f = parse("x0")
    wrong = batch([genome_of([(REFERENCE, 0, genome_id(f))]), f])
    for open, reason in ((False, "missing_reference"), (True, "wrong_order")):
        with pytest.raises(RecordError, match=reason):
            encode_bundle(*wrong, open=open)


def chain(n: int, body: str):
    """n organisms, each calling the one before: body with x0 for the call."""
    family = [parse("x0")]
    for _ in range(n):
        family.append(parse(body.replace("x0", f"@{genome_id(family[-1]):x}(x0)")))
    return family


def test_calls_nine_deep_are_refused():
    assert len(decode_bundle(encode_bundle(*batch(chain(8, "sin(x0)"))))) == 9
    with pytest.raises(RecordError, match="reference_depth"):
        encode_bundle(*batch(chain(9, "sin(x0)")))


def test_a_bomb_of_calls_is_refused():
    """Ten organisms of few bytes that come to billions of nodes written out."""
    with pytest.raises(RecordError, match="work_limit"):
        encode_bundle(*batch(chain(8, "+".join(["x0"] * 20))))


def test_invalid_genomes_are_not_encoded():
    bad = parse("x0 + 1")
    bad["length"] = 1
    with pytest.raises(RecordError) as caught:
        encode_bundle(*batch([bad]))
    assert caught.value.reason == "bad_length"


def test_no_organisms_are_a_record_too():
    assert len(decode_bundle(encode_bundle(*batch([])))) == 0


def test_negative_zero_and_extreme_constants_survive():
    for value in (-0.0, 5e-324, 1.7976931348623157e308):
        genome = genome_of([(CONSTANT, 0, constant_payload(value))])
        assert decode_bundle(encode_bundle(*batch([genome]))).nodes.tobytes() == genome.tobytes()
