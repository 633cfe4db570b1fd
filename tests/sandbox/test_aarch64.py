"""The worker for aarch64: compiled from the same sources, run under emulation."""

import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.sandbox.bpf import compiled_filter
from tests.sandbox.build import build_worker
from tests.sandbox.genomes import ARITHMETIC, random_genomes
from vgp.errors import SandboxError
from vgp.layout import Status, batch
from vgp.sandbox import EXECUTABLE, Sandbox

COMPILER, EMULATOR = "aarch64-linux-gnu-g++", "qemu-aarch64"
pytestmark = pytest.mark.skipif(
    not shutil.which(COMPILER) or not shutil.which(EMULATOR), reason="no cross compiler or no emulator here"
)

LAUNCHER = """
#include <unistd.h>
int main(int n, char** arguments) {
    char* command[8] = {"%s", "-0", "%s", "%s"};
    for (int i = 1; i < n && i < 4; i++) command[i + 3] = arguments[i];
    return execv(command[0], command);
}
"""


def emulated(worker: Path, name: str) -> Path:
    """An executable of this machine that runs the worker in the emulator, with `name` as its own name."""
    launcher = worker.with_name(f"launch-{name}")
    source = launcher.with_suffix(".c")
    source.write_text(LAUNCHER % (shutil.which(EMULATOR), name, worker))
    subprocess.run(["gcc", "-static", "-o", launcher, source], check=True)
    return launcher


def refuses_to_start(data_path: Path) -> None:
    """The emulator knows no seccomp: the worker must not work there."""
    worker = build_worker("aarch64", attacks=False, compiler=COMPILER)
    with pytest.raises(SandboxError, match=r"seccomp.*--sandbox off"):
        Sandbox(data_path, executable=emulated(worker, "vgp-sandbox"), memory_bytes=1 << 40, wall_seconds=60.0)


def test_it_compiles_the_same_filters() -> None:
    """Each machine's executable knows both tables; a slip in one compiler's reading of them would show."""
    worker = build_worker("aarch64", attacks=False, compiler=COMPILER)
    for machine in ("x86-64", "aarch64"):
        done = subprocess.run([EMULATOR, worker, "--print-filter", machine], capture_output=True, text=True, check=True)
        assert [tuple(map(int, line.split())) for line in done.stdout.splitlines()] == [
            tuple(i) for i in compiled_filter(EXECUTABLE, machine)
        ]


def test_it_refuses_without_seccomp(data_path: Path) -> None:
    refuses_to_start(data_path)


def test_it_evaluates_like_this_machine(data_path: Path) -> None:
    """Unlocked, because the emulator cannot lock: the kernels and the protocol on the other machine."""
    worker = build_worker("aarch64", attacks=True, compiler=COMPILER)
    organisms = random_genomes(8, 30, 5, ARITHMETIC, 5, 20)
    with (
        Sandbox(data_path, mode="off") as here,
        Sandbox(data_path, executable=emulated(worker, "vgp-sandbox-without-all")) as there,
    ):
        expected, results = here.evaluate(*batch(organisms)), there.evaluate(*batch(organisms))
        assert there.report()["instruction_set"] == "aarch64"
    np.testing.assert_array_equal(results["status"], expected["status"])
    ok = results["status"] == Status.ok
    assert ok.sum() > 20
    np.testing.assert_allclose(results["loss"][ok], expected["loss"][ok], rtol=1e-4)


def test_the_path_of_the_emulator_is_absolute() -> None:
    assert os.path.isabs(shutil.which(EMULATOR) or "")
