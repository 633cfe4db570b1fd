"""The first stage of every boot of a node: who am I, what is my cluster's bundle; it is installed, and its turn comes.

Runs as the unit vmesh-bootstrap.service from a zip archive of a few files of this package (user_data.py) with the system's
Python, before anything else is installed. Then VENV/bin/python -I -m vmesh.cloud.configuring goes on in the same process.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

from vmesh.cloud.faults import PATIENCE, Unfit, Unreachable, log, patiently, sentence
from vmesh.cloud.installing import install
from vmesh.cloud.metadata import Metadata
from vmesh.cloud.places import cluster_key, record_key
from vmesh.cloud.storage import S3

ROOT = Path(os.environ.get("VCLOUD_ROOT", "/"))  # tests have one of their own
HOME, ETC = ROOT / "opt/vmesh", ROOT / "etc/vmesh"
CONFIG = ETC / "bootstrap.json"  # {"format": 1, "cluster", "deploy", "data" (buckets), "region", "endpoint": None on AWS}
VALUES = ETC / "cluster.json"  # as it was when the node was configured last
BRIEFLY = 20.0  # seconds that S3 has to answer where the node could go on without
AGAIN, NEVER = 1, 3  # exit status: whether the unit tries again


def main() -> None:
    """Everything up to the installed bundle, which then replaces this program."""
    config = json.loads(CONFIG.read_bytes())
    metadata = Metadata()
    teller = Teller(config, S3(config["region"], config["endpoint"], metadata))
    try:
        teller.node |= patiently(lambda: metadata.facts(config["cluster"]))
        teller.tell("booting")
        values = cluster_values(teller.s3, config)
        teller.node["bundle"] = values["bundle"]["id"]
        folder = install(teller.s3, config["deploy"], values["bundle"], HOME, teller.tell)
    except Exception as error:
        teller.tell("failed", sentence(error))
        sys.exit(NEVER if isinstance(error, Unfit) else AGAIN)
    hand_over(folder, {"config": config, "node": teller.node, "values": values, "folder": str(folder)})


class Teller:
    """Keeps the node's record while nothing else does. That S3 does not take it stops nothing."""

    def __init__(self, config: dict[str, Any], s3: S3, node: dict[str, Any] | None = None) -> None:
        self.config, self.s3 = config, s3
        self.node: dict[str, Any] = node or {"format": 1}

    def tell(self, state: str, reason: str = "") -> None:
        log(f"{state}: {reason}" if reason else state)
        if "index" not in self.node:
            return
        record = self.node | {"state": state, "reason": reason, "updated": time.time()}
        key = record_key(self.config["cluster"], self.node["index"])
        try:
            self.s3.put(self.config["data"], key, json.dumps(record).encode())
        except (Unfit, Unreachable) as error:
            log(f"the record cannot be written: {error}")


def cluster_values(s3: S3, config: dict[str, Any]) -> dict[str, Any]:
    """cluster.json; where S3 does not answer and the node was configured once, as it was then. Raises Unfit, Unreachable."""
    before = read_object(VALUES)
    try:
        return checked(s3_object(s3, config["deploy"], cluster_key(config["cluster"]), BRIEFLY if before else PATIENCE))
    except Unreachable as error:
        if before is None:
            raise
        log(f"{error}; going on with the values of the last boot")
        return checked(before)


def s3_object(s3: S3, bucket: str, key: str, seconds: float) -> Any:
    """A JSON object."""
    content = patiently(lambda: s3.get(bucket, key), seconds)
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Unfit(f"s3://{bucket}/{key} is no JSON: {error}; run launch.yml again") from None


def checked(values: Any) -> dict[str, Any]:
    """What this stage needs of the values. Raises Unfit."""
    try:
        bundle = {name: values["bundle"][name] for name in ("id", "key", "sha256")}
        if values["format"] != 1 or not all(isinstance(value, str) for value in bundle.values()):
            raise ValueError(f"it is of format {values['format']!r}")
        if not re.fullmatch(r"[A-Za-z0-9][\w.+-]{0,199}", bundle["id"]):
            raise ValueError(f"the bundle's id is {bundle['id']!r}")
    except (ValueError, KeyError, TypeError) as error:
        raise Unfit(f"cluster.json is not for this node: {error!r}; run launch.yml again, or replace the node") from None
    return dict(values)


def read_object(path: Path) -> dict[str, Any] | None:
    """The JSON object in a file; None without one."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def hand_over(folder: Path, given: dict[str, Any]) -> None:
    """The bundle's own code goes on, in this process, which systemd watches."""
    python = str(folder / "venv/bin/python")
    os.execv(python, [python, "-I", "-m", "vmesh.cloud.configuring", json.dumps(given)])
