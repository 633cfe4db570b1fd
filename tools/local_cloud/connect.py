"""`connect HOST PORT`, ssh's ProxyCommand: standard input and output become a connection made inside the cloud's network."""

import os
import socket
import threading

from tools.local_cloud import network
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.state import State

CHUNK = 1 << 18


def connect(state: State, host: str, port: int) -> None:
    """Carry bytes both ways until the other end closes. Raises LocalCloudError: nobody answers there."""
    if not (network.NAMESPACES / state.tag).exists():
        raise LocalCloudError(f"the local cloud in {state.folder} is not up")
    try:
        network.enter(state.tag)
        connection = socket.create_connection((host, port), 20)
    except OSError as error:
        raise LocalCloudError(f"{host} port {port}: {error.strerror or error}") from None
    connection.settimeout(None)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    threading.Thread(target=send, args=(connection,), daemon=True).start()
    try:
        while data := connection.recv(CHUNK):
            write_all(data)
    except OSError:
        pass  # whoever started us is gone, or the host is
    os._exit(0)  # the thread still waits for standard input; nothing is left to tidy


def send(connection: socket.socket) -> None:
    try:
        while data := os.read(0, CHUNK):
            connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def write_all(data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(1, view) :]
