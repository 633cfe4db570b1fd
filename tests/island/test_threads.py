"""Others may read while the island advances; commands wait their turn; Ctrl-C ends at once and leaves everything whole."""

import os
import signal
import subprocess
import sys
import threading
import time
from itertools import pairwise

import numpy as np
import pytest
from vgp.lifecycle_doors import Store

from tests.island.tables import CALLING, SMALL, started, state, table
from tests.island.test_lifecycle import chain
from vgp import genome
from vgp.errors import SandboxError
from vgp.layout import REFERENCE
from vgp.parameters import Parameters

PATIENCE = 60  # seconds after which a thread counts as deadlocked


def together(island, *readers, ticks=60, turns_each=0, command=None):
    """Advances in one thread, until each of the readers in the others had so many turns; whatever they raise is raised here."""
    over, errors, turns = threading.Event(), [], [0] * len(readers)

    def repeat(k, reader):
        try:
            while not over.is_set():
                reader()
                turns[k] += 1
        except BaseException as error:
            errors.append(error)

    def advance():
        try:
            (command or (lambda: island.advance(ticks)))()
            while min(turns) < turns_each and not errors:
                island.advance()
        except BaseException as error:
            errors.append(error)
        finally:
            over.set()

    threads = [threading.Thread(target=advance, daemon=True)]
    threads += [threading.Thread(target=repeat, args=(k, reader), daemon=True) for k, reader in enumerate(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive(), "deadlock"
    if errors:
        raise errors[0]


def test_readers_and_restarts_do_not_wait_for_each_other():
    """A restart makes and drops organisms outside of a tick: the lock and the GIL in the wrong order would hang it."""
    with started(SMALL.replace(restart_after=1), ticks=5) as island:
        together(island, island.front, island.statistics, island.living, ticks=200)
        assert island.latest()["era"] > 10
        assert island.check() is None


@pytest.mark.parametrize("sandbox", ["on", "off"])
def test_reading_from_other_threads_sees_whole_organisms(sandbox):
    with started(CALLING, ticks=10, sandbox=sandbox) as island:

        def read_statistics():
            records = island.statistics()
            assert (np.diff(records["tick"].astype(int)) == 1).all()
            assert (records["living"] <= 60).all()

        def read_front():
            front = island.front()
            assert all(a.size < b.size and a.loss > b.loss for a, b in pairwise(front))
            assert all(entry.formula for entry in front)

        def read_living():
            living = island.living()
            assert len(set(living["id"].tolist())) == len(living) and np.isfinite(living["loss"]).all()

        def read_export():
            bundle = genome.decode_bundle(island.export("all"))  # raises unless every call is answered in the bundle
            assert len(bundle) == len(set(bundle.ids.tolist()))

        together(island, read_statistics, read_front, read_living, read_export, turns_each=3)
        assert island.check() is None


@pytest.mark.parametrize("step", ["feeding", "starving"])
def test_who_reads_is_let_in_between_two_organisms(step):
    """The store's lock is released nowhere else, so this ends only if the walk over the living gives way."""
    store = Store(Parameters(population_size=1200, births_per_tick=1))
    for k in range(1200):
        store.add(chain(3, k), float(k))
    walking = threading.Thread(target=store.live_until_looked_at, args=(step,), daemon=True)
    walking.start()
    looking = threading.Thread(target=store.look, daemon=True)
    looking.start()
    for thread in (looking, walking):
        thread.join(PATIENCE)
        assert not thread.is_alive(), "nobody was let in"
    assert store.check() is None


def test_readers_and_a_store_that_changes_its_size():
    with started(CALLING, ticks=5) as island:

        def resize():
            for k in range(60):
                island.update(population_size=[20, 60, 200][k % 3], max_size=[20, 5, 200][k % 3], library_size=[64, 2, 8][k % 3])
                island.advance()

        readers = (island.statistics, island.living, island.front, lambda: island.export("all"))
        together(island, *readers, command=resize)
        assert island.check() is None


def test_a_large_population_that_is_resized_while_others_read_does_not_deadlock():
    """The store's lock is held for some milliseconds: long enough that the interpreter wants to switch threads meanwhile."""
    parameters = SMALL.replace(population_size=60_000, births_per_tick=20_000, max_size=10, initial_size=8)
    with started(parameters) as island:

        def resize():
            for k in range(4):
                island.update(population_size=[30_000, 60_000][k % 2])

        together(island, island.statistics, island.living, command=resize)


def test_commands_from_other_threads_get_their_turn(tmp_path):
    """While one thread advances without a pause, others update, import, check and save: none waits for the end."""
    with started(CALLING, ticks=5) as island:
        record, turn = island.export("all"), iter(range(10**9))
        commands = (
            lambda: island.update(crossover=next(turn) % 10 / 10),
            lambda: island.import_(record),
            lambda: island.checkpoint(tmp_path / "run.state"),
            lambda: None if island.check() is None else pytest.fail("inconsistent"),
        )
        together(island, *commands, turns_each=3)
        assert island.check() is None


def test_what_is_read_during_a_run_does_not_change_it():
    with started(CALLING, ticks=60) as undisturbed, started(CALLING) as island:
        together(island, island.statistics, island.living, lambda: island.export("front"))
        assert state(island) == state(undisturbed)


@pytest.mark.parametrize("sandbox", ["on", "off"])
def test_interrupt_ends_an_advance_of_another_thread(sandbox):
    data = table(rows=50_000)
    with started(SMALL.replace(births_per_tick=500), sandbox=sandbox, dataset=data) as island:
        ended = []

        def advance():
            try:
                island.advance(10_000)
            except KeyboardInterrupt:
                ended.append(time.monotonic())

        thread = threading.Thread(target=advance, daemon=True)
        thread.start()
        time.sleep(0.2)
        island.interrupt()
        thread.join(PATIENCE)
        assert ended
        assert island.check() is None
        with pytest.raises(KeyboardInterrupt):
            island.advance()
        island.interrupt(False)
        island.advance()
        assert island.check() is None


def test_an_interrupted_import_leaves_nobody_behind():
    with started(CALLING, ticks=10) as home, started(CALLING, seed=7) as island:
        before = state(island)
        island.interrupt()
        with pytest.raises(KeyboardInterrupt):
            island.import_(home.export("all"))
        island.interrupt(False)
        assert island.check() is None and state(island) == before
        assert island.import_(home.export("all")).accepted > 0


CTRL_C = """
import sys, threading
from tests.island.tables import CALLING, started, table
with started(CALLING.replace(births_per_tick=300), ticks=3, dataset=table(rows=30_000), sandbox=sys.argv[1]) as island:
    print("ready", flush=True)
    interrupted = 0
    while interrupted < 3:
        try:
            island.advance(100_000)
        except KeyboardInterrupt:
            interrupted += 1
            assert island.check() is None, island.check()
            print("interrupted", flush=True)
    island.advance(2)
    assert island.check() is None
    assert island.statistics()["living"][-1] > 0
    assert len(island.front())
    assert not len(island._turns)
print("went on", flush=True)
"""


@pytest.mark.parametrize("sandbox", ["on", "off"])
def test_ctrl_c_leaves_a_consistent_island_that_goes_on(sandbox):
    child = subprocess.Popen([sys.executable, "-c", CTRL_C, sandbox], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    watchdog = threading.Timer(PATIENCE, child.kill)
    watchdog.start()
    try:
        assert child.stdout.readline() == "ready\n", child.stderr.read()
        for pause in (0.2, 0.05, 0.11):
            time.sleep(pause)
            os.kill(child.pid, signal.SIGINT)
            assert child.stdout.readline() == "interrupted\n", child.stderr.read()
        rest, errors = child.communicate()
    finally:
        watchdog.cancel()
    assert rest == "went on\n" and child.returncode == 0, errors


def test_a_closed_island_says_so_and_still_shows_what_it_found():
    island = started(SMALL, ticks=3)
    before = state(island)
    island.close()
    island.close()
    assert state(island) == before and len(island.front())
    with pytest.raises(SandboxError, match="closed"):
        island.advance()
    assert island.check() is None


def test_exported_calls_are_answered_in_the_export():
    with started(CALLING, ticks=20) as island:
        bundle = genome.decode_bundle(island.export("all"))
        calls = bundle.nodes["payload"][bundle.nodes["op"] == REFERENCE]
        assert len(calls) and np.isin(calls, bundle.ids).all()
