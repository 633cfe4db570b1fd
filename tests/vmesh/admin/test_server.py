"""A worker's answers: one for each request, a repeated request obeyed once, nothing that an asker can do ends the loop."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vmesh.admin.fakes import FakeNode, MemoryEndpoint
from tests.vmesh.admin.test_protocol import BOMBS, JSON
from vmesh.admin import remembered, server
from vmesh.admin.arguments import MOST_RECORD
from vmesh.admin.commands import COMMANDS
from vmesh.admin.protocol import MOST_REQUEST, decode_answer
from vmesh.admin.server import Server
from vmesh.settings import Network


class Desk:
    """A server with its fakes and a clock of its own."""

    def __init__(self):
        self.node, self.endpoint, self.now, self.woken = FakeNode(), MemoryEndpoint(), 100.0, 0
        self.server = Server(self.endpoint, self.node, self.wake)

    def wake(self):
        self.woken += 1

    def send(self, command, id=None, route=0, identity="", timeout=10, **arguments):
        content = {"vmesh": 1, "id": id, "command": command, "arguments": arguments, "timeout": timeout}
        self.endpoint.put(json.dumps(content).encode(), route, identity)
        self.server.serve(self.now)

    def answers(self):
        """(route, answer) of all that was replied since the last call."""
        found = [(route, decode_answer(payload)) for route, payload in self.endpoint.replies]
        self.endpoint.replies.clear()
        return found

    def ask(self, command, **how):
        self.send(command, **how)
        ((_, answer),) = self.answers()
        return answer


def test_a_fast_command_is_answered_at_once():
    answer = Desk().ask("status", id="x")
    assert (answer.id, answer.worker, answer.ok, answer.result["tick"]) == ("x", "host/0", True, 7)


def test_a_slow_command_is_answered_when_it_is_done():
    desk = Desk()
    desk.send("advance", id=1, route="A", ticks=50)
    assert desk.answers() == []
    assert desk.ask("status").ok  # meanwhile others are served
    desk.node.advancing[0].set_result({"tick": 50})
    assert desk.woken == 1
    desk.server.serve(desk.now)
    ((route, answer),) = desk.answers()
    assert (route, answer.id, answer.result) == ("A", 1, {"tick": 50})


@pytest.mark.parametrize("when", ["under way", "done"])
def test_a_changing_command_that_is_sent_again_is_obeyed_once(when):
    desk = Desk()
    desk.send("advance", id="a", route="first", ticks=50)
    if when == "done":
        desk.node.advancing[0].set_result({"tick": 50})
        desk.server.serve(desk.now)
        desk.answers()
    desk.send("advance", id="a", route="second", ticks=50)
    if when == "under way":
        assert desk.answers() == []
        desk.node.advancing[0].set_result({"tick": 50})
        desk.server.serve(desk.now)
    answers = dict(desk.answers())
    assert answers["second"].result == {"tick": 50}
    assert desk.node.told == [("advance", 50)]


def test_failures_are_remembered_too():
    desk = Desk()
    assert desk.ask("drain", id=5).reason == "failed"
    desk.node.drain = lambda: {"sent": 1}
    assert desk.ask("drain", id=5).reason == "failed"
    assert desk.ask("drain", id=6).ok


def test_one_id_for_two_requests_is_refused_but_two_askers_may_have_the_same():
    desk = Desk()
    assert desk.ask("log-level", id="a", level="debug").ok
    assert desk.ask("log-level", id="a", level="error").reason == "id"
    assert desk.ask("pause", id="a").reason == "id"
    assert desk.ask("log-level", id="a", identity="another key", level="error").ok
    assert desk.ask("log-level", id=1, level="error").ok
    assert desk.ask("log-level", id="1", level="info").ok


def test_without_an_id_every_request_counts():
    desk = Desk()
    for _ in range(2):
        assert desk.ask("advance").ok
    assert desk.node.told == [("advance", 1)] * 2


def test_who_waited_long_enough_is_told_so_and_may_ask_on():
    desk = Desk()
    desk.send("advance", id="a", ticks=50, timeout=3)
    assert desk.server.next_timer() == 103.0
    desk.now = 103.0
    desk.server.serve(desk.now)
    ((_, answer),) = desk.answers()
    assert (answer.reason, answer.error) == ("deadline", "advance was not done within 3 s; it goes on")
    desk.send("advance", id="a", ticks=50, timeout=3, route="again")
    desk.node.advancing[0].set_result({"tick": 50})
    desk.server.serve(desk.now)
    assert desk.answers()[0][1].result == {"tick": 50}
    assert desk.node.told == [("advance", 50)]


def test_only_so_many_slow_commands_are_under_way(monkeypatch):
    monkeypatch.setattr(server, "MOST_JOBS", 2)
    desk = Desk()
    for id in range(2):
        desk.send("advance", id=id, ticks=50)
    assert desk.ask("advance", id=2, ticks=50).reason == "busy"
    assert desk.ask("pause", id=3).ok  # what is fast goes on
    assert desk.ask("shutdown", id=4).ok
    desk.node.advancing[0].set_result({})
    desk.server.serve(desk.now)
    desk.answers()
    desk.send("advance", id=2, ticks=50)  # busy was no answer to remember
    assert len(desk.node.advancing) == 3


def test_memory_of_what_was_obeyed_is_bounded(monkeypatch):
    monkeypatch.setattr(remembered, "MOST_KEPT", 10)
    desk = Desk()
    desk.send("advance", id="slow", ticks=50)
    for id in range(100):
        assert desk.ask("pause", id=id).ok
    assert len(desk.server._remembered) <= 10
    desk.send("advance", id="slow", ticks=50)
    assert desk.node.told.count(("advance", 50)) == 1  # what is under way is never forgotten
    desk.now += remembered.SECONDS + 1
    desk.server.serve(desk.now)
    desk.answers()  # that the slow one was late
    assert desk.ask("log-level", id=5, level="info").ok  # an old id is free again
    assert len(desk.server._remembered) == 2


def test_refusals_are_one_line_and_bugs_do_not_end_the_worker():
    desk = Desk()
    desk.send("checkpoint", id=1)
    ((_, answer),) = desk.answers()
    assert (answer.reason, answer.error) == ("refused", "the disk is full")
    assert desk.ask("migrate", names=["nobody"]).reason == "arguments"
    assert desk.ask("drain").error == "drain failed: RuntimeError: a bug with a"
    desk.node.status = lambda: {"bad": object}
    assert desk.ask("status").ok
    cancelled = Desk()
    cancelled.send("advance", ticks=9)
    cancelled.node.advancing[0].cancel()
    cancelled.server.serve(cancelled.now)
    assert cancelled.answers()[0][1].error == "advance was dropped"


def test_words_that_are_nearly_right_are_told():
    desk = Desk()
    assert desk.ask("statsu").error == "there is no command 'statsu'; did you mean 'status'?"
    assert "did you mean 'ticks'" in desk.ask("advance", tick=1).error
    assert "did you mean 'exchange.interval'" in desk.ask("parameters", set={"exchange.intervall": 1}).error
    assert desk.ask("parameters", set={"network.port": 1}).error.endswith("is fixed at the start of a worker; set it there")
    assert "between 0 and 86400" in desk.ask("parameters", set={"exchange.interval": -1}).error
    assert desk.node.told == []


ARGUMENT_NAMES = sorted({argument.name for command in COMMANDS.values() for argument in command.ARGUMENTS})


@given(
    st.sampled_from(sorted(COMMANDS)),
    st.dictionaries(st.sampled_from(ARGUMENT_NAMES), JSON | st.just("front") | st.lists(st.text(), max_size=3), max_size=3),
    JSON,
)
def test_every_request_gets_exactly_one_answer(command, arguments, id):
    desk = Desk()
    content = {"vmesh": 1, "id": id, "command": command, "arguments": arguments, "timeout": 1}
    desk.endpoint.put(json.dumps(content).encode(), "route")
    desk.server.serve(desk.now)
    desk.server.serve(desk.now + 2)
    ((route, answer),) = desk.answers()
    assert route == "route"
    assert answer.ok or answer.error


SETTINGS = st.sampled_from(["exchange.interval", "vgp.functions", "loss", "x"])


@given(st.sampled_from(["names", "set"]), st.dictionaries(SETTINGS, JSON))
def test_any_settings_are_taken_whole_or_refused(name, changes):
    desk = Desk()
    desk.endpoint.put(json.dumps({"vmesh": 1, "command": "parameters", "arguments": {name: changes}}).encode())
    desk.server.serve(desk.now)
    ((_, answer),) = desk.answers()
    assert answer.ok or answer.reason in ("arguments", "malformed")  # the latter for infinities, which JSON does not know


@pytest.mark.parametrize("bomb", BOMBS, ids=range(len(BOMBS)))
def test_bombs_are_answered(bomb):
    desk = Desk()
    desk.endpoint.put(bomb)
    begin = b'{"vmesh": 1, "command": "parameters", "arguments": {"set": {"loss": '
    for value in (str(10**400).encode(), b"[" * 800 + b"]" * 800):
        desk.endpoint.put(begin + value + b"}}}")
    desk.server.serve(desk.now)
    answers = desk.answers()
    assert len(answers) == 3
    assert not any(answer.ok for _, answer in answers)


def test_a_flood_leaves_peers_their_turn():
    desk = Desk()
    for _ in range(1000):
        desk.endpoint.put(b"x")
    assert desk.server.serve(desk.now) is True
    assert 0 < len(desk.answers()) < 200


def test_a_request_fits_into_the_largest_message():

    assert MOST_RECORD * 4 / 3 + 1000 < MOST_REQUEST <= Network().max_message + 1000
