"""What the instance says about itself: EC2's metadata service (IMDSv2), and what a node makes of it. Standard library only."""

from __future__ import annotations

import datetime
import json
import os
import re
import time
import urllib.error
import urllib.parse
from typing import Any

from vmesh.cloud.faults import BROKEN, Unfit, Unreachable, ask, content

LARGEST = 1 << 20  # bytes of an answer
TOKEN_SECONDS = {"X-aws-ec2-metadata-token-ttl-seconds": "21600"}
KEYS_SECONDS = 300.0  # that credentials are used without asking again; the service renews them long before they expire
SECONDS = 3.0  # for an answer: the service is next door


class Metadata:
    """The instance's metadata service, IMDSv2."""

    def __init__(self, base: str = "") -> None:
        base = base or os.environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT") or "http://169.254.169.254"
        self._base, self._token, self._until = base.rstrip("/") + "/latest/", "", 0.0
        self._keys: dict[str, Any] = {}

    def get(self, path: str) -> str | None:
        """None: there is no such thing. Raises Unreachable."""
        for _ in range(2):
            self._token = self._token or self._read("PUT", "api/token", TOKEN_SECONDS)
            try:
                return self._read("GET", path, {"X-aws-ec2-metadata-token": self._token})
            except urllib.error.HTTPError as error:
                if error.code == 404:
                    return None
                self._token = ""  # 401: it is too old
        raise Unreachable(f"the metadata service refuses {path}")

    def _read(self, method: str, path: str, headers: dict[str, str]) -> str:
        try:
            with ask(method, self._base + path, headers, seconds=SECONDS) as answer:
                return content(answer, LARGEST).decode()
        except urllib.error.HTTPError as error:
            if method == "GET" and error.code in (401, 404):
                raise
            raise Unreachable(f"the metadata service refuses {path}: HTTP {error.code}") from None
        except BROKEN as error:
            raise Unreachable(f"the metadata service breaks off: {error}") from None

    def json(self, path: str) -> dict[str, Any]:
        """Raises Unreachable for what is no object."""
        try:
            found = json.loads(self.get(path) or "")
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise Unreachable(f"the metadata service has nothing to say about {path}")
        return found

    def credentials(self, anew: bool = False) -> dict[str, Any]:
        """AccessKeyId, SecretAccessKey, Token of the instance's role. Raises Unreachable."""
        if anew or time.time() > self._until:
            path = "meta-data/iam/security-credentials/"
            role = (self.get(path) or "").split("\n")[0].strip()
            if not role:
                raise Unreachable("the instance has no IAM role: give it the instance profile that setup.yml makes")
            keys = self.json(path + urllib.parse.quote(role))
            if not all(isinstance(keys.get(name), str) for name in ("AccessKeyId", "SecretAccessKey", "Token")):
                raise Unreachable(f"the metadata service gives no keys for the role {role}")
            self._keys, self._until = keys, time.time() + KEYS_SECONDS
        return self._keys

    def facts(self, cluster: str) -> dict[str, Any]:
        """Who this node is. Raises Unreachable, Unfit."""
        identity = self.json("dynamic/instance-identity/document")
        private, public = (self.get(f"meta-data/{name}") or "" for name in ("local-ipv4", "public-hostname"))
        tag, number = self.get("meta-data/tags/instance/vcloud-indexes"), self.get("meta-data/ami-launch-index") or "0"
        index = element(tag or "", number)
        try:
            launched = seconds(str(identity["pendingTime"]))
        except (KeyError, ValueError):
            raise Unreachable(f"the metadata service has no pendingTime: {str(identity)[:200]}") from None
        node = {"index": index, "instance": str(identity.get("instanceId")), "name": f"{cluster}-{index}", "started": launched}
        return node | {"private": private, "public": public or self.get("meta-data/public-ipv4") or ""}


def seconds(text: str) -> float:
    """Since 1970, of a time like 2026-11-23T04:05:06Z; also with Pythons too old for the rest. Raises ValueError."""
    return datetime.datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=datetime.timezone.utc).timestamp()  # noqa: UP017


def element(indexes: str, number: str) -> int:
    """Element `number` of indexes like "0-3,7". Raises Unfit."""
    left = int(number) if number.isdecimal() else 0
    for part in indexes.split(","):
        match = re.fullmatch(r"\s*(\d{1,9})(?:-(\d{1,9}))?\s*", part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, -1)
        if left <= last - first:
            return first + left
        left -= max(0, last - first + 1)
    raise Unfit(f"the tag vcloud-indexes {indexes!r} has no element {number}; launch the instance by launch.yml, which sets it")
