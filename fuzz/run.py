"""Builds and runs the fuzzers of the native decoder.

    python fuzz/run.py --inputs 1000000             the built-in fuzzer: g++, address and undefined-behaviour sanitizers
    python fuzz/run.py --libfuzzer --inputs 1000000 coverage-guided: clang++ with its fuzzer runtime

`run()` is what the benchmark and the tests call.
"""

import argparse
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

FUZZ = Path(__file__).resolve().parent
CORE = FUZZ.parent / "vgp" / "core"
DECODER = ("genome.cpp", "hash.cpp", "expansion.cpp", "record.cpp", "bundle.cpp")
SOURCES = [*(CORE / name for name in DECODER), FUZZ / "properties.cpp"]
FLAGS = ["-std=c++20", "-O2", "-g1", "-Wall", "-Wextra", "-fno-sanitize-recover=all", f"-I{CORE}", f"-I{FUZZ}"]
# memory stays bounded by the input: no single allocation of more than 64 MB, whatever the bytes declare
ENVIRONMENT = {**os.environ, "ASAN_OPTIONS": "max_allocation_size_mb=64:allocator_may_return_null=0:malloc_context_size=1"}


def build(target: Path) -> None:
    """The built-in fuzzer as an executable. Raises CalledProcessError if it does not compile."""
    sources = [*SOURCES, FUZZ / "seeds.cpp", FUZZ / "driver.cpp"]
    subprocess.run(["g++", *FLAGS, "-fsanitize=address,undefined", *map(str, sources), "-o", str(target)], check=True)


def build_libfuzzer(target: Path) -> None:
    """The coverage-guided fuzzer as an executable; needs clang++ and its runtime (Debian: clang, libclang-rt-14-dev)."""
    sources = [*SOURCES, FUZZ / "libfuzzer.cpp"]
    subprocess.run(["clang++", *FLAGS, "-fsanitize=fuzzer,address,undefined", *map(str, sources), "-o", str(target)], check=True)


def run(inputs: int = 1_000_000, seed: int = 1, jobs: int | None = None) -> dict[str, Any]:
    """Checks the properties (fuzz/properties.cpp) on that many inputs, in `jobs` processes (default: one per core).

    Returns inputs, seconds, inputs_per_second and the verdicts met: `as_given`, and `sealed` with the right checksum put in.
    The same inputs, seed and jobs give the same verdicts. Raises RuntimeError, with the sanitizer's report, on a fault.
    """
    jobs = jobs or len(os.sched_getaffinity(0))
    shares = [inputs // jobs + (i < inputs % jobs) for i in range(jobs)]
    with tempfile.TemporaryDirectory() as folder:
        driver = Path(folder) / "driver"
        build(driver)
        start = time.perf_counter()
        commands = [[str(driver), str(share), str(seed + 1000 * i)] for i, share in enumerate(shares)]
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        running = [subprocess.Popen(command, env=ENVIRONMENT, **pipes) for command in commands]
        parts = [_verdicts(process) for process in running]
        seconds = time.perf_counter() - start
    result: dict[str, Any] = {"inputs": inputs, "seconds": seconds, "inputs_per_second": inputs / seconds}
    for key in ("as_given", "sealed"):
        result[key] = {name: sum(part[key][name] for part in parts) for name in parts[0][key]}
    return result


def _verdicts(process: "subprocess.Popen[str]") -> dict[str, Any]:
    output, report = process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"the fuzzer found a fault ({' '.join(map(str, process.args[1:]))}):\n{report[-4000:]}")  # type: ignore[index]
    verdicts: dict[str, Any] = json.loads(output)
    return verdicts


def run_libfuzzer(inputs: int = 1_000_000, seed: int = 1) -> dict[str, Any]:
    """The same properties under libFuzzer, from an empty corpus. Returns inputs and seconds; raises RuntimeError on a fault."""
    with tempfile.TemporaryDirectory() as folder:
        fuzzer = Path(folder) / "fuzzer"
        build_libfuzzer(fuzzer)
        options = [f"-runs={inputs}", f"-seed={seed}", "-max_len=512", "-malloc_limit_mb=64", f"-artifact_prefix={folder}/"]
        start = time.perf_counter()
        done = subprocess.run([str(fuzzer), *options], env=ENVIRONMENT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"libFuzzer found a fault with seed {seed}:\n{done.stderr[-4000:]}")
    return {"inputs": inputs, "seconds": time.perf_counter() - start}


def main() -> None:
    parser = argparse.ArgumentParser(description="Fuzzes the native decoder of organism records.")
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--libfuzzer", action="store_true", help="coverage-guided; needs clang++")
    arguments = parser.parse_args()
    fuzzer = run_libfuzzer if arguments.libfuzzer else run
    print(json.dumps(fuzzer(arguments.inputs, arguments.seed), indent=2))


if __name__ == "__main__":
    main()
