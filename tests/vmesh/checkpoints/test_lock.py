"""Two processes cannot be one worker; a dead one does not keep the next from starting."""

import subprocess
import sys

import pytest

from vgp.errors import InputError
from vmesh.checkpoints import Files, hold
from vmesh.errors import MeshError

HOLD = """
import sys
from pathlib import Path
from vmesh.checkpoints import Files, hold
with hold(Files(Path(sys.argv[1]), "host", 3)):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_lock_held_by_another_process_is_said_with_its_number(files):
    process = subprocess.Popen([sys.executable, "-c", HOLD, files.folder], stdin=-1, stdout=-1, text=True)
    try:
        assert process.stdout.readline() == "held\n"
        with pytest.raises(MeshError) as error, hold(files):
            pass
        assert f"process {process.pid} already is worker 3 of {files.folder}; give another" in str(error.value)
        with hold(Files(files.folder, "host", 4)):
            pass
        process.kill()
        process.wait()
        with hold(files), pytest.raises(MeshError), hold(files):
            pass
    finally:
        process.kill()
        process.communicate()


def test_the_lock_is_not_inherited(files):
    """A sandbox that outlives its worker for a moment must not hold the lock."""
    with hold(files):
        child = subprocess.Popen([sys.executable, "-c", "print(); input()"], stdin=-1, stdout=-1, close_fds=False)
    try:
        assert child.stdout.readline() == b"\n", "it runs: what is closed at its start is closed"
        with hold(files):
            pass
    finally:
        child.kill()
        child.communicate()


def test_the_folder_is_made(tmp_path):
    with hold(Files(tmp_path / "a" / "b", "host", 0)):
        assert (tmp_path / "a" / "b").is_dir()


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="choose another one"), hold(Files(tmp_path / "file" / "b", "host", 0)):
        pass
