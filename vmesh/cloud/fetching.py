"""A development server gets its source: `python3 -m vmesh.cloud.fetching URL SHA256 FILE`. Standard library only.

The server's role reads the object; region and endpoint come from AWS_DEFAULT_REGION and AWS_ENDPOINT_URL. The checksum is that of
the archive before compression, as vmesh/cloud/source.py reckons it; a file with another one does not get its name.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import sys
import zlib
from pathlib import Path

from vmesh.cloud.faults import Unfit, Unreachable, sentence
from vmesh.cloud.metadata import Metadata
from vmesh.cloud.storage import PIECE, S3

SCHEME = "s3://"


def main(words: list[str]) -> int:
    """Exit status: 0, or 1 after one sentence that says what is wrong."""
    try:
        url, sha256, target = words
        fetch(url, sha256, Path(target))
    except Exception as error:
        print(sentence(error), file=sys.stderr)
        return 1
    return 0


def fetch(url: str, sha256: str, target: Path) -> None:
    """Writes the object to `target`, whole and checked or not at all. Raises Unfit, Unreachable."""
    bucket, _, key = url.removeprefix(SCHEME).partition("/")
    if not url.startswith(SCHEME) or not key:
        raise Unfit(f"{url} is no place in S3; it must be s3://bucket/key")
    store = S3(os.environ.get("AWS_DEFAULT_REGION", "us-east-1"), os.environ.get("AWS_ENDPOINT_URL"), Metadata())
    part = target.with_name(f".{target.name}.part")
    try:
        with open(part, "w+b") as file:
            store.fetch(bucket, key, file)
        found = unpacked_sha256(part)
        if found != sha256:
            raise Unfit(f"{url} is damaged: its checksum is {found[:12]}... instead of {sha256[:12]}...; remove it and try again")
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)


def unpacked_sha256(path: Path) -> str:
    """Of what is compressed in a file. Raises Unfit if that is nothing."""
    digest = hashlib.sha256()
    try:
        with gzip.open(path) as file:
            while piece := file.read(PIECE):
                digest.update(piece)
    except (OSError, EOFError, zlib.error) as error:
        raise Unfit(f"{path.name} is damaged: {error}; remove it from the code bucket and try again") from None
    return digest.hexdigest()


__all__ = ["Unreachable", "fetch", "main"]

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
