"""Each role's molecule scenario on real systemd hosts: create, converge, idempotence, verify, destroy."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cluster.conftest import missing
from tests.cluster.playing import ROOT, processes_of

SCENARIOS = sorted(ROOT.glob("roles/*/molecule/default/molecule.yml"))


@pytest.mark.long
@pytest.mark.skipif(bool(missing()), reason=missing())
@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.parts[-4])
def test_the_scenario_of_a_role(path, tmp_path):
    programs = Path(sys.executable).parent
    own = {"VCLOUD_MOLECULE": str(tmp_path / "cloud"), "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    own["PATH"] = f"{programs}:{os.environ['PATH']}"
    with open(tmp_path / "log", "wb") as log:
        streams = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": subprocess.STDOUT}
        command = [str(programs / "molecule"), "test"]
        process = subprocess.Popen(command, cwd=path.parents[2], env=os.environ | own, start_new_session=True, **streams)
        try:
            status = process.wait(2400)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
        finally:
            cloud = [sys.executable, str(ROOT / "tools" / "local_cloud"), "down"]
            subprocess.run(cloud, env=os.environ | {"VCLOUD_LOCAL": str(tmp_path / "cloud")}, check=False, capture_output=True)
    assert status == 0, (tmp_path / "log").read_text()[-20_000:]
    assert processes_of(tmp_path / "cloud") == []
