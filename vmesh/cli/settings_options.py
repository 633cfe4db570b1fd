"""Options that set settings. Meaning, unit and default come from vmesh.settings and vgp.parameters, where they are defined."""

import argparse
from typing import Any

from vgp.cli.parameter_options import described
from vmesh.settings import PRESETS
from vmesh.sources import KNOBS, Settled, settle


def add_settings_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("settings")
    group.add_argument("--config", metavar="FILE", help="read settings from this TOML file (default: $VMESH_CONFIG, or none)")
    group.add_argument("--preset", choices=tuple(PRESETS), help="intervals for one machine, a local network, or long distances")
    group.add_argument(
        "--set", action="append", default=[], metavar="SECTION.NAME=VALUE", help="any setting; see --help-settings; may be repeated"
    )
    group.add_argument("--help-settings", action=HelpSettings, nargs=0, help="list every setting with its default, and exit")


def settled(args: argparse.Namespace, options: dict[str, tuple[str, Any]] | None = None, default_preset: str = "lan") -> Settled:
    """The effective settings; `options` as in vmesh.sources.settle. Raises SettingsError."""
    return settle(
        config=args.config, preset=args.preset, assignments=args.set, options=options, default_preset=default_preset
    )


class HelpSettings(argparse.Action):
    """Prints what every setting means."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        width = max(map(len, KNOBS))
        for name, knob in KNOBS.items():
            print(f"{name:{width}}  {described(knob)}".replace("%%", "%"))
        parser.exit()
