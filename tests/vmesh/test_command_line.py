"""The command vmesh: its commands, and one line for what is wrong."""

import os
import subprocess
import sys

import pytest

from tests.cli.running import ROOT
from vmesh.cli.command_line import COMMANDS, available, parser


def vmesh(*words, **environment):
    whole = {name: value for name, value in os.environ.items() if not name.startswith("VMESH_")}
    whole |= {"PYTHONPATH": str(ROOT), **environment}
    command = [sys.executable, "-m", "vmesh", *words]
    return subprocess.run(command, capture_output=True, text=True, env=whole, check=False, timeout=60)


def test_all_commands_are_there_and_explain_themselves():
    assert available() == list(COMMANDS)
    shown = vmesh("--help")
    assert shown.returncode == 0
    assert all(f"\n    {name} " in shown.stdout for name in COMMANDS)


def test_config_tells_where_each_value_came_from():
    shown = vmesh("config", "--preset", "wan", "--set", "exchange.window=9", VMESH_EXCHANGE_INTERVAL="2s")
    assert shown.returncode == 0, shown.stderr
    for line in ("window = 9  # --set", "interval = 2.0  # VMESH_EXCHANGE_INTERVAL", "patience = 20.0  # preset wan"):
        assert line in shown.stdout
    assert "emigrants = 20  # default" in shown.stdout


def test_every_setting_is_explained():
    shown = vmesh("worker", "--help-settings").stdout
    assert "exchange.interval" in shown and "vgp.population_size" in shown and "[organisms]" in shown


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["fly"], "fly"),
        ([], "COMMAND"),
        (["config", "--preset", "moon"], "moon"),
        (["config", "--sett", "a=b"], "did you mean '--set'"),
        (["up", "table.csv"], "--target"),
        (["up", "table.csv", "--target", "y", "--workers", "0"], "'0' is no number of workers"),
        (["up", "table.csv", "--target", "y", "--memory", "much"], "'much' is no size"),
        (["up", "table.csv", "--target", "y", "--seeds", "nowhere"], "HOST:PORT"),
        (["up", "nowhere.csv", "--target", "y", "--quiet"], "nowhere.csv"),
        (["up", "t.csv", "--target", "y", "--seeds", "192.0.2.1:7100"], "is on another machine, which needs keys"),
        (["up", "t.csv", "--target", "y", "--set", "network.keys=/nowhere"], "/nowhere: there is no such folder of keys"),
        (["up", "table.csv", "--target", "y", "--hostname", "a/b"], "--hostname a/b"),
        (["worker", "--data", "t.csv", "--target", "y", "--checkpoint-dir", "d", "--index", "-1"], "--index -1"),
        (["worker", "--data", "t.csv", "--target", "y", "--checkpoint-dir", "d", "--data-checksum", "x"], "SHA-256"),
    ],
)
def test_what_is_wrong_is_one_line_and_status_2(words, expected):
    shown = vmesh(*words)
    assert (shown.returncode, shown.stdout) == (2, "")
    assert shown.stderr.startswith("vmesh: ") and shown.stderr.count("\n") == 1
    assert expected in shown.stderr


def closed(descriptors, *words):
    """Runs it with those descriptors closed, as a daemon may be started."""
    command = "exec " + " ".join(f"{fd}>&-" for fd in descriptors) + f"; exec {sys.executable} -m vmesh {' '.join(words)}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(["sh", "-c", command], capture_output=True, text=True, env=environment, check=False, timeout=60)


def test_closed_streams_are_no_error():
    assert closed([1], "config").returncode == 0
    assert closed([1], "config").stderr == ""
    assert closed([0, 1, 2], "config").returncode == 0
    assert closed([2], "config", "--preset", "moon").returncode == 2


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_output_on_a_full_disk_is_one_line():
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "vmesh", "config"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        shown = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, env=environment, check=False, timeout=60)
    assert (shown.returncode, shown.stderr) == (1, "vmesh: the output: no space left on device\n")


def test_no_seeds_are_no_seeds():
    """What a unit of systemd makes of an empty list."""
    args = parser(["up"]).parse_args(["up", "table.csv", "--target", "y", "--seeds", ""])
    assert args.seeds == ()


def test_config_shows_what_a_machine_by_itself_would_use():
    assert 'preset = "local"' in vmesh("config").stdout
    assert 'preset = "lan"' in vmesh("config", "--set", "network.bind=10.0.0.3").stdout
