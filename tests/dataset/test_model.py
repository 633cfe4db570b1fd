"""Model files: what was saved is loaded; a file that was cut off, edited or made up is named, never half believed."""

import copy
import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dataset.test_history import HOSTILE, records
from vgp.ancestors import Ancestor
from vgp.dataset import Dataset
from vgp.errors import CheckpointError, InputError
from vgp.formula import parse
from vgp.front import FrontEntry
from vgp.genome import genome_id
from vgp.hashing import content_hash
from vgp.model import Model, fitted, predict
from vgp.provenance import provenance

NAMES = ("a", 'odd name, with "quotes" and é', "c")


def entry(formula="a*c + 1", loss=0.5, r2=0.5, slope=2.0, intercept=-1.0):
    nodes = parse(formula, NAMES)
    return FrontEntry(len(nodes), loss, r2, nodes, slope, intercept, genome_id(nodes), NAMES)


def example(*entries, **parameters):
    dataset = Dataset.from_arrays(np.arange(6.0).reshape(2, 3), [1.0, 2.0], names=NAMES, target="t")
    return fitted(entries or (entry("a"), entry()), dataset, parameters, seed=2**63, evaluations=10**12)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.json"


def test_round_trip(path):
    model = example(loss="huber", functions=["add"])
    model.save(path)
    loaded = Model.load(path)
    assert (loaded.names, loaded.target, loaded.chosen, loaded.seed) == (NAMES, "t", model.chosen, 2**63)
    assert (loaded.parameters, loaded.data, loaded.evaluations) == (model.parameters, model.data, 10**12)
    for before, after in zip(model.entries, loaded.entries, strict=True):
        assert before.nodes.tobytes() == after.nodes.tobytes()
        assert (before.size, before.loss, before.r2, before.slope, before.intercept, before.id) == (
            after.size, after.loss, after.r2, after.slope, after.intercept, after.id,
        )  # fmt: skip
        assert before.formula == after.formula


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=4, max_size=4))
def test_numbers_come_back_to_the_last_bit(tmp_path_factory, numbers):
    path = tmp_path_factory.mktemp("model") / "model.json"
    example(entry("a", *numbers)).save(path)
    loaded = Model.load(path).entries[0]
    assert [loaded.loss, loaded.r2, loaded.slope, loaded.intercept] == numbers


LINEAGE = (
    Ancestor(2**64 - 1, (5, 6), 0, math.nan, 3, 'a + "b"'),
    Ancestor(1, (2**64 - 1,), 4, 0.25, 5, "a*c + 1"),
)


def remembering(**more):
    told = {"history": records(1000), "lineage": LINEAGE, "run": provenance(1.5, command="vgp fit 'a b.csv'")}
    return replace(example(), **told) if not more else replace(example(), **(told | more))


def test_what_a_model_remembers_comes_back(path):
    remembering(history=records(30)).save(path)
    loaded = Model.load(path)
    assert loaded.history.tobytes() == records(30).tobytes()
    assert str(loaded.lineage) == str(LINEAGE)  # nan is not equal to itself
    assert loaded.run["command"] == "vgp fit 'a b.csv'" and loaded.run["seconds"] == 1.5 and loaded.run["version"]


def test_a_fitted_model_keeps_a_thin_history(path):
    dataset = Dataset.from_arrays([[1.0, 2.0, 3.0], [2.0, 3.0, 4.0]], [1.0, 2.0], names=NAMES, target="t")
    model = fitted((entry("a"),), dataset, {}, seed=1, evaluations=5, history=records(2000), lineage=LINEAGE)
    assert len(model.history) <= 400 and model.history["births"].sum() == records(2000)["births"].sum()
    assert model.lineage == LINEAGE and model.run == {}


def test_models_are_compared_without_their_history():
    model = remembering(history=records(3))
    assert model == replace(model, history=records(2))


def test_a_file_without_memories_is_as_good(path):
    """Files of before look like this, and files of now without a history are the same as theirs."""
    example().save(path)
    assert not {"history", "lineage", "run"} & set(json.loads(path.read_bytes())["model"])
    loaded = Model.load(path)
    assert loaded.history is None and loaded.lineage == () and loaded.run == {}


def test_r2_that_is_no_number(path):
    example(entry(r2=math.nan)).save(path)
    assert math.isnan(Model.load(path).entries[0].r2)


def test_standard_errors_come_back_known_or_not(path):
    told = replace(entry("a*c + 2.5"), errors=(math.inf, 0.0, 0.25))
    example(told).save(path)
    loaded = Model.load(path).entries[0]
    assert loaded.errors == (math.inf, 0.0, 0.25)
    assert loaded.uncertain == [("intercept", -1.0, 0.25), ("c1", 2.5, math.inf)]


@pytest.mark.parametrize("errors", [[0.1], [0.1, 0.2, "x"], [0.1, 0.2, 0.3, 0.4], "abc", [[], {}, None]])
def test_errors_that_do_not_fit_the_formula_are_refused(path, errors):
    example(replace(entry("a*c + 2.5"), errors=(0.1, 0.2, 0.3))).save(path)
    content = json.loads(path.read_bytes())
    content["model"]["front"][0]["errors"] = errors
    text = json.dumps(content["model"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    content["checksum"] = f"{content_hash(text.encode()):016x}"
    assert "no usable model" in refused(path, json.dumps(content).encode())


def refused(path, content):
    path.write_bytes(content)
    with pytest.raises(CheckpointError) as caught:
        Model.load(path)
    message = str(caught.value)
    assert message.startswith(str(path)) and "\n" not in message
    return message


def test_every_truncation_is_named(path):
    example().save(path)
    content = path.read_bytes()
    for kept in range(len(content) - 2):  # without the last brace; the line end alone may go
        refused(path, content[:kept])


def test_every_edited_letter_is_noticed(path):
    example().save(path)
    content = path.read_bytes()
    start = content.index(b'"model"')
    for at in range(start, len(content) - 3, 7):
        if content[at : at + 1].isalnum():
            refused(path, content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])


def test_reformatting_is_no_edit(path):
    example().save(path)
    path.write_text(json.dumps(json.loads(path.read_text())))
    assert Model.load(path).target == "t"


def forged(path, change):
    """A file with a right checksum over a changed body."""
    example().save(path)
    content = json.loads(path.read_text())
    change(content["model"])
    text = json.dumps(content["model"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    content["checksum"] = f"{content_hash(text.encode()):016x}"
    return json.dumps(content).encode()


@pytest.mark.parametrize(
    "change",
    [
        lambda model: model.pop("front"),
        lambda model: model.update(front=[]),
        lambda model: model.update(front=[1]),
        lambda model: model.update(chosen=7),
        lambda model: model.update(chosen=None),
        lambda model: model.update(inputs=["a"]),  # a formula then uses a column beyond the last
        lambda model: model.update(inputs=[1, 2, 3]),
        lambda model: model.update(target=None),
        lambda model: model["front"][0].update(record="!!!"),
        lambda model: model["front"][0].update(record=""),
        lambda model: model["front"][0].update(record=model["front"][0]["record"][:-8]),
        lambda model: model["front"][0].update(slope="steep"),
        lambda model: model["front"][0].update(size=2.5e400),
        lambda model: model.update(parameters=3),
        lambda model: model["front"][0].update(size=10**30),
        lambda model: model["front"][0].update(size=0),
        lambda model: model.update(history=None),
        lambda model: model.update(history=[1, 2]),
        lambda model: model.update(history={"fields": ["tick"], "records": 10**12, "columns": ""}),
        lambda model: model.update(lineage={"id": 1}),
        lambda model: model.update(lineage=[{"id": 1}]),
        lambda model: model.update(lineage=[{"id": -1, "parents": [], "tick": 0, "loss": 0.5, "size": 1, "formula": "a"}]),
        lambda model: model.update(lineage=[{"id": 1, "parents": [True], "tick": 0, "loss": 0.5, "size": 1, "formula": "a"}]),
        lambda model: model.update(lineage=2 * [{"id": 1, "parents": [], "tick": 0, "loss": 0.5, "size": 1, "formula": "a"}]),
        lambda model: model.update(run="vgp fit"),
    ],
)
def test_made_up_files_are_refused(path, change):
    refused(path, forged(path, change))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_change_of_a_whole_file_gives_a_model_or_is_named(tmp_path_factory, data):
    """A part is replaced by anything, under a right checksum: what loads can be saved and shown again."""
    path = tmp_path_factory.mktemp("model") / "model.json"
    remembering(history=records(2)).save(path)
    content = copy.deepcopy(json.loads(path.read_bytes()))
    place, key = data.draw(st.sampled_from(list(places(content["model"]))))
    place[key] = data.draw(HOSTILE)
    try:
        text = json.dumps(content["model"], sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        content["checksum"] = f"{content_hash(text.encode()):016x}"
    except ValueError:  # no JSON, whatever the checksum
        content["checksum"] = ""
    path.write_text(json.dumps(content))
    try:
        model = Model.load(path)
    except CheckpointError as error:
        assert str(error).startswith(str(path)) and "\n" not in str(error)
        return
    model.save(path)
    assert [entry.formula for entry in Model.load(path).entries] == [entry.formula for entry in model.entries]


def places(part):
    """(container, key) of every value inside a JSON value."""
    keys = part.keys() if isinstance(part, dict) else range(len(part)) if isinstance(part, list) else ()
    for key in keys:
        yield part, key
        yield from places(part[key])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"format": "vgp model", "version": 99}',
        b'{"format": "vgp model"}',
    ],
)
def test_other_files_are_refused(path, content):
    refused(path, content)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_refused(tmp_path_factory, content):
    refused(tmp_path_factory.mktemp("model") / "model.json", content)


def test_a_failed_save_leaves_the_old_file(path):
    example().save(path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="JSON"):
        example(entry(loss=math.inf)).save(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("sandbox", ["on", "off"])
def test_predict_applies_slope_and_intercept(sandbox):
    values = predict(example(), {"a": np.array([1.0, 2.0]), "c": np.array([3.0, 1e30])}, entry(), sandbox=sandbox)
    np.testing.assert_array_equal(values, [2 * 4.0 - 1, 2 * (2e30 + 1) - 1])


def test_predict_gives_probabilities_for_the_logistic_loss():
    model = example(entry("a", slope=1.0, intercept=0.0), loss="logistic")
    values = predict(model, {"a": np.array([-1000.0, 0.0, 1000.0])}, sandbox="off")
    np.testing.assert_array_equal(values, [0, 0.5, 1])


def test_predict_names_what_is_missing():
    with pytest.raises(InputError, match="'c'"):
        predict(example(), {"a": np.array([1.0])}, entry())


def test_a_run_that_found_nothing_says_so():
    dataset = Dataset.from_arrays([[1.0], [2.0]], [1.0, 2.0])
    with pytest.raises(InputError, match="no formula has a finite loss"):
        fitted((), dataset, {}, seed=0, evaluations=0)
