"""The command line of the benchmark of quality."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vgp.benchmarks.quality.engines import REQUIRES, installed
from vgp.benchmarks.quality.ledger import Ledger, Record
from vgp.benchmarks.quality.picture import draw
from vgp.benchmarks.quality.problems import all_problems, choose, names
from vgp.benchmarks.quality.real import MODELS, real_tables
from vgp.benchmarks.quality.real_tables import SOURCES, table_names
from vgp.benchmarks.quality.running import carry_out, judge_again, planned, planned_tables
from vgp.benchmarks.quality.summary import label, printable, tables
from vgp.benchmarks.report import print_table, write_json
from vgp.errors import InputError, VgpError
from vgp.parameters import Parameters

DESCRIPTION = "Who finds the law? Runs engines on problems with known answers, judges what they find, and prints a table."
EXAMPLES = """\
  python -m vgp.benchmarks.quality --problems classics --engines vgp --seconds 10 --seeds 1 --noise 0 --jobs 2
  python -m vgp.benchmarks.quality --problems formulas --seconds 30,120 --seeds 3       # the whole; goes on where it ended
  python -m vgp.benchmarks.quality --engines vgp --set population_size=4000 --seeds 2   # a row of its own in the table"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs what is missing and prints; 2 for wrong input, 130 after Ctrl-C."""
    try:
        return run(options().parse_args(arguments))
    except VgpError as error:
        print(f"bench-quality: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nended; the same command goes on from here", file=sys.stderr)
        return 130


def options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bench-quality", description=DESCRIPTION, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--problems", type=words, default=["formulas"], metavar="A,B", help="names, families, sets, all (default: formulas)"
    )
    parser.add_argument(
        "--engines", type=words, default=None, metavar="A,B", help=f"of {', '.join(REQUIRES)} (default: the installed)"
    )
    parser.add_argument(
        "--seconds", type=numbers, default=[30.0, 120.0], metavar="S", help="CPU seconds of a run (default: 30,120)"
    )
    parser.add_argument("--seeds", type=seeds, default=[0, 1, 2], metavar="N", help="how many, or which: 3, 0-4, 7,8, (default: 3)")
    parser.add_argument("--noise", type=numbers, default=[0.0, 0.01, 0.1], metavar="G", help="levels (default: 0,0.01,0.1)")
    parser.add_argument("--jobs", type=at_least_one, default=1, metavar="N", help="runs at a time, a core each (default: 1)")
    parser.add_argument("--suite", type=words, default=["laws"], metavar="A,B", help="laws, tables: real ones (default: laws)")
    parser.add_argument("--tables", type=words, default=SOURCES, metavar="A,B", help=f"of {', '.join(SOURCES)} (default: all)")
    parser.add_argument("--models", action="store_true", help="linear, forest and boosting, too, where engines are named")
    parser.add_argument("--set", type=setting, action="append", default=[], metavar="NAME=VALUE", help="a parameter of vgp")
    parser.add_argument(
        "--results", default="results/quality/runs.jsonl", metavar="FILE", help="finished runs (default: %(default)s)"
    )
    parser.add_argument(
        "--again",
        choices=("all", "failed"),
        nargs="?",
        const="all",
        help="repeat finished runs, or those that failed; the new ones count",
    )
    parser.add_argument("--judge-again", action="store_true", help="judge what the finished runs found once more; runs nothing")
    parser.add_argument("--list", action="store_true", help="list the chosen problems and exit")
    return parser


def run(args: argparse.Namespace) -> int:
    problems = choose(args.problems, all_problems())
    if args.list:
        for problem in problems:
            print(f"{problem.name:<22} {problem.family:<14} {problem.formula}")
        return 0
    ledger, runs = Ledger(args.results), all_runs(args, names(problems))
    if args.judge_again:
        return rejudge(args, ledger, ledger.of(runs))
    if args.again:
        ledger.forget(runs, only_failed=args.again == "failed")
    missing = ledger.missing(runs)
    hours = sum(planned_run["seconds"] for planned_run in missing) / 3600
    print(f"{len(runs)} runs, {len(missing)} to do: {hours:.2g} hours of one core, and the judge's", file=sys.stderr)
    try:
        carry_out(ledger, runs, args.jobs, tell)
    finally:
        report(ledger.of(runs), Path(args.results).parent)
    return 0


def rejudge(args: argparse.Namespace, ledger: Ledger, records: list[Record]) -> int:
    """Verdicts of today's judge on finished runs. Ended early, the verdicts that are missing stay what they were."""
    ledger.forget(records)
    carry_out(ledger, records, args.jobs, tell, judge_again)
    report(ledger.of(records), Path(args.results).parent)
    return 0


def all_runs(args: argparse.Namespace, problems: list[str]) -> list[Record]:
    """What the options ask for. Raises InputError for what there is not."""
    engines, settings = chosen_engines(args.engines), {"vgp": dict(args.set)}
    Parameters().replace(**settings["vgp"])
    runs: list[Record] = []
    if "laws" in args.suite:
        runs += planned(problems, engines, args.seeds, args.noise, args.seconds, settings)
    if "tables" in args.suite:
        models = MODELS if args.engines is None or args.models else ()
        runs += planned_tables(table_names(args.tables), engines, models, args.seeds, args.seconds, settings)
    return runs


def report(records: list[Record], folder: Path) -> None:
    """The tables on stdout and in files."""
    laws = [record for record in records if record["suite"] == "laws"]
    real = [record for record in records if record["suite"] == "tables"]
    results = {**(tables(laws) if laws else {}), **(real_tables(real) if real else {})}
    if not results:
        return
    for title, rows in results.items():
        print_table(title, printable(rows), sys.stdout)
    sys.stdout.flush()
    write_json(folder / "quality.json", results)
    if laws and not draw(tables(laws), laws, folder / "quality.png"):
        print("no picture: matplotlib is not installed", file=sys.stderr)


def tell(record: Record, n: int, of: int) -> None:
    """A line per finished run."""
    if record["status"] == "done" and record["suite"] == "tables":
        result = f"R2 {record['r2']:.4f}, size {record['size'] or '-'}"
    elif record["status"] == "done":
        marks = " ".join(word for word in ("exact", "srbench", "form", "wide") if record.get(word)) or "-"
        r2 = "-" if record["r2"] is None else f"{1 - record['r2']:.1e}"
        soon = "-" if record["soon"] is None else f"{record['soon']:.2f} s"
        result = f"1-R2 {r2}, size {record['size']}, R2>0.9999 after {soon}: {marks}  {record['simplified'][:90]}"
    else:
        result = f"failed: {record['status']}"
    where = f"{record['problem']} seed {record['seed']} noise {record['noise']:g} {record['seconds']:g} s"
    print(f"[{n}/{of}] {label(record)}, {where}: {result}", file=sys.stderr, flush=True)


def chosen_engines(wanted: Sequence[str] | None) -> list[str]:
    """Those that are named, or all that are installed. Raises InputError for one that is unknown or missing."""
    for name in wanted or ():
        if name not in REQUIRES:
            raise InputError(f"there is no engine '{name}'; choose from {', '.join(REQUIRES)}")
        if not installed(name):
            raise InputError(
                f"engine {name} is not installed; pip install 'vcloud[bench]'" + (" and pysr" if name == "pysr" else "")
            )
    if wanted:
        return list(dict.fromkeys(wanted))
    return [name for name in REQUIRES if installed(name)]


def at_least_one(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)


def words(text: str) -> list[str]:
    return [word for word in text.replace(",", " ").split() if word]


def numbers(text: str) -> list[float]:
    return [float(word) for word in words(text)]


def seeds(text: str) -> list[int]:
    """ "3" is 0, 1, 2; "0-4" and "7,8" and "5," name them."""
    if text.isdecimal():
        return list(range(int(text)))
    chosen: list[int] = []
    for word in words(text):
        first, _, last = word.partition("-")
        chosen += range(int(first), int(last or first) + 1)
    return chosen


def setting(text: str) -> tuple[str, Any]:
    """NAME=VALUE for vgp's parameters: whole numbers, numbers, true and false, words, words+with+plus."""
    name, sign, value = text.partition("=")
    if not sign:
        raise argparse.ArgumentTypeError(f"{text!r} is no NAME=VALUE")
    if value in ("true", "false"):
        return name, value == "true"
    for kind in (int, float):
        try:
            return name, kind(value)
        except ValueError:
            continue
    return name, value.split("+") if "+" in value or name == "functions" else value
