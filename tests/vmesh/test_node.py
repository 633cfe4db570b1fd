"""What a node's network thread does beside handing messages on."""

from types import SimpleNamespace

from vmesh.node import Node


def test_a_suspect_gets_one_new_connection_for_each_suspicion():
    """The old one may wait as long as the network was silent before it tries again; closing it twice would only lose messages."""
    forgotten = []
    node = SimpleNamespace(
        membership=SimpleNamespace(suspects=()), transport=SimpleNamespace(forget=forgotten.append), suspected=set()
    )
    silent = SimpleNamespace(address="10.0.0.2:7100")
    for suspects in ((), (silent,), (silent,), (), (silent,)):
        node.membership.suspects = suspects
        Node.renew_ways(node)
    assert forgotten == [silent.address] * 2
