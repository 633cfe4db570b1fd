"""What is fetched from nodes themselves by ssh: journals, histories, and checkpoints that are not in the data bucket."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from vgp import checkpoint
from vgp.cli.arguments import printable
from vgp.errors import VgpError
from vmesh.history.reader import NAME, is_history

Result = TypeVar("Result")
PARALLEL = 16  # nodes at a time
ROOT = 'if [ "$(id -u)" = 0 ]; then become=; else become="sudo -n"; fi; '
UNITS = "-u vmesh -u vmesh-agent -u vmesh-bootstrap -u cloud-final"
JOURNAL = f"{ROOT}$become journalctl --no-pager --output short-iso {UNITS} | gzip -1"
# The folder stands in what the role was told; the newest checkpoint of each worker is the file without a number at its end.
FOLDER = ROOT + (
    'folder=$($become sed -n \'s/.*"vmesh_checkpoint_dir": *"\\([^"]*\\)".*/\\1/p\' /etc/vmesh/node.json | head -n 1); '
    'folder="${folder:-/var/lib/vmesh/checkpoints}"; '
)
CHECKPOINTS = FOLDER + '$become sh -c \'cd "$1" && tar -cf - worker-*.checkpoint\' sh "$folder"'
# Workers go on writing: SQLite's own copy is of one moment. Runs on any Python 3.
COPY = """
import glob, os, sqlite3, sys, tarfile, tempfile
os.chdir(sys.argv[1])
with tempfile.TemporaryDirectory() as aside, tarfile.open(fileobj=sys.stdout.buffer, mode="w|") as tar:
    for name in sorted(glob.glob("worker-*.history.sqlite")):
        path = os.path.join(aside, name)
        try:
            source, copy = sqlite3.connect("file:" + name + "?mode=ro", uri=True, timeout=10), sqlite3.connect(path)
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
            source.close()
            copy.close()
            tar.add(path, name)
            os.unlink(path)
        except sqlite3.Error as error:
            print(name + ":", error, file=sys.stderr)
"""
HISTORIES = f'{FOLDER}$become python3 -c {shlex.quote(COPY)} "$folder"'
CHECKPOINT = re.compile(r"worker-[^/]*\.checkpoint")
MOST_MEMBERS = 1024
OPTIONS = ("BatchMode=yes", "LogLevel=ERROR", "ConnectTimeout=10")


@dataclass(frozen=True)
class Ssh:
    """How nodes are reached. `timeout`: seconds for one command."""

    config: Path
    timeout: float

    def fetch(self, host: str, command: str, path: Path) -> str:
        """What the command prints there, as a file; why there is none, or empty."""
        words = ["ssh", "-T", "-F", str(self.config), *(word for option in OPTIONS for word in ("-o", option)), "--", host, command]
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.partial")
        try:
            with open(partial, "wb") as file:
                done = subprocess.run(
                    words, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.PIPE, timeout=self.timeout, check=False
                )
            said = done.stderr.decode(errors="replace").strip().splitlines()
            if done.returncode != 0 or not partial.stat().st_size:
                return printable(said[-1]) if said else f"its command ended with status {done.returncode}"
            os.replace(partial, path)
            return ""
        except subprocess.TimeoutExpired:
            return f"it did not answer within {self.timeout:g} s"
        except OSError as error:
            return (error.strerror or str(error)).lower()
        finally:
            partial.unlink(missing_ok=True)


def journals(ssh: Ssh, hosts: Sequence[str], folder: Path) -> dict[str, list[Path] | str]:
    """Each node's journal as NAME.journal.gz, or why it did not come."""
    return _each(hosts, lambda host: _journal(ssh, host, folder))


def checkpoints(ssh: Ssh, hosts: Sequence[str], folder: Path) -> dict[str, list[Path] | str]:
    """Each node's checkpoints as NAME/worker-INDEX.checkpoint, or why there is none."""
    return _each(hosts, lambda host: _files(ssh, host, CHECKPOINTS, folder / host, CHECKPOINT, is_checkpoint))


def histories(ssh: Ssh, hosts: Sequence[str], folder: Path) -> dict[str, list[Path] | str]:
    """Each node's histories as NAME/worker-INDEX.history.sqlite, as they were at one moment, or why there is none."""
    return _each(hosts, lambda host: _files(ssh, host, HISTORIES, folder / host, NAME, is_history))


def _each(hosts: Sequence[str], bring: Callable[[str], Result]) -> dict[str, Result]:
    with ThreadPoolExecutor(PARALLEL) as pool:
        return dict(zip(hosts, pool.map(bring, hosts), strict=True))


def _journal(ssh: Ssh, host: str, folder: Path) -> list[Path] | str:
    path = folder / f"{host}.journal.gz"
    return ssh.fetch(host, JOURNAL, path) or [path]


def _files(
    ssh: Ssh, host: str, command: str, folder: Path, names: re.Pattern[str], whole: Callable[[Path], bool]
) -> list[Path] | str:
    archive = folder / "files.tar"
    wrong = ssh.fetch(host, command, archive)
    if wrong:
        return wrong
    try:
        return unpacked(archive, folder, names, whole) or "it has none that is whole"
    finally:
        archive.unlink(missing_ok=True)


def unpacked(archive: Path, folder: Path, names: re.Pattern[str], whole: Callable[[Path], bool]) -> list[Path]:
    """Files of that archive that have such names and are whole: nothing else that a node may have put in stays."""
    found: list[Path] = []
    try:
        with tarfile.open(archive) as tar:
            for member in tar.getmembers()[:MOST_MEMBERS]:
                name, file = member.name, tar.extractfile(member) if member.isfile() else None
                if file is None or not names.fullmatch(name):
                    continue
                path = folder / name
                with open(path, "wb") as written:
                    shutil.copyfileobj(file, written, 1 << 20)
                if whole(path):
                    found.append(path)
                else:
                    path.unlink()
    except (tarfile.TarError, OSError, EOFError):
        return found
    return found


def is_checkpoint(path: Path) -> bool:
    """Whether it can be read as one."""
    try:
        checkpoint.load(path)
        return True
    except VgpError:
        return False
