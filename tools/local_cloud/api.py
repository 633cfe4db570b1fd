"""The cloud's API: moto's server behind a door that lets only known keys in, injects faults and writes down every call.

The door matters because moto itself checks no key, a launched instance runs what its user-data says, and hosts are no prison:
without it any user of this machine who can reach the loopback could become root.
"""

import datetime
import io
import time
from collections.abc import Callable, Iterable

from moto.iam import iam_backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.sts.models import sts_backends

from tools.local_cloud.calls import call_of, error_of, signer
from tools.local_cloud.ec2 import ACCOUNT
from tools.local_cloud.faults import Call, Faults

FORM = "application/x-www-form-urlencoded"
Start = Callable[..., object]
UNKNOWN_KEY = {"ec2": "AuthFailure", "s3": "InvalidAccessKeyId"}
EXPIRED = {"ec2": "RequestExpired"}


class Api:
    """A WSGI application."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.moto = DomainDispatcherApplication(create_backend_app)

    def __call__(self, environ: dict, start: Start) -> Iterable[bytes]:
        began = time.monotonic()
        call = call_of(environ, taken_form(environ))
        statuses: list[str] = []

        def started(status: str, *rest: object, **named: object) -> object:
            statuses.append(status)
            return start(status, *rest, **named)

        try:
            return self.refused(environ, call, started) or self.moto(environ, started)
        finally:
            self.faults.record(call, (statuses or ["500"])[0], time.monotonic() - began, environ.get("REMOTE_ADDR", ""))

    def refused(self, environ: dict, call: Call, start: Start) -> list[bytes] | None:
        """The answer to a call that fails before moto sees it."""
        rule = self.faults.next_for(call)
        if rule:
            time.sleep(rule.delay)
            if rule.code:
                return failure(environ, call, start, rule.http, rule.code, rule.message or f"{rule.code} (injected)")
        hindrance = hindrance_of_key(signer(environ)[0])
        if hindrance == "unknown":
            code = UNKNOWN_KEY.get(call.service, "InvalidClientTokenId")
            return failure(environ, call, start, 403, code, "The security token included in the request is invalid.")
        if hindrance == "expired":
            code = EXPIRED.get(call.service, "ExpiredToken")
            return failure(environ, call, start, 400, code, "The security token included in the request is expired")
        return None


def hindrance_of_key(key_id: str) -> str:
    """Why nobody with that key may call; empty: he may. Policies are moto's, when it enforces them."""
    users = iam_backends[ACCOUNT]["aws"].users.values()
    if any(key.access_key_id == key_id for user in list(users) for key in list(user.access_keys)):
        return ""
    role = sts_backends[ACCOUNT]["aws"].get_assumed_role_from_access_key(key_id)
    if role is None:
        return "unknown"
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=role.expiration.tzinfo)
    return "expired" if role.expiration <= now else ""


def taken_form(environ: dict) -> bytes:
    """The body of a form, put back for who comes next; of anything else nothing is read."""
    if not environ.get("CONTENT_TYPE", "").startswith(FORM):
        return b""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def failure(environ: dict, call: Call, start: Start, http: int, code: str, message: str) -> list[bytes]:
    kind, body = error_of(call.service, code, message, "HTTP_X_AMZ_TARGET" in environ)
    start(f"{http} {code}", [("Content-Type", kind), ("Content-Length", str(len(body)))])
    return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]
