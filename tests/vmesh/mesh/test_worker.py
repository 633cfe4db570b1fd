"""Whole workers: they evolve, exchange, answer, leave and come back."""

import json

from tests.vmesh.mesh.standing import NOTHING_LEFT
from tests.vmesh.mesh.workers import Worker, eventually, mesh


def test_two_workers_find_each_other_and_exchange(tmp_path):
    with mesh(tmp_path, 2) as (first, second):
        assert first.neighbours() == {second.name}
        eventually(lambda: second.ask("status")["exchange"]["accepted"] > 0)
        eventually(lambda: first.ask("status")["exchange"]["accepted"] > 0)
        assert first.ask("status")["exchange"]["refused_messages"] == {}


def test_a_worker_leaves_with_status_0_and_comes_back_where_it_was(tmp_path):
    with mesh(tmp_path, 2) as (first, second):
        eventually(lambda: second.ask("status")["tick"] > 20)
        before = second.ask("status")
        assert second.terminate() == 0
        eventually(lambda: first.neighbours() == set())
        assert json.loads((tmp_path / "worker-1.front.json").read_text())["model"]["front"]
        with Worker(tmp_path, 1, [first.address]) as again:
            again.wait_ready()
            eventually(lambda: first.neighbours() == {again.name})
            after = again.ask("status")
            assert after["tick"] >= before["tick"]
            assert after["best_loss"] <= max(before["best_loss"], NOTHING_LEFT)
            assert after["incarnation"] > before["incarnation"]


def test_a_formula_typed_by_an_administrator_spreads(tmp_path):
    with mesh(tmp_path, 3, options=["--set", "vgp.population_size=50", "--set", "vgp.births_per_tick=10"]) as workers:
        law = "semi_major_axis_au * sqrt(semi_major_axis_au)"
        workers[0].ask("inject", formulas=[law])
        for worker in workers:
            eventually(lambda worker=worker: worker.best() is not None and worker.best() < 10)
