"""A run that stops and goes on is the run that never stopped; and no file, however broken, breaks more than itself."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.island.tables import CALLING, SMALL, started, state, table
from vgp.archipelago import Archipelago
from vgp.checkpoint_file import read_checkpoint, write_checkpoint
from vgp.errors import CheckpointError
from vgp.island import Island

SECTIONS = ("description", "counters", "organisms", "living", "free", "best", "genomes", "history")


def absolute(outputs, target):
    return np.abs(outputs - target).mean(axis=1)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """(path, state) of an island 12 ticks old that is full of calls."""
    path = tmp_path_factory.mktemp("saved") / "run.state"
    with started(CALLING, ticks=12) as island:
        island.checkpoint(path)
        return path, state(island)


def test_twice_100_ticks_with_a_checkpoint_between_are_200(tmp_path):
    path = tmp_path / "run.state"
    with started(CALLING, ticks=200) as island:
        through = state(island)
    with started(CALLING, ticks=100) as island:
        island.checkpoint(path)
    with Island.resume(path, table(), sandbox="off") as island:
        assert island.check() is None
        island.advance(100)
        assert state(island) == through


@pytest.mark.parametrize("seed", range(4))
def test_among_equally_good_ones_the_best_of_a_size_stays_who_it_was(tmp_path, seed):
    """A crowd holds several organisms of one size and one loss; parents are drawn from the best."""
    crowd = CALLING.replace(population_size=300)
    with started(crowd, ticks=16, seed=seed) as island:
        island.checkpoint(tmp_path / "run.state")
        island.advance(20)
        through = state(island)
    with Island.resume(tmp_path / "run.state", table(), sandbox="off") as island:
        island.advance(20)
        assert state(island) == through


def test_an_archipelago_goes_on_where_it_stopped(tmp_path):
    path = tmp_path / "run.state"

    def states(archipelago):
        return [state(island) for island in archipelago.islands]

    def begin():
        archipelago = Archipelago(table(), SMALL, jobs=2, seed=9, sandbox="off", exchange_interval=10)
        archipelago.create()
        return archipelago

    with begin() as archipelago:
        archipelago.advance(60)
        through = states(archipelago)
    with begin() as archipelago:
        archipelago.advance(25)  # between two exchanges
        archipelago.checkpoint(path)
    with Archipelago.resume(path, table(), sandbox="off") as archipelago:
        assert archipelago.exchange_interval == 10
        archipelago.advance(35)
        assert states(archipelago) == through


def test_checkpoints_of_an_unchanged_island_are_equal(saved, tmp_path):
    path, before = saved
    with Island.resume(path, table(), sandbox="off") as island:
        assert state(island) == before
        island.checkpoint(tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    "changes",
    [
        {"max_size": 8}, {"library_size": 0}, {"population_size": 10}, {"births_per_tick": 5}, {"max_expanded_size": 5},
        {"max_size": 8, "library_size": 1, "population_size": 7}, {"max_size": 200, "population_size": 300, "library_size": 500},
    ],
)  # fmt: skip
def test_a_run_whose_limits_were_changed_goes_on_where_it_stopped(tmp_path, changes):
    path = tmp_path / "run.state"
    with started(CALLING, ticks=15) as island:
        island.update(**changes)
        assert island.check() is None
        island.checkpoint(path)
        island.advance(15)
        through = state(island)
    with Island.resume(path, table(), sandbox="off") as island:
        assert island.parameters.replace() == CALLING.replace(**changes)
        island.advance(15)
        assert island.check() is None
        assert state(island) == through


def test_parameters_changed_on_resuming_are_used(saved):
    with Island.resume(saved[0], table(), sandbox="off", population_size=20, predator_age=0.0) as island:
        assert len(island.living()) <= 20
        assert island.parameters.predator_age == 0.0
        island.advance(3)
        assert island.check() is None


def test_a_damaged_file_is_passed_over_for_the_one_before_and_named(tmp_path):
    path = tmp_path / "run.state"
    with started(ticks=5) as island:
        island.checkpoint(path)
        before = state(island)
        island.advance(5)
        island.checkpoint(path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with Island.resume(path, table(), sandbox="off") as island:
        assert state(island) == before
        assert any("run.state:" in line for line in island.damaged)


def test_a_checkpoint_of_another_table_is_refused(saved):
    one_line(saved[0], "belongs to another table", lambda path: Island.resume(path, table(seed=6), sandbox="off"))


def test_a_missing_checkpoint_is_named(tmp_path):
    one_line(tmp_path / "none.state", "", lambda path: Island.resume(path, table()))


def test_several_islands_in_one_file_are_no_single_island(tmp_path):
    path = tmp_path / "run.state"
    with Archipelago(table(), SMALL, jobs=2, sandbox="off") as archipelago:
        archipelago.create()
        archipelago.checkpoint(path)
    one_line(path, "2 islands", lambda path: Island.resume(path, table(), sandbox="off"))


def test_a_run_under_a_python_loss_does_not_go_on_under_another(tmp_path):
    """The losses in the file and those computed afterwards would be compared with each other."""
    path = tmp_path / "run.state"
    with started(loss_function=absolute) as island:
        island.checkpoint(path)
    one_line(path, "function in Python", lambda path: Island.resume(path, table(), sandbox="off"))
    with Island.resume(path, table(), sandbox="off", loss_function=absolute) as island:
        island.advance(2)


def one_line(path, words, action):
    with pytest.raises(CheckpointError) as caught:
        action(path)
    assert str(path) in str(caught.value) and words in str(caught.value) and "\n" not in str(caught.value)


# --- bytes that somebody made up: the container is whole, its content is not ---


def resumed_or_refused(sections, path):
    """An island that holds together, or one line that names the file."""
    write_checkpoint(path, sections)
    try:
        island = Island.resume(path, table(), sandbox="off")
    except CheckpointError as error:
        refusal = str(error)
        assert str(path) in refusal and "\n" not in refusal
        return
    with island:
        assert island.check() is None
        island.front()
        if len(island.living()):
            island.advance(2)
        assert island.check() is None
        island.export("all")


@settings(deadline=None, max_examples=120)
@given(st.sampled_from(SECTIONS[1:]), st.data())
def test_wrong_bytes_in_a_section_break_nothing(saved, tmp_path_factory, name, data):
    sections = {key: bytes(content) for key, content in read_checkpoint(saved[0]).items()}
    content = bytearray(sections[name])
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.sampled_from([0, 1, 2, 3, 4, 127, 128, 255]))
    sections[name] = bytes(content)
    resumed_or_refused(sections, tmp_path_factory.getbasetemp() / "crafted.state")


@settings(deadline=None, max_examples=30)
@given(st.sampled_from(SECTIONS), st.data())
def test_sections_of_the_wrong_length_break_nothing(saved, tmp_path_factory, name, data):
    sections = {key: bytes(content) for key, content in read_checkpoint(saved[0]).items()}
    cut = data.draw(st.integers(0, len(sections[name]) - 1))
    sections[name] = data.draw(st.sampled_from([sections[name][:cut], sections[name] + sections[name][-cut - 1 :]]))
    resumed_or_refused(sections, tmp_path_factory.getbasetemp() / "cut.state")


@pytest.mark.parametrize("name", SECTIONS)
def test_a_missing_section_is_named(saved, tmp_path, name):
    sections = {key: bytes(content) for key, content in read_checkpoint(saved[0]).items() if key != name}
    write_checkpoint(tmp_path / "lacking.state", sections)
    one_line(tmp_path / "lacking.state", name, lambda path: Island.resume(path, table(), sandbox="off"))


TOLD = ("callers", "calls", "height", "depth", "expanded", "loss", "energy", "size", "state", "id", "position", "protected_until")


@pytest.mark.parametrize("field", TOLD)
def test_an_organism_that_lies_about_itself_is_refused(saved, tmp_path, field):
    """Each of these would crash or derail the run later on, long after the file was read."""
    from vgp.exchange import ORGANISM

    sections = {key: bytes(content) for key, content in read_checkpoint(saved[0]).items()}
    organisms = np.frombuffer(sections["organisms"], ORGANISM).copy()
    living = np.frombuffer(sections["living"], np.uint32)
    victim = living[np.argmax(organisms["callers"][living])]
    organisms[field][victim] = np.nan if organisms[field].dtype.kind == "f" else organisms[field][victim] + 1
    write_checkpoint(tmp_path / "lying.state", {**sections, "organisms": organisms.tobytes()})
    one_line(tmp_path / "lying.state", "", lambda path: Island.resume(path, table(), sandbox="off"))


def test_callers_moved_from_one_organism_to_another_are_found(saved, tmp_path):
    """The sum of all callers is right, and still somebody would be freed while it is called."""
    from vgp.exchange import ORGANISM

    sections = {key: bytes(content) for key, content in read_checkpoint(saved[0]).items()}
    organisms = np.frombuffer(sections["organisms"], ORGANISM).copy()
    living = np.frombuffer(sections["living"], np.uint32)
    called = living[organisms["callers"][living] > 0]
    organisms["callers"][called[0]] += 1
    organisms["callers"][called[1]] -= 1
    write_checkpoint(tmp_path / "moved.state", {**sections, "organisms": organisms.tobytes()})
    one_line(tmp_path / "moved.state", "", lambda path: Island.resume(path, table(), sandbox="off"))


def test_random_numbers_that_are_all_zero_are_refused(saved, tmp_path):
    """That generator would give 0 for ever, and the draw of a normal number would never end."""
    sections = {key: bytes(content) for key, content in read_checkpoint(saved[0]).items()}
    write_checkpoint(tmp_path / "zero.state", {**sections, "counters": bytes(32) + sections["counters"][32:]})
    one_line(tmp_path / "zero.state", "random", lambda path: Island.resume(path, table(), sandbox="off"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"version": 2', b'"version": 1'), (b'"seeds": [1]', b'"seeds": []'), (b'"seeds": [1]', b'"seeds": [1e999]'),
        (b'"seeds": [1]', b'"seeds": "x"'), (b'"population_size": 60', b'"population_size": NaN'),
        (b'"names": [', b'"names": 3, "x": ['),
        (b'"population_size": 60', b'"population_size": 2'),
        (b'"population_size": 60', b'"unheard_of": 60'), (b'{', b'[' * 100_000),
    ],
)  # fmt: skip
def test_a_description_that_makes_no_sense_is_refused(saved, tmp_path, old, new):
    sections = {key: bytes(content) for key, content in read_checkpoint(saved[0]).items()}
    assert old in sections["description"]
    write_checkpoint(tmp_path / "odd.state", {**sections, "description": sections["description"].replace(old, new, 1)})
    one_line(tmp_path / "odd.state", "", lambda path: Island.resume(path, table(), sandbox="off"))
