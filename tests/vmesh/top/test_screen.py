"""`vmesh top` on a terminal: what its user sees and types, and that the terminal is itself again afterwards."""

import os
import signal

import pytest

from tests.cli.running import alive, children
from tests.vmesh.top.running import DOWN, END, ENTER, ESCAPE, PAGE_DOWN, UP, Screen


@pytest.fixture
def top(monkeypatch, tmp_path):
    """Starts it; ends it after the test."""
    started = []

    def start(*words, **settings):
        started.append(Screen(monkeypatch, tmp_path, *words, **settings).__enter__())
        return started[-1]

    yield start
    for one in started:
        one.__exit__()


def test_it_shows_a_mesh_that_lives_and_leaves_the_terminal_as_it_was(top):
    screen = top()
    screen.wait(lambda: all(text in screen.text for text in ("evaluations/s", "4 of 4 workers", "node-0/3", "▸")))
    first = screen.rows[2]
    screen.wait(lambda: screen.rows[2] != first)  # evaluations go on
    screen.type("q")
    assert screen.finish() == 0
    assert screen.restored()
    assert b"Traceback" not in screen.terminal.seen


def test_selecting_scrolling_sorting_and_filtering_among_hundreds(top):
    screen = top(feed={"hosts": 8, "workers": 64})
    screen.wait(lambda: screen.selected() == "node-0/0")
    screen.type(DOWN + DOWN + UP)
    screen.wait(lambda: screen.selected() == "node-0/1")
    screen.type(END)
    screen.wait(lambda: screen.selected() == "node-7/63")
    screen.type(PAGE_DOWN)
    screen.type("i")
    screen.shows("worker▼")
    screen.type(">")
    screen.shows("state▲")
    screen.type("/node-3/1")
    screen.wait(lambda: screen.last.startswith("/node-3/1"))
    screen.type(ENTER)
    screen.wait(lambda: "node-3/1" in screen.text and "node-7/63" not in screen.text and "filter" in screen.last)
    screen.type(ESCAPE)
    screen.wait(lambda: "filter node" not in screen.last)
    screen.type("?")
    screen.shows("select a worker")
    screen.type("q")
    screen.shows("worker")
    screen.type("\x03")
    assert screen.finish() == 0 and screen.restored()


def test_commands_ask_first_and_say_what_happened(top):
    screen = top()
    screen.shows("node-0/0")
    screen.type(DOWN + "p")
    screen.shows("pause node-0/1? y/n")
    screen.type("n")
    screen.shows("pause: not done")
    assert screen.obeyed() == []
    screen.type("py")
    screen.shows("node-0/1: paused")
    screen.shows("1 paused")
    screen.type("R")
    screen.shows("resume all 4 workers? y/n")
    screen.type("y")
    screen.shows("resume: done by 4 workers")
    screen.wait(lambda: "1 paused" not in screen.text)
    screen.type("dy")
    screen.shows("drain: this mesh cannot be drained")
    assert screen.obeyed() == [["pause", ["node-0/1"]], ["resume", None], ["drain", ["node-0/1"]]]
    screen.type("q")
    assert screen.finish() == 0
    assert b"drained\x1b[2J" not in screen.terminal.seen  # what others write does not steer the terminal


def test_details_and_freezing(top):
    screen = top()
    screen.shows("node-0/0")
    screen.type(ENTER)
    screen.wait(lambda: all(text in screen.text for text in ("neighbour", "median loss", "best loss (log")))
    screen.type(DOWN)
    screen.shows("─ node-0/1")
    screen.type(" ")
    screen.shows("FROZEN")
    screen.type(" ")
    screen.wait(lambda: "FROZEN" not in screen.text)
    screen.type("q")
    screen.shows("worker▲")
    screen.type("q")
    assert screen.finish() == 0


@pytest.mark.parametrize("size", [(200, 60), (40, 12), (20, 5), (3, 2)])
def test_it_follows_the_size_of_the_terminal(top, size):
    screen = top()
    screen.shows("q quit")
    screen.resize(*size)
    screen.wait(lambda: size[0] <= 10 or "q quit" in screen.last)
    if size[0] == 200:
        screen.wait(lambda: "evaluations per second" in screen.text and len(screen.last) > 100)
    screen.resize(80, 24)
    screen.shows("births and deaths")
    screen.type("q")
    assert screen.finish() == 0 and screen.restored()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_end_it_in_order(top, number):
    screen = top()
    screen.shows("node-0/0")
    os.kill(screen.terminal.pid, number)
    assert screen.finish() == 0 and screen.restored()


def test_a_mistake_leaves_a_whole_terminal_and_its_traceback(top):
    screen = top(feed={"fail": 3})
    screen.shows("node-0/0")
    assert screen.finish() == 1
    assert screen.restored()
    assert screen.terminal.seen.rfind(b"RuntimeError: a mistake") > screen.terminal.seen.rfind(b"\x1b[?1049l")


def test_keys_are_answered_while_a_look_takes_long(top):
    screen = top(feed={"slow": 600})
    screen.shows("node-0/0")
    screen.type(DOWN)
    screen.wait(lambda: screen.selected() == "node-0/1")
    screen.type("q")
    assert screen.finish() == 0 and screen.restored()  # nor does its end wait for the look


def test_without_colours(top):
    screen = top(settings={"NO_COLOR": "1"})
    screen.wait(lambda: screen.selected() == "node-0/0" and "q quit" in screen.last)
    assert {cell.fg for row in screen.screen.buffer.values() for cell in row.values()} == {"default"}
    screen.type("q")
    assert screen.finish() == 0


def test_a_dumb_terminal_gets_text(top):
    screen = top(settings={"TERM": "dumb"})
    assert screen.finish() == 0
    assert b"\x1b" not in screen.terminal.seen and b"node-0/3" in screen.terminal.seen


def test_it_ends_by_itself_when_told_and_leaves_no_process(top):
    screen = top("--seconds", "2", "--interval", "0.2s")
    screen.shows("node-0/0")
    family = children(screen.terminal.pid)
    assert screen.finish() == 0 and screen.restored()
    assert not any(map(alive, family))


def test_the_wheel_and_clicks(top):
    screen = top()
    screen.wait(lambda: "node-0/2" in screen.text and "evals/s" in screen.text)
    row = next(number for number, text in enumerate(screen.rows) if text.startswith("node-0/2"))
    screen.type(f"\x1b[<0;3;{row + 1}M\x1b[<0;3;{row + 1}m")
    screen.wait(lambda: screen.selected() == "node-0/2")
    heading = next(number for number, text in enumerate(screen.rows) if text.startswith("worker") and "evals/s" in text)
    x = screen.rows[heading].index("evals/s")
    screen.type(f"\x1b[<0;{x + 2};{heading + 1}M\x1b[<0;{x + 2};{heading + 1}m")
    screen.shows("evals/▼")
    screen.type("\x1b[<64;3;3M")
    screen.type("q")
    assert screen.finish() == 0
