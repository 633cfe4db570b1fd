"""Commands end to end without sockets: typed words, the request, what the worker is told, what is printed."""

import base64
import io
import json

import pytest

from tests.vmesh.admin.fakes import RECORD, FakeNode, MemoryEndpoint
from tests.vmesh.admin.test_server import Desk
from vgp.errors import InputError
from vmesh.admin.arguments import read_table
from vmesh.admin.asking import conclude
from vmesh.admin.client import Outcome
from vmesh.admin.commands import COMMANDS
from vmesh.admin.manuals import help_text, usage
from vmesh.admin.protocol import decode_answer
from vmesh.admin.server import Server
from vmesh.admin.words import parse, split
from vmesh.errors import AdminError


def typed(line, *nodes, as_json=False):
    """(what is printed, exit status, the first node)."""
    nodes = nodes or (FakeNode(),)
    name, *words = split(line)
    sent, kept = parse(COMMANDS[name], words)
    outcomes = []
    for node in nodes:
        endpoint = MemoryEndpoint()
        endpoint.put(json.dumps({"vmesh": 1, "command": name, "arguments": sent}).encode())
        server = Server(endpoint, node)
        server.serve(0.0)
        outcomes.append(Outcome("127.0.0.1:1", name, decode_answer(endpoint.replies[0][1])))
    out = io.StringIO()
    status = conclude(name, outcomes, kept, as_json, out)
    return out.getvalue(), status, nodes[0]


def mesh(count):
    return [FakeNode(f"host/{i}") for i in range(count)]


def test_status_of_one_worker_and_of_many():
    out, status, _ = typed("status")
    assert status == 0
    assert "tick 7, 12.3k evaluations (4.5M/s), 1k living" in out
    assert "loss 0.25, R2 0.999" in out
    assert "memory       200M" in out
    lines = typed("status", *mesh(3))[0].splitlines()
    assert len(lines) == 4
    assert lines[0].split()[:4] == ["worker", "state", "up", "tick"]
    assert lines[2].split()[:5] == ["host/1", "running", "1:01", "7", "12.3k"]


def test_the_front_of_many_is_one_front():
    out = typed("front", *mesh(10)[9:], *mesh(3))[0]
    assert [line.split()[0] for line in out.splitlines()] == ["size", "1", "3"]
    assert "a + b at host/0" in out
    lines = [json.loads(line) for line in typed("front", *mesh(2), as_json=True)[0].splitlines()]
    assert [line["worker"] for line in lines] == ["host/0", "host/1"]
    assert lines[0]["result"][1]["record"] == base64.b64encode(RECORD).decode()


def test_what_a_worker_calls_itself_cannot_reach_the_terminal():
    out = typed("best", FakeNode("\x1b[2Jevil"))[0]
    assert "\x1b" not in out


def test_settings_are_shown_and_set():
    out = typed("parameters population_size interval")[0]
    assert out.splitlines()[0].split() == ["setting", "value", "unit"]
    assert "vgp.population_size  1000   organisms" in out
    assert "exchange.interval    1      s" in out
    _, status, node = typed(
        "parameters exchange.interval=500ms --set population_size=20k functions=arithmetic,sqrt linear_scaling=off"
    )
    assert status == 0
    changes = {"population_size": 20_000, "linear_scaling": False, "functions": ("add", "sub", "mul", "div", "sqrt")}
    assert node.told == [("set", {"exchange": {"interval": 0.5}, "vgp": changes})]
    two = mesh(2)
    two[1].parameters = lambda: {"vgp": {"population_size": 5}}
    assert "host/1" in typed("parameters population_size", *two)[0]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("pause", "pause"),
        ("resume", "resume"),
        ("shutdown", "shutdown"),
        ("advance", ("advance", 1)),
        ("log-level debug", ("log", "debug")),
        ('inject "2 * mass" x', ("inject", ["2 * mass", "x"])),
        (f"keys --revoke {'k' * 40}", ("revoke", "k" * 40)),
        ("export 1,18446744073709551615", ("export", [1, 2**64 - 1])),
        ("export best", ("export", "best")),
    ],
)
def test_what_is_typed_reaches_the_worker(line, told):
    _, status, node = typed(line)
    assert (status, node.told) == (0, [told])


def test_data_and_migrate_and_peers():
    assert "version 2 (10 rows)" in typed(f"data s3://bucket/t.csv --checksum {'A' * 64}")[0]
    assert "20 organisms to host/1,host/2" in typed("migrate host/1 host/2")[0]
    node = FakeNode()
    node.known = [("host/1", "127.0.0.1:2")]
    assert "neighbour" in typed("peers", node)[0]
    assert "nobody" in typed("peers")[0]


def test_records_go_to_files_and_back(tmp_path):
    one = tmp_path / "one.record"
    out, _, _ = typed(f"export --out {one}")
    assert one.read_bytes() == RECORD
    assert str(one) in out
    typed(f"export --out {tmp_path / 'all.record'}", *mesh(2), as_json=True)
    assert (tmp_path / "all-host-1.record").read_bytes() == RECORD
    assert typed(f"inject --record {one}")[2].told == [("inject", RECORD)]
    with pytest.raises(InputError, match="cannot be written"):
        typed(f"export --out {tmp_path / 'no' / 'such'}")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("advance x", "'x' is no whole number"),
        ("advance 0", "no whole number above 0"),
        ("advance 1 2", "one word too many: '2'"),
        ("advance --tick 3", "there is no option --tick"),
        ("inject --record /no/such/file", "cannot be read: no such file"),
        ("inject --record", "expected one argument"),
        ("export frnt", "did you mean 'front'"),
        ("parameters intervall", "did you mean 'interval'"),
        ("parameters interval=fast", "'fast' is no duration"),
        ("data t.csv --checksum 12", "64 hexadecimal digits"),
        ('inject "unclosed', "a quote is not closed"),
    ],
)
def test_wrong_words_are_told_before_anybody_is_asked(line, message):
    with pytest.raises(InputError, match=message):
        typed(line)


def test_refusals_have_their_exit_status(capsys):
    assert typed("checkpoint")[1] == 1
    assert typed("migrate nobody")[1] == 2
    assert typed("inject")[1] == 2
    err = capsys.readouterr().err.splitlines()
    assert err[0] == "vmesh: host/0: the disk is full"
    assert err[2] == "vmesh: host/0: give either formulas or a record"


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("result", [None, 5, [], {}, "x", [5], {"a": 5}, [{"loss": "x", "size": []}], {"active": 5}, {"record": 7}])
def test_answers_of_another_kind_are_printed_or_refused(name, result):
    answer = decode_answer(json.dumps({"vmesh": 1, "id": 1, "worker": "w", "ok": True, "result": result}).encode())
    try:
        assert conclude(name, [Outcome("a:1", name, answer)], {}, False, io.StringIO()) == 0
    except AdminError as error:
        assert "--json" in str(error)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_manual(name):
    page = help_text(name)
    assert page.startswith(usage(name, COMMANDS[name]))
    assert COMMANDS[name].__doc__.strip().splitlines()[0] in page
    assert COMMANDS[name].SUMMARY.endswith(".")
    assert name in help_text(None)
    for argument in COMMANDS[name].ARGUMENTS:
        assert argument.doc in page


def test_commands_that_change_nothing_say_so():
    """A command without CHANGES is obeyed as often as it is sent: it must not touch the worker."""
    for name, command in COMMANDS.items():
        if not command.CHANGES:
            desk = Desk()
            assert desk.ask(name).ok
            assert all(told[0] == "export" for told in desk.node.told)


def test_a_path_is_that_of_whoever_asks(tmp_path, monkeypatch):
    """The worker may have been started in another folder."""
    monkeypatch.chdir(tmp_path)
    assert read_table("t.csv") == str(tmp_path / "t.csv")
    assert read_table("/data/t.csv") == "/data/t.csv"
    assert read_table("s3://bucket/t.csv") == "s3://bucket/t.csv"
