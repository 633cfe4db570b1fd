"""A short run of the fuzzers; `make bench` runs a million inputs."""

import importlib.util
import shutil
import subprocess
from pathlib import Path

import pytest

RUN = Path(__file__).parents[2] / "fuzz" / "run.py"
spec = importlib.util.spec_from_file_location("fuzz_run", RUN)
assert spec is not None
assert spec.loader is not None
fuzz = importlib.util.module_from_spec(spec)
spec.loader.exec_module(fuzz)


def test_a_hundred_thousand_inputs_do_no_harm_and_meet_every_verdict():
    """Every property of fuzz/properties.cpp holds under the sanitizers, and the inputs reach every check of the decoder."""
    result = fuzz.run(inputs=100_000)
    assert sum(result["sealed"].values()) == sum(result["as_given"].values()) == 100_000
    met = {name for key in ("as_given", "sealed") for name, n in result[key].items() if n > 0}
    # inputs are decoded as open bundles, where nothing is missing
    assert met == set(result["sealed"]) - {"no_memory", "missing_reference"}


def has_libfuzzer(folder: Path) -> bool:
    if shutil.which("clang++") is None:
        return False
    source = folder / "probe.cpp"
    source.write_text('extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }')
    probe = ["clang++", "-fsanitize=fuzzer,address", str(source), "-o", str(folder / "probe")]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def test_libfuzzer_finds_nothing_in_a_short_run(tmp_path):
    if not has_libfuzzer(tmp_path):
        pytest.skip("clang++ with its fuzzer runtime is not installed (Debian: clang libclang-rt-14-dev)")
    assert fuzz.run_libfuzzer(inputs=20_000)["inputs"] == 20_000
