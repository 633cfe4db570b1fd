"""On a machine that lacks a system package, the command says which one and how to get it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHELL_TOOLS = ("sh", "sed", "cut", "tr", "ls", "dirname", "id")
COMPILERS = ("g++", "make")
EXTRAS = ("strace", "clang++", "aarch64-linux-gnu-g++", "qemu-aarch64", "ssh", "ip", "tc", "nft", "systemd-nspawn", "debootstrap",
          "chromium")  # fmt: skip


class Machine:
    """A folder of programs that stands for a machine: what is not in it is not installed."""

    def __init__(self, folder):
        self.folder = folder
        for name in SHELL_TOOLS:
            (folder / name).symlink_to(shutil.which(name))
        self.install("python3", f'exec "{sys.executable}" "$@"')
        self.install("apt-get", f'echo "$@" >> "{folder}/apt.log"; exit ${{APT_STATUS:-0}}')
        for name in (*COMPILERS, *EXTRAS):
            self.install(name, "exit 0")
        (folder / "runtime").mkdir()
        (folder / "runtime" / "libclang_rt.fuzzer-x86_64.a").touch()
        self.install("clang++", f'echo "{folder}/runtime"')

    def install(self, name, script):
        (self.folder / name).unlink(missing_ok=True)
        (self.folder / name).write_text(f"#!{shutil.which('sh')}\n{script}\n")
        (self.folder / name).chmod(0o755)

    def remove(self, *names):
        for name in names:
            (self.folder / name).unlink()

    def packages(self, mode, **environment):
        environment = {"PATH": str(self.folder)} | environment
        return subprocess.run([ROOT / "tools" / "packages", mode], env=environment, capture_output=True, text=True, check=False)

    def apt_calls(self):
        log = self.folder / "apt.log"
        return log.read_text().splitlines() if log.exists() else []


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_a_complete_machine_is_left_in_peace(machine):
    for mode in ("required", "optional", "install"):
        result = machine.packages(mode)
        assert (result.returncode, result.stdout + result.stderr) == (0, "")
    assert machine.apt_calls() == []


@pytest.mark.parametrize(("program", "package"), [("g++", "g++"), ("make", "make"), ("python3", "python3")])
def test_a_missing_program_is_named_with_its_package(machine, program, package):
    machine.remove(program)
    result = machine.packages("required")
    assert result.returncode == 1
    assert f"  {package}: " in result.stderr
    install = next(line for line in result.stderr.splitlines() if line.startswith("Install with: sudo apt-get install "))
    assert package in install.split()


@pytest.mark.parametrize(
    ("broken", "package"),
    [("*ensurepip*", "python3-venv"), ("*Python.h*", "python3-dev")],
)
def test_parts_of_python_that_debian_packages_apart(machine, broken, package):
    machine.install("python3", f'case "$2" in {broken}) exit 1 ;; esac\nexec "{sys.executable}" "$@"')
    result = machine.packages("required")
    assert result.returncode == 1
    assert [line.split(":")[0].strip() for line in result.stderr.splitlines() if line.startswith("  ")] == [package]
    assert result.stderr.endswith(f"sudo apt-get install {package}\n")


def test_an_old_python_is_refused_with_what_to_type(machine):
    machine.install("python3", 'case "$2" in *version_info*) exit 1 ;; esac\necho "Python 3.9.2"')
    result = machine.packages("required")
    assert result.returncode == 1
    assert "Python 3.9.2" in result.stderr
    assert "make PYTHON=" in result.stderr


def test_another_interpreter_can_be_named(machine):
    machine.remove("python3")
    assert machine.packages("required", PYTHON=sys.executable).returncode == 0


def test_elsewhere_than_on_debian_the_names_are_given_as_debians(machine):
    machine.remove("g++", "apt-get")
    result = machine.packages("required")
    assert result.returncode == 1
    assert "apt-get" not in result.stderr
    assert "g++ (these are Debian's names)" in result.stderr


@pytest.mark.parametrize(
    ("program", "package"),
    [
        ("strace", "strace"),
        ("clang++", "clang libclang-rt-dev"),
        ("runtime/libclang_rt.fuzzer-x86_64.a", "libclang-rt-dev"),
        ("aarch64-linux-gnu-g++", "g++-aarch64-linux-gnu"),
        ("qemu-aarch64", "qemu-user"),
        ("ssh", "openssh-client"),
    ],
)
def test_what_only_tests_need_is_named_but_not_demanded(machine, program, package):
    machine.remove(program)
    assert machine.packages("required").returncode == 0
    result = machine.packages("optional")
    assert result.returncode == 0
    assert result.stderr.endswith(f"sudo apt-get install {package}\n")


@pytest.mark.parametrize(
    ("program", "package"),
    [
        *(("ip", "iproute2"), ("tc", "iproute2"), ("nft", "nftables")),
        *(("systemd-nspawn", "systemd-container"), ("debootstrap", "debootstrap")),
    ],
)
def test_what_only_tests_of_root_need_is_named_to_root(machine, program, package):
    machine.remove(program)
    machine.install("id", "echo 0")
    assert machine.packages("optional").stderr.endswith(f"sudo apt-get install {package}\n")
    machine.install("id", "echo 1000")
    assert machine.packages("optional").stderr == ""


def test_root_gets_what_is_missing_without_being_asked_anything(machine):
    machine.remove("strace", "qemu-aarch64")
    machine.install("id", "echo 0")
    result = machine.packages("install")
    assert result.returncode == 0
    installs = [call for call in machine.apt_calls() if call.startswith("install -y")]
    assert [call.split()[-1] for call in installs] == ["strace", "qemu-user"]


def test_nobody_else_touches_the_system(machine):
    machine.remove("strace", "g++")
    machine.install("id", "echo 1000")
    result = machine.packages("install")
    assert result.returncode == 1
    assert "sudo apt-get install g++" in result.stderr
    assert machine.apt_calls() == []


def test_an_optional_package_that_cannot_be_had_stops_nothing(machine):
    machine.remove("strace")
    machine.install("id", "echo 0")
    result = machine.packages("install", APT_STATUS="100")
    assert result.returncode == 0
    assert "strace could not be installed" in result.stderr


def test_a_required_package_that_cannot_be_had_stops_the_build(machine):
    machine.remove("g++")
    machine.install("id", "echo 0")
    assert machine.packages("install", APT_STATUS="100").returncode == 1


def test_make_ends_with_the_message(machine):
    """The check is what `make run` meets first on a fresh machine."""
    machine.remove("g++")
    result = subprocess.run(
        [shutil.which("make"), "-C", ROOT, "-f", ROOT / "Makefile", "VENV=" + str(machine.folder / "venv"), "run"],
        env={"PATH": f"{machine.folder}{os.pathsep}{machine.folder}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode != 0
    assert "sudo apt-get install g++" in result.stderr
    assert not (machine.folder / "venv").exists()
