"""Members and messages of any kind, as a peer that keeps the rules may send them."""

from dataclasses import fields
from typing import get_type_hints

from hypothesis import strategies as st

from vmesh.messages import MESSAGES, Member

U64 = st.integers(0, 2**64 - 1)
LABEL = st.text("abcdefghijklmnopqrstuvwxyz0123456789_", min_size=1, max_size=20)
ADDRESSES = st.builds(
    "{}:{}".format,
    LABEL | st.ip_addresses(v=4).map(str) | st.ip_addresses(v=6).map("[{}]".format),
    st.integers(1, 65_535),
)
NAMES = st.builds("{}/{}".format, LABEL, st.integers(0, 4095)) | st.sampled_from(["Zürich-3/1", "x" * 80])
PLAIN_TEXT = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=200)
MEMBERS = st.builds(Member, NAMES, ADDRESSES, U64, U64, ADDRESSES | st.just(""))

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=10), inner, max_size=5),
    max_leaves=20,
)

BY_NAME = {
    "hops": st.integers(0, 255),
    "state": st.integers(0, 3),
    "suspected": st.integers(-1, 2**64 - 1),
    "url": PLAIN_TEXT,
    "target": PLAIN_TEXT,
    "checksum": st.just("") | st.text("0123456789abcdef", min_size=64, max_size=64),
}
BY_KIND = {
    int: U64,
    bool: st.booleans(),
    bytes: st.binary(max_size=300),
    Member: MEMBERS,
    tuple[Member, ...]: st.lists(MEMBERS, max_size=5).map(tuple),
    tuple[int, ...]: st.lists(U64, max_size=20).map(tuple),
}


def messages_of(kind):
    hints = get_type_hints(kind)
    return st.builds(kind, *(field(one.name, hints[one.name]) for one in fields(kind)))


def field(name, hint):
    return BY_NAME[name] if name in BY_NAME and hint in (int, str) else BY_KIND[hint]


MESSAGES_OF_ANY_KIND = st.one_of([messages_of(kind) for kind in MESSAGES.values()])
