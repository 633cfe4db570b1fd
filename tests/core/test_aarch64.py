"""The core on the other processor: built with the cross compiler, run in an emulator, where these are installed."""

import shutil
import subprocess
from pathlib import Path

import pytest

CORE = Path(__file__).parents[2] / "vgp" / "core"
SOURCES = ("genome", "hash", "datafile", "dispatch", "library", "program", "loss", "rows", "tape", "tuning", "standard_errors",
           "evaluator", "kernels", "gradients")
COMPILER = shutil.which("aarch64-linux-gnu-g++")
EMULATOR = shutil.which("qemu-aarch64") or shutil.which("qemu-aarch64-static")
FLAGS = "-std=c++20 -O2 -march=armv8-a -fno-math-errno -fno-trapping-math -ffp-contract=off -Wall -Wextra -Werror".split()


@pytest.fixture(scope="module")
def binary(tmp_path_factory):
    if COMPILER is None:
        pytest.skip("aarch64-linux-gnu-g++ is not installed (Debian: apt-get install g++-aarch64-linux-gnu)")
    path = tmp_path_factory.mktemp("aarch64") / "check"
    sources = [str(CORE / f"{name}.cpp") for name in SOURCES] + [str(Path(__file__).parent / "check_kernels.cpp")]
    command = [COMPILER, *FLAGS, "-DVGP_ISA=aarch64", f"-I{CORE}", "-static", *sources, "-o", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return path


def test_the_core_compiles_for_aarch64_without_warnings(binary):
    assert binary.stat().st_size > 0


def test_every_function_and_a_call_are_right_on_aarch64(binary):
    if EMULATOR is None:
        pytest.skip("qemu-aarch64 is not installed (Debian: apt-get install qemu-user)")
    done = subprocess.run([EMULATOR, str(binary)], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
