"""vmesh config: print the effective settings."""

import argparse
import dataclasses
import json
from collections.abc import Iterator
from typing import Any

from vgp.cli.parameter_options import described
from vmesh.addresses import is_loopback
from vmesh.cli.settings_options import add_settings_options, settled
from vmesh.sources import KNOBS, SECTIONS, Settled

SUMMARY = "Print the effective settings as TOML, with where each came from."
DESCRIPTION = """\
Settings come from a preset, a TOML file, the environment (VMESH_SECTION_NAME) and the command line; each later one wins. The output
is itself such a file. Where no preset is named, vmesh up takes local for a machine by itself, and lan with --seeds or an address
that others reach; vmesh worker takes lan. Sizes may be written 512M or 2G, durations 250ms, 90s or 5m."""
EXAMPLES = """\
  vmesh config --preset wan
  VMESH_EXCHANGE_INTERVAL=2s vmesh config --set exchange.topology=ring
  vmesh config --preset local --describe > mesh.toml"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_settings_options(parser)
    parser.add_argument("--describe", action="store_true", help="say what each setting means as well")


def run(args: argparse.Namespace) -> int:
    """Raises SettingsError for what cannot be used."""
    result = settled(args, default_preset="local")
    if not is_loopback(result.settings.network.bind):
        result = settled(args)
    for line in as_toml(result, describe=args.describe):
        print(line)
    return 0


def as_toml(result: Settled, *, describe: bool = False) -> Iterator[str]:
    """Lines of a TOML file that gives these settings again."""
    yield f'preset = "{result.preset}"'
    for section, kind in SECTIONS.items():
        yield ""
        yield f"[{section}]"
        for knob in dataclasses.fields(kind):
            name = f"{section}.{knob.name}"
            if describe:
                yield f"# {described(KNOBS[name])}".replace("%%", "%")
            yield f"{knob.name} = {toml_value(result.value(name))}  # {result.origin(name)}"


def toml_value(value: Any) -> str:
    """A value as TOML writes it. JSON's texts are TOML's."""
    if isinstance(value, (tuple, list)):
        return f"[{', '.join(map(toml_value, value))}]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return json.dumps(value)
