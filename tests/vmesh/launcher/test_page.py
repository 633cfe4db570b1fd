"""The page's process beside the workers: nothing that happens to it happens to them, and nothing of it stays."""

import os
import signal
import urllib.request
from pathlib import Path

from tests.cli.running import children
from tests.vmesh.launcher.running import Launcher, gone

PAGE = ("--set", "page.enabled=true", "--set", "vgp.population_size=64")


def page_of(launcher):
    """The pid of its process."""
    commands = {pid: Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") for pid in children(launcher.process.pid)}
    [pid] = [pid for pid, words in commands.items() if b"page" in words]
    return pid


def view(place):
    with urllib.request.urlopen(f"{place}view.json", timeout=20) as answer:
        return answer.status


def test_a_page_that_dies_is_started_again_where_it_was_and_the_mesh_goes_on(tmp_path):
    with Launcher(tmp_path, *PAGE, real=True, workers=1) as launcher:
        first, page = launcher.page(), page_of(launcher)
        workers = set(children(launcher.process.pid)) - {page}
        os.kill(page, signal.SIGKILL)
        assert "killed by SIGKILL" in launcher.line("it is started again")
        again = launcher.page()
        token = first.rsplit("/", 2)[1]
        assert again.rsplit("/", 2)[1] == token and view(again) == 200
        processes = {*children(launcher.process.pid)}
        assert workers < processes and page not in processes
        assert token not in Path(f"/proc/{page_of(launcher)}/cmdline").read_text()  # others on this machine can read that
        launcher.process.terminate()
        assert launcher.finish()[0] == 0
        gone(processes)


def test_a_page_that_cannot_be_served_is_given_up_and_the_mesh_goes_on(tmp_path):
    with Launcher(tmp_path, *PAGE, "--set", f"page.token_file={tmp_path}/table.csv", real=True, workers=1) as launcher:
        line = launcher.line("the mesh goes on without it")
        assert "others can read this token" in line or "holds no token" in line
        launcher.process.terminate()
        assert launcher.finish()[0] == 0
