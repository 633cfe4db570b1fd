"""An `ssh` that is played: -D opens a SOCKS proxy into the network that a test invents, a command runs on this machine.

    SSH_ROUTES   "10.99.0.0:7101=127.0.0.1:41234 ..."     what is inside
    SSH_DOWN     "vcloud-1 ..."                            hosts that do not answer
    SSH_SAW      a file: what it was called with
"""

import os
import sys

from tests.vmesh.admin.running import ROOT

PLAYED = f"""#!{sys.executable}
import os, sys
sys.path.insert(0, {str(ROOT)!r})
words = sys.argv[1:]
open(os.environ["SSH_SAW"], "a").write(" ".join(words) + "\\n")
host = words[words.index("--") + 1]
if host in os.environ.get("SSH_DOWN", "").split():
    print("ssh: connect to host 10.99.0.9 port 22: Connection timed out", file=sys.stderr)
    sys.exit(255)
if "-D" in words:
    port = words[words.index("-D") + 1].rpartition(":")[2]
    os.execv(sys.executable, [sys.executable, "-m", "tests.vmesh.admin.socks", port, *os.environ["SSH_ROUTES"].split()])
os.environ["PLAYED_HOST"] = host
os.execv("/bin/sh", ["sh", "-c", words[-1]])
"""
JOURNAL = """#!/bin/sh
set -eu
echo "journal of $PLAYED_HOST"
"""
SUDO = """#!/bin/sh
set -eu
shift
exec "$@"
"""
SED = """#!/bin/sh
set -eu
echo "$PLAYED_FOLDERS/$PLAYED_HOST"
"""


def install(folder, monkeypatch, routes=(), down=()):
    """Puts it before everything else; returns the file that tells what it was called with."""
    folder.mkdir()
    for name, content in (("ssh", PLAYED), ("journalctl", JOURNAL), ("sed", SED), ("sudo", SUDO)):
        (folder / name).write_text(content)
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("SSH_SAW", str(folder / "saw"))
    monkeypatch.setenv("SSH_ROUTES", " ".join(f"{private}={real}" for private, real in dict(routes).items()))
    monkeypatch.setenv("SSH_DOWN", " ".join(down))
    monkeypatch.setenv("PLAYED_FOLDERS", str(folder / "states"))
    return folder / "saw"
