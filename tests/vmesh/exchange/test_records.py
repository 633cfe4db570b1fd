"""Records taken apart and put together hold what they should, and fit."""

import pytest

from tests.vmesh.exchange.world import FakePopulation, id_of, organism, record_of
from vgp import genome
from vgp.errors import RecordError
from vmesh.exchange import records

LEAF, OTHER = organism(1), organism(2)
MIDDLE = organism(3, id_of(LEAF))
TOP = organism(4, id_of(MIDDLE), id_of(OTHER))
ALL = {id_of(body): body for body in (LEAF, OTHER, MIDDLE, TOP)}


def decoded(record):
    return genome.decode_bundle(record, open=True)


def test_what_is_called_and_not_carried():
    assert records.outside(decoded(record_of(MIDDLE, TOP, roots=[False, True]))) == {id_of(LEAF), id_of(OTHER)}
    assert records.outside(decoded(record_of(LEAF, OTHER))) == set()


def test_assembling_gives_a_closed_record_callees_first():
    bundle = genome.decode_bundle(records.assemble([id_of(TOP)], ALL.get))
    assert set(bundle.ids.tolist()) == ALL.keys() and records.roots(bundle) == [id_of(TOP)]


def test_what_nobody_gives_is_left_out_and_the_record_is_open():
    bundle = decoded(records.assemble([id_of(TOP), id_of(LEAF)], {id_of(TOP): TOP, id_of(MIDDLE): MIDDLE}.get))
    assert set(bundle.ids.tolist()) == {id_of(TOP), id_of(MIDDLE)}


def test_some_of_a_record_with_what_they_call():
    bundle = decoded(record_of(LEAF, OTHER, MIDDLE, TOP))
    for wanted in ([id_of(TOP)], [id_of(OTHER), id_of(LEAF)], list(ALL)):
        part, twin = (genome.decode_bundle(made) for made in (records.only(bundle, wanted), records.assemble(wanted, ALL.get)))
        assert set(part.ids.tolist()) == set(twin.ids.tolist()) and set(records.roots(part)) == set(wanted)
    part = genome.decode_bundle(records.only(bundle, [id_of(MIDDLE)]))
    assert set(part.ids.tolist()) == {id_of(LEAF), id_of(MIDDLE)} and records.roots(part) == [id_of(MIDDLE)]


def test_a_circle_of_calls_ends_and_is_refused_by_the_reader():
    """Nobody can write one honestly; hashes of 64 bits can be forged."""
    one, two = 111, 222
    circle = {one: organism(1, two), two: organism(2, one)}
    with pytest.raises(RecordError):
        # the ids are those of the content, so the circle falls apart into calls of strangers: unused organisms
        decoded(records.assemble([one], circle.get))


def test_nothing():
    assert len(decoded(records.nothing())) == 0 and len(records.nothing()) == records.EMPTY


class Weighed(FakePopulation):
    """Organisms that take 100 bytes each."""

    def export(self, ids, callees=True):
        self.exports += 1
        return b"x" * (records.EMPTY + 100 * len(ids) + (1000 if callees and 7 in ids else 0) + (5000 if 9 in ids else 0))


@pytest.mark.parametrize(
    ("ids", "limit", "taken"),
    [
        ([1, 2, 3], 4000, [1, 2, 3]),
        ([1, 2, 3, 4], 250, [1, 2]),
        ([1], 24, None),
        ([], 4000, None),
        ([9, 1, 2], 400, [1, 2]),  # the first does not fit at all
        ([7, 1], 400, [7]),  # without what it calls
        ([9] * 50, 400, None),
    ],
)
def test_packing_takes_as_many_as_fit(ids, limit, taken):
    population = Weighed()
    packed = records.pack(population, ids, limit)
    assert (packed and list(packed[1])) == taken
    assert packed is None or len(packed[0]) <= limit
    assert population.exports <= 60
