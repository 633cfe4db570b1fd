"""The metadata service's door: HTTP in the bridge's namespace, on the address that every host has a route to."""

import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tools.local_cloud.metadata import Service


class Server(ThreadingHTTPServer):
    """Serves on a socket that was opened elsewhere, namely in the bridge's namespace."""

    daemon_threads = True

    def __init__(self, listening: socket.socket, service: Service) -> None:
        super().__init__(listening.getsockname(), Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listening
        self.service = service


class Handler(BaseHTTPRequestHandler):
    """Hands a request on and the answer back."""

    protocol_version = "HTTP/1.1"
    server: Server
    timeout = 20

    def handle_any(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(min(length, 1 << 16))
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.server.service.answer(self.command, self.path, headers, self.client_address[0])
        if answer.hops is not None:
            self.connection.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, max(1, min(64, answer.hops)))
        body = answer.text.encode()
        self.send_response(answer.status)
        for name, value in ({"Content-Type": "text/plain", "Content-Length": str(len(body))} | answer.headers).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = handle_any

    def log_message(self, *words: object) -> None:
        """Hosts ask every few seconds: their questions are no news."""
