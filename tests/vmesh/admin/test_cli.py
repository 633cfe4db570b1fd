"""`vmesh admin` from a shell: tables, JSON, exit statuses, one line for whatever goes wrong."""

import json
import signal
import time

import pytest

from tests.vmesh.admin.fakes import hall_of
from tests.vmesh.admin.running import start, vmesh
from vmesh import runtime
from vmesh.security.key_folder import worker_keys


@pytest.fixture(scope="module")
def hall():
    with hall_of(5) as hall:
        yield hall


def one_line(result):
    assert "Traceback" not in result.stderr
    (line,) = result.stderr.splitlines()
    assert line.startswith("vmesh: ")
    return line


def test_one_worker_and_all(hall, tmp_path):
    one = vmesh(tmp_path, "admin", "status", "--address", hall.addresses[0])
    assert (one.returncode, one.stderr) == (0, "")
    assert one.stdout.startswith("worker       host/0")
    everybody = vmesh(tmp_path, "admin", "status", "--all", "--address", hall.addresses[3])
    assert [line.split()[0] for line in everybody.stdout.splitlines()] == ["worker", *(f"host/{i}" for i in range(5))]


def test_json_is_one_line_for_each_worker(hall, tmp_path):
    result = vmesh(tmp_path, "admin", "advance", "1", "--all", "--json", "--address", hall.addresses[0])
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["worker"] for line in lines] == [f"host/{i}" for i in range(5)]
    assert lines[0] == {"worker": "host/0", "address": hall.addresses[0], "ok": True, "result": {"tick": 8, "evaluations": 13_000}}
    failed = vmesh(tmp_path, "admin", "checkpoint", "--json", "--address", hall.addresses[0])
    assert failed.returncode == 1
    assert json.loads(failed.stdout)["error"] == "the disk is full"


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["checkpoint"], 1, "host/0: the disk is full"),
        (["status", "--address", "127.0.0.1:1"], 1, "is a worker running there?"),
        (["status", "--address", "nonsense"], 2, "is no address"),
        (["status", "--keys", "/no/such/folder"], 2, "there is no such folder"),
        (["advance", "x"], 2, "'x' is no whole number"),
        (["advance", "--tick", "5"], 2, "there is no option --tick"),
        (["export", "best", "--out", "no/such/folder"], 2, "vmesh: no/such/folder: cannot be written: No such file"),
        (["parameters", "exchange.interval=soon"], 2, "exchange.interval: 'soon' is no duration"),
        (["statsu"], 2, "invalid choice: 'statsu'"),
        (["parameters", "nterval=5"], 2, "did you mean"),
        (["status", "--timeout", "never"], 2, "no duration"),
    ],
)
def test_what_goes_wrong_is_one_line(hall, tmp_path, words, status, message):
    given = words if "--address" in words else [*words, "--address", hall.addresses[0]]
    result = vmesh(tmp_path, "admin", *given)
    assert result.returncode == status
    assert message in one_line(result)


def test_without_an_address_the_running_mesh_is_meant(hall, tmp_path, monkeypatch):
    assert "no mesh of yours is running" in one_line(vmesh(tmp_path, "admin", "status"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    runtime.write(("127.0.0.1:1", hall.addresses[2]), "")  # its first worker has died
    assert vmesh(tmp_path, "admin", "status").stdout.startswith("worker       host/2")


def test_keys(tmp_path, folder):
    with hall_of(2, keys=worker_keys(folder)) as hall:
        good = vmesh(tmp_path, "admin", "status", "--all", "--address", hall.addresses[0], "--keys", folder)
        assert len(good.stdout.splitlines()) == 3
        without = vmesh(tmp_path, "admin", "status", "--address", hall.addresses[0])
        assert (without.returncode, "--keys DIR" in one_line(without)) == (1, True)


def test_records_travel_through_files(hall, tmp_path):
    assert vmesh(tmp_path, "admin", "export", "--out", tmp_path / "r", "--address", hall.addresses[0]).returncode == 0
    result = vmesh(tmp_path, "admin", "inject", "--record", tmp_path / "r", "--address", hall.addresses[0])
    assert "accepted" in result.stdout
    assert hall.nodes[0].told[-1] == ("inject", (tmp_path / "r").read_bytes())


def test_ctrl_c_while_waiting(hall, tmp_path):
    before = len(hall.nodes[0].advancing)
    process = start(tmp_path, "admin", "advance", "1000", "--timeout", "1h", "--address", hall.addresses[0])
    deadline = time.monotonic() + 30
    while len(hall.nodes[0].advancing) == before:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "vmesh: interrupted\n")


def test_help_of_a_command_is_its_manual(tmp_path):
    result = vmesh(tmp_path, "admin", "parameters", "--help")
    assert "NAME=VALUE (or --set NAME=VALUE) changes them" in result.stdout
    assert "shutdown" in vmesh(tmp_path, "admin", "--help").stdout
