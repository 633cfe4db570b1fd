"""Requests and answers as bytes: JSON objects in UTF-8, one ZeroMQ frame each (docs/admin.md).

    {"vmesh": 1, "id": "6f1d", "command": "advance", "arguments": {"ticks": 10}, "timeout": 30}
    {"vmesh": 1, "id": "6f1d", "worker": "host/0", "ok": true, "result": {...}}
    {"vmesh": 1, "id": "6f1d", "worker": "host/0", "ok": false, "reason": "arguments", "error": "one line"}

Reading is total: any bytes give a request or a MessageError, and cost no more than a small multiple of their length.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import math
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

import numpy as np

from vgp.cli.arguments import printable
from vmesh.errors import MessageError

VERSION = 1
MOST_REQUEST = 4 << 20  # bytes
MOST_ANSWER = 32 << 20
MOST_PARTS = 20_000  # commas, brackets and braces of a request: a small object in Python is 25 times as large as in JSON
MOST_ANSWER_PARTS = 1_000_000
MOST_ID = 128  # characters
DEFAULT_TIMEOUT, MOST_TIMEOUT = 10.0, 3600.0  # seconds
MOST_ERROR = 1000  # characters

Id = str | int | None


class RequestError(MessageError):
    """Bytes that are no request; `id` is that of the request, as far as it can be told."""

    def __init__(self, message: str, reason: str, id: Id = None) -> None:
        super().__init__(message, reason)
        self.id = id


@dataclasses.dataclass(frozen=True, slots=True)
class Request:
    """What an administrator asks. `timeout` is how long the asker waits for an answer, in seconds."""

    command: str
    arguments: Mapping[str, Any]
    id: Id = None
    timeout: float = DEFAULT_TIMEOUT


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What a worker answers: `result`, or a `reason` in one word with an `error` in one line."""

    id: Id
    worker: str
    ok: bool
    result: Any = None
    reason: str = ""
    error: str = ""


def encode_request(request: Request) -> bytes:
    """Raises ValueError for arguments that JSON does not know."""
    fields = {name: getattr(request, name) for name in ("id", "command", "timeout")}
    return _text({"vmesh": VERSION, **fields, "arguments": dict(request.arguments)})


def decode_request(payload: bytes) -> Request:
    """Raises RequestError."""
    try:
        content = _object(payload, MOST_REQUEST, MOST_PARTS)
    except MessageError as error:
        raise RequestError(str(error), error.reason) from None
    id = content.get("id")
    if not is_id(id):
        raise RequestError(f"id must be a text of at most {MOST_ID} characters or a whole number of 64 bits", "malformed")
    _check_version(content, id)
    command, arguments = content.get("command"), content.get("arguments", {})
    if not isinstance(command, str) or not isinstance(arguments, dict):
        raise RequestError("a request has a command, which is a text, and arguments, which are an object", "malformed", id)
    timeout = content.get("timeout", DEFAULT_TIMEOUT)
    if isinstance(timeout, bool) or not isinstance(timeout, (int, float)) or not 0 < timeout <= MOST_TIMEOUT:
        raise RequestError(f"timeout must be a number of seconds above 0, at most {MOST_TIMEOUT:g}", "malformed", id)
    return Request(command, arguments, id, float(timeout))


def encode_result(id: Id, worker: str, result: Any) -> bytes:
    """An answer that carries what was asked for. One that is too large says so instead."""
    payload = _text({"vmesh": VERSION, "id": id, "worker": worker, "ok": True, "result": plain(result)})
    if len(payload) > MOST_ANSWER:
        message = f"the answer has {len(payload)} bytes, more than {MOST_ANSWER}; ask for less"
        return encode_error(id, worker, "too-large", message)
    return payload


def encode_error(id: Id, worker: str, reason: str, message: str) -> bytes:
    """An answer that says in one line why it was refused."""
    lines = message.splitlines() or [reason]
    line = printable(lines[0])[:MOST_ERROR]
    return _text({"vmesh": VERSION, "id": id, "worker": worker, "ok": False, "reason": reason, "error": line})


def decode_answer(payload: bytes) -> Answer:
    """Raises MessageError."""
    content = _object(payload, 2 * MOST_ANSWER, MOST_ANSWER_PARTS)
    if content.get("vmesh") != VERSION:
        raise MessageError("the worker speaks another version of the protocol", "version")
    id, worker, ok = content.get("id"), content.get("worker"), content.get("ok")
    reason, error = content.get("reason", ""), content.get("error", "")
    if not is_id(id) or not isinstance(ok, bool) or not all(isinstance(text, str) for text in (worker, reason, error)):
        raise MessageError("the answer is none of this protocol", "malformed")
    return Answer(id, printable(str(worker)), ok, content.get("result"), printable(reason), printable(error))


def is_id(id: Any) -> bool:
    """Whether this may stand for a request."""
    if isinstance(id, str):
        return len(id) <= MOST_ID
    return id is None or (isinstance(id, int) and not isinstance(id, bool) and -(1 << 63) <= id < 1 << 64)


def plain(value: Any) -> Any:
    """The value in JSON's kinds: numbers that are not finite become null, bytes base64, records objects."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    if dataclasses.is_dataclass(value):
        value = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, Iterable) else str(value)


def _check_version(content: Mapping[str, Any], id: Id) -> None:
    version = content.get("vmesh")
    if isinstance(version, bool) or version != VERSION:
        raise RequestError(f'this worker speaks version {VERSION}: {{"vmesh": {VERSION}, ...}}', "version", id)


def _text(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, allow_nan=False, separators=(",", ":")).encode("ascii")


def _object(payload: bytes, most_bytes: int, most_parts: int) -> dict[str, Any]:
    """One JSON object within limits that hold before anything is built from it."""
    if len(payload) > most_bytes:
        raise MessageError(f"a message of {len(payload)} bytes; at most {most_bytes} are read", "too-large")
    if sum(payload.count(mark) for mark in (b",", b"[", b"{")) > most_parts:
        raise MessageError(f"a message of more than {most_parts} parts", "too-large")
    try:
        content = json.loads(payload.decode("utf-8"), parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError):
        raise MessageError("no JSON in UTF-8, or a number beyond bounds, or nested too deeply", "malformed") from None
    if not isinstance(content, dict):
        raise MessageError("a message is a JSON object", "malformed")
    return content


def _finite(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else _refuse(text)


def _refuse(text: str) -> NoReturn:
    raise ValueError(text)
