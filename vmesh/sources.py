"""Where settings come from: preset, TOML file, environment, command line; each later one wins, and each value knows its origin.

    [exchange]                      # a file, --config FILE or VMESH_CONFIG
    interval = "500ms"
    VMESH_EXCHANGE_INTERVAL=500ms   # the environment
    --set exchange.interval=500ms   # the command line

The section `vgp` holds parameters of the engine. VMESH_PRESET and a top-level `preset` choose what the others build on.
"""

from __future__ import annotations

import dataclasses
import difflib
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vgp.errors import InputError
from vgp.parameters import Parameters
from vgp.suggestions import did_you_mean
from vmesh.errors import SettingsError
from vmesh.settings import PRESETS, Exchange, Launcher, Membership, Network, Page, Settings, Worker
from vmesh.values import from_text

SECTIONS: dict[str, type] = {
    "membership": Membership,
    "exchange": Exchange,
    "network": Network,
    "worker": Worker,
    "launcher": Launcher,
    "page": Page,
    "vgp": Parameters,
}
KNOBS: dict[str, dataclasses.Field[Any]] = {
    f"{section}.{knob.name}": knob for section, kind in SECTIONS.items() for knob in dataclasses.fields(kind)
}
PREFIX = "VMESH_"
VARIABLES = {f"{PREFIX}{name.replace('.', '_').upper()}": name for name in KNOBS}
ABOVE_SECTIONS = ("VMESH_CONFIG", "VMESH_PRESET")


@dataclass(frozen=True)
class Given:
    """One value as somebody gave it."""

    name: str  # "section.name"
    value: Any
    origin: str


@dataclass(frozen=True)
class Settled:
    """The settings, and where each value that is no default came from, by "section.name"."""

    settings: Settings
    preset: str
    origins: Mapping[str, str] = field(default_factory=dict)

    def value(self, name: str) -> Any:
        """The effective value of "section.name"."""
        section, _, knob = name.partition(".")
        if section == "vgp":
            return self.settings.vgp.get(knob, KNOBS[name].default)
        return getattr(getattr(self.settings, section), knob)

    def origin(self, name: str) -> str:
        """Where the value came from, in words for the user."""
        return self.origins.get(name, "default")


def settle(
    *,
    config: str | None = None,
    preset: str | None = None,
    assignments: Sequence[str] = (),
    options: Mapping[str, tuple[str, Any]] | None = None,
    environment: Mapping[str, str] | None = None,
    default_preset: str = "lan",
) -> Settled:
    """The effective settings.

    `config` and `preset` are what --config and --preset say, `assignments` the values of --set, `options` other options that stand
    for a setting: "section.name" -> (option, value), None where it was not given. Raises SettingsError, which names the origin.
    """
    environment = os.environ if environment is None else environment
    config = config or environment.get("VMESH_CONFIG")
    content = _read(config) if config else {}
    chosen = preset or environment.get("VMESH_PRESET") or content.pop("preset", None) or default_preset
    content.pop("preset", None)
    given = [
        *_of_preset(chosen),
        *_of_file(config or "", content),
        *_of_environment(environment),
        *map(_of_assignment, assignments),
        *(Given(name, value, option) for name, (option, value) in (options or {}).items() if value is not None),
    ]
    return _settled(given, chosen)


def variables(environment: Mapping[str, str]) -> Iterator[str]:
    """The variables of an environment that speak to vmesh."""
    return (name for name in environment if name.startswith(PREFIX))


def changes(settings: Settings) -> dict[str, Any]:
    """What differs from the defaults, by "section.name": enough to make the same settings elsewhere."""
    plain = {
        f"{section}.{name}": value
        for section in SECTIONS
        if section != "vgp"
        for name, value in dataclasses.asdict(getattr(settings, section)).items()
    }
    changed = {name: value for name, value in plain.items() if value != KNOBS[name].default}
    return changed | {f"vgp.{name}": value for name, value in settings.vgp.items()}


# --- the sources ---


def _of_preset(name: Any) -> Iterator[Given]:
    if not isinstance(name, str) or name not in PRESETS:
        raise SettingsError(f"there is no preset {name!r}; choose one of {', '.join(PRESETS)}")
    for section, values in PRESETS[name].items():
        yield from (Given(f"{section}.{knob}", value, f"preset {name}") for knob, value in values.items())


def _read(path: str) -> dict[str, Any]:
    try:
        return tomllib.loads(Path(path).read_bytes().decode())
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {(error.strerror or str(error)).lower()}") from None
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{path}: is no TOML: {error}") from None


def _of_file(path: str, content: Mapping[str, Any]) -> Iterator[Given]:
    for section, values in content.items():
        if section not in SECTIONS:
            raise SettingsError(f"{path}: there is no section '{section}'; {did_you_mean(section, SECTIONS)}")
        if not isinstance(values, dict):
            raise SettingsError(f"{path}: {section} is a section; write [{section}] on a line of its own")
        yield from (Given(_known(f"{section}.{name}", path), value, path) for name, value in values.items())


def _of_environment(environment: Mapping[str, str]) -> Iterator[Given]:
    for variable in sorted(variables(environment)):
        if variable in ABOVE_SECTIONS:
            continue
        if variable not in VARIABLES:
            near = difflib.get_close_matches(variable, [*VARIABLES, *ABOVE_SECTIONS], 1)
            advice = f"did you mean {near[0]}?" if near else "unset it, or see vmesh config for the names there are"
            raise SettingsError(f"{variable} in the environment names no setting; {advice}")
        yield Given(VARIABLES[variable], environment[variable], variable)


def _of_assignment(assignment: str) -> Given:
    name, equals, text = assignment.partition("=")
    if not equals:
        raise SettingsError(f"--set {assignment}: write SECTION.NAME=VALUE")
    return Given(_known(name.strip().replace("-", "_"), f"--set {assignment}"), text.strip(), "--set")


def _known(name: str, origin: str) -> str:
    if name in KNOBS:
        return name
    short = [known for known in KNOBS if known.partition(".")[2] == name.rpartition(".")[2]]
    hint = f"did you mean {' or '.join(short)}?" if short else did_you_mean(name, KNOBS)
    raise SettingsError(f"{origin}: there is no setting '{name}'; {hint}")


# --- from values to settings ---


def _settled(given: Iterable[Given], preset: str) -> Settled:
    values: dict[str, dict[str, Any]] = {section: {} for section in SECTIONS}
    origins: dict[str, str] = {}
    for one in given:
        section, _, name = one.name.partition(".")
        values[section][name] = _checked(one)
        origins[one.name] = one.origin
    parameters = values.pop("vgp")
    try:
        Parameters(**parameters)  # one value may contradict another
    except InputError as error:
        raise SettingsError(f"section vgp: {error}") from None
    sections = {section: SECTIONS[section](**changed) for section, changed in values.items()}
    return Settled(Settings(**sections, vgp=parameters), preset, origins)


def _checked(one: Given) -> Any:
    """The value as its setting wants it, checked by itself."""
    section, _, name = one.name.partition(".")
    knob, value = KNOBS[one.name], one.value
    try:
        if isinstance(value, str):
            value = from_text(knob, value)
        return getattr(SECTIONS[section](**{name: value}), name)
    except (InputError, TypeError) as error:
        reason = str(error) if isinstance(error, InputError) else f"{value!r} does not fit"
        named = reason.replace("setting ", f"setting {section}.", 1) if name in reason else f"{one.name}: {reason}"
        raise SettingsError(f"{one.origin}: {named}") from None
