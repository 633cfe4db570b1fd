"""Ten thousand workers outlive the end of all seeds and of half of themselves at once; nobody pays for the size of the mesh."""

import pytest

from vmesh.benchmarks import membership as benchmark
from vmesh.simulation import Simulation

SEEDS = 3
ROUNDS = 40


@pytest.mark.parametrize("workers", [2_000, pytest.param(10_000, marks=pytest.mark.long)])
def test_workers_lose_all_seeds_and_half_of_themselves(workers):
    mesh = Simulation(seed=1)
    mesh.start(workers, SEEDS, rounds=8)
    mesh.rounds(5)
    assert mesh.largest_part() == 1.0
    mesh.kill([*range(SEEDS), *mesh.random.sample(range(SEEDS, workers), workers // 2)])
    end = mesh.now + ROUNDS * mesh.settings.ping_interval
    while mesh.now < end and (mesh.linked(4) < 0.99 or mesh.linked(1) < 1.0):
        mesh.rounds(3)
    assert mesh.linked(4) >= 0.99 and mesh.linked(1) == 1.0
    assert mesh.largest_part() == 1.0
    for index in mesh.living():
        machine = mesh.workers[index].machine
        assert len(machine.active) <= 5 and len(machine.active) + len(machine.passive) <= 35


def test_traffic_is_the_same_in_small_and_large_meshes():
    def bytes_per_second(size):
        mesh = Simulation(seed=2)
        mesh.start(size, SEEDS, rounds=5)
        mesh.rounds(12)
        return benchmark.traffic(mesh)["B/s per worker"]

    small, large = bytes_per_second(100), bytes_per_second(1000)
    assert max(small, large) <= 1.2 * min(small, large)


def test_the_benchmark_has_a_row_for_each_size_and_draws_a_picture(tmp_path, monkeypatch):
    monkeypatch.setattr(benchmark, "ROUNDS_AFTER", 15)
    rows = benchmark.run(sizes=(40, 80), picture=tmp_path / "picture.png")
    assert [row["workers"] for row in rows] == [40, 80]
    assert all(row["part in one piece"] == 1.0 for row in rows)
