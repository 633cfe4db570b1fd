"""Objects in S3 with nothing but the standard library: a node has no other package before it has fetched its bundle from there.

Requests are signed with version 4 (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import shutil
import time
import urllib.error
import urllib.parse
from collections.abc import Mapping
from typing import IO, Any

from vmesh.cloud.faults import BROKEN, Missing, Unfit, Unreachable, ask, content, patiently
from vmesh.cloud.metadata import LARGEST, Metadata

PIECE = 1 << 18  # bytes
SECONDS = 20.0  # without a byte
FETCHING_SECONDS = 900.0  # for a bundle
ROOM = 2.2  # times the size of a bundle: it and what is unpacked of it


class S3:
    """Objects in buckets: AWS, or path-style at an endpoint."""

    def __init__(self, region: str, endpoint: str | None, metadata: Metadata) -> None:
        self.region, self._endpoint, self._metadata, self._anew = region, endpoint, metadata, False

    def request(
        self, method: str, bucket: str, key: str, query: str = "", body: bytes | None = None, more: dict[str, str] | None = None
    ) -> Any:
        """The answer, to be read and closed. Raises Missing, Unreachable; a refusal may pass: roles take effect late."""
        place, keys = f"s3://{bucket}/{key}", self._metadata.credentials(self._anew)
        url = self.url(bucket, key) + (f"?{query}" if query else "")
        try:
            return ask(method, url, signed(method, url, self.region, keys, body or b"") | (more or {}), body, SECONDS)
        except urllib.error.HTTPError as error:
            try:
                code = re.search(rb"<Code>(\w{1,60})</Code>", error.read(LARGEST))
            except BROKEN:
                code = None
            word = code[1].decode() if code else f"HTTP {error.code}"
            if error.code == 404:
                raise Missing(f"there is no {place} ({word}); run devserver.yml for a bundle, launch.yml for the rest") from None
            self._anew = error.code in (400, 401, 403)
            advice = "; look at the role's policy, made by setup.yml, and the clock" if self._anew else ""
            raise Unreachable(f"S3 refuses {method} of {place}: {word}{advice}") from None

    def url(self, bucket: str, key: str) -> str:
        path = urllib.parse.quote(key, safe="/-_.~")
        if self._endpoint:
            return f"{self._endpoint.rstrip('/')}/{bucket}/{path}"
        host = f"s3.{self.region}.amazonaws.com" + (".cn" if self.region.startswith("cn-") else "")
        return f"https://{host}/{bucket}/{path}" if "." in bucket else f"https://{bucket}.{host}/{path}"

    def get(self, bucket: str, key: str, most: int = LARGEST, query: str = "") -> bytes:
        with self.request("GET", bucket, key, query) as answer:
            try:
                found = content(answer, most)
            except BROKEN as error:
                raise Unreachable(f"s3://{bucket}/{key} breaks off: {error}") from None
        if len(found) > most:
            raise Unfit(f"s3://{bucket}/{key} is larger than {most} bytes; run launch.yml again")
        self._anew = False
        return found

    def put(self, bucket: str, key: str, body: bytes) -> None:
        self.request("PUT", bucket, key, body=body).close()

    def fetch(self, bucket: str, key: str, file: IO[bytes], seconds: float = FETCHING_SECONDS) -> str:
        """Writes a large object to a file, goes on where it breaks off; returns the SHA-256."""
        digest, until = hashlib.sha256(), time.monotonic() + seconds

        def go_on() -> None:
            more = {"Range": f"bytes={file.tell()}-"} if file.tell() else {}
            with self.request("GET", bucket, key, more=more) as answer:
                if answer.status != (206 if more else 200):
                    raise Unreachable(f"S3 does not go on with s3://{bucket}/{key}")
                left = int(answer.headers.get("Content-Length", 0))
                roomy(os.path.dirname(file.name), left)
                while left:
                    try:
                        piece = answer.read(min(PIECE, left))
                    except BROKEN as error:
                        raise Unreachable(f"s3://{bucket}/{key} breaks off: {error}") from None
                    if not piece or time.monotonic() > until:
                        raise Unreachable(f"s3://{bucket}/{key} breaks off with {left} bytes left")
                    digest.update(piece)
                    file.write(piece)
                    left -= len(piece)

        patiently(go_on)
        return digest.hexdigest()


def signed(method: str, url: str, region: str, keys: Mapping[str, Any], body: bytes, now: float | None = None) -> dict[str, str]:
    """Headers that sign a request to S3: AWS signature version 4."""
    parts, digest = urllib.parse.urlsplit(url), hashlib.sha256(body).hexdigest()
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    scope = f"{stamp[:8]}/{region}/s3/aws4_request"
    headers = {"host": parts.netloc, "x-amz-content-sha256": digest, "x-amz-date": stamp, "x-amz-security-token": keys["Token"]}
    lines, names = "".join(f"{name}:{value}\n" for name, value in headers.items()), ";".join(headers)
    query = "&".join(sorted(parts.query.split("&")))
    canonical = "\n".join((method, parts.path, query, lines, names, digest))
    text = "\n".join(("AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()))
    secret = ("AWS4" + keys["SecretAccessKey"]).encode()
    for word in scope.split("/"):
        secret = hmac.digest(secret, word.encode(), "sha256")
    signature = hmac.digest(secret, text.encode(), "sha256").hex()
    access = f"AWS4-HMAC-SHA256 Credential={keys['AccessKeyId']}/{scope}, SignedHeaders={names}, Signature={signature}"
    return headers | {"Authorization": access, "Content-Type": "application/octet-stream"}


def roomy(folder: str, size: int) -> None:
    """Raises Unfit if a bundle of that size cannot be kept and unpacked."""
    free = shutil.disk_usage(folder).free
    if free < ROOM * size:
        raise Unfit(
            f"the disk has {free >> 20} MB free and the bundle needs {int(ROOM * size) >> 20}; give instances a larger disk"
        )
