"""The whole page: head, sections, and the policy that keeps everything else out."""

from collections.abc import Sequence

import numpy as np

from vgp.errors import InputError
from vgp.model import Model
from vgp.pictures.compared import Compared
from vgp.report.data_section import data_section
from vgp.report.front_section import front_section, headline
from vgp.report.gallery import Gallery
from vgp.report.markup import note, number, section, text
from vgp.report.readings import Readings
from vgp.report.reproduction import reproduction_section
from vgp.report.stylesheet import STYLE

POLICY = "default-src 'none'; style-src 'unsafe-inline'"  # styles stand in the page itself; nothing else is ever loaded


def page(model: Model, readings: Readings | None, notes: Sequence[str], sandbox: str = "on") -> tuple[str, list[str]]:
    """The HTML of a report, and a line for each thing that is left out. notes: what is known to be missing already.

    Raises InputError where matplotlib is missing, SandboxError.
    """
    gallery = Gallery(model)
    parts = [
        headline(model),
        *map(note, notes),
        front_section(model, gallery.front()),
        *_comparison(model, readings, gallery, sandbox),
        section("The formula as a tree", gallery.tree()),
        section("The run", *_once(gallery.convergence(), gallery.life())),
        section("Ancestors", gallery.family()),
        data_section(model, readings),
        reproduction_section(model),
    ]
    return _document(model.target, "\n".join(parts)), [*notes, *dict.fromkeys(gallery.notes)]


def _comparison(model: Model, readings: Readings | None, gallery: Gallery, sandbox: str) -> list[str]:
    """Predicted and actual values of the recommended formula, where there is a table."""
    if readings is None:
        return []
    try:
        pairs = readings.compare(model, model.entries[model.chosen], sandbox)
    except InputError as error:
        gallery.notes.append(str(error))
        return [section("Predictions", note(str(error)))]
    return [section("Predictions", f"<p>{_accuracy(pairs, readings)}</p>", gallery.predictions(pairs), gallery.residuals(pairs))]


def _accuracy(pairs: Compared, readings: Readings) -> str:
    left, spread = pairs.residuals, float(np.var(pairs.actual))
    r2 = 1 - float(np.mean(np.square(left))) / spread if spread > 0 else float("nan")
    rows = f"{len(left):,} of {readings.n_rows:,} rows" if len(left) < readings.n_rows else f"{readings.n_rows:,} rows"
    root = number(float(np.sqrt(np.mean(np.square(left)))), 4)
    return f"{rows} of <code>{text(readings.source)}</code>: root mean square error {root}, R² {number(r2, 8)}."


def _once(*parts: str) -> list[str]:
    """Parts without those that say the same."""
    return list(dict.fromkeys(parts))


def _document(title: str, body: str) -> str:
    return f"""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{text(title)} - vgp report</title>
<style>
{STYLE}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""
