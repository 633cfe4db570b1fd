"""`vmesh console` finds the mesh that this user started last, and nobody else's."""

import json
import os
import subprocess

import pytest

from vmesh import runtime
from vmesh.errors import MeshError


@pytest.fixture(autouse=True)
def run_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return tmp_path / "vmesh"


def test_told_found_and_taken_back(run_folder):
    runtime.write(("127.0.0.1:7101",), "keys")
    found = runtime.newest()
    assert (found.admin_addresses, found.keys, found.pid) == (("127.0.0.1:7101",), os.path.abspath("keys"), os.getpid())
    assert run_folder.stat().st_mode & 0o777 == 0o700
    runtime.withdraw()
    with pytest.raises(MeshError, match="vmesh up"):
        runtime.newest()


def test_the_dead_do_not_count_and_are_removed(run_folder):
    process = subprocess.Popen(["true"])
    process.wait()
    path = runtime.write(("127.0.0.1:7101",), "")
    told = json.loads(path.read_text())
    (run_folder / "1.json").write_text(json.dumps(told | {"pid": process.pid}))
    (run_folder / "2.json").write_text(json.dumps(told | {"since": told["since"] - 1}))
    (run_folder / "3.json").write_text("{")
    assert [one.pid for one in runtime.running()] == [os.getpid()]
    assert list(run_folder.iterdir()) == [path]


def test_the_newest_of_several(run_folder):
    sleeper = subprocess.Popen(["sleep", "60"])
    try:
        told = json.loads(runtime.write(("127.0.0.1:7101",), "").read_text())
        other = told | {"pid": sleeper.pid, "since": runtime.started(sleeper.pid), "admin_addresses": ["127.0.0.1:9"]}
        (run_folder / f"{sleeper.pid}.json").write_text(json.dumps(other))
        assert runtime.newest().admin_addresses == ("127.0.0.1:9",)
    finally:
        sleeper.kill()
        sleeper.wait()


def test_a_folder_that_others_may_write_to_is_not_trusted(run_folder):
    run_folder.mkdir(mode=0o700)
    run_folder.chmod(0o777)
    with pytest.raises(MeshError, match="mode 700"):
        runtime.newest()
    run_folder.rmdir()
    run_folder.symlink_to("/tmp")
    with pytest.raises(MeshError, match="mode 700"):
        runtime.write((), "")
