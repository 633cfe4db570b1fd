"""Whatever bytes come, a request or a one-line refusal comes of them, and never more cost than their length explains."""

import contextlib
import json
import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.vmesh.strategies import JSON
from vgp.island import ImportReport
from vmesh.admin import protocol
from vmesh.admin.protocol import Answer, Request, RequestError
from vmesh.errors import MessageError

GOOD = {"vmesh": 1, "id": "a", "command": "status"}
BOMBS = [
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b'{"vmesh": 1, "command": "status", "arguments": {"a": ' + b"[" * 19_000 + b"]" * 19_000 + b"}}",
    b'{"vmesh": 1, "command": "status", "arguments": {"a": ' + b"[" * 900 + b"]" * 900 + b"}}",
    b'{"vmesh": 1, "id": ' + b"9" * 5000 + b"}",
    b'{"vmesh": 1, "command": "status", "timeout": 1e999}',
    b'{"vmesh": NaN}',
    b'{"vmesh": 1, "id": "\\ud800", "command": "\\udfff"}',
    b"[" + b"[]," * 1_000_000 + b"[]]",
    b"\xff\xfe{",
    b"",
    b"0" * (protocol.MOST_REQUEST + 1),
]


def refused(payload):
    with pytest.raises(RequestError) as caught:
        protocol.decode_request(payload)
    return caught.value


@given(st.binary(max_size=200))
def test_any_bytes_are_a_request_or_refused(payload):
    try:
        assert isinstance(protocol.decode_request(payload), Request)
    except RequestError as error:
        assert error.reason in ("malformed", "too-large", "version")


@pytest.mark.parametrize("bomb", BOMBS, ids=range(len(BOMBS)))
def test_bombs(bomb):
    try:
        protocol.decode_request(bomb)
    except RequestError as error:
        assert len(str(error)) < 300
    try:
        protocol.decode_answer(bomb)
    except MessageError as error:
        assert len(str(error)) < 300


@given(st.dictionaries(st.sampled_from(["vmesh", "id", "command", "arguments", "timeout", "ok", "worker", "reason"]), JSON))
@example({**GOOD, "id": 10**30})
@example({**GOOD, "id": 1.0})
@example({**GOOD, "id": True})
@example({**GOOD, "timeout": 10**400})
@example({**GOOD, "timeout": True})
@example({**GOOD, "arguments": []})
@example({**GOOD, "vmesh": True})
def test_any_json_is_a_request_or_refused(content):
    payload = json.dumps(content).encode()
    try:
        request = protocol.decode_request(payload)
    except RequestError as error:
        json.loads(protocol.encode_error(error.id, "w", error.reason, str(error)))
    else:
        assert protocol.is_id(request.id)
        assert 0 < request.timeout <= protocol.MOST_TIMEOUT
    with contextlib.suppress(MessageError):
        protocol.decode_answer(payload)


def test_the_id_is_told_with_the_refusal_where_it_can_be():
    assert refused(json.dumps({**GOOD, "vmesh": 2}).encode()).id == "a"
    assert refused(json.dumps({**GOOD, "command": 7}).encode()).id == "a"
    assert refused(json.dumps({**GOOD, "id": [1]}).encode()).id is None


@given(st.text(), st.dictionaries(st.text(), JSON), st.one_of(st.none(), st.text(max_size=100), st.integers(0, 2**63)))
def test_requests_come_back_as_they_were(command, arguments, id):
    def finite(value):
        if isinstance(value, (list, dict)):
            return all(map(finite, value.values() if isinstance(value, dict) else value))
        return not isinstance(value, float) or math.isfinite(value)

    request = Request(command, arguments, id, 3.5)
    if finite(arguments):
        assert protocol.decode_request(protocol.encode_request(request)) == request
    else:
        with pytest.raises(ValueError, match="Out of range"):
            protocol.encode_request(request)


def test_results_become_plain_json():
    """What a worker holds - NumPy's numbers, bytes, infinities, records - is readable in any language."""
    result = {
        "loss": float("nan"),
        "n": np.uint64(2**63),
        "values": np.array([1.0, np.inf]),
        "record": b"\0\1",
        "report": ImportReport(1, 2, 3, {"bad": 4}),
        "names": ("a", "b"),
    }
    answer = protocol.decode_answer(protocol.encode_result(5, "host/0", result))
    assert answer == Answer(
        5,
        "host/0",
        True,
        {
            "loss": None,
            "n": 2**63,
            "values": [1.0, None],
            "record": "AAE=",
            "report": {"accepted": 1, "duplicate": 2, "no_room": 3, "rejected": {"bad": 4}},
            "names": ["a", "b"],
        },
    )


def test_errors_are_one_printable_line():
    answer = protocol.decode_answer(protocol.encode_error(None, "w", "refused", "red \x1b[31m line\nsecond"))
    assert answer.error == "red \ufffd[31m line"
    assert len(protocol.decode_answer(protocol.encode_error(None, "w", "refused", "x" * 10_000)).error) <= 1000


def test_an_answer_that_nobody_would_read_is_refused(monkeypatch):
    monkeypatch.setattr(protocol, "MOST_ANSWER", 1000)
    assert protocol.decode_answer(protocol.encode_result(1, "w", "x" * 2000)).reason == "too-large"
