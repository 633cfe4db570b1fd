"""Shares of memory: what the machine or its control group has left, so that all workers together cannot make it swap."""

import resource
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmesh import memory
from vmesh.cores import cores
from vmesh.errors import SettingsError
from vmesh.memory import LEAST_SHARE, Spare, divide, for_engine, share, spare

GIB = 1 << 30


def tree(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def machine(available=16 * GIB):
    return {"proc/meminfo": f"MemTotal:       99999999 kB\nMemFree:  1 kB\nMemAvailable:   {available // 1024} kB\n"}


V2 = {
    "proc/self/cgroup": "0::/system.slice/mesh.service\n",
    "proc/self/mountinfo": "35 24 0:30 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n",
}
V1 = {
    "proc/self/cgroup": "9:name=systemd:/docker/abc\n4:cpu,memory:/docker/abc/inner\n0::/\n",
    "proc/self/mountinfo": "36 32 0:33 /docker/abc /sys/fs/cgroup/memory ro shared:13 - cgroup cgroup rw,cpu,memory\n",
}


def test_without_groups_the_machine_decides(tmp_path):
    assert spare(tree(tmp_path, machine())) == Spare(16 * GIB, "this machine")


def test_version_2_the_tightest_group_above_counts(tmp_path):
    files = {
        "sys/fs/cgroup/system.slice/memory.max": f"{4 * GIB}\n",
        "sys/fs/cgroup/system.slice/memory.current": f"{2 * GIB}\n",
        "sys/fs/cgroup/system.slice/memory.stat": f"anon 5\ninactive_file {GIB}\n",
        "sys/fs/cgroup/system.slice/mesh.service/memory.max": "max\n",
        "sys/fs/cgroup/system.slice/mesh.service/memory.current": "12345\n",
    }
    assert spare(tree(tmp_path, machine() | V2 | files)) == Spare(3 * GIB, "its control group")


def test_version_2_memory_high_throttles_before_max_kills(tmp_path):
    group = "sys/fs/cgroup/system.slice/mesh.service/"
    files = {group + "memory.max": f"{4 * GIB}\n", group + "memory.high": f"{2 * GIB}\n", group + "memory.current": "0\n"}
    assert spare(tree(tmp_path, machine() | V2 | files)).bytes == 2 * GIB


def test_version_1_in_a_container_that_sees_only_its_own_part(tmp_path):
    files = {
        "sys/fs/cgroup/memory/memory.limit_in_bytes": f"{2 * GIB}\n",
        "sys/fs/cgroup/memory/memory.usage_in_bytes": f"{GIB}\n",
        "sys/fs/cgroup/memory/memory.stat": f"cache 7\ntotal_inactive_file {GIB // 2}\n",
        "sys/fs/cgroup/memory/inner/memory.limit_in_bytes": "9223372036854771712\n",
        "sys/fs/cgroup/memory/inner/memory.usage_in_bytes": "1\n",
    }
    assert spare(tree(tmp_path, machine() | V1 | files)) == Spare(GIB + GIB // 2, "its control group")


def test_a_group_with_more_than_the_machine_has_does_not_count(tmp_path):
    files = {"sys/fs/cgroup/system.slice/memory.max": f"{64 * GIB}\n"}
    assert spare(tree(tmp_path, machine() | V2 | files)).origin == "this machine"


@pytest.mark.parametrize("text", ["", "0::\n", "nonsense", "4:memory\n", "0::/../../etc\n"])
def test_files_that_make_no_sense_change_nothing(tmp_path, text):
    assert spare(tree(tmp_path, machine() | V2 | {"proc/self/cgroup": text})).bytes == 16 * GIB


def test_cores_follow_the_quota(tmp_path):
    assert cores(tree(tmp_path, V2 | {"sys/fs/cgroup/system.slice/cpu.max": "50000 100000\n"})) == 1
    assert cores(tree(tmp_path, V2 | {"sys/fs/cgroup/system.slice/cpu.max": "max 100000\n"})) >= 1
    v1 = {"sys/fs/cgroup/memory/cpu.cfs_quota_us": "90000\n", "sys/fs/cgroup/memory/cpu.cfs_period_us": "100000\n"}
    assert cores(tree(tmp_path, V1 | v1)) == 1


@given(st.integers(0, 1 << 42), st.integers(1, 256), st.integers(0, 1 << 40), st.integers(0, 1 << 36))
def test_all_together_never_take_more_than_is_left(left, workers, most, table):
    try:
        each = share(workers, Spare(left, "this machine"), most=most, table=table)
    except SettingsError as error:
        assert "\n" not in str(error)
        return
    assert each >= LEAST_SHARE
    assert each * workers + table < left
    assert not most or each * workers <= most


def test_too_many_workers_are_refused_with_the_number_that_fits():
    with pytest.raises(SettingsError, match="use --workers 2"):
        share(8, Spare(GIB, "its control group"))
    with pytest.raises(SettingsError, match="free some memory"):
        share(1, Spare(1 << 20, "this machine"))


@given(st.integers(LEAST_SHARE, 1 << 40), st.integers(0, 1 << 34))
def test_a_share_holds_the_process_and_its_sandbox(total, cache):
    division = divide(total, cache)
    assert division.process + division.sandbox == total
    assert division.process >= division.sandbox > 2 * division.cache


def test_what_the_user_set_for_the_sandbox_stays():
    assert for_engine({"memory_bytes": 5, "loss": "huber"}, GIB, 100)["memory_bytes"] == 5
    assert for_engine({}, GIB, 100)["memory_bytes"] == divide(GIB).sandbox + 100
    assert for_engine({"loss": "huber"}, 0, 100) == {"loss": "huber"}


def test_a_process_at_its_limit_gets_a_memory_error_and_others_do_not():
    code = (
        "from vmesh import memory\nmemory.enforce(256 << 20)\n"
        "try:\n    bytearray(512 << 20)\nexcept MemoryError:\n    print('refused')\nbytearray(1 << 20)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown == "refused\n"
    assert resource.getrlimit(resource.RLIMIT_DATA)[0] != divide(256 << 20).process


def test_amounts_in_words():
    assert (memory.text(512 << 20), memory.text(3 * GIB // 2)) == ("512 MiB", "1.5 GiB")
