"""What would break: peers that do not understand each other, and a worker that a peer's bytes can stop or fill."""

import re
import tracemalloc
from dataclasses import fields, replace
from pathlib import Path

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vmesh.strategies import MEMBERS, MESSAGES_OF_ANY_KIND
from vmesh.addresses import well_formed_address
from vmesh.codec import MOST_IDS, MOST_MEMBERS, decode, encode
from vmesh.errors import MessageError
from vmesh.messages import MESSAGES, DataAnnouncement, Emigrants, Member, Ping, Rumour, Shuffle, Want

ME = Member("host/0", "127.0.0.1:7100", 3, 2**64 - 1, "127.0.0.1:7101")
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(max_size=20) | st.binary(max_size=20),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=30,
)


def refused(data):
    with pytest.raises(MessageError) as caught:
        decode(data)
    assert "\n" not in str(caught.value)
    return caught.value.reason


@given(MEMBERS, MESSAGES_OF_ANY_KIND)
def test_what_is_sent_is_understood(sender, message):
    assert decode(encode(sender, message)) == (sender, message)


@given(MEMBERS, MESSAGES_OF_ANY_KIND)
def test_one_message_has_one_spelling(sender, message):
    data = encode(sender, message)
    assert encode(*decode(data)) == data


def test_the_bytes_of_a_message_stay_what_they_are():
    """Workers of different releases talk to each other: a change here is a new version."""
    data = encode(Member("a/0", "h:1", 1, 2, ""), Ping(5, -1))
    assert data.hex() == "950109" + "95a3612f30" + "a3683a31" + "0102a0" + "05ff"


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_refused(data):
    try:
        sender, message = decode(data)
    except MessageError:
        return
    assert decode(encode(sender, message)) == (sender, message)


@given(MEMBERS, MESSAGES_OF_ANY_KIND, st.data())
def test_a_damaged_message_is_a_message_or_refused(sender, message, draw):
    data = bytearray(encode(sender, message))
    for _ in range(draw.draw(st.integers(1, 4))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    try:
        sender, message = decode(bytes(data[: draw.draw(st.integers(0, len(data)))] if draw.draw(st.booleans()) else data))
    except MessageError:
        return
    assert decode(encode(sender, message)) == (sender, message)


@given(st.sampled_from(sorted(MESSAGES)), st.lists(PLAIN, max_size=6))
def test_fields_of_wrong_kinds_never_get_through(number, values):
    row = (1, number, ("a/0", "h:1", 1, 2, ""), *values)
    try:
        sender, message = decode(msgpack.packb(row))
    except MessageError:
        return
    assert decode(encode(sender, message)) == (sender, message)


@given(MESSAGES_OF_ANY_KIND, st.lists(st.integers(0, 2**64 - 1), max_size=16))
def test_fields_that_a_later_release_appends_are_passed_over(message, more):
    row = [*msgpack.unpackb(encode(ME, message), use_list=True), *more]
    assert decode(msgpack.packb(row)) == (ME, message)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ([2, 1, ["a/0", "h:1", 1, 2, ""]], "version"),
        ([1, 29, ["a/0", "h:1", 1, 2, ""]], "unknown"),
        ([1, True, ["a/0", "h:1", 1, 2, ""]], "unknown"),
        ([True, 1, ["a/0", "h:1", 1, 2, ""]], "version"),
        ([1, 1], "malformed"),
        ([1, 1, []], "member"),
        ([1, 9, ["a/0", "h:1", 1, 2, ""], 1], "malformed"),
        ([1, 9, ["a/0", "h:1", 1, 2, ""], -1, 1], "sequence"),
        ([1, 9, ["a/0", "h:1", 1, 2, ""], 1.0, 1], "sequence"),
        ([1, 9, ["a/0", "h:1", 1, 2, ""], 1, -2], "suspected"),
        ([1, 4, ["a/0", "h:1", 1, 2, ""], 1], "urgent"),
        ([1, 30, ["a/0", "h:1", 1, 2, ""], 1, 1, "text"], "record"),
        ([1, 1, ["", "h:1", 1, 2, ""]], "name"),
        ([1, 1, ["a b", "h:1", 1, 2, ""]], "name"),
        ([1, 1, ["a\x1b[2J", "h:1", 1, 2, ""]], "name"),
        ([1, 1, ["ü" * 41, "h:1", 1, 2, ""]], "name"),
        ([1, 1, ["a/0", "h", 1, 2, ""]], "address"),
        ([1, 1, ["a/0", "h:1", 1, 2, "/tmp/socket:1"]], "admin"),
        ([1, 1, ["a/0", "h:1", 2**63, -1, ""]], "nonce"),
    ],
)
def test_what_breaks_a_rule_is_refused_by_name(row, reason):
    expected = "malformed" if row[0] is True else reason
    assert refused(msgpack.packb(row)) == expected


@pytest.mark.parametrize(
    "message",
    [
        Shuffle((ME,) * (MOST_MEMBERS + 1)),
        Want((1,) * (MOST_IDS + 1)),
        Rumour(ME, 4, 0),
        Rumour(ME, 0, 256),
        DataAnnouncement(1, "s3://b/k\n", "", "y"),
        DataAnnouncement(1, "s3://b/" + "k" * 2000, "", "y"),
        DataAnnouncement(1, "s3://b/k", "0" * 63, "y"),
    ],
    ids=lambda message: type(message).__name__,
)
def test_limits_hold(message):
    assert refused(encode(ME, message))


def test_the_limits_themselves_are_allowed():
    for message in (Shuffle((ME,) * MOST_MEMBERS), Want((2**64 - 1,) * MOST_IDS), Emigrants(1, 2, bytes(4 << 20))):
        assert decode(encode(replace(ME, name="x" * 80), message))[1] == message


@pytest.mark.parametrize(
    "data",
    [
        b"\xdd\xff\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff",
        b"\x91" * 100_000 + b"\xc0",
        b"\xdc\x10\x00" + b"\x91\x90" * (1 << 20),
        (b"\xdc\x10\x00" + b"\x90" * 4096) * 500,
        b"\xdc\x10\x00" * 100_000,
        b"\xdd\x00\x10\x00\x00" + b"\xc0" * (1 << 20),
        b"\x81" * 1000,
        b"\xc7\x0c\xff" + b"\xff" * 12,
        b"\xd6\xff\xff\xff\xff\xff",
    ],
    ids=["long array", "long bytes", "deep", "many arrays", "wide arrays", "deep and wide", "million", "maps", "time", "extension"],
)
def test_no_bytes_fill_the_memory(data):
    """Four megabytes must not become hundreds."""
    tracemalloc.start()
    try:
        assert refused(data)
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("address", ["127.0.0.1:1", "host:65535", "a.b-c:7100", "[::1]:80", "[fe80::1]:80"])
def test_addresses(address):
    assert well_formed_address(address)


@pytest.mark.parametrize(
    "address", ["", ":1", "h", "h:", "h:0", "h:65536", "h:1;lo:2", "ipc:///x:1", "a b:1", "h:١", "[]:1", "-h:1", "h:1\n", "*:1"]
)
def test_what_is_no_address(address):
    """It would be handed to the sockets: no other transports, no source addresses, no wildcards."""
    assert not well_formed_address(address)


def test_the_document_names_every_message_with_its_fields():
    page = (Path(__file__).parents[2] / "docs" / "mesh.md").read_text()
    table = page[page.index("    1 Join") : page.index("For example")]
    named = {int(number): words.split() for number, words in re.findall(r"(\d+) ((?:[A-Z]\w+)(?: [a-z]+)*)", table)}
    assert named == {number: [kind.__name__, *(one.name for one in fields(kind))] for number, kind in MESSAGES.items()}
    shown = re.search(r"`(95 01 09 [^`]+)`", page)[1]
    assert bytes.fromhex(shown) == encode(Member("a/0", "h:1", 1, 2, ""), Ping(5, -1))
