"""S3 as a node speaks to it: signatures as AWS's own library makes them, faults told in a sentence, nothing that hangs."""

import datetime
import shutil
import urllib.parse
from types import SimpleNamespace

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vmesh.cloud import faults
from vmesh.cloud.faults import Missing, Unfit, Unreachable, patiently
from vmesh.cloud.metadata import Metadata
from vmesh.cloud.storage import S3, signed

KEYS = {"AccessKeyId": "AKIDEXAMPLE", "SecretAccessKey": "wJalr/XUtn+FEMI=K7MDENG", "Token": "tok/en+=="}
NOW = 1_800_000_000.0
ODD = [
    "a",
    "a b",
    "ä/ö",
    "a+b",
    "a=b&c",
    "~._-/x",
    "%41",
    "a//b",
    "'(x)*!",
    "clusters/test/nodes/00001.json",
    "\u2028",
    "?#[]@:;,$",
]


def by_botocore(method, url, body, monkeypatch):
    """The signature that AWS's own library puts on the same request."""
    frozen = datetime.datetime.fromtimestamp(NOW, datetime.UTC)
    clock = SimpleNamespace(utcnow=lambda: frozen.replace(tzinfo=None), now=lambda *_: frozen)
    monkeypatch.setattr("botocore.auth.datetime", SimpleNamespace(datetime=clock), raising=False)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda *_, **__: frozen.replace(tzinfo=None), raising=False)
    request = AWSRequest(method, url, data=body)
    request.context["payload_signing_enabled"] = True
    S3SigV4Auth(Credentials(KEYS["AccessKeyId"], KEYS["SecretAccessKey"], KEYS["Token"]), "s3", "eu-central-1").add_auth(request)
    return request.headers["Authorization"]


@pytest.mark.parametrize("key", ODD)
@pytest.mark.parametrize("endpoint", [None, "http://127.0.0.1:5000/", "https://minio.example:9000"])
@pytest.mark.parametrize(("method", "body"), [("GET", b""), ("PUT", b"content")])
def test_requests_are_signed_as_botocore_signs_them(key, endpoint, method, body, monkeypatch):
    url = S3("eu-central-1", endpoint, None).url("bucket", key)
    assert signed(method, url, "eu-central-1", KEYS, body, NOW)["Authorization"] == by_botocore(method, url, body, monkeypatch)


def test_a_query_is_signed_in_its_order(monkeypatch):
    query = urllib.parse.urlencode({"prefix": "a b/ä+", "list-type": "2"}, quote_via=urllib.parse.quote)
    url = S3("eu-central-1", None, None).url("bucket", "") + "?" + query.replace("/", "%2F")
    assert signed("GET", url, "eu-central-1", KEYS, b"", NOW)["Authorization"] == by_botocore("GET", url, b"", monkeypatch)


@pytest.mark.parametrize(
    ("region", "bucket", "url"),
    [
        ("eu-central-1", "bucket", "https://bucket.s3.eu-central-1.amazonaws.com/k"),
        ("cn-north-1", "bucket", "https://bucket.s3.cn-north-1.amazonaws.com.cn/k"),
        ("eu-central-1", "a.b", "https://s3.eu-central-1.amazonaws.com/a.b/k"),
    ],
)
def test_where_a_bucket_is(region, bucket, url):
    assert S3(region, None, None).url(bucket, "k") == url


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=40), body=st.binary(max_size=100))
def test_any_key_and_content_come_back(storage, bucket, key, body):
    key = "x/" + key.replace("..", "__")
    storage.put(bucket.name, key, body)
    assert storage.get(bucket.name, key) == body == bucket.get(key)


def test_what_is_not_there_is_missing(storage, bucket):
    with pytest.raises(Missing, match=f"there is no s3://{bucket.name}/x"):
        storage.get(bucket.name, "x")
    with pytest.raises(Missing, match="NoSuchBucket"):
        storage.get("no-such-bucket", "x")


@pytest.mark.parametrize("fault", [500, 503, 403, 400, "drop", "cut"])
def test_what_may_pass_is_unreachable_and_passes(storage, s3, bucket, fault):
    bucket.put("x", b"content" * 1000)
    s3.fault = lambda method, number: fault if number == 1 else None
    with pytest.raises(Unreachable):
        storage.get(bucket.name, "x")
    assert storage.get(bucket.name, "x") == b"content" * 1000


def test_keys_that_are_refused_are_asked_for_anew(storage, s3, bucket, instance):
    storage.put(bucket.name, "x", b"1")
    asked = len([path for _, path in instance.requests if path.endswith("vcloud-node")])
    s3.fault = lambda method, number: 403 if number == 2 else None
    with pytest.raises(Unreachable, match="look at the role's policy"):
        storage.put(bucket.name, "x", b"2")
    storage.put(bucket.name, "x", b"3")
    assert len([path for _, path in instance.requests if path.endswith("vcloud-node")]) == asked + 1


def test_a_bundle_that_breaks_off_again_and_again_arrives_whole(storage, s3, bucket, tmp_path):
    content = bytes(range(256)) * 20_000
    bucket.put("x", content)
    s3.fault = lambda method, number: "cut" if number in (1, 2, 4) else 503 if number == 3 else None
    with open(tmp_path / "x", "w+b") as file:
        storage.fetch(bucket.name, "x", file)
    assert (tmp_path / "x").read_bytes() == content


def test_a_full_disk_is_told_before_it_is_full(storage, bucket, tmp_path, monkeypatch):
    bucket.put("x", b"content" * 1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=9999))
    with open(tmp_path / "x", "w+b") as file, pytest.raises(Unfit, match="give instances a larger disk"):
        storage.fetch(bucket.name, "x", file)


def test_more_than_was_expected_is_refused(storage, bucket):
    bucket.put("x", b"content")
    with pytest.raises(Unfit, match="larger than 6 bytes"):
        storage.get(bucket.name, "x", 6)


def test_nobody_there(instance):
    with pytest.raises(Unreachable, match="does not answer"):
        S3("us-east-1", "http://127.0.0.1:9", Metadata()).get("bucket", "x")


def test_patience_ends_and_its_pauses_grow():
    time, slept = [0.0], []

    def sleep(seconds):
        slept.append(seconds)
        time[0] += seconds

    def fail():
        raise Unreachable("away")

    with pytest.raises(Unreachable):
        patiently(fail, 120.0, lambda: time[0], sleep)
    assert 60 < sum(slept) <= 120 and max(slept) <= faults.LONGEST_PAUSE and slept[0] < 0.5


def test_patience_is_not_for_what_cannot_be_mended():
    def fail():
        raise Unfit("never")

    with pytest.raises(Unfit):
        patiently(fail, 120.0, sleep=lambda _: pytest.fail("it was tried again"))


def test_a_bundle_that_drips_does_not_take_for_ever(storage, bucket, tmp_path, monkeypatch):
    monkeypatch.setattr("vmesh.cloud.storage.PIECE", 10)
    monkeypatch.setattr("vmesh.cloud.storage.patiently", lambda attempt: attempt())
    bucket.put("x", b"content" * 1000)
    with open(tmp_path / "x", "w+b") as file, pytest.raises(Unreachable, match="bytes left"):
        storage.fetch(bucket.name, "x", file, seconds=-1.0)
