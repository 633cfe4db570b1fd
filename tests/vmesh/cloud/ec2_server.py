"""moto's server on loopback, nearer to AWS in three things: MaxCount, client tokens, and calls that fail on request.

    python -m tests.vmesh.cloud.ec2_server      prints its port, then serves until standard input ends

    POST /_rules  [{"action", "match": {parameter: value}, "code", "http", "message", "times", "free", "after"}]
                  calls that match are refused with the code, `times` times; with `free`, RunInstances finds room for so many;
                  with `after`, the call is carried out and then the answer is lost
    GET  /_calls  [[action, parameters]] since the last POST; an action of S3 is "METHOD /bucket/key"
"""

import io
import json
import os
import sys
import tempfile
import threading
import urllib.parse

ERROR = "<Response><Errors><Error><Code>{}</Code><Message>{}</Message></Error></Errors><RequestID>fault</RequestID></Response>"
OWNERS = {"debian": "136693071363", "ubuntu": "099720109477"}
NOBLE = "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04"
IMAGES = [
    ("ami-00000000000d12001", "debian-12-amd64-20250101-1000", "debian", "x86_64", "2025-01-01"),
    ("ami-00000000000d12002", "debian-12-amd64-20260901-2000", "debian", "x86_64", "2026-09-01"),
    ("ami-00000000000d12003", "debian-12-arm64-20260901-2000", "debian", "arm64", "2026-09-01"),
    ("ami-00000000000d12004", "debian-12-amd64-20270101-2000", "other", "x86_64", "2027-01-01"),
    ("ami-00000000000f24001", f"{NOBLE}-amd64-server-20260801", "ubuntu", "x86_64", "2026-08-01"),
    ("ami-00000000000f24002", f"{NOBLE}-arm64-server-20260801", "ubuntu", "arm64", "2026-08-01"),
]


def image(ami, name, family, arch, day):
    return {
        "ami_id": ami,
        "name": name,
        "owner_id": OWNERS.get(family, "666666666666"),
        "architecture": arch,
        "creation_date": f"{day}T00:00:00.000Z",
        "description": name,
        "hypervisor": "xen",
        "image_location": name,
        "image_type": "machine",
        "platform": None,
        "public": True,
        "root_device_name": "/dev/sda1" if family == "ubuntu" else "/dev/xvda",
        "root_device_type": "ebs",
        "sriov": "simple",
        "state": "available",
        "virtualization_type": "hvm",
    }


class Ec2:
    """The WSGI application around moto's."""

    def __init__(self, inner):
        self.inner, self.rules, self.calls, self.tokens, self.lock = inner, [], [], {}, threading.Lock()

    def __call__(self, environ, start):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        if environ["PATH_INFO"] == "/_rules":
            self.rules, self.calls = json.loads(body), []
            return plain(start, "200 OK", "[]")
        if environ["PATH_INFO"] == "/_calls":
            return plain(start, "200 OK", json.dumps(self.calls))
        parameters = dict(urllib.parse.parse_qsl(body.decode())) if is_query(environ) else {}
        action = parameters.get("Action") or target(environ) or f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        with self.lock:
            self.calls.append([action, parameters])
        if action == "RunInstances":
            with self.lock:
                return self.run_instances(environ, start, parameters)
        rule = self.rule(action, parameters)
        if rule and not rule.get("after"):
            return refused(start, rule) if environ["REQUEST_METHOD"] != "HEAD" else refused(start, rule)[:0]
        return self.forward(environ, start, body)

    def rule(self, action, parameters):
        for rule in self.rules:
            matches = all(parameters.get(key) == value for key, value in rule.get("match", {}).items())
            if rule["action"] == action and matches and rule.get("times", 1) > 0 and "free" not in rule:
                rule["times"] = rule.get("times", 1) - 1
                return rule
        return None

    def run_instances(self, environ, start, parameters):
        rule = self.rule("RunInstances", parameters)
        if rule and not rule.get("after"):
            return refused(start, rule)
        known = self.tokens.get(parameters.get("ClientToken"))
        if known:
            return self.repeated(start, parameters, known)
        least, most = int(parameters["MinCount"]), int(parameters["MaxCount"])
        for room in (rule for rule in self.rules if rule["action"] == "RunInstances" and "free" in rule):
            if all(parameters.get(key) == value for key, value in room.get("match", {}).items()):
                if room["free"] < least:
                    return refused(start, room)
                most = min(most, room["free"])
                room["free"] -= most
        body = urllib.parse.urlencode(parameters | {"MinCount": str(most)}).encode()
        answer = b"".join(self.forward(environ, lambda *_: None, body))
        if b"<instanceId>" in answer:
            self.tokens[parameters.get("ClientToken")] = (shape(parameters), answer)
        if rule:
            return refused(start, rule)
        status = "200 OK" if b"<instanceId>" in answer else "400 Bad Request"
        start(status, [("Content-Type", "text/xml"), ("Content-Length", str(len(answer)))])
        return [answer]

    def repeated(self, start, parameters, known):
        if known[0] != shape(parameters):
            return refused(start, {"code": "IdempotentParameterMismatch"})
        ids = [part.split(b"<")[0].decode() for part in known[1].split(b"<instanceId>")[1:]]
        if all(state_of(one) == "terminated" for one in ids):
            return refused(start, {"code": "IdempotentInstanceTerminated"})
        start("200 OK", [("Content-Type", "text/xml"), ("Content-Length", str(len(known[1])))])
        return [known[1]]

    def forward(self, environ, start, body):
        environ |= {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        return self.inner(environ, start)


def is_query(environ):
    return environ["REQUEST_METHOD"] == "POST" and "x-www-form-urlencoded" in environ.get("CONTENT_TYPE", "")


def target(environ):
    return environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]


def shape(parameters):
    return {key: value for key, value in parameters.items() if not key.startswith(("X-Amz", "Signature"))}


def state_of(instance):
    from moto.ec2 import ec2_backends

    for account in ec2_backends.values():
        for backend in account.values():
            for one in backend.all_instances():
                if one.id == instance:
                    return one.state
    return "terminated"


def plain(start, status, text):
    start(status, [("Content-Type", "application/json"), ("Content-Length", str(len(text)))])
    return [text.encode()]


def refused(start, rule):
    if rule.get("json"):
        text = json.dumps({"__type": rule["code"], "message": rule.get("message", "as the test wants")})
    else:
        text = ERROR.format(rule["code"], rule.get("message", "as the test wants"))
    start(f"{rule.get('http', 400)} Refused", [("Content-Type", "text/xml"), ("Content-Length", str(len(text)))])
    return [text.encode()]


def main():
    with tempfile.NamedTemporaryFile("w", suffix=".json") as images:
        json.dump([image(*row) for row in IMAGES], images)
        images.flush()
        # moto reads these when it is imported
        os.environ |= {"MOTO_AMIS_PATH": images.name}
        os.environ |= {f"MOTO_ENABLE_{what}_VALIDATION": "true" for what in ("AMI", "KEYPAIR")}
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
        from werkzeug.serving import WSGIRequestHandler, make_server

        WSGIRequestHandler.log_request = lambda *_: None
        server = make_server("127.0.0.1", 0, Ec2(DomainDispatcherApplication(create_backend_app)), threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_port, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
