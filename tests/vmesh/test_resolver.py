"""A name server that is slow or down holds nobody up."""

import threading
import time

from tests.vmesh.ends import PATIENCE
from vmesh import resolver
from vmesh.resolver import Resolver, system_lookup


def eventually(resolver, host):
    deadline = time.monotonic() + PATIENCE
    while (found := resolver.address(host)) is None and time.monotonic() < deadline:
        time.sleep(0.001)
    return found


def test_numbers_need_no_lookup():
    lookups = []
    names = Resolver(lookups.append)
    assert names.address("10.0.0.1") == "10.0.0.1" and names.address("::1") == "::1"
    assert not lookups


def test_a_name_is_known_once_it_was_looked_up():
    assert eventually(Resolver({"host": "10.0.0.9"}.__getitem__), "host") == "10.0.0.9"


def test_a_lookup_that_hangs_holds_nobody_up_and_is_made_once():
    release, asked = threading.Event(), []

    def hangs(host):
        asked.append(host)
        release.wait(PATIENCE)
        raise OSError("no answer")

    names = Resolver(hangs)
    assert [names.address("host") for _ in range(100)] == [None] * 100
    assert [names.address(f"host-{number}") for number in range(1000)] == [None] * 1000
    assert names._wanted.qsize() <= resolver.WAITING
    assert len(asked) <= 1
    release.set()


def test_a_name_that_was_unknown_is_looked_up_again(monkeypatch):
    monkeypatch.setattr(resolver, "FAILED_KEPT", 0.0)
    known = {}

    def lookup(host):
        if host not in known:
            raise OSError("unknown")
        return known[host]

    names = Resolver(lookup)
    assert names.address("host") is None
    known["host"] = "10.0.0.1"
    assert eventually(names, "host") == "10.0.0.1"


def test_what_is_remembered_is_bounded():
    names = Resolver(lambda host: "10.0.0.1")
    for number in range(5000):
        names.address(f"host-{number}")
    assert len(names._known) <= resolver.MOST


def test_the_system_knows_this_machine():
    assert system_lookup("localhost") in ("127.0.0.1", "::1")
