"""What the user sees: lines that are the launcher's own or workers', and a reader that stops reading stops nobody."""

import io
import os

import pytest
from rich.console import Console

from vmesh.launcher.overview import Overview
from vmesh.launcher.relay import Relay
from vmesh.launcher.screen import MOST_KEPT, PlainScreen, panel

LINE = "2026-11-23T01:02:03.456Z alpha/0 WARNING the disk is full"


def overview(**changes):
    given = {"running": 1, "wanted": 3, "given_up": 1, "elapsed": 62.0, "left": 58.0, "evaluations": 1_230_000, "pace": 45_600.0}
    return Overview(**{**given, "loss": 0.5, "r2": 0.93, "formula": "2*x", "stopping": False, **changes})


def test_log_lines_of_workers_pass_as_they_are():
    lines = []
    assert Relay(lines.append, environment={}).pass_on("alpha/0", LINE) == ""
    assert lines == [LINE]


def test_for_the_journal_they_get_its_form():
    status = os.fstat(2)
    lines = []
    Relay(lines.append, environment={"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}).pass_on("alpha/0", LINE)
    assert lines == ["<4>alpha/0 WARNING the disk is full"]


def test_complaints_and_errors_are_last_words():
    lines = []
    relay = Relay(lines.append, environment={}, quiet=True)
    assert relay.pass_on("alpha/0", "vmesh: there is no column 'z'") == "there is no column 'z'"
    assert relay.pass_on("alpha/0", LINE.replace("WARNING", "ERROR")) == "the disk is full"
    assert relay.pass_on("alpha/0", LINE.replace("WARNING", "INFO")) == ""
    assert len(lines) == 1


def test_what_is_no_log_line_becomes_one(caplog):
    assert Relay([].append, environment={}).pass_on("alpha/0", "Segmentation fault") == ""
    assert "alpha/0: Segmentation fault" in caplog.text


def test_a_reader_that_stops_reading_stops_nobody_and_is_told_what_it_missed():
    reading, writing = os.pipe()
    screen = PlainScreen(writing, quiet=False)
    for number in range(3 * MOST_KEPT):
        screen.line(f"{number} {'x' * 200}")
    seen = b""
    while b"lines were dropped" not in seen:
        seen += os.read(reading, 1 << 16)
        screen.line("more")
    assert seen.startswith(b"0 ") and b"\n1 " in seen
    os.close(reading)
    screen.line("nobody hears this")
    os.close(writing)


@pytest.mark.parametrize("stopping", [False, True])
def test_panel_and_line(stopping):
    console = Console(file=io.StringIO(), width=150)
    console.print(panel(overview(stopping=stopping)))
    shown = console.file.getvalue()
    assert "1 of 3 workers, 1 given up" in shown and "1:02 gone, 0:58 left" in shown and "2*x" in shown
    assert ("Ctrl-C again" in shown) == stopping
    line = overview(left=None).line
    assert line == "1 of 3 workers, 1 given up, 1:02 gone, 1.23M evaluations (45.6k/s), best loss 0.5, R2 0.930; recommended: 2*x"
    assert "no formula yet" in overview(formula="").line
