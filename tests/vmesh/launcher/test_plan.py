"""What is started: command lines that the real worker understands, ports that are free, seeds that others can reach."""

import contextlib
import socket

import pytest

from vmesh.cli.command_line import parser
from vmesh.cli.worker import options_of
from vmesh.errors import SettingsError
from vmesh.launcher.claims import Claims
from vmesh.launcher.plan import Plan
from vmesh.launcher.ports import first_taken, free_block
from vmesh.options import Columns, WorkerOptions
from vmesh.sources import settle


def plan(tmp_path, *assignments, **changes):
    settings = settle(preset="wan", environment={}, assignments=["worker.memory=1G", *assignments]).settings
    columns = Columns("the target", ("a,b", "c"), ("-d",), "w")
    given = {"hostname": "alpha", "workers": 3, "data": "/table.csv", "columns": columns, "checkpoint_dir": tmp_path}
    return Plan(**{**given, "settings": settings, "seeds": ("10.0.0.1:7100",), "data_checksum": "ab" * 32, **changes})


def understood(words, monkeypatch):
    monkeypatch.setattr("os.environ", {})
    words = words[words.index("worker") :]
    return options_of(parser(words).parse_strictly(words))


def test_a_worker_understands_its_command_line(tmp_path, monkeypatch):
    made = plan(tmp_path, "vgp.functions=add,mul", "vgp.linear_scaling=no", "exchange.edges=0>1 1>2")
    options = understood(made.command(2, ["127.0.0.1:7100"], 7, 8), monkeypatch)
    assert options == WorkerOptions(
        checkpoint_dir=tmp_path,
        hostname="alpha",
        index=2,
        data="/table.csv",
        target="the target",
        columns=("a,b", "c"),
        drop=("-d",),
        weights="w",
        seeds=("127.0.0.1:7100", "10.0.0.1:7100"),
        settings=made.settings,
        data_checksum="ab" * 32,
        ready_fd=7,
    )
    assert (options.name, options.port, options.admin_port) == ("alpha/2", 7104, 7105)


def test_few_neighbours_are_named_however_many_workers_there_are(tmp_path):
    words = plan(tmp_path, workers=64).command(9, [f"127.0.0.1:{7100 + 2 * i}" for i in range(64)], 7, 8)
    assert words[words.index("--seeds") + 1] == "127.0.0.1:7100,127.0.0.1:7102,127.0.0.1:7104,127.0.0.1:7106,10.0.0.1:7100"


@pytest.mark.parametrize(
    ("assignments", "address"),
    [
        ([], "127.0.0.1:7102"),
        (["network.bind=0.0.0.0"], "127.0.0.1:7102"),
        (["network.bind=0.0.0.0", "network.advertise=10.1.2.3"], "10.1.2.3:7102"),
        (["network.bind=::1"], "[::1]:7102"),
        (["network.port=0"], ""),
    ],
)
def test_where_others_reach_a_worker(tmp_path, assignments, address):
    assert plan(tmp_path, *assignments).address(1) == address



def test_a_block_with_a_taken_port_is_passed_over_unless_others_count_on_it():
    with contextlib.ExitStack() as held:
        while True:  # the port before it has to be free
            port = held.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1]
            if port <= 65_000 and first_taken("127.0.0.1", range(port - 1, port)) is None:
                break
        first = free_block("127.0.0.1", port - 1, 2, movable=True)
        assert first > port and (first - port + 1) % 4 == 0
        with pytest.raises(SettingsError, match=f"127.0.0.1:{port} is taken"):
            free_block("127.0.0.1", port - 1, 2, movable=False)


def test_two_launchers_that_start_at_the_same_time_choose_different_ports():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    if port > 65_000:
        pytest.skip("too near to the last port")
    with Claims() as one, Claims() as other:
        first = free_block("127.0.0.1", port, 2, movable=True, claims=one)
        second = free_block("127.0.0.1", first + 2, 2, movable=True, claims=other)
        assert second >= first + 4
        with pytest.raises(SettingsError, match="is taken"):
            free_block("127.0.0.1", first, 2, movable=False, claims=other)
    with Claims() as later:
        assert free_block("127.0.0.1", first, 2, movable=True, claims=later) == first


def test_ports_end_somewhere():
    with pytest.raises(SettingsError, match="65535 is the last"):
        free_block("127.0.0.1", 65_000, 400, movable=True)
    assert free_block("127.0.0.1", 0, 400, movable=True) == 0


def test_an_address_of_another_machine_is_refused():
    with pytest.raises(SettingsError, match="name an address of this machine"):
        free_block("192.0.2.1", 7100, 1, movable=True)


@pytest.mark.parametrize(("hostname", "index"), [("", 0), ("a b", 0), ("a/b", 0), ("x" * 90, 0), ("a", -1), ("a", 5000)])
def test_names_that_would_not_travel_are_refused(tmp_path, hostname, index):
    with pytest.raises(SettingsError):
        WorkerOptions(tmp_path, hostname, index, "table.csv", "y")


def test_a_checksum_is_a_checksum(tmp_path):
    with pytest.raises(SettingsError, match="SHA-256"):
        WorkerOptions(tmp_path, "a", 0, "table.csv", "y", data_checksum="12")
