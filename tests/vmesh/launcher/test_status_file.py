"""The launcher's status as other programs read it: whole at every moment, true, and no burden where it cannot be written."""

import json
import signal

from tests.vmesh.launcher.running import Launcher, wait_for
from vmesh.launcher.overview import Overview
from vmesh.launcher.status_file import StatusFile


def read(path):
    """Whatever moment it is read at, the file is whole."""
    return json.loads(path.read_text()) if path.exists() else {}


def test_it_tells_how_many_evolve(tmp_path):
    path = tmp_path / "status.json"
    with Launcher(tmp_path, "--set", f"launcher.status_file={path}") as up:
        up.line("takes part", times=2)
        wait_for(lambda: read(path).get("workers") == 2 and len(read(path)["mesh"]) == 2)
        assert read(path)["workers_evolving"] == 0 and read(path)["state"] == "starting"
        for index in (0, 1):
            status = {"tick": index, "evaluations": 50, "evaluations_per_second": 10.5}
            (tmp_path / f"{index}.status.json.new").write_text(json.dumps(status))
            (tmp_path / f"{index}.status.json.new").rename(tmp_path / f"{read(path)['admin'][index]}.status.json")
        wait_for(lambda: read(path)["evaluations"] == 100)
        told = read(path)
        assert (told["workers_evolving"], told["state"], told["evaluations_per_second"]) == (1, "evolving", 21.0)
        assert told["best_loss"] is None and told["formula"] == "" and told["format"] == 1
        up.process.send_signal(signal.SIGTERM)
        assert up.finish()[0] == 0
    assert list(tmp_path.glob("*.tmp")) == []


def test_one_that_cannot_be_written_is_told_once(tmp_path, caplog):
    overview = Overview(0, 2, 0, 1.0, None, 0, 0.0, float("inf"), float("nan"), "", False)
    file = StatusFile(str(tmp_path / "nowhere" / "status.json"))
    with caplog.at_level("WARNING", logger="vmesh"):
        file.write(overview, [])
        file.write(overview, [])
    assert [record.getMessage().endswith("cannot be written: No such file or directory") for record in caplog.records] == [True]


def test_without_one_nothing_is_written():
    assert StatusFile("").interval == float("inf")
