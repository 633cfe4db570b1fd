"""Module vmesh_files: several files in one process, each checked before the first one lands."""

import json
import os

import pytest

from tests.roles.ansible import ROOT, needs_ansible, run

pytestmark = needs_ansible


@pytest.fixture
def written(tmp_path):
    """Runs the module and returns its result."""

    def result(*files, check=False):
        given = json.dumps({"files": files})
        words = ("localhost", "-c", "local", "-M", ROOT / "roles/vmesh/library", "-m", "vmesh_files", "-a", given)
        run("ansible", *words, "--tree", tmp_path / "tree", *["--check"] * check, home=tmp_path / "home", check=False)
        return json.loads((tmp_path / "tree/localhost").read_text())

    return result


def test_what_differs_is_written_and_nothing_else(tmp_path, written):
    first = {"path": f"{tmp_path}/new/one", "content": "é\n", "mode": "0600", "check": "grep -q é %s"}
    second = {"path": f"{tmp_path}/two", "content": "2\n"}
    assert written(first, second)["changed_paths"] == [first["path"], second["path"]]
    assert (tmp_path / "new/one").read_text() == "é\n"
    assert (tmp_path / "new/one").stat().st_mode & 0o7777 == 0o600
    assert not written(first, second)["changed"]
    os.chmod(tmp_path / "new/one", 0o644)
    (tmp_path / "two").write_text("3\n")
    assert written(first, second | {"keep": True})["changed_paths"] == [first["path"]]
    assert (tmp_path / "two").read_text() == "3\n"


def test_one_that_is_wrong_keeps_all_from_landing(tmp_path, written):
    right = {"path": f"{tmp_path}/right", "content": "1\n"}
    wrong = {"path": f"{tmp_path}/wrong", "content": "no\n", "check": "grep yes %s"}
    assert f"{tmp_path}/wrong is not written" in written(right, wrong)["msg"]
    assert not (tmp_path / "right").exists()
    assert not (tmp_path / "wrong").exists()


def test_check_mode_writes_nothing(tmp_path, written):
    result = written({"path": f"{tmp_path}/one", "content": "1\n"}, check=True)
    assert result["changed"]
    assert not (tmp_path / "one").exists()


def test_a_folder_in_the_way_is_told(tmp_path, written):
    (tmp_path / "one").mkdir()
    assert f"{tmp_path}/one" in written({"path": f"{tmp_path}/one", "content": "1\n"})["msg"]
