"""Settings: four sources, later ones win, each value knows where it came from, and wrong ones are named with what was meant."""

import dataclasses
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmesh import values
from vmesh.cli.config import as_toml
from vmesh.errors import SettingsError
from vmesh.settings import PRESETS, Settings
from vmesh.sources import KNOBS, SECTIONS, changes, settle
from vmesh.values import duration, from_text, size, to_text


def settled(**given):
    return settle(**{"environment": {}, **given})


def file(tmp_path, text):
    path = tmp_path / "mesh.toml"
    path.write_text(text)
    return str(path)


def test_without_sources_all_is_default():
    result = settled()
    assert result.settings == Settings()
    assert result.origin("exchange.interval") == "default"


def test_each_source_wins_over_those_before_it(tmp_path):
    config = file(tmp_path, '[exchange]\ninterval = "3s"\nwindow = 9\nemigrants = 7\ntopology = "ring"\n')
    environment = {"VMESH_EXCHANGE_WINDOW": "10", "VMESH_EXCHANGE_EMIGRANTS": "8"}
    result = settled(
        config=config,
        preset="wan",
        environment=environment,
        assignments=["exchange.emigrants=9"],
        options={"launcher.workers": ("--workers", 3), "launcher.memory": ("--memory", None)},
    )
    exchange = result.settings.exchange
    assert (exchange.patience, exchange.interval, exchange.window, exchange.emigrants) == (20.0, 3.0, 10, 9)
    origins = [result.origin(f"exchange.{name}") for name in ("patience", "interval", "window", "emigrants")]
    assert origins == ["preset wan", config, "VMESH_EXCHANGE_WINDOW", "--set"]
    assert (result.settings.launcher.workers, result.origin("launcher.workers")) == (3, "--workers")


def test_a_file_and_a_preset_may_come_from_the_environment_or_the_file(tmp_path):
    config = file(tmp_path, 'preset = "wan"\n')
    assert settled(environment={"VMESH_CONFIG": config}).preset == "wan"
    assert settled(environment={"VMESH_CONFIG": config, "VMESH_PRESET": "local"}).preset == "local"
    assert settled(config=config, preset="lan").preset == "lan"


def test_the_engines_parameters_are_settings_like_others():
    result = settled(assignments=["vgp.population-size=20k", "vgp.functions=arithmetic,sqrt"])
    assert result.settings.vgp == {"population_size": 20_000, "functions": ("add", "sub", "mul", "div", "sqrt")}


WRONG = {
    "file, section": ("config", "[exchang]\n", "did you mean 'exchange'"),
    "file, name": ("config", "[exchange]\nintervall = 1\n", "exchange.interval"),
    "file, kind": ("config", '[exchange]\ninterval = "soon"\n', "'soon' is no duration"),
    "file, list": ("config", "[exchange]\ninterval = [1]\n", "exchange.interval"),
    "file, bounds": ("config", "[exchange]\ninterval = -1\n", "exchange.interval is -1"),
    "file, value for section": ("config", "exchange = 1\n", "[exchange]"),
    "file, syntax": ("config", "[exchange\n", "is no TOML"),
    "file, preset": ("config", "preset = 3\n", "no preset 3"),
    "environment, name": ("environment", {"VMESH_EXCHANGE_INTERVALL": "1"}, "VMESH_EXCHANGE_INTERVAL?"),
    "environment, value": ("environment", {"VMESH_WORKER_MEMORY": "much"}, "VMESH_WORKER_MEMORY"),
    "line, no value": ("assignments", ["exchange.interval"], "SECTION.NAME=VALUE"),
    "line, section left out": ("assignments", ["interval=1"], "did you mean exchange.interval?"),
    "line, choice": ("assignments", ["exchange.topology=star"], "fully-connected"),
    "line, parameter": ("assignments", ["vgp.max_size=0"], "max_size"),
    "together": (
        "assignments",
        [f"vgp.mutation_{name}=0" for name in ("constant", "terminal", "function", "subtree", "insert", "hoist", "swap")],
        "all mutation weights are 0",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named_in_one_line_with_its_origin(tmp_path, case):
    kind, content, expected = WRONG[case]
    with pytest.raises(SettingsError) as caught:
        settled(**{kind: file(tmp_path, content) if kind == "config" else content})
    message = str(caught.value)
    assert expected in message and "\n" not in message
    if kind == "config" and "preset" not in case:
        assert "mesh.toml" in message


def test_a_file_that_is_not_there():
    with pytest.raises(SettingsError, match=r"nowhere\.toml: cannot be read: no such file"):
        settled(config="nowhere.toml")


@given(st.binary(max_size=60))
def test_any_bytes_are_settings_or_one_line(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("toml") / "mesh.toml"
    path.write_bytes(content)
    try:
        settled(config=str(path))
    except SettingsError as error:
        assert "mesh.toml" in str(error)


@pytest.mark.parametrize("preset", PRESETS)
def test_the_printed_settings_give_the_same_settings_again(tmp_path, preset):
    result = settled(preset=preset, assignments=["network.keys=a \"b\"\\c", "vgp.functions=add,sin", "worker.memory=3G"])
    text = "\n".join(as_toml(result, describe=True))
    again = settled(config=file(tmp_path, text))
    assert again.preset == preset
    assert dataclasses.replace(again.settings, vgp={}) == dataclasses.replace(result.settings, vgp={})
    assert again.settings.vgp["functions"] == ("add", "sin")
    assert set(tomllib.loads(text)) == {"preset", *SECTIONS}


@pytest.mark.parametrize("preset", PRESETS)
def test_changes_on_a_command_line_give_the_same_settings_again(preset):
    settings = settled(preset=preset, assignments=["exchange.interval=0", "vgp.loss=huber", "vgp.functions=add,exp"]).settings
    assignments = [f"{name}={to_text(value)}" for name, value in changes(settings).items()]
    assert settled(preset="lan", assignments=assignments).settings == settings


@pytest.mark.parametrize("name", KNOBS)
def test_every_default_can_be_written(name):
    knob = KNOBS[name]
    assert from_text(knob, to_text(knob.default)) == knob.default


SIZES = [("0", 0), ("4096", 4096), ("2G", 2 << 30), ("1.5GiB", 3 << 29), ("512m", 512 << 20), ("1_000", 1000), ("3kB", 3072)]


@pytest.mark.parametrize(("text", "expected"), SIZES)
def test_sizes(text, expected):
    assert size(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("0", 0), ("1.5m", 90), ("250ms", 0.25), ("2h", 7200), ("1d", 86_400), ("1e2", 100)]
)
def test_durations(text, expected):
    assert duration(text) == expected


@given(st.text(max_size=12))
def test_any_text_is_a_value_or_one_line(text):
    for read in (values.size, values.duration, lambda text: from_text(KNOBS["exchange.window"], text)):
        try:
            assert read(text) is not None
        except SettingsError as error:
            assert repr(text)[1:-1] in str(error) or text in str(error)
