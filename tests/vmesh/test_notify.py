"""systemd hears what it waits for, on sockets with a path and on abstract ones; without it nothing happens."""

import os
import socket

import pytest

from vmesh.notify import Notifier


@pytest.fixture(params=["path", "abstract"])
def manager(request, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        name = str(tmp_path / "notify") if request.param == "path" else f"@vmesh-test-{os.getpid()}"
        listening.bind(name.replace("@", "\0", 1) if name.startswith("@") else name)
        listening.settimeout(30)
        yield listening, name


def test_each_message(manager):
    listening, name = manager
    notifier = Notifier({"NOTIFY_SOCKET": name})
    notifier.ready()
    notifier.status("2 of 2\nworkers")
    notifier.alive()
    notifier.stopping()
    assert [listening.recv(200) for _ in range(4)] == [b"READY=1", b"STATUS=2 of 2 workers", b"WATCHDOG=1", b"STOPPING=1"]
    notifier.close()
    notifier.ready()


def test_a_manager_that_is_gone_or_none_is_no_error(tmp_path):
    for environment in ({}, {"NOTIFY_SOCKET": str(tmp_path / "gone")}, {"NOTIFY_SOCKET": "vsock:2:1234"}):
        notifier = Notifier(environment)
        notifier.ready()
        notifier.close()


def test_a_manager_that_does_not_listen_is_not_waited_for(manager):
    notifier = Notifier({"NOTIFY_SOCKET": manager[1]})
    for _ in range(5000):
        notifier.status("x" * 1000)
    notifier.close()


def test_the_watchdog_is_fed_twice_as_often_as_needed():
    assert Notifier({"WATCHDOG_USEC": "3000000"}).watchdog_interval == 1.5
    assert Notifier({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": str(os.getpid())}).watchdog_interval == 1.5
    for environment in ({}, {"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "1"}, {"WATCHDOG_USEC": "x"}, {"WATCHDOG_USEC": "0"}):
        assert Notifier(environment).watchdog_interval == float("inf")
