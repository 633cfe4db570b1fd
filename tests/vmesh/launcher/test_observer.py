"""Workers are asked how they do: fronts when there is news, and an observer that fails does not take the launcher along."""

import threading

from vmesh.errors import AdminError
from vmesh.launcher import observer as module
from vmesh.launcher.observer import Observer


class Scripted:
    """Answers status and front; each round is told to `asked`."""

    def __init__(self):
        self.loss, self.asked, self.closed = 1.0, [], threading.Event()

    def ask(self, addresses, command):
        self.asked.append((command, tuple(addresses)))
        answer = {"best_loss": self.loss} if command == "status" else [{"loss": self.loss}]
        return {address: answer for address in addresses if address != "deaf"}

    def close(self):
        self.closed.set()


def observed(observer, woken, rounds):
    found = []
    while len(found) < rounds:
        assert woken.wait(30)
        woken.clear()
        found += observer.observations()
    return found


def test_a_front_comes_first_and_when_the_loss_has_changed(monkeypatch):
    monkeypatch.setattr(module, "STATUS_SECONDS", 0.01)
    scripted, woken = Scripted(), threading.Event()
    observer = Observer(lambda: scripted, woken.set)
    observer.observe(0, "a")
    observer.observe(1, "deaf")
    observer.start()
    first, second = observed(observer, woken, 2)[:2]
    assert (first.index, first.status, first.front) == (0, {"best_loss": 1.0}, [{"loss": 1.0}])
    assert second.front is None
    scripted.loss = 0.5
    assert any(one.front == [{"loss": 0.5}] for one in observed(observer, woken, module.FRONT_ROUNDS))
    observer.forget(0)
    observer.end()
    assert scripted.closed.wait(30)
    assert ("status", ("a", "deaf")) in scripted.asked


def test_a_round_that_fails_is_not_the_last_one(monkeypatch, caplog):
    """Or a formula found after it would be lost with the worker that found it."""
    monkeypatch.setattr(module, "STATUS_SECONDS", 0.01)
    monkeypatch.setattr(module, "AFRESH_SECONDS", 0.01)
    scripted, woken = [Scripted(), Scripted()], threading.Event()
    broken = scripted[0]
    broken.ask = lambda addresses, command: {}["?"]
    observer = Observer(iter(scripted).__next__, woken.set)
    observer.observe(0, "a")
    observer.start()
    assert observed(observer, woken, 1)[0].front == [{"loss": 1.0}]
    assert broken.closed.is_set() and "could not be asked" in caplog.text
    observer.end()
    observer._thread.join(30)


def test_without_a_key_it_says_so_and_rests(caplog):
    def refuse():
        raise AdminError("no key")

    observer = Observer(refuse, lambda: None)
    observer.start()
    observer._thread.join(30)
    assert "no key" in caplog.text and observer.observations() == []


def test_who_answered_once_and_then_hangs_is_found_and_who_never_did_is_left_alone(monkeypatch):
    monkeypatch.setattr(module, "STATUS_SECONDS", 0.001)
    scripted, woken = Scripted(), threading.Event()
    observer = Observer(lambda: scripted, woken.set)
    observer.observe(0, "a")
    observer.observe(1, "deaf")
    observer.start()
    observed(observer, woken, 1)
    observer.observe(0, "deaf")  # the same worker, which has stopped answering
    while not observer.silent():
        assert woken.wait(30)
        woken.clear()
    assert observer.silent() == [0]
    observer.forget(0)
    assert observer.silent() == []
    observer.end()
