"""Both sides of a partition go on, and find each other again."""

import pytest

from vmesh.simulation import Simulation


@pytest.mark.parametrize("size", [2, 4, 20, 80])
def test_after_healing_the_two_sides_become_one(size):
    mesh = Simulation(seed=size)
    mesh.start(size, seeds=2)
    mesh.rounds(15)
    mesh.passes = lambda origin, to: origin % 2 == to % 2
    mesh.rounds(60)
    assert mesh.largest_part() == 0.5
    mesh.passes = None
    mesh.rounds(60)
    assert mesh.largest_part() == 1.0
    assert mesh.ring_errors() == 0
    assert mesh.linked(min(4, size - 1)) > 0.95


def test_after_a_long_partition_without_any_seed():
    mesh = Simulation(seed=5)
    mesh.start(60, seeds=2)
    mesh.rounds(15)
    mesh.kill([0, 1])
    mesh.passes = lambda origin, to: origin % 3 == to % 3
    mesh.rounds(120)
    mesh.passes = None
    mesh.rounds(100)
    assert mesh.largest_part() == 1.0
    assert mesh.ring_errors() == 0


def test_a_single_worker_that_was_cut_off_comes_back():
    mesh = Simulation(seed=6)
    mesh.start(30, seeds=2)
    mesh.rounds(15)
    mesh.passes = lambda origin, to: 7 not in (origin, to)
    mesh.rounds(60)
    assert mesh.links(7) == []
    mesh.passes = None
    mesh.rounds(20)
    assert len(mesh.links(7)) >= 4 and mesh.largest_part() == 1.0


def test_looking_for_the_vanished_costs_the_same_however_many_there_are():
    def cost(vanished):
        mesh = Simulation(seed=7)
        mesh.start(40 + vanished)
        mesh.rounds(15)
        mesh.kill(range(40, 40 + vanished))
        mesh.rounds(60)
        before = sum(worker.messages_sent for worker in mesh.workers[:40])
        mesh.rounds(40)
        return (sum(worker.messages_sent for worker in mesh.workers[:40]) - before) / 40 / 40

    assert cost(60) < 1.3 * cost(2)
