"""The command without its start: a process loads its modules once, and each call is a fork of it, with exit status, streams and
signals of its own. What a start itself does - hash seeds, closed streams, the end on a terminal - needs running.vgp."""

import atexit
import functools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path

MODULES = ("command_line", "fit", "predict", "show", "report", "bench")
PACKET = 1 << 16


class Loaded:
    """The process that has loaded them: the user's end."""

    def __init__(self, environment):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-m", __name__, str(theirs.fileno())]
        silent = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
        with theirs:
            self.process = subprocess.Popen(command, env=environment, pass_fds=[theirs.fileno()], **silent)
        self.channel = ours

    def run(self, words, cwd=".", timeout=120):
        """As subprocess.run, with text."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, open(os.devnull, "rb") as nothing:
            message = json.dumps([words, str(Path(cwd).absolute())]).encode()
            socket.send_fds(self.channel, [message], [nothing.fileno(), out.fileno(), err.fileno()])
            self.channel.settimeout(20)
            pid = int(self.channel.recv(PACKET))
            self.channel.settimeout(timeout)
            try:
                status = int(self.channel.recv(PACKET))
            except TimeoutError:
                os.kill(pid, signal.SIGKILL)
                self.channel.settimeout(20)
                self.channel.recv(PACKET)
                raise subprocess.TimeoutExpired(words, timeout) from None
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(words, status, out.read().decode(), err.read().decode())

    def close(self):
        self.channel.close()
        self.process.wait(20)


@functools.cache
def loaded(environment):
    """The one of this process, ended with it."""
    made = Loaded(dict(environment))
    atexit.register(made.close)
    return made


def serve(channel):
    """Answers each request with a pid and, at its end, the exit status. Returns the words of a request in the fork that is to carry
    it out, and nothing when nobody asks any more."""
    while True:
        message, streams, _, _ = socket.recv_fds(channel, PACKET, 3)
        if not message:
            return None
        pid = os.fork()
        if pid == 0:
            words, folder = json.loads(message)
            for number, fd in enumerate(streams):
                os.dup2(fd, number)
            os.closerange(3, max(*streams, channel.fileno()) + 1)
            channel.detach()
            os.chdir(folder)
            return words
        channel.send(str(pid).encode())
        for fd in streams:
            os.close(fd)
        channel.send(str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])).encode())


def main():
    from vgp.cli import keep_libraries_to_one_thread
    from vgp.cli import main as vgp

    keep_libraries_to_one_thread()
    for name in MODULES:
        import_module(f"vgp.cli.{name}")
    own = Path("/proc/self/comm").read_text().strip()
    # A fork copies the thread that forks and the locks of all others: the others must be made for that, as jemalloc's is.
    assert {path.read_text().strip() for path in Path("/proc/self/task").glob("*/comm")} <= {own, "jemalloc_bg_thd"}
    words = serve(socket.socket(fileno=int(sys.argv[1])))
    if words is not None:
        sys.argv[:] = [str(Path(sys.modules["vgp"].__file__).with_name("__main__.py")), *words]
        sys.exit(vgp())


if __name__ == "__main__":
    main()
