"""A log line is one line, with all that is needed to find it, whatever was logged."""

import logging
import os
import re
import threading

import pytest

from vmesh import log


@pytest.fixture
def lines():
    before = (logging.getLogger("vmesh").handlers[:], logging.getLogger("vmesh").propagate)
    hooks = (log.sys.excepthook, threading.excepthook)
    found = []
    log.start("alpha/0", write=found.append)
    yield found
    logging.getLogger("vmesh").handlers[:], logging.getLogger("vmesh").propagate = before
    logging.getLogger("vmesh").setLevel(logging.NOTSET)
    log.sys.excepthook, threading.excepthook = hooks


def test_time_worker_level_message(lines):
    logging.getLogger("vmesh.node").info("joined %d", 3)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z alpha/0 INFO joined 3", lines[0])


def test_what_peers_say_cannot_forge_lines(lines):
    logging.getLogger("vmesh").info("name %s", "a\n2026 alpha/0 ERROR forged\x1b[31m")
    assert len(lines) == 1 and "\n" not in lines[0] and "\x1b" not in lines[0]


def test_a_traceback_only_at_debug(lines):
    def fail():
        try:
            {}["x"]
        except KeyError:
            logging.getLogger("vmesh").error("cannot go on", exc_info=True)

    fail()
    assert lines[0].endswith("ERROR cannot go on: KeyError: 'x'")
    log.set_level("debug")
    fail()
    assert all(re.match(r"\d{4}-.*Z alpha/0 (ERROR|DEBUG) ", line) for line in lines[1].splitlines())
    assert "Traceback" in lines[1] and log.level() == "debug"


def test_the_journal_gets_the_level_and_keeps_the_time():
    status = os.fstat(2)
    assert log.is_journal({"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"})
    assert not log.is_journal({"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino + 1}"})
    assert not log.is_journal({}) and not log.is_journal({"JOURNAL_STREAM": "1:2"}, fd=9999)
    record = logging.LogRecord("vmesh", logging.WARNING, "", 0, "full", None, None)
    assert log.LineFormatter("alpha/0", journal=True).format(record) == "<4>alpha/0 WARNING full"


def test_an_unforeseen_error_in_a_thread_is_a_line(lines):
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()
    assert lines[0].endswith("CRITICAL unforeseen error: ZeroDivisionError: division by zero")


def test_nobody_reading_is_no_error(lines):
    def closed(line):
        raise BrokenPipeError

    logging.getLogger("vmesh").handlers[:] = [log.LineHandler(closed)]
    logging.getLogger("vmesh").error("unheard")


def test_the_tail_keeps_the_last_lines_and_gives_each_once():
    tail, logger = log.Tail(most=3), logging.Logger("vmesh.test")
    logger.addHandler(tail)
    assert (tail.after(0, 10), tail.last) == ([], 0)
    for k in range(5):
        logger.info("line %d\n\x1b[2J", k)
    try:
        raise OSError("it broke")
    except OSError:
        logger.exception("while writing")
    assert [(line.number, line.level) for line in tail.after(0, 10)] == [(4, "INFO"), (5, "INFO"), (6, "ERROR")]
    assert [line.number for line in tail.after(0, 2)] == [5, 6] and [line.number for line in tail.after(5, 10)] == [6]
    assert tail.after(6, 10) == [] and tail.last == 6
    texts = [line.text for line in tail.after(0, 10)]
    assert texts[0].startswith("line 3") and all(text.isprintable() for text in texts) and "it broke" in texts[-1]
    logger.info("%d", "no number")  # a mistake of who logs ends nothing
    logger.info("x" * 10_000)
    assert len(tail.after(0, 1)[0].text) <= log.MOST_TEXT
