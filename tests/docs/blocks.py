"""The code blocks of a page, and how a reader would run them: one after the other, in one folder, Python in one session."""

import contextlib
import io
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.M | re.S)
COMMANDS = ("vgp", "vmesh", "python")  # shell blocks of other commands - pip, ansible-playbook - are for other machines
NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?")


@dataclass(frozen=True)
class Block:
    language: str
    text: str
    line: int  # of the page, from 1

    @property
    def is_python(self):
        return self.language == "python"

    @property
    def is_run(self):
        return self.is_python or (self.language == "sh" and all(line.startswith(COMMANDS) for line in self.commands))

    @property
    def commands(self):
        joined = self.text.replace("\\\n", " ")
        return [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]


def blocks_of(text):
    return [Block(match[1], match[2], text[: match.start()].count("\n") + 1) for match in FENCE.finditer(text)]


class Reader:
    """Somebody who types a page in `folder`, where the examples lie."""

    def __init__(self, folder):
        self.folder = folder / "reader"
        self.folder.mkdir()
        (self.folder / "examples").symlink_to(ROOT / "examples")
        self.bin = folder / "bin"
        self.bin.mkdir()
        for name in ("vgp", "vmesh"):
            self.command(name, f"-m {name}")
        self.command("python", "")
        self.names = {"__name__": "__main__"}

    def command(self, name, what):
        """This interpreter and these sources, whatever else is installed."""
        path = self.bin / name
        path.write_text(f'#!/bin/sh\nexec "{sys.executable}" {what} "$@"\n')
        path.chmod(0o755)

    def run(self, page, block):
        """What the block prints. Fails where it does."""
        return self.python(page, block) if block.is_python else self.shell(block)

    def python(self, page, block):
        said = io.StringIO()
        code = compile("\n" * block.line + block.text, page, "exec")
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(said):
            exec(code, self.names)
        return said.getvalue()

    def shell(self, block):
        environment = os.environ | {
            "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
        }
        command = ["bash", "-eu", "-c", block.text]
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"line {block.line}: {block.text}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr


def masked(text):
    """Numbers differ a little from machine to machine; blanks stand for columns."""
    return " ".join(NUMBER.sub("#", text).split())
