"""Gets organisms with all that they refer to, as a portable record (docs/record.md): front, best, all, or ids separated by commas.

--out writes it to a file here, which inject takes again. With several workers each gets a file of its own: FILE-HOST-INDEX.
"""

import base64
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vgp.atomic_file import atomic_write
from vgp.errors import CheckpointError, InputError
from vmesh.admin.arguments import PATH, WHICH, Argument
from vmesh.admin.commands.command import Answers
from vmesh.admin.facade import NodeFacade
from vmesh.admin.printing import Part, text
from vmesh.errors import AdminError


def write_records(answers: Answers, out: str) -> list[str]:
    """Writes one file per worker; raises InputError for the first one that cannot be written."""
    lines = []
    for name, result in answers.items():
        path = Path(out)
        if len(answers) > 1:
            path = path.with_name(f"{path.stem}-{re.sub(r'[^A-Za-z0-9._-]', '-', name)}{path.suffix}")
        try:
            content = base64.b64decode(result["record"], validate=True)
            atomic_write(path, content)
        except CheckpointError as error:
            raise InputError(str(error)) from None
        except (KeyError, TypeError, ValueError):
            raise AdminError(f"{name}: gave no record") from None
        lines.append(f"{name}: {len(content)} bytes written to {path}")
    return lines


SUMMARY = "Get organisms as a portable record."
ARGUMENTS = (
    Argument("which", WHICH, "front, best, all, or ids separated by commas (default: front)", "WHICH", default="front"),
    Argument("out", PATH, "write the record to this file", "FILE", option=True, keep=write_records),
)
CHANGES = SLOW = False


def execute(node: NodeFacade, arguments: Mapping[str, Any]) -> Any:
    record = node.export(arguments["which"])
    return {"bytes": len(record), "record": record}


def printout(answers: Answers) -> list[Part]:
    return [f"{name}: a record of {text(result.get('bytes'))} bytes; --out FILE keeps it" for name, result in answers.items()]
