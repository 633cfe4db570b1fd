"""How to do the run again: what was typed, or lines of Python that come to the same."""

from typing import Any

from vgp.display import clock
from vgp.model import Model
from vgp.parameters import ALONE
from vgp.report.markup import lines, number, section, table, text

HASTY = """\
It was given seconds, so how far it comes depends on the machine; with --evaluations instead the same machine gives the same
result."""
UNKNOWN = "What was typed is not recorded. These lines evolve as long on the same table with the same parameters."


def reproduction_section(model: Model) -> str:
    """Seed, version, time, the command, and the parameters that are not what `vgp fit` would take by itself."""
    changed = differing(model)
    if changed:
        rows = [(f"<code>{text(name)}</code>", f"<code>{text(_plain(value))}</code>", f"<code>{text(_plain(default))}</code>")
                for name, value, default in changed]  # fmt: skip
        parameters = table(("parameter", "this run", "default of vgp fit"), rows)
    else:
        parameters = "<p>All parameters are the defaults of <code>vgp fit</code>.</p>"
    return section("The run again", f"<p>{_facts(model)}</p>", _how(model), "<h3>Parameters</h3>", parameters)


def differing(model: Model) -> list[tuple[str, Any, Any]]:
    """(name, value, default) of the parameters that differ from the defaults of a run on its own; names that are unknown, too."""
    defaults = ALONE.as_dict()
    known = sorted(model.parameters.items(), key=lambda item: str(item[0]))
    return [(str(name), value, defaults.get(name, "?")) for name, value in known if defaults.get(name, "?") != value]


def _facts(model: Model) -> str:
    seconds, version = model.run.get("seconds"), model.run.get("version")
    parts = [f"Seed {text(model.seed)}", f"{model.evaluations:,} evaluations"]
    if isinstance(seconds, (int, float)):
        parts.append(f"{clock(seconds)} ({number(seconds)} s)")
    if version is not None:
        parts.append(f"vgp {text(version)}")
    return ", ".join(parts) + "."


def _how(model: Model) -> str:
    command, python = model.run.get("command"), model.run.get("python")
    if isinstance(command, str):
        words = command.split()
        hasty = "" if any(word.startswith("--evaluations") for word in words) else f'<p class="soft">{HASTY}</p>'
        return f"<pre><code>{lines(command)}</code></pre>{hasty}"
    if isinstance(python, str):
        return f"<pre><code>{lines(python)}</code></pre>"
    return f'<p class="soft">{UNKNOWN}</p><pre><code>{lines(snippet(model))}</code></pre>'


def snippet(model: Model) -> str:
    """Python that does a run like the model's: every text in it is a literal."""
    changes = {name: value for name, value, _ in differing(model) if name in ALONE.as_dict()}
    arguments = "".join(f"    {name}={_literal(value)},\n" for name, value in changes.items())
    columns, target = [_literal(str(name)) for name in model.names], _literal(model.target)
    return f"""\
from vgp import Dataset, Island
from vgp.parameters import ALONE
from vgp.tables import read_table

table = read_table({_literal(str(model.data.get("source")))}).choose([{", ".join(columns)}], needed=[{target}])
dataset = Dataset.from_table(table, {target})
parameters = ALONE.replace(
{arguments})
with Island(dataset, parameters, seed={model.seed}) as island:
    island.create()
    while island.evaluations < {model.evaluations}:
        island.advance()
    for entry in island.front():
        print(entry.size, entry.loss, entry.formula)"""


def _literal(value: Any) -> str:
    return ascii(value)


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
