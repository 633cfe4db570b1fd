"""The user-data of a node: first_boot.py with the values of the cluster and the program of the first stage in it.

EC2 takes 16 kB of user-data. The program is a folder that Python runs as it is, made of the files below.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vgp.errors import InputError

NAMES = ("format", "cluster", "deploy", "data", "region", "endpoint")
# of vmesh.cloud; they import the standard library only
MODULES = ("bootstrap", "faults", "installing", "metadata", "places", "storage")
MOST = 15_000  # bytes
START = "from vmesh.cloud.bootstrap import main\n\nmain()\n"


def render(config: Mapping[str, Any]) -> str:
    """The text to launch with; the same for the same config. `config`: {"format": 1, "cluster", "deploy", "data" (buckets),
    "region", "endpoint": None on AWS}. Raises InputError for other names, or values that are too long."""
    if set(config) != set(NAMES) or config["format"] != 1:
        raise InputError(f"a node's configuration has {', '.join(NAMES)}; this one has {', '.join(map(str, config))}")
    text = Path(__file__).with_name("first_boot.py").read_text()
    text = text.replace(" = {}  #", f" = {dict(config)!r}  #", 1).replace(' = ""  #', f' = "{program()}"  #', 1)
    if len(text.encode()) > MOST:
        raise InputError(f"the user-data would have {len(text.encode())} bytes of {MOST}; give the cluster a shorter name")
    return text


def program() -> str:
    """The files of the first stage as text."""
    here = Path(__file__).parent
    files = {f"vmesh/cloud/{name}.py": (here / f"{name}.py").read_text() for name in MODULES}
    files |= {"__main__.py": START, "vmesh/__init__.py": "", "vmesh/cloud/__init__.py": ""}
    return base64.b64encode(zlib.compress(json.dumps(files, sort_keys=True).encode(), 9)).decode()
