"""Memory of ids: bounded, and it ends, so that what was lost is sent again."""

from hypothesis import given
from hypothesis import strategies as st

from vmesh.exchange.allowance import Allowance
from vmesh.exchange.seen import Memory


def test_what_was_added_is_known_until_it_is_too_old():
    memory = Memory(10, 30.0)
    memory.add([1, 2], 0.0)
    assert memory.unknown([1, 2, 3], 29.0) == [3]
    assert memory.unknown([1, 2, 3], 31.0) == [3]
    memory.add([3], 35.0)
    assert memory.unknown([3, 2, 1], 62.0) == [2, 1]
    assert memory.unknown([3], 1e6) == [3]


def test_forgetting():
    memory = Memory(10, 30.0)
    memory.add([1, 2], 0.0)
    memory.discard([1])
    assert memory.unknown([1, 2], 0.0) == [1]
    memory.clear()
    assert memory.unknown([2], 0.0) == [2] and len(memory) == 0


@given(st.integers(1, 20), st.lists(st.tuples(st.lists(st.integers(0, 99), max_size=40), st.floats(0, 100))))
def test_it_never_grows_beyond_two_generations_and_knows_what_was_added_last(most, additions):
    memory, now = Memory(most, 30.0), 0.0
    for ids, step in additions:
        now += step
        memory.add(ids, now)
        assert len(memory) <= 2 * most
        assert not set(memory.unknown(ids[:most], now)) & set(ids[:most])


@given(st.lists(st.tuples(st.floats(0, 10), st.floats(0, 50))))
def test_an_allowance_is_spent_no_faster_than_it_grows(payments):
    allowance, now, spent, largest = Allowance(rate=5.0, most=20.0), 0.0, 0.0, 0.0
    for step, amount in payments:
        now += step
        if allowance.solvent(now):
            allowance.pay(amount)
            spent, largest = spent + amount, max(largest, amount)
        assert spent <= 20.0 + 5.0 * now + largest + 1e-6


def test_a_clock_that_goes_back_gives_nothing_away():
    allowance = Allowance(1.0, 2.0)
    assert allowance.solvent(100.0)
    allowance.pay(3.0)
    assert not allowance.solvent(0.0) and not allowance.solvent(0.5) and allowance.solvent(5.0)
