"""Credits: a slow peer is not flooded, and no loss, copy or order of messages makes two peers wait for each other for ever."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from vmesh.exchange.credit import INITIAL, LARGEST, REQUEST_INTERVAL, SPAN, Incoming, Outgoing
from vmesh.messages import Credit, CreditRequest


class TwoEnds(RuleBasedStateMachine):
    """A sender that sends whatever it may, a receiver that takes in when it likes, and any fate of the messages between them."""

    def __init__(self):
        super().__init__()
        self.out, self.into = Outgoing(), Incoming()
        self.window, self.now = 4, 0.0
        self.forth, self.back = [], []

    @rule()
    def send(self):
        if self.out.open:
            self.forth.append(self.out.advance())
        elif request := self.out.request(self.now):
            self.forth.append(request)

    @rule(data=st.data(), fate=st.sampled_from(["arrive", "arrive", "lost", "doubled"]))
    def forward(self, data, fate):
        if self.forth:
            at = data.draw(st.integers(0, len(self.forth) - 1))
            message = self.forth[at] if fate == "doubled" else self.forth.pop(at)
            if fate != "lost":
                self.arrives(message)

    def arrives(self, message):
        if isinstance(message, CreditRequest):
            self.told(self.into.requested(message, self.window))
        else:
            self.into.admit(message, self.window)

    @rule()
    def take_in(self):
        if self.into.held:
            self.into.release()
            self.told(self.into.news(self.window))

    def told(self, credit):
        if credit:
            self.back.append(credit)

    @rule(data=st.data(), fate=st.sampled_from(["arrive", "arrive", "lost", "doubled"]))
    def backward(self, data, fate):
        if self.back:
            at = data.draw(st.integers(0, len(self.back) - 1))
            credit = self.back[at] if fate == "doubled" else self.back.pop(at)
            if fate != "lost":
                self.out.grant(credit)

    @rule(window=st.integers(1, 9))
    def other_window(self, window):
        self.window = window

    @rule()
    def time_passes(self):
        self.now += REQUEST_INTERVAL

    @rule(number=st.integers(-5, 2**64))
    def lie(self, number):
        """A peer that writes whatever it likes: only the bound on what is held must stand."""
        liar = Incoming(**{name: getattr(self.into, name) for name in ("highest", "held", "told", "_seen")})
        liar.admit(number, self.window)
        liar.requested(CreditRequest(max(number, 0)), self.window)
        assert liar.held <= max(self.into.held, self.window) and liar.highest <= LARGEST

    @invariant()
    def what_is_held_is_bounded(self):
        assert 0 <= self.into.held <= 9

    def teardown(self):
        """With a network that loses nothing any more, the sender gets on again."""
        self.forth.clear()
        self.back.clear()
        while self.into.held:
            self.take_in()
        for _ in range(3):
            for credit in self.back:
                self.out.grant(credit)
            self.back.clear()
            if self.out.open:
                break
            self.now += REQUEST_INTERVAL
            self.arrives(self.out.request(self.now))
        assert self.out.open
        assert self.into.admit(self.out.advance(), self.window) is None


TestTwoEnds = TwoEnds.TestCase


def test_a_sender_stops_at_its_limit_and_an_older_limit_changes_nothing():
    out = Outgoing()
    assert [out.advance() for _ in range(INITIAL)] and not out.open
    assert out.grant(Credit(5)) and not out.grant(Credit(3)) and out.limit == 5


def test_a_window_is_held_at_most_and_each_number_once():
    into = Incoming()
    assert [into.admit(i, 3) for i in (1, 2, 2, 3, 4)] == [None, None, "replayed", None, "beyond_credit"]
    into.release()
    assert into.admit(4, 3) == "replayed" and into.admit(5, 3) is None


@pytest.mark.parametrize("number", [0, -1, LARGEST + 1])
def test_impossible_numbers_are_refused(number):
    assert Incoming().admit(number, 4) == "sequence"


def test_a_late_message_is_let_in_and_a_very_late_one_is_a_copy():
    into = Incoming()
    assert into.admit(SPAN + 5, 9) is None
    assert into.admit(6, 9) is None and into.admit(5, 9) == "replayed"


def test_a_receiver_that_forgot_the_link_goes_on_where_the_sender_is():
    out, fresh = Outgoing(57, 57), Incoming()
    credit = fresh.requested(out.request(0.0), 4)
    assert out.grant(credit) and fresh.admit(out.advance(), 4) is None


def test_a_full_window_gives_no_credit_until_something_is_taken_in():
    into = Incoming()
    for i in (1, 2):
        into.admit(i, 2)
    assert into.news(2) is None and into.requested(CreditRequest(2), 2) is None
    into.release()
    assert into.news(2) == Credit(3)


@given(st.lists(st.integers(0, 2**65)))
def test_any_requests_leave_limits_that_fit_the_wire(numbers):
    into = Incoming()
    for number in numbers:
        credit = into.requested(CreditRequest(number), 1000)
        assert credit is None or 0 < credit.limit < 2**63
