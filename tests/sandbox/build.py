"""Compiles the worker from the product's sources: with the attacks inside (-DVGP_ATTACKS), or for another machine."""

import ast
import hashlib
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / "build" / "test-worker"
KERNELS = {
    "x86_64": {f"x86_64_v{v}": [f"-march=x86-64-v{v}"] for v in (2, 3, 4)},
    "aarch64": {"aarch64": ["-march=armv8-a"]},
}
FLAGS = [
    *("-std=c++20", "-O2", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=off"),
    *("-Ivgp/core", "-Ivgp/sandbox", "-Itests/sandbox"),
]


def sources_of_setup(name: str) -> list[str]:
    """A list of file names from a table of setup.py."""
    for statement in ast.parse((ROOT / "setup.py").read_text()).body:
        target = statement.targets[0] if isinstance(statement, ast.Assign) else getattr(statement, "target", None)
        if isinstance(target, ast.Name) and target.id == name:
            return list(ast.literal_eval(statement.value))
    raise LookupError(name)


def units(machine: str, attacks: bool) -> list[tuple[str, list[str]]]:
    """(source, extra flags) of every object file."""
    define = ["-fno-exceptions", "-fno-rtti", *(["-DVGP_ATTACKS"] if attacks else [])]
    rows = [(f"vgp/sandbox/{name}", define) for name in sources_of_setup("SANDBOX_SOURCES")]
    rows += [(f"vgp/core/{name}", []) for name in sources_of_setup("CORE_SOURCES")]
    for isa, flags in KERNELS[machine].items():
        rows += [(f"vgp/core/{name}", [f"-DVGP_ISA={isa}", *flags]) for name in sources_of_setup("KERNEL_SOURCES")]
    return [*rows, ("tests/sandbox/attacks.cpp", define)] if attacks else rows


def fingerprint() -> bytes:
    """Of everything that is compiled."""
    digest = hashlib.sha256()
    for folder in ("vgp/core", "vgp/sandbox", "tests/sandbox"):
        for path in sorted((ROOT / folder).glob("*")):
            if path.suffix in (".cpp", ".hpp", ".def"):
                digest.update(path.name.encode() + path.read_bytes())
    return digest.digest()


def build_worker(machine: str, *, attacks: bool, compiler: str = "g++") -> Path:
    """The static executable, compiled if the sources have changed since."""
    rows = units(machine, attacks)
    key = hashlib.sha256(fingerprint() + repr((rows, FLAGS, compiler)).encode()).hexdigest()[:16]
    executable = CACHE / key / "vgp-sandbox"
    if executable.exists():
        return executable
    executable.parent.mkdir(parents=True, exist_ok=True)

    def compile_one(row: tuple[str, list[str]]) -> Path:
        """What is the same with and without attacks is compiled once."""
        source, extra = row
        command = [compiler, *FLAGS, *extra, "-c", source]
        target = CACHE / f"{hashlib.sha256(fingerprint() + repr(command).encode()).hexdigest()[:16]}.o"
        if not target.exists():
            run([*command, "-o", f"{target}.{os.getpid()}"])
            Path(f"{target}.{os.getpid()}").rename(target)
        return target

    with ThreadPoolExecutor(2) as pool:
        objects = [str(path) for path in pool.map(compile_one, rows)]
    run([compiler, "-static", *objects, "-o", str(executable) + ".new"])
    Path(str(executable) + ".new").rename(executable)
    return executable


def run(command: list[str]) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}\n{done.stderr}")
