"""docs/admin.md is true: its client runs as it stands there, with and without keys, and its tables name what there is."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.vmesh.admin.fakes import hall_of
from vmesh.admin import server
from vmesh.admin.asking import WRONG_REASONS
from vmesh.admin.commands import COMMANDS
from vmesh.admin.protocol import MOST_ID, MOST_PARTS, MOST_REQUEST
from vmesh.security.key_folder import admin_keys, worker_keys

TEXT = (Path(__file__).parents[3] / "docs" / "admin.md").read_text()
CLIENT, WITH_KEYS = re.findall(r"```python\n(.*?)```", TEXT, re.S)


def run(program, *words):
    result = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True, timeout=30, check=True)
    return result.stdout


@pytest.mark.parametrize("with_keys", [False, True])
def test_the_ten_line_client_runs(folder, with_keys):
    assert len([line for line in CLIENT.splitlines() if line]) == 10
    program = CLIENT
    if with_keys:
        keys = admin_keys(folder)
        program = program.replace("socket.connect", WITH_KEYS + "socket.connect")
        values = {"admin_public": keys.client.public, "admin_secret": keys.client.secret, "admin_server_public": keys.server}
        program = "".join(f"{name} = {value!r}\n" for name, value in values.items()) + program
    with hall_of(1, keys=worker_keys(folder) if with_keys else None) as hall:
        assert run(program, hall.addresses[0]) == "host/0 7\n"


def test_every_command_is_in_the_table_with_its_marks():
    rows = re.findall(r"^\| (`.*?) \|(.*?)\|.*\|$", TEXT.split("## Commands")[1], re.M)
    named = {}
    for cell, arguments in rows:
        marks = "".join(re.findall(r"[*+]", cell))
        named |= dict.fromkeys(re.findall(r"`([a-z-]+)`", cell), (("*" in marks, "+" in marks), arguments))
    assert named.keys() == COMMANDS.keys()
    for name, (marks, arguments) in named.items():
        command = COMMANDS[name]
        assert marks == (command.CHANGES, command.SLOW), name
        for argument in command.ARGUMENTS:
            assert argument.keep or f"`{argument.name}`" in arguments, (name, argument.name)


def test_reasons_and_limits():
    used = set(re.findall(r'_error\([^,]*(?:, ?|\n)[^"\n]*"([a-z-]+)"', Path(server.__file__).read_text())) | set(WRONG_REASONS)
    reasons = TEXT.split("`reason` is one of")[1].split("**Asking again")[0]
    assert used <= set(re.findall(r"`([a-z-]+)`", reasons))
    assert f"At most {MOST_REQUEST >> 20} MiB, {MOST_PARTS:,} commas" in TEXT
    assert f"at most {MOST_ID} characters" in TEXT
