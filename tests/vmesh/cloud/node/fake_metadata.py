"""EC2's metadata service on loopback, as one instance sees it."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DOCUMENT = "dynamic/instance-identity/document"
ROLE = "meta-data/iam/security-credentials/"
SPOT = "meta-data/spot/instance-action"


class FakeMetadata:
    """`answers` by path below latest/; `fault(method, path)` may give a status, bytes in place of the answer, or "drop"."""

    def __init__(self):
        self.reset()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Handler,), {"metadata": self}))
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def reset(self):
        self.fault = lambda method, path: None
        self.tokens = {"token-0"}
        self.requests = []
        self.answers = {
            "meta-data/instance-id": "i-0123456789abcdef0",
            "meta-data/ami-launch-index": "2",
            "meta-data/local-ipv4": "127.0.0.1",
            "meta-data/public-hostname": "ec2-192-0-2-7.compute.example",
            "meta-data/tags/instance/vcloud-indexes": "0-1,7,9",
            DOCUMENT: json.dumps({"instanceId": "i-0123456789abcdef0", "region": "us-east-1", "pendingTime": moment(time.time())}),
            ROLE: "vcloud-node",
            ROLE + "vcloud-node": json.dumps({"AccessKeyId": "testing", "SecretAccessKey": "testing", "Token": "token"}),
        }

    def expire(self):
        """Tokens given so far are too old."""
        self.tokens = {f"token-{len(self.requests)}-later"}

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def moment(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class Handler(BaseHTTPRequestHandler):
    metadata: FakeMetadata

    def log_message(self, *_):
        pass

    def handle_one(self):
        path = self.path.removeprefix("/latest/")
        self.metadata.requests.append((self.command, path))
        fault = self.metadata.fault(self.command, path)
        if fault == "drop":
            return
        if isinstance(fault, int):
            return self.answer(fault, b"")
        if isinstance(fault, bytes):
            return self.answer(200, fault)
        if self.command == "PUT":
            known = path == "api/token" and self.headers.get("X-aws-ec2-metadata-token-ttl-seconds")
            return self.answer(200, min(self.metadata.tokens).encode()) if known else self.answer(400, b"")
        if self.headers.get("X-aws-ec2-metadata-token") not in self.metadata.tokens:
            return self.answer(401, b"")
        found = self.metadata.answers.get(path)
        return self.answer(404, b"") if found is None else self.answer(200, found.encode())

    def answer(self, status, content):
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PUT = handle_one
