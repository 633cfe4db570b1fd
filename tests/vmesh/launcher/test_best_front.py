"""The best formula that was ever reported stays, until the mesh moves to another table."""

import base64
import os

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vgp.dataset import Dataset
from vgp.formula import parse
from vgp.genome import encode_bundle
from vgp.layout import batch
from vgp.model import Model, fitted
from vmesh.launcher.best_front import FIRST_TABLE, BestFront, entry_of, stamps

NAMES = ("x", "z")


def row(formula, loss):
    nodes, offsets = batch([parse(formula, NAMES)])
    record = base64.b64encode(encode_bundle(nodes, offsets)).decode()
    return {"size": len(nodes), "loss": loss, "r2": None, "slope": 1.0, "intercept": 0.0, "record": record, "id": "00ff"}


def losses(best):
    return [(entry.size, entry.loss) for entry in best.front]


def test_fronts_are_merged_and_never_get_worse():
    best = BestFront(NAMES, 8)
    best.report([row("x", 3.0), row("x + z", 2.0)], FIRST_TABLE, "squared")
    best.report([row("z", 4.0), row("x * z", 1.0)], FIRST_TABLE, "squared")
    best.report([], FIRST_TABLE, "squared")
    assert losses(best) == [(1, 3.0), (3, 1.0)]
    assert best.chosen is not None


def test_another_table_begins_anew_and_stragglers_do_not_count():
    best = BestFront(NAMES, 8)
    best.report([row("x", 1.0)], FIRST_TABLE, "squared")
    best.report([row("x", 5.0)], (1, "a"), "squared")
    best.report([row("z", 0.5)], FIRST_TABLE, "squared")
    assert losses(best) == [(1, 5.0)] and best.moved


def test_two_tables_announced_under_one_version_are_not_mixed():
    """Workers agree on the larger checksum; losses on the other one mean nothing there."""
    best = BestFront(NAMES, 8)
    best.report([row("x", 1.0)], (1, "a"), "squared")
    best.report([row("x", 5.0)], (1, "b"), "squared")
    best.report([row("x", 2.0)], (1, "a"), "squared")
    assert losses(best) == [(1, 5.0)]


def test_one_worker_with_another_loss_costs_the_others_nothing():
    """Its front is not compared with theirs, and theirs is not let go for it."""
    best = BestFront(NAMES, 8)
    best.report([row("x", 1.0)], FIRST_TABLE, "squared")
    best.report([row("x", 4.0)], FIRST_TABLE, "absolute")
    assert losses(best) == [(1, 4.0)]
    best.report([row("x", 3.0)], FIRST_TABLE, "squared")
    assert losses(best) == [(1, 1.0)]


def test_nonsense_is_left_out():
    best = BestFront(NAMES, 8)
    rows = [{}, row("x", 1.0) | {"record": "?"}, row("x", "much"), row("x", float("nan")), row("z", 2.0)]
    best.report(rows, FIRST_TABLE, "squared")
    assert losses(best) == [(1, 2.0)]
    assert entry_of(row("z", 1.0), ("x",)) is None


FIELDS = ["size", "loss", "r2", "slope", "intercept", "record"]


@given(st.dictionaries(st.sampled_from(FIELDS), st.none() | st.text() | st.floats()))
def test_any_row_is_an_entry_or_nothing(row):
    assert entry_of(row, NAMES) is None


def saved(path, loss, fingerprint="f"):
    Model(NAMES, "y", (entry_of(row("x", loss), NAMES),), 0, data={"fingerprint": fingerprint}).save(path)


def test_what_leaving_workers_wrote_in_this_run_on_this_table_counts(tmp_path):
    """Also when the clock was set back meanwhile."""
    saved(tmp_path / "worker-2.front.json", 1.0)
    before = stamps(tmp_path)
    saved(tmp_path / "worker-0.front.json", 3.0)
    saved(tmp_path / "worker-1.front.json", 2.0, "another table")
    os.utime(tmp_path / "worker-0.front.json", (0, 0))
    (tmp_path / "worker-3.front.json").write_text("{")
    best = BestFront(NAMES, 8)
    best.leave_behind(tmp_path, before, "f")
    assert losses(best) == [(1, 3.0)]


def test_it_ends_where_only_rounding_is_left():
    best = BestFront(NAMES, 8, rounding=1e-6)
    best.report([row("x", 1e-7), row("x + z", float(np.float32(1e-9)))], FIRST_TABLE, "squared")
    assert losses(best) == [(1, 1e-7)]


def test_a_restart_goes_on_from_the_best_that_the_folder_knows(tmp_path):
    """Also from that of a worker that is not started again."""
    x, y = np.array([[1.0, 2.0], [2.0, 5.0], [4.0, 1.0]]), np.array([1.0, 2.0, 4.0])
    dataset = Dataset.from_arrays(x, y, names=NAMES, target="y")
    best = BestFront(NAMES, 8)
    best.report([row("x", 3.0), row("x + z", 2.0)], FIRST_TABLE, "squared")
    fitted(tuple(best.front), dataset, {"loss": "squared"}, seed=1, evaluations=5).save(tmp_path / "worker-1.front.json")
    (tmp_path / "front.json").write_text("damaged")
    later = BestFront(NAMES, 8)
    later.go_on_from(tmp_path, dataset.fingerprint())
    later.report([row("z", 2.5)], FIRST_TABLE, "squared")
    assert losses(later) == [(1, 2.5), (3, 2.0)]
    assert later.leave_behind(tmp_path, {}, dataset.fingerprint()) == {1: 5}
    elsewhere = BestFront(NAMES, 8)
    elsewhere.go_on_from(tmp_path, "another table")
    assert losses(elsewhere) == []
