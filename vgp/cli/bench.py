"""vgp bench: run benchmarks."""

import argparse
import importlib
import pkgutil
import sys
from types import ModuleType
from typing import Any

import vgp.benchmarks
from vgp.benchmarks.report import machine, print_table, write_json
from vgp.cli.outputs import check_writable
from vgp.errors import InputError
from vgp.suggestions import did_you_mean

SUMMARY = "Run benchmarks and print their figures."
DESCRIPTION = "Each benchmark compares side by side within one run; absolute figures depend on the machine, ratios travel."
EXAMPLES = """\
  vgp bench --list
  vgp bench
  vgp bench evaluation --json results.json"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="which benchmarks (default: all)")
    parser.add_argument("--list", action="store_true", help="list the benchmarks and exit")
    parser.add_argument("--json", metavar="FILE", help="write the figures to this file as well")


def run(args: argparse.Namespace, package: ModuleType = vgp.benchmarks) -> int:
    """Runs benchmarks of a package. Raises InputError for an unknown name or one whose requirements are missing."""
    check_writable("--json", args.json)
    names = benchmarks(package)
    for name in args.names:
        if name not in names:
            raise InputError(f"there is no benchmark '{name}'; {did_you_mean(name, names)}")
    if args.list:
        for name in names:
            print(f"{name:<16} {(module(package, name).__doc__ or '').splitlines()[0]}")
        return 0
    measure(package, args.names or names, args.json)
    return 0


def measure(package: ModuleType, names: list[str], path: str | None) -> None:
    """Runs benchmarks one after the other; each is printed when it is done, and the file is rewritten, so that none is lost."""
    print(", ".join(f"{key} {value}" for key, value in machine().items()))
    results: dict[str, list[dict[str, Any]]] = {}
    for name in names:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        results[name] = module(package, name).run()
        print_table(name, results[name], sys.stdout)
        sys.stdout.flush()
        if path is not None:
            write_json(path, results)


def benchmarks(package: ModuleType) -> list[str]:
    """Names of the modules of a package that can be run."""
    found = (entry.name for entry in pkgutil.iter_modules(package.__path__))
    return sorted(name for name in found if hasattr(module(package, name), "run"))


def module(package: ModuleType, name: str) -> Any:
    try:
        return importlib.import_module(f"{package.__name__}.{name}")
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.startswith(("vgp", "vmesh")):
            raise
        raise InputError(f"benchmark '{name}' needs {error.name}: pip install 'vcloud[bench]'") from None
