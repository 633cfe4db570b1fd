"""A SOCKS 5 proxy on loopback (RFC 1928, CONNECT alone) for tests: it knows a private network that only it can reach.

    python -m tests.vmesh.admin.socks PORT 10.99.0.1:7101=127.0.0.1:41234 ...
"""

import contextlib
import socket
import socketserver
import struct
import sys
import threading


class Proxy(socketserver.ThreadingTCPServer):
    """`routes`: what private addresses lead to; nothing else is reached. `served`: private addresses asked for, in order."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, routes=(), port=0):
        super().__init__(("127.0.0.1", port), Visitor)
        self.routes, self.served, self._open = dict(routes), [], set()

    @property
    def address(self):
        return f"127.0.0.1:{self.server_address[1]}"

    def hang_up(self):
        """Breaks every connection that there is."""
        for one in list(self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def process_request(self, request, client_address):
        self._open.add(request)
        super().process_request(request, client_address)

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()

    def handle_error(self, request, client_address):
        """Whoever went away."""


class Visitor(socketserver.StreamRequestHandler):
    """One connection through the proxy."""

    def handle(self):
        _, methods = self.rfile.read(2)
        self.rfile.read(methods)
        self.request.sendall(b"\x05\x00")
        _, command, _, kind = self.rfile.read(4)
        host = {1: lambda: socket.inet_ntoa(self.rfile.read(4)), 3: lambda: self.rfile.read(self.rfile.read(1)[0]).decode()}[kind]()
        (port,) = struct.unpack("!H", self.rfile.read(2))
        self.server.served.append(f"{host}:{port}")
        way = self.server.routes.get(f"{host}:{port}")
        if command != 1 or way is None:
            self.request.sendall(b"\x05\x05\x00\x01" + bytes(6))
            return
        with socket.create_connection((way.rpartition(":")[0], int(way.rpartition(":")[2]))) as there:
            self.request.sendall(b"\x05\x00\x00\x01" + bytes(6))
            back = threading.Thread(target=pour, args=(there, self.request), daemon=True)
            back.start()
            pour(self.request, there)
            back.join()


def pour(source, sink):
    """All that one end says to the other."""
    with contextlib.suppress(OSError):
        while piece := source.recv(1 << 16):
            sink.sendall(piece)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


if __name__ == "__main__":
    with Proxy([route.split("=") for route in sys.argv[2:]], int(sys.argv[1])):
        threading.Event().wait()
