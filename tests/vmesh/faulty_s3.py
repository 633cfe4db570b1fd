"""S3 on loopback, with a door in front of it that can be slow, refuse, or break connections."""

import http.client
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
from moto.server import ThreadedMotoServer

from tests.vmesh.service_descriptions import read_once

read_once()

ACCESS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "us-east-1"}
HOP = ("connection", "transfer-encoding", "keep-alive", "server", "date")


class FaultyS3:
    """`fault(method, number)` decides what happens to a request: None (nothing), a status, "cut" (half an answer) or "drop".

    With `gate` cleared, requests wait in front of the door until it is set.
    """

    def __init__(self):
        self._moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        self._moto.start()
        self.behind = self._moto.get_host_and_port()
        self.door = ThreadingHTTPServer(("127.0.0.1", 0), type("Door", (Door,), {"s3": self}))
        self.door.daemon_threads = True
        self.door.handle_error = lambda *_: None  # whoever left while an answer was on its way
        threading.Thread(target=self.door.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.door.server_port}"
        self.gate = threading.Event()
        self.arrived = threading.Event()
        self.reset()

    def reset(self):
        self.fault = lambda method, number: None
        self.requests = []
        self.gate.set()
        self.arrived.clear()

    def environment(self):
        return {**ACCESS, "AWS_ENDPOINT_URL": self.url, "AWS_EC2_METADATA_DISABLED": "true"}

    def bucket(self):
        """A new bucket, spoken to directly, past the door."""
        return Bucket(f"http://{self.behind[0]}:{self.behind[1]}", f"bucket-{uuid.uuid4().hex[:12]}")

    def close(self):
        self.gate.set()
        self.door.shutdown()
        self.door.server_close()
        self._moto.stop()


class Bucket:
    def __init__(self, endpoint, name):
        self.name = name
        self.client = boto3.client(
            "s3",
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )
        self.client.create_bucket(Bucket=name)

    def put(self, key, content):
        self.client.put_object(Bucket=self.name, Key=key, Body=content)
        return f"s3://{self.name}/{key}"

    def get(self, key):
        return self.client.get_object(Bucket=self.name, Key=key)["Body"].read()

    def keys(self):
        return sorted(row["Key"] for row in self.client.list_objects_v2(Bucket=self.name).get("Contents", ()))


class Door(BaseHTTPRequestHandler):
    """Passes a request on, unless something is to go wrong."""

    s3: FaultyS3
    protocol_version = "HTTP/1.1"  # whoever puts something waits for its "100 Continue"

    def log_message(self, *_):
        pass

    def handle_one(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.close_connection = True
        s3 = self.s3
        s3.requests.append(self.command)
        fault = s3.fault(self.command, len(s3.requests))
        s3.arrived.set()
        s3.gate.wait(60)
        if fault == "drop":
            return
        if isinstance(fault, int):
            self.send_response(fault)
            self.send_header("Content-Length", "0")
            self.send_header("Connection", "close")
            self.end_headers()
            return
        self.pass_on(body, cut=fault == "cut")

    def pass_on(self, body, cut):
        behind = http.client.HTTPConnection(*self.s3.behind, timeout=30)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in (*HOP, "expect")}
        behind.request(self.command, self.path, body, headers)
        answer = behind.getresponse()
        content = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP:
                self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content[: len(content) // 2] if cut else content)
        behind.close()

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = handle_one
