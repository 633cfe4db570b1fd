"""Workers exchange organisms: the best reaches everyone and survives its finder, whatever the network does; nobody is flooded."""

import math

import pytest

from tests.vmesh.exchange.world import COLUMNS, LIMIT, World, id_of, member, organism, record_of
from vmesh.errors import SettingsError
from vmesh.messages import Credit, CreditRequest, Emigrants, Ping, Supply, Want
from vmesh.settings import SELECTIONS, TOPOLOGIES
from vmesh.settings import Exchange as Settings


def populated(names="abc", each=10, **more):
    """Workers whose populations differ; the first has the best."""
    world = World(names, **more)
    for place, worker in enumerate(world.workers.values()):
        for value in range(each):
            worker.population.add(organism(1 + place + len(names) * value))
    return world


def bests(world):
    return {worker.me.name: worker.population.best for worker in world.workers.values()}


def rejected(world, name):
    return world[name].exchange.counters.rejected


# --- the best known never gets worse ---


@pytest.mark.parametrize("topology", TOPOLOGIES)
@pytest.mark.parametrize("selection", SELECTIONS)
def test_the_best_reaches_everyone_with_every_policy(topology, selection):
    world = populated("abcde", topology=topology, selection=selection, edges="a>b b>c c>d d>e e>a")
    world.run(8)
    assert set(bests(world).values()) == {1.0}


def test_a_newcomer_learns_the_front_at_once():
    world = populated("ab", interval=1000.0)
    world.run(1)
    newcomer = world.start("c/0")
    world.connect()
    world.step()
    assert newcomer.population.best == 1.0 and len(newcomer.population.alive) > 1


def test_a_restarted_worker_learns_the_front_again():
    world = populated("ab", interval=1000.0)
    world.run(1)
    world.kill("b")
    again = world.start("b/0", incarnation=2)
    world.connect()
    world.step()
    assert again.population.best == 1.0


def test_an_improvement_does_not_wait_and_survives_its_finder():
    world = populated("abc", interval=1000.0)
    world.run(1)
    world["b"].population.add(organism(0.5))
    world.step(0.2)
    world.kill("b")
    assert bests(world) == {"a/0": 0.5, "c/0": 0.5}


def test_improvements_are_sent_five_times_a_second_at_most():
    world = populated("ab", interval=1000.0)
    world.run(1)
    before = len(world.messages(Emigrants, "a"))
    for step in range(100):
        world["a"].population.add(organism(0.9 - step / 1000))
        world.step(0.01)
    assert 2 <= len(world.messages(Emigrants, "a")) - before <= 6


@pytest.mark.parametrize("seed", range(6))
def test_losses_copies_and_disorder_do_not_stop_it(seed):
    world = populated("abcd", loss=0.4, copies=0.3, delay=0.5, seed=seed)
    world.run(60)
    assert set(bests(world).values()) == {1.0}


def test_a_partition_heals():
    """Longer than credit and memory last, and too short for membership to notice."""
    world = populated("ab")
    world.lose(1.0)
    world["b"].population.add(organism(0.25))
    world.run(20)
    assert bests(world)["a/0"] == 1.0
    world.lose(0.0)
    world.run(3)
    assert bests(world) == {"a/0": 0.25, "b/0": 0.25}


def test_what_was_lost_before_a_neighbour_came_back_is_sent_again():
    world = World("ab", interval=1000.0)
    world.run(1)
    world.lose(1.0)
    longer = [world["a"].population.add(organism(value)) for value in (3, 2, 1)]
    world.run(1)
    world["a"].exchange.link_down(world["b"].me, world.now)
    world.lose(0.0)
    world.connect()
    world.run(3)
    assert set(longer) <= world["b"].population.alive.keys()


# --- credits ---


def test_a_slow_peer_holds_its_window_and_costs_others_nothing():
    world = populated("abc", each=3)
    world["c"].slow = True
    for step in range(300):
        world["a"].population.add(organism(0.9 - step / 1000))
        world.step()
    assert len(world["c"].population.inbox) <= 2 * world.settings.window
    assert world["a"].exchange.counters.no_credit > 0
    assert len([1 for name, address, m in world.sent if name == "a/0" and address == "c-0:1"]) < 60
    world.step(0.2)
    assert bests(world)["b/0"] == bests(world)["a/0"] < 0.7
    world["c"].slow = False
    world.run(3)
    assert bests(world)["c/0"] == bests(world)["a/0"]


def test_a_peer_that_ignores_its_credit_is_held_to_its_window():
    world = World("a")
    outputs = []
    for i in range(1, 100):
        message = Emigrants(i, COLUMNS, record_of(organism(i)))
        outputs += world["a"].exchange.receive(member("x/0"), message, 0.0)
    assert len(world["a"].population.inbox) == world.settings.window
    assert rejected(world, "a")["beyond_credit"] == 99 - world.settings.window


def test_a_full_inbox_drops_and_gives_the_credit_back():
    world = World("a", window=20)
    for i in range(1, 15):
        world["a"].exchange.receive(member("x/0"), Emigrants(i, COLUMNS, record_of(organism(i))), 0.0)
    assert rejected(world, "a")["inbox_full"] == 14 - world["a"].population.most
    assert world["a"].exchange.status()["credits_used"] == world["a"].population.most


def test_a_delivery_that_was_dropped_may_come_again():
    world, record = World("a"), record_of(organism(5))
    exchange, population = world["a"].exchange, world["a"].population
    exchange.receive(member("x/0"), Emigrants(1, COLUMNS, record), 0.0)
    delivery, _ = population.inbox.pop()
    exchange.taken_in(delivery, None, 0.0)
    assert exchange.status()["credits_used"] == 0
    exchange.receive(member("x/0"), Emigrants(2, COLUMNS, record), 0.0)
    assert len(population.inbox) == 1 and exchange.counters.dropped == 1
    assert exchange.taken_in(delivery, None, 0.0) == [] == exchange.taken_in(10**9, None, 0.0)


# --- strangers ---


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (Emigrants(1, 1, record_of(organism(5))), "columns"),
        (Emigrants(1, COLUMNS, b"garbage"), "truncated"),
        (Emigrants(1, COLUMNS, b"VGPO" + bytes(60)), "unsupported_version"),
        (Emigrants(1, COLUMNS, bytes(LIMIT + 1)), "oversized_record"),
        (Emigrants(0, COLUMNS, record_of(organism(5))), "sequence"),
        (Emigrants(2**63, COLUMNS, record_of(organism(5))), "sequence"),
        (Want(()), None),
        (Credit(2**64 - 1), None),
        (CreditRequest(2**64 - 1), None),
        (Supply((1,), record_of(organism(5))), None),
        (Ping(1, -1), None),
    ],
)
def test_what_is_wrong_is_counted_and_costs_no_credit(message, reason):
    world = World("a")
    world["a"].exchange.receive(member("x/0"), message, 0.0)
    assert world["a"].population.inbox == [] and world["a"].exchange.status()["credits_used"] == 0
    assert dict(rejected(world, "a")) == ({reason: 1} if reason else {})


def test_a_supply_that_nobody_asked_for_is_refused():
    world = populated("ab")
    world.step()
    world["a"].exchange.receive(world["b"].me, Supply((1,), record_of(organism(5))), world.now)
    assert rejected(world, "a")["not_asked"] == 1


def test_copies_are_neither_evaluated_nor_sent_again():
    world = populated("ab", each=3)
    world.run(25)
    organisms = sum(worker.exchange.counters.sent_organisms for worker in world.workers.values())
    assert organisms <= 6 + 2 * 3  # all once, and the best three times
    for worker in world.workers.values():
        assert len(worker.population.evaluated) == len(set(worker.population.evaluated))
    world["a"].population.alive.clear()
    world.connect()
    world.run(3)
    assert world["a"].exchange.counters.accepted <= 3


def test_of_known_and_new_organisms_only_the_new_come_in():
    world = World("a")
    exchange, population = world["a"].exchange, world["a"].population
    exchange.receive(member("x/0"), Emigrants(1, COLUMNS, record_of(organism(1))), 0.0)
    exchange.receive(member("y/0"), Emigrants(1, COLUMNS, record_of(organism(1), organism(2))), 0.0)
    world.take_in()
    assert population.evaluated == [id_of(organism(1)), id_of(organism(2))]
    assert exchange.counters.accepted == 2 and exchange.counters.duplicate == 1


def test_after_a_move_to_another_table_all_is_new():
    world = populated("ab", each=3)
    world.run(5)
    sent = len(world.messages(Emigrants))
    for worker in world.workers.values():
        worker.exchange.forget()
    world.run(2)
    assert len(world.messages(Emigrants)) > sent


# --- limits ---


def test_emigrations_fit_into_a_message():
    world = populated("ab", each=200, emigrants=500, selection="random", limit=1000)
    world.run(5)
    sizes = [len(message.record) for message in world.messages(Emigrants)]
    assert sizes and max(sizes) <= 1000 and not rejected(world, "a")


def test_wanting_is_bounded_in_rate_and_bytes():
    world = populated("ab", each=50)
    ids = tuple(world["a"].population.alive)
    answers = [out for i in range(1000) for out in world["a"].exchange.receive(world["b"].me, Want(ids), i / 1000)]
    assert 1 <= len(answers) <= 30 and sum(len(o.message.record) for o in answers) <= 4 * LIMIT
    assert all(len(o.message.record) + 9 * len(o.message.ids) <= LIMIT for o in answers)
    assert world["a"].population.exports <= 60
    many = [out for i in range(500) for out in world["a"].exchange.receive(member(f"x/{i}"), Want(ids), 1.0)]
    assert sum(len(o.message.record) for o in many) <= 6 * LIMIT


def test_links_of_strangers_are_bounded_and_neighbours_stay():
    world = populated("ab")
    exchange = world["a"].exchange
    for i in range(3000):
        exchange.receive(member(f"x/{i}"), CreditRequest(5), 1.0)
    assert exchange.status()["links"] <= 1200
    world["a"].population.add(organism(0.1))
    world.run(1)
    assert bests(world)["b/0"] == 0.1


def test_sequences_go_on_where_a_forgotten_link_ended():
    world = populated("ab")
    world.run(10)
    a, b = world["a"], world["b"]
    a.exchange.link_down(b.me, world.now)
    for i in range(1300):
        a.exchange.receive(member(f"x/{i}"), CreditRequest(5), world.now)
    a.population.add(organism(0.1))
    world.run(3)
    assert bests(world)["b/0"] == 0.1 and not rejected(world, "b")["replayed"]


# --- settings and orders ---


def test_interval_nought_is_silence_and_migrate_still_works():
    world = populated("ab", interval=0.0)
    world.run(5)
    assert world.sent == [] and world["a"].exchange.next_timer() == math.inf
    for names, count in ((["b/0"], 1), (["z/9"], 0), ([], 0)):
        assert len(world["a"].exchange.emigrate_now(names, world.now, world["a"].peers)) == count
    world.post(world["a"], world["a"].exchange.emigrate_now(None, world.now, world["a"].peers))
    world.deliver()


def test_settings_change_while_it_runs_and_wrong_edges_change_nothing():
    world = populated("ab", interval=1000.0)
    world.run(1)
    exchange = world["a"].exchange
    with pytest.raises(SettingsError):
        exchange.configure(Settings(topology="free-form", edges="nonsense"))
    exchange.configure(Settings(selection="random", interval=0.5, emigrants=3))
    before = len(world.messages(Emigrants, "a"))
    world.run(3)
    assert len(world.messages(Emigrants, "a")) > before


def test_the_next_timer_is_never_missed():
    world = populated("ab")
    world.run(2)
    exchange = world["a"].exchange
    assert world.now - 0.1 < exchange.next_timer() <= world.now + 0.2
