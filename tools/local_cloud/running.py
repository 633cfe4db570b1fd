"""Starting and ending the daemon, from the outside."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tools.local_cloud import image, network, plain
from tools.local_cloud.control import ask
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.state import State, same_process

PROGRAM = Path(__file__).parent
PATIENCE = 60.0  # seconds until a new daemon must answer
ENDING = 60.0  # seconds that it may take to end


def up(state: State, enforce_iam: bool, with_hosts: bool, progress: image.Progress) -> dict:
    """The facts of the running cloud, started if need be; raises LocalCloudError: it does not start, or was started otherwise."""
    if with_hosts:
        image.layers(state, "node", progress)
    with state.locked("starting"):
        facts = state.daemon()
        if facts is None:
            clean(state, with_hosts)
            facts = start(state, enforce_iam, with_hosts)
    if (facts["enforce_iam"], facts["hosts"]) != (enforce_iam, with_hosts):
        found = [name for name, given in (("--enforce-iam", facts["enforce_iam"]), ("--no-hosts", not facts["hosts"])) if given]
        raise LocalCloudError(f"the local cloud was started with {' '.join(found) or 'no options'}; end it first with: down")
    return facts


def clean(state: State, with_hosts: bool) -> None:
    """Remove the instances of a daemon that was killed, and have the network ready for the next."""
    state.daemon_file.unlink(missing_ok=True)
    if not with_hosts:
        return
    with state.locked():
        plain.sweep(state, everything=False)
        network.ensure_bridge(state)


def start(state: State, enforce_iam: bool, with_hosts: bool) -> dict:
    words = [sys.executable, str(PROGRAM), "daemon"]
    words += (["--enforce-iam"] if enforce_iam else []) + ([] if with_hosts else ["--no-hosts"])
    environment = os.environ | {"VCLOUD_LOCAL": str(state.folder), "VCLOUD_CACHE": str(state.cache)}
    with state.log_file.open("w") as log:
        streams = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}
        process = subprocess.Popen(words, **streams, env=environment, start_new_session=True, cwd="/")
    deadline = time.monotonic() + PATIENCE
    try:
        while process.poll() is None and time.monotonic() < deadline:
            if facts := state.daemon():
                return facts
            time.sleep(0.05)
    except KeyboardInterrupt:
        process.terminate()
        raise
    process.kill()
    last = " | ".join(state.log_file.read_text().strip().splitlines()[-2:])
    raise LocalCloudError(f"the daemon did not start: {last or 'it said nothing'}")


def down(state: State) -> dict:
    """End the daemon and everything that bears this cloud's tag; what it had in its buckets is gone with it."""
    facts = state.daemon()
    if facts:
        end(facts)
    with_hosts = os.geteuid() == 0 and sys.platform == "linux"
    if state.folder.exists() and with_hosts:
        with state.locked():
            plain.sweep(state, everything=True)
    for path in (state.daemon_file, state.control_socket, state.folder / "images.json", state.folder / "aws.ini"):
        path.unlink(missing_ok=True)
    return {"was_up": bool(facts)}


def end(facts: dict) -> None:
    deadline = time.monotonic() + ENDING
    with contextlib.suppress(ProcessLookupError):
        os.kill(facts["pid"], signal.SIGTERM)
        while same_process(facts["pid"], facts["began"]):
            if time.monotonic() > deadline:
                os.kill(facts["pid"], signal.SIGKILL)
            time.sleep(0.02)


def status(state: State, brief: bool) -> dict:
    """How the cloud is, or, if `brief`, only what it was when it came up; raises LocalCloudError: it is not up."""
    facts = state.daemon()
    if facts is None:
        raise LocalCloudError("the local cloud is not up; start it with: up")
    if brief:
        return facts
    calls = ask(state.control_socket, "calls", counts_only=True)
    return facts | {"instances": ask(state.control_socket, "hosts"), "calls": calls, "faults": ask(state.control_socket, "faults")}
