"""S3 that is slow, breaks off, fails half of the time or is not there: what can be had is had, the rest is an error of one line."""

import io
import socket
import time
from pathlib import Path

import pytest

from tests.test_imports import imported_by_python
from vgp.errors import InputError
from vmesh import s3 as s3_module
from vmesh.errors import StorageError
from vmesh.s3 import S3, Entry, Place

CONTENT = bytes(range(256)) * 20_000


@pytest.fixture
def service(s3):
    return s3


@pytest.fixture
def bucket(service):
    return service.bucket()


def quick(**changes):
    return S3(**{"connect_seconds": 2.0, "read_seconds": 5.0, "attempts": 4, "pause": 0.001, **changes})


def got(store, entry):
    pieces = []
    store.get(entry, pieces.append)
    return b"".join(pieces)


def test_two_files_know_boto3():
    root = Path(s3_module.__file__).parent
    tops = {path.name: {name.split(".")[0] for name in imported_by_python(path)} for path in root.rglob("*.py")}
    assert {name for name, known in tops.items() if known & {"boto3", "botocore"}} == {"s3.py", "aws.py"}


def test_what_is_put_is_listed_and_got(bucket):
    store = quick()
    place = Place(bucket.name, "a/b c+ü.bin")
    store.put(place, io.BytesIO(CONTENT), len(CONTENT))
    entry = store.head(place)
    assert entry.size == len(CONTENT) and got(store, entry) == CONTENT
    assert store.list(Place(bucket.name, "a/")) == [entry]
    store.delete(place)
    store.delete(place)
    assert store.list(Place(bucket.name, "a/")) == []


def test_a_large_file_goes_in_parts(bucket, tmp_path, monkeypatch):
    monkeypatch.setattr(s3_module, "MULTIPART", 6 << 20)
    path = tmp_path / "large"
    path.write_bytes(CONTENT * 2)
    with open(path, "rb") as file:
        quick().put(Place(bucket.name, "large"), file, path.stat().st_size)
        assert not file.closed
    assert bucket.get("large") == CONTENT * 2
    assert "-" in quick().head(Place(bucket.name, "large")).tag, "it was written in parts"


def test_a_list_longer_than_a_page(bucket):
    bucket.client.put_object(Bucket=bucket.name, Key="p/", Body=b"")
    for number in range(12):
        bucket.put(f"p/{number:03d}", b"x")
    store = quick()
    keys = [entry.place.key for entry in store.list(Place(bucket.name, "p/"))]
    assert keys == [f"p/{number:03d}" for number in range(12)]


def test_a_broken_download_goes_on_where_it_broke(service, bucket):
    entry = quick().head(Place(bucket.name, bucket.put("k", CONTENT).rpartition("/")[2]))
    cuts = []
    service.fault = lambda method, number: cuts.append(1) or "cut" if method == "GET" and len(cuts) < 5 else None
    assert got(quick(), entry) == CONTENT
    assert service.requests.count("GET") >= 6


def test_half_of_the_requests_fail(service, bucket):
    service.fault = lambda method, number: 500 if number % 2 else None
    store = quick(attempts=6)
    place = Place(bucket.name, "k")
    for _ in range(2):
        store.put(place, io.BytesIO(CONTENT), len(CONTENT))
        assert got(store, store.head(place)) == CONTENT


@pytest.mark.parametrize("fault", [500, 503, "drop"])
def test_all_requests_fail(service, bucket, fault):
    place = Place(bucket.name, "k")
    entry = Entry(place, 10, "tag")
    service.fault = lambda method, number: fault
    store = quick(attempts=2)
    for action in (
        lambda: store.put(place, io.BytesIO(b"x"), 1),
        lambda: store.head(place),
        lambda: store.list(Place(bucket.name, "")),
        lambda: got(store, entry),
        lambda: store.delete(place),
    ):
        with pytest.raises(StorageError) as error:
            action()
        assert str(error.value).startswith(f"s3://{bucket.name}/") and "\n" not in str(error.value)


def test_nobody_is_there(monkeypatch, service):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{unused.getsockname()[1]}")
        with pytest.raises(StorageError, match="cannot be reached"):
            quick(attempts=2).head(Place("b", "k"))


def test_a_silent_server_is_given_up_within_the_deadlines(service, bucket):
    service.gate.clear()
    begin = time.monotonic()
    with pytest.raises(StorageError, match="cannot be reached"):
        quick(read_seconds=0.2, attempts=2).head(Place(bucket.name, "k"))
    assert time.monotonic() - begin < 30


@pytest.mark.parametrize("answer", [b"", CONTENT + b"more"])
def test_a_server_that_gives_other_bytes_than_it_listed(bucket, answer):
    """Neither an endless loop nor a table that is too long."""
    bucket.put("k", answer)

    class Careless(S3):
        def _from(self, entry, position):
            yield from [answer] if answer else []

    pieces = []
    with pytest.raises(StorageError, match="S3 gave"):
        Careless(attempts=2, pause=0.001).get(Entry(Place(bucket.name, "k"), len(CONTENT), "tag"), pieces.append)
    assert len(pieces) < 10_000


def test_a_server_that_knows_no_ranges(service, bucket, monkeypatch):
    bucket.put("k", CONTENT)
    store = quick(attempts=2)
    entry = store.head(Place(bucket.name, "k"))
    get = store._client.get_object
    monkeypatch.setattr(store._client, "get_object", lambda Range="", **rest: get(**rest))
    service.fault = lambda method, number: "cut"
    with pytest.raises(StorageError, match="does not go on where it was asked to"):
        got(store, entry)


def test_an_object_that_changes_meanwhile_is_not_mixed(bucket):
    store = quick()
    bucket.put("k", CONTENT)
    entry = store.head(Place(bucket.name, "k"))
    bucket.put("k", CONTENT[::-1])
    with pytest.raises(StorageError, match="changed while it was fetched"):
        got(store, entry)


def test_what_is_missing_or_forbidden_is_wrong_input(service, bucket):
    store = quick()
    with pytest.raises(InputError, match=r"there is no object s3://.*/nothing; check its name"):
        store.head(Place(bucket.name, "nothing"))
    with pytest.raises(InputError, match="there is no bucket no-such-bucket-here"):
        store.list(Place("no-such-bucket-here", ""))
    service.fault = lambda method, number: 403
    with pytest.raises(InputError, match="access is denied"):
        store.head(Place(bucket.name, "k"))


def test_without_credentials_it_is_said_where_they_come_from(service, monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(InputError, match="set AWS_ACCESS_KEY_ID"):
        quick().head(Place("b", "k"))


@pytest.mark.parametrize("bucket_name", ["UPPER_case!", "a", "..", "x" * 300, "a b"])
def test_bucket_names_that_cannot_be(service, bucket_name):
    with pytest.raises(InputError) as error:
        quick(attempts=1).head(Place(bucket_name, "k"))
    assert "\n" not in str(error.value)


def test_a_full_disk_is_not_blamed_on_s3(bucket):
    bucket.put("k", CONTENT)
    store = quick()
    entry = store.head(Place(bucket.name, "k"))

    def full(piece):
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        store.get(entry, full)
