"""A worker that could never join says so at once."""

import pytest

from vmesh.errors import SettingsError
from vmesh.reach import refuse_dead_ends
from vmesh.settings import Network


@pytest.mark.parametrize(
    ("network", "seeds", "expected"),
    [
        (Network(), ["127.0.0.1:7100", "192.0.2.1:7100"], "192.0.2.1:7100 is on another machine, which needs keys"),
        (Network(), ["[2001:db8::1]:7100"], "needs keys"),
        (Network(keys="keys"), ["192.0.2.1:7100"], "could not answer 127.0.0.1"),
        (Network(bind="0.0.0.0", keys="keys"), [], "set network.advertise"),
    ],
)
def test_what_cannot_work_is_refused(network, seeds, expected):
    with pytest.raises(SettingsError, match=expected.replace("[", "\\[")):
        refuse_dead_ends(network, seeds)


@pytest.mark.parametrize(
    ("network", "seeds"),
    [
        (Network(), ["127.0.0.1:7100", "localhost:7102", "[::1]:7100"]),
        (Network(bind="192.0.2.7", keys="keys"), ["192.0.2.1:7100"]),
        (Network(bind="0.0.0.0", advertise="192.0.2.7", keys="keys"), ["192.0.2.1:7100", "127.0.0.1:7102"]),
        (Network(bind="127.0.0.1", advertise="192.0.2.7", keys="keys"), ["192.0.2.1:7100"]),
    ],
)
def test_what_can_work_is_let_be(network, seeds):
    refuse_dead_ends(network, seeds)
