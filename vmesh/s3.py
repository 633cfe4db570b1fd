"""Objects in S3, or in whatever AWS_ENDPOINT_URL names: listed, read, written, removed. The only file that knows boto3.

Credentials, region and endpoint come from where boto3 looks for them: the environment, the profile, the machine's role. Each
call ends within the deadlines given; what stays impossible after some attempts is an error of one line:

    InputError      there is no such object, or no permission: trying again is of no use
    StorageError    the service does not answer, or not as it should: it may later
"""

from __future__ import annotations

import contextlib
import os
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, BinaryIO

from vgp.errors import InputError
from vmesh.errors import StorageError

SCHEME = "s3://"
PIECE = 1 << 20
MULTIPART = 64 << 20  # bytes above which an object is written in parts
MISSING = ("404", "NoSuchKey", "NoSuchBucket", "NotFound")
FORBIDDEN = ("401", "403", "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "AllAccessDisabled")


@dataclass(frozen=True, slots=True)
class Place:
    """A bucket and a key, or the beginning of keys."""

    bucket: str
    key: str

    def __str__(self) -> str:
        return f"{SCHEME}{self.bucket}/{self.key}"


@dataclass(frozen=True, slots=True)
class Entry:
    """An object as S3 lists it; the tag changes with the content."""

    place: Place
    size: int
    tag: str


def parse(url: str) -> Place:
    """The place that "s3://bucket/key" names. Raises InputError."""
    bucket, slash, key = url.removeprefix(SCHEME).partition("/")
    if not url.startswith(SCHEME) or not bucket or not slash:
        raise InputError(f"{url} is no place in S3; write s3://bucket/key, or s3://bucket/prefix/ for all tables below it")
    return Place(bucket, key)


class S3:
    """A connection, made when first used; may be used from several threads."""

    def __init__(self, *, connect_seconds: float = 5.0, read_seconds: float = 20.0, attempts: int = 5, pause: float = 0.2) -> None:
        self.connect_seconds, self.read_seconds = connect_seconds, read_seconds
        self.attempts, self.pause = attempts, pause
        self._making = threading.Lock()

    def list(self, prefix: Place) -> list[Entry]:
        """The objects right below a prefix that ends in "/" (or is empty), by key; none if there are none."""
        return [*self._listed(prefix, Delimiter="/")]

    def tree(self, prefix: Place) -> Sequence[Entry]:
        """All objects whose keys begin so, however deep, by key; a call for each thousand."""
        return self._listed(prefix)

    def _listed(self, prefix: Place, **options: str) -> Sequence[Entry]:
        with reported(prefix):
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=prefix.bucket, Prefix=prefix.key, **options)
            rows = [row for page in pages for row in page.get("Contents", ())]
        entries = (Entry(Place(prefix.bucket, row["Key"]), int(row["Size"]), row["ETag"]) for row in rows)
        return sorted((entry for entry in entries if entry.place.key != prefix.key), key=lambda entry: entry.place.key)

    def head(self, place: Place) -> Entry:
        """Size and tag of one object. Raises InputError if it is not there."""
        with reported(place):
            answer = self._client.head_object(Bucket=place.bucket, Key=place.key)
        return Entry(place, int(answer["ContentLength"]), answer["ETag"])

    def find(self, place: Place) -> Entry | None:
        """Size and tag of one object; None if it is not there. Needs the permission to list, without which S3 does not tell a
        missing object from a forbidden one."""
        name = place.key.rpartition("/")[2]
        folder = Place(place.bucket, place.key.removesuffix(name))
        return next((entry for entry in self.list(folder) if entry.place == place), None)

    def get(self, entry: Entry, write: Callable[[bytes], object]) -> None:
        """Hands the bytes of an object to `write`, in order; goes on where the connection broke. StorageError if it changed."""
        position = failures = 0
        while position < entry.size:
            try:
                with reported(entry.place):
                    for piece in self._from(entry, position):
                        write(piece)
                        position += len(piece)
                        failures = 0
                if position != entry.size:
                    raise StorageError(f"{entry.place}: S3 gave {position:,} bytes of {entry.size:,}")
            except StorageError:
                failures += 1
                if failures >= self.attempts or position > entry.size:
                    raise
                time.sleep(self.pause * 2**failures * random.uniform(0.5, 1.0))

    def put(self, place: Place, file: BinaryIO, size: int) -> None:
        """Writes a file from its position on; in parts if it is large. The object is there whole or not at all."""
        with reported(place):
            if size <= MULTIPART:
                self._client.put_object(Bucket=place.bucket, Key=place.key, Body=file, ContentLength=size)
                return
            from boto3.s3.transfer import TransferConfig

            config = TransferConfig(multipart_threshold=MULTIPART, multipart_chunksize=MULTIPART // 4, use_threads=False)
            with os.fdopen(os.dup(file.fileno()), "rb") as own:  # it closes what it is given
                self._client.upload_fileobj(own, place.bucket, place.key, Config=config)

    def delete(self, place: Place) -> None:
        """Removes an object; one that is not there counts as removed."""
        with reported(place):
            self._client.delete_object(Bucket=place.bucket, Key=place.key)

    def _from(self, entry: Entry, position: int) -> Iterator[bytes]:
        rest = {"Range": f"bytes={position}-"} if position else {}
        answer = self._client.get_object(Bucket=entry.place.bucket, Key=entry.place.key, IfMatch=entry.tag, **rest)
        if position and not answer.get("ContentRange", "").startswith(f"bytes {position}-"):
            raise StorageError(f"{entry.place}: S3 does not go on where it was asked to")
        with contextlib.closing(answer["Body"]) as body:
            yield from body.iter_chunks(PIECE)

    @property
    def _client(self) -> Any:
        with self._making:  # of boto3, only finished clients may be shared between threads
            return self._connection

    @cached_property
    def _connection(self) -> Any:
        import boto3
        from botocore.config import Config

        elsewhere = any(os.environ.get(name) for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"))
        config = Config(
            connect_timeout=self.connect_seconds,
            read_timeout=self.read_seconds,
            retries={"mode": "standard", "total_max_attempts": self.attempts},
            s3={"addressing_style": "path"} if elsewhere else {},  # other servers seldom have a host name for each bucket
            # what is kept has checksums of its own, and not every server knows the newer ones of S3
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        return boto3.session.Session().client("s3", config=config)


@contextlib.contextmanager
def reported(place: Place) -> Iterator[None]:
    """Errors of boto3 as ours, naming the place."""
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, ParamValidationError, PartialCredentialsError
    from urllib3.exceptions import HTTPError

    try:
        yield
    except ClientError as error:
        raise refused(place, error.response) from None
    except (NoCredentialsError, PartialCredentialsError) as error:
        remedy = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine a role"
        raise InputError(f"{place}: {one_line(error)}; {remedy}") from None
    except (ParamValidationError, ValueError) as error:  # a name that cannot be, an AWS_ENDPOINT_URL that is no URL
        raise InputError(f"{place}: {one_line(error)}") from None
    except (BotoCoreError, HTTPError) as error:
        raise StorageError(f"{place}: S3 cannot be reached: {one_line(error)}") from None


def refused(place: Place, answer: Any) -> InputError | StorageError:
    """What S3's refusal means to the user."""
    code = str(answer.get("Error", {}).get("Code", "unknown"))
    status = str(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", ""))
    if code == "NoSuchBucket":
        return InputError(f"there is no bucket {place.bucket} (for {place}); check its name and region")
    if code in MISSING or status == "404":
        return InputError(f"there is no object {place}; check its name, and end a prefix with /")
    if code in FORBIDDEN or status in ("401", "403"):
        return InputError(f"{place}: access is denied ({code}); check the credentials and the bucket's policy")
    if status == "412":
        return StorageError(f"{place}: changed while it was fetched; fetch it again")
    return StorageError(f"{place}: S3 refuses: {code} (HTTP {status})")


def one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
