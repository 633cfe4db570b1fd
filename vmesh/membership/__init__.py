"""Membership: who is in the mesh, as a state machine without socket and clock.

    joining  ->  Join, Welcome, ForwardJoin     through all seeds; together again after a partition
    links        Link, LinkReply, Unlink        a few neighbours, kept connected and watched        (active view)
    shuffling    Shuffle, ShuffleReply          many others in mind, random and fresh               (passive view: views)
    probing      Ping, Ack, indirect ones       are you there?
    detection    silence -> suspicion -> death
    rumours      Rumour                         what is said about members
    stabilising  Notify, Predecessor            the ring of names: who comes after whom             (its order: ring)
    meeting      what the sender of any message tells about itself: incarnations, returns from the grave
    namesake     two processes with one name

`state` holds what they all work on, `machine` calls them. Nothing here costs more in a larger mesh.
"""

from vmesh.membership.machine import Membership

__all__ = ["Membership"]
