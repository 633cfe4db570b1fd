"""Workers of one machine share a cache: one fetches; what a dead one left is not believed; damage and full disks are noticed."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.vmesh.data.tables import csv, held
from vgp.errors import InputError
from vmesh.data import cache as cache_module
from vmesh.data import prepare
from vmesh.errors import StorageError

PREPARE = """
import sys
from vmesh.data import prepare
print(prepare(sys.argv[1], 'y', cache=sys.argv[2], notify=print).fetched)
"""


def start(url, cache, program=PREPARE, **options):
    words = [sys.executable, "-u", "-c", program, str(url), str(cache)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def ended(process, timeout=60):
    try:
        out, err = process.communicate(timeout=timeout)
    finally:
        process.kill()
    return out.splitlines(), err


def test_of_two_workers_one_fetches_and_the_other_waits(s3, cache):
    """The first one is kept waiting at S3's door while the second one starts."""
    url = s3.bucket().put("table.csv", csv().encode())
    s3.fault = lambda method, number: s3.gate.clear() if method == "GET" else None
    first = start(url, cache)
    second = None
    try:
        assert first.stdout.readline().startswith("fetching")
        while "GET" not in s3.requests:
            assert first.poll() is None
        checksum = hashlib.sha256(csv().encode()).hexdigest()
        second = start(url, cache, PREPARE.replace("'y',", f"'y', checksum='{checksum}',"))
        assert second.stdout.readline().startswith("waiting for another process")
        s3.gate.set()
        assert ended(first)[0][-1] == "True" and ended(second)[0][-1] == "False"
    finally:
        s3.gate.set()
        for process in filter(None, (first, second)):
            process.kill()
    assert s3.requests.count("GET") == 1


def test_whoever_waits_says_so_and_uses_what_the_other_made(table, cache, monkeypatch):
    """The lock is held by a fetch that we stop half-way."""
    from vmesh.data import preparation

    reached, go_on = threading.Event(), threading.Event()
    parse_into = preparation.parse_into
    parsed = []

    def slowly(*arguments):
        parsed.append(1)
        reached.set()
        assert go_on.wait(30)
        parse_into(*arguments)

    monkeypatch.setattr(preparation, "parse_into", slowly)
    results = []
    threads = [threading.Thread(target=lambda: results.append(prepare(str(table), "y", cache=cache))) for _ in range(1)]
    threads[0].start()
    assert reached.wait(30)
    told = []

    def tell(line):
        told.append(line)
        if line.startswith("waiting"):
            go_on.set()

    second = prepare(str(table), "y", cache=cache, notify=tell)
    threads[0].join()
    assert told[0] == f"waiting for another process that fetches {table}"
    assert len(parsed) == 1 and second.data_file == results[0].data_file


def test_a_killed_fetch_leaves_nothing_that_is_believed(s3, cache):
    """Half of the object is here when the process dies."""
    url = s3.bucket().put("table.csv", csv(200_000).encode())
    program = (
        "import os, signal\nfrom vmesh import s3\nget = s3.S3.get\n"
        "def half(self, entry, write):\n"
        "    def once(piece): write(piece); print('here', flush=True); signal.pause()\n"
        "    get(self, entry, once)\n"
        "s3.S3.get = half\n" + PREPARE
    )
    process = start(url, cache, program)
    try:
        assert process.stdout.readline().startswith("fetching") and process.stdout.readline() == "here\n"
    finally:
        process.kill()
        process.communicate()
    assert not held(cache) and len(list((cache / "fetching").iterdir())) == 1
    prepared = prepare(url, "y", cache=cache)
    assert prepared.fetched and prepared.dataset.n_rows == 200_000
    assert not list((cache / "fetching").iterdir())


def test_what_a_killed_fetch_left_is_removed_by_the_next_fetch_of_anything(table, cache):
    """And what a living one makes is left alone."""
    store = cache_module.Cache(cache)
    dead = cache / "fetching" / cache_module.key_of("dead")
    dead.mkdir()
    (dead / "part.csv").write_text("half")
    with store.fetching("alive", lambda: None) as living:
        prepare(str(table), "y", cache=cache)
        assert living.is_dir() and not dead.exists()


@pytest.mark.parametrize("step", ["publish", "note", "write"])
def test_killed_at_any_step_the_next_one_succeeds(table, cache, step):
    target = {"publish": "cache.Cache.publish", "note": "cache.Cache.note", "write": "stored_table.write"}[step]
    module = target.partition(".")[0]
    program = (
        f"import os, signal\nfrom vmesh.data import {module}\n"
        f"{target} = lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL)\n"
        "from vmesh.data import source; source.SETTLED = -10\n" + PREPARE
    )
    process = start(table, cache, program)
    ended(process)
    assert process.returncode == -signal.SIGKILL
    assert bool(held(cache)) == (step == "note")
    assert prepare(str(table), "y", cache=cache).dataset.n_rows == 20


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_damage_is_noticed_and_the_table_made_again(table, cache, data):
    prepared = prepare(str(table), "y", cache=cache)
    expected = prepared.dataset.X.copy()
    path = prepared.data_file.with_name(data.draw(st.sampled_from(["description", "float32", "float64"])))
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        content[at] ^= data.draw(st.integers(1, 255))
    else:
        del content[at:]
    os.unlink(path)  # the old one stays mapped
    path.write_bytes(content)
    told = []
    again = prepare(str(table), "y", cache=cache, checksum=prepared.checksum, notify=told.append)
    assert again.fetched or path.name == "float32"
    assert any("is made again" in line for line in told)
    assert np.array_equal(again.dataset.X, expected)
    assert not prepare(str(table), "y", cache=cache, checksum=prepared.checksum).fetched


def test_a_missing_file_of_a_table_is_noticed(table, cache):
    prepared = prepare(str(table), "y", cache=cache)
    for name in ("description", "float64", "float32"):
        prepared.data_file.with_name(name).unlink()
        assert prepare(str(table), "y", cache=cache).data_file.exists()


@given(st.binary(max_size=200))
def test_a_damaged_note_is_no_note(content):
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        cache = cache_module.Cache(folder)
        (cache.folder / "seen" / "key").write_bytes(content)
        assert cache.seen("key", "identity") is None


def test_a_full_disk_is_said_in_a_line_and_leaves_nothing(table, cache):
    """The limit on a file's size stands in for the disk: the data file's 4 KiB header already is too much."""
    prepare_error = (
        "import sys, resource\nfrom vmesh.data import prepare\nimport vmesh.data.parts\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))\n"
        "try: prepare(sys.argv[1], 'y', cache=sys.argv[2])\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    out, err = ended(start(table, cache, prepare_error))
    assert len(out) == 1 and out[0].startswith(f"StorageError the cache folder {cache} cannot take the table: File too large"), err
    assert not held(cache) and not list((cache / "fetching").iterdir())
    assert prepare(str(table), "y", cache=cache).fetched


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_small_disk_that_fills_up_while_fetching(s3, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", disk], capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        url = s3.bucket().put("table.csv", csv(40_000).encode())
        with pytest.raises(StorageError) as error:
            prepare(url, "y", cache=disk / "cache")
        assert "No space left on device; free some space there" in str(error.value) and "\n" not in str(error.value)
        assert not held(disk / "cache") and not list((disk / "cache" / "fetching").iterdir())
        small = s3.bucket().put("table.csv", csv().encode())
        assert prepare(small, "y", cache=disk / "cache").fetched
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def test_a_cache_folder_that_is_a_file(table, tmp_path):
    (tmp_path / "cache").write_text("")
    with pytest.raises(InputError, match=r"cannot be used: .*choose another \(setting worker.cache\)"):
        prepare(str(table), "y", cache=tmp_path / "cache")


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a user who may do less")
@pytest.mark.parametrize("mode", [0o000, 0o500, 0o300])
def test_a_cache_folder_that_one_may_not_use(mode):
    """Under /tmp, where another user gets at all: the folders of pytest are private."""
    import tempfile

    program = (
        "import sys, os; from vmesh.data import cache\n"
        "os.setgid(65534); os.setuid(65534)\n"
        "try: cache.Cache(sys.argv[2])\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    with tempfile.TemporaryDirectory(dir="/tmp") as open_folder:
        os.chmod(open_folder, 0o755)
        path = os.path.join(open_folder, "cache")
        for name in ("tables", "seen", "fetching", "locks"):
            os.makedirs(os.path.join(path, name))
            os.chown(os.path.join(path, name), 65534, 65534)
            os.chmod(os.path.join(path, name), mode)
        out, err = ended(start("", path, program))
    reason = f"the cache folder {path} cannot be used: Permission denied; choose another (setting worker.cache)"
    assert out == [f"InputError {reason}"], err


@pytest.mark.parametrize("name", cache_module.FOLDERS)
def test_a_cache_that_others_may_write_to_is_not_believed(cache, name):
    cache_module.Cache(cache)
    (cache / name).chmod(0o777)
    with pytest.raises(InputError, match=f"other users may write to {name}; choose another"):
        cache_module.Cache(cache)


def test_only_the_tables_used_last_are_kept(table, cache, monkeypatch):
    monkeypatch.setattr(cache_module, "KEPT", 3)
    first = prepare(str(table), "y", cache=cache)
    for count in range(30, 36):
        table.write_text(csv(count))
        prepare(str(table), "y", cache=cache)
    assert len(held(cache)) == 4 and first.data_file.exists(), "the first one is in use: a sandbox started anew opens it again"
    del first
    table.write_text(csv(40))
    prepare(str(table), "y", cache=cache)
    assert len(held(cache)) == 3


def test_a_table_in_the_place_of_another_is_not_believed(table, cache):
    first = prepare(str(table), "y", cache=cache)
    table.write_text(csv(30))
    second = prepare(str(table), "y", cache=cache)
    shutil.rmtree(first.data_file.parent)
    shutil.copytree(second.data_file.parent, first.data_file.parent)
    table.write_text(csv())
    assert prepare(str(table), "y", cache=cache, checksum=first.checksum).dataset.n_rows == 20


def test_without_a_setting_the_cache_is_where_caches_are(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_module.Cache().folder == tmp_path / "vmesh"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")  # to be ignored, says the standard
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cache_module.default_folder() == tmp_path / "home" / ".cache" / "vmesh"
