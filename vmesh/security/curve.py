"""What makes a socket prove a key, or ask for one. Without ZAP's answer nobody gets in (`gatekeeper.py`)."""

import zmq

from vmesh.security.key_file import KeyPair


def ask_for_keys(socket: zmq.Socket[bytes], server: KeyPair, domain: str) -> None:
    """The side that binds: whoever connects proves a key, and the keeper of the domain is asked about it."""
    socket.curve_server = True
    socket.curve_secretkey = server.secret.encode()
    socket.zap_domain = domain.encode()
    socket.setsockopt(zmq.ZAP_ENFORCE_DOMAIN, 1)


def prove_key(socket: zmq.Socket[bytes], client: KeyPair, server: str) -> None:
    """The side that connects: it proves its own key, and goes no further unless the other side holds the server's."""
    socket.curve_serverkey = server.encode()
    socket.curve_publickey = client.public.encode()
    socket.curve_secretkey = client.secret.encode()
