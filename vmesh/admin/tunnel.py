"""A way into a private network: `ssh -N -D` to a host that is inside, a SOCKS proxy on loopback as long as the command runs.

    with tunnel("vcloud-0", "results/vcloud/ssh_config") as way:
        Inquiries(keys, endpoint=way.endpoint)

Other users of this machine can use the proxy too while it is open; the mesh's keys are what keeps them out of the workers.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import IO

from vgp.cli.arguments import printable
from vmesh.admin.relay import Relay
from vmesh.errors import AdminError
from vmesh.lifeline import die_with_parent

LONGEST = 30.0  # s until the tunnel is open
GRACE = 2.0  # s that ssh has to end
GREETING, WELCOME = b"\x05\x01\x00", b"\x05\x00"  # SOCKS 5, no authentication (RFC 1928)
OPTIONS = (
    *("ExitOnForwardFailure=yes", "BatchMode=yes", "LogLevel=ERROR", "ServerAliveInterval=15"),
    *("ControlMaster=no", "ControlPath=none"),  # a shared connection would outlive the command
)
HINTS = {
    "permission denied": "load the key into ssh-agent, or name it in the ssh config (--ssh-config FILE)",
    "could not resolve": "name a host of the ssh config (--ssh-config FILE), or its address",
    "host key verification failed": "it has another key than before: is it another machine?",
    "remote host identification": "it has another key than before: is it another machine?",
}


class Tunnel:
    """An open tunnel. `endpoint`: what to connect ZeroMQ to instead of an address inside."""

    def __init__(self, host: str, ssh: subprocess.Popen[bytes], port: int, complaints: IO[bytes]) -> None:
        self._relay = Relay(port)
        self.endpoint = self._relay.endpoint
        self._host, self._ssh, self._port, self._complaints = host, ssh, port, complaints

    def wait(self, deadline: float) -> None:
        """Returns when the proxy answers; `deadline` of the monotonic clock. Raises AdminError."""
        while not self._answers():
            self.check()
            if time.monotonic() > deadline:
                raise AdminError(f"ssh to {self._host} did not open a tunnel within {LONGEST:g} s; try: ssh {self._host} true")
            time.sleep(0.02)

    def check(self) -> None:
        """Raises AdminError if ssh has ended."""
        if self._ssh.poll() is not None:
            raise AdminError(f"the ssh tunnel through {self._host} is closed: {self._reason()}")

    def close(self) -> None:
        """Ends ssh, and what it started to get through."""
        self._relay.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._ssh.pid, signal.SIGTERM)
        try:
            self._ssh.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._ssh.kill()
            self._ssh.wait()
        self._complaints.close()

    def _answers(self) -> bool:
        """Whether it is our proxy that listens, and not somebody who was quicker to take the port."""
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=1.0) as connection:
                connection.sendall(GREETING)
                return connection.recv(2) == WELCOME
        except OSError:
            return False

    def _reason(self) -> str:
        self._complaints.seek(0)
        lines = [line.strip() for line in self._complaints.read(1 << 16).decode(errors="replace").splitlines()]
        said = printable(next((line for line in reversed(lines) if line), f"exit status {self._ssh.returncode}"))
        everything = "\n".join(lines).lower()
        hint = next((hint for words, hint in HINTS.items() if words in everything), "")
        return f"{said}; {hint}" if hint else said


@contextlib.contextmanager
def tunnel(host: str, ssh_config: str | os.PathLike[str] | None = None) -> Iterator[Tunnel]:
    """A tunnel to `host`, as ssh knows it by that configuration, for as long as the block lasts. Raises AdminError."""
    if not host or host.startswith("-"):
        raise AdminError(f"'{host}' is no host; write --via HOST, as you would write ssh HOST")
    if ssh_config is not None and not Path(ssh_config).expanduser().is_file():
        raise AdminError(f"{ssh_config}: there is no such ssh config; launch.yml writes it")
    with tempfile.TemporaryFile() as complaints:
        way = _started(host, ssh_config, complaints)
        try:
            way.wait(time.monotonic() + LONGEST)
            yield way
        finally:
            way.close()


def _started(host: str, ssh_config: str | os.PathLike[str] | None, complaints: IO[bytes]) -> Tunnel:
    port = _free_port()
    words = ["ssh", "-N", "-D", f"127.0.0.1:{port}"]
    words += ["-F", str(Path(ssh_config).expanduser())] if ssh_config is not None else []
    words += [word for option in OPTIONS for word in ("-o", option)]
    try:
        ssh = subprocess.Popen(
            [*words, "--", host],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=complaints,
            start_new_session=True,  # Ctrl-C in the console is not meant for it
            preexec_fn=partial(die_with_parent, os.getpid()),  # noqa: PLW1509
        )
    except FileNotFoundError:
        raise AdminError("there is no ssh on this machine; install openssh-client") from None
    except OSError as error:
        raise AdminError(f"ssh cannot be started: {(error.strerror or str(error)).lower()}") from None
    return Tunnel(host, ssh, port, complaints)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
