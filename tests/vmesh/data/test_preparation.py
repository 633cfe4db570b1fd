"""A table is fetched once, is what was asked for, and is in the cache whole or not at all."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest

from tests.vmesh.data.tables import csv, held, let_settle
from vgp import Dataset, Island, Parameters
from vgp.errors import InputError
from vgp.tables import READERS, read_table
from vmesh.data import location, prepare
from vmesh.errors import StorageError


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


def same(dataset, other):
    assert dataset.names == other.names and dataset.target == other.target
    assert np.array_equal(dataset.X, other.X) and np.array_equal(dataset.y, other.y)
    assert dataset.fingerprint() == Dataset.fingerprint(dataset) == other.fingerprint()


def test_a_file_is_read_as_the_engine_reads_it(table, cache):
    prepared = prepare(str(table), "y", cache=cache)
    same(prepared.dataset, Dataset.from_table(read_table(table), "y"))
    assert prepared.checksum == sha(table.read_text()) and prepared.fetched
    assert prepared.url == str(table)


def test_an_island_evolves_on_what_was_prepared(table, cache):
    prepared = prepare(str(table), "y", cache=cache)
    with Island(prepared.dataset, Parameters(population_size=50), seed=1) as island:
        island.create()
        island.advance(2)
        theirs = island.front()
    with Island(Dataset.from_table(read_table(table), "y"), Parameters(population_size=50), seed=1) as island:
        island.create()
        island.advance(2)
        assert [entry.loss for entry in island.front()] == [entry.loss for entry in theirs]


def test_islands_map_the_prepared_file_and_move_to_the_next(table, cache):
    first = prepare(str(table), "y", cache=cache)
    with Island(first.dataset, Parameters(population_size=50), seed=1, data_file=first.data_file) as island:
        island.create()
        island.advance(2)
        table.write_text(csv(40))
        second = prepare(str(table), "y", cache=cache)
        with island.moved(second.dataset, data_file=second.data_file) as moved:
            assert moved.tick == 2 and moved.dataset.n_rows == 40
    assert first.data_file.exists() and second.data_file.exists()


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_the_data_file_is_the_one_the_engine_would_write(table, cache, tmp_path, precision):
    prepared = prepare(str(table), "y", weights="b", cache=cache, precision=precision)
    expected = Dataset.from_table(read_table(table), "y", weights="b")
    expected.write(tmp_path / "expected", precision)
    assert prepared.data_file.read_bytes() == (tmp_path / "expected").read_bytes()
    assert np.array_equal(prepared.dataset.weights, expected.weights)


def test_another_precision_is_made_without_fetching(table, cache):
    checksum = prepare(str(table), "y", cache=cache).checksum
    table.unlink()
    for precision in ("float64", "float32"):
        assert not prepare(str(table), "y", cache=cache, checksum=checksum, precision=precision).fetched


def test_the_mapped_columns_cannot_be_written_to(table, cache):
    dataset = prepare(str(table), "y", cache=cache).dataset
    with pytest.raises(ValueError, match="read-only"):
        dataset.X[0, 0] = 1.0


def test_with_a_checksum_the_cache_suffices(table, cache):
    first = prepare(str(table), "y", cache=cache)
    table.unlink()
    again = prepare(str(table), "y", cache=cache, checksum=first.checksum)
    assert not again.fetched
    same(again.dataset, first.dataset)


def test_without_a_checksum_a_file_is_read_again_when_it_changed(table, cache, monkeypatch):
    let_settle(monkeypatch)
    first = prepare(str(table), "y", cache=cache)
    assert not prepare(str(table), "y", cache=cache).fetched
    table.write_text(csv(21))
    again = prepare(str(table), "y", cache=cache)
    assert again.fetched and again.checksum != first.checksum and again.dataset.n_rows == 21


def test_a_file_written_just_now_is_looked_at_again(table, cache):
    """Two writings within one tick of the file system's clock leave no trace."""
    prepare(str(table), "y", cache=cache)
    assert not list((cache / "seen").iterdir())


def test_a_file_that_changes_while_it_is_read_is_refused(table, cache, monkeypatch):
    from vmesh.data import source

    fetch = source.Files.fetch

    def meddled(self, part, into):
        fetched = fetch(self, part, into)
        table.write_text(csv(30))
        return fetched

    monkeypatch.setattr(source.Files, "fetch", meddled)
    with pytest.raises(StorageError, match="changed while it was read"):
        prepare(str(table), "y", cache=cache)
    assert not held(cache)


def test_a_wrong_checksum_is_refused_and_nothing_kept(table, cache):
    with pytest.raises(InputError) as error:
        prepare(str(table), "y", cache=cache, checksum="0" * 64)
    text = str(error.value)
    assert sha(table.read_text()) in text and "0" * 64 in text and "\n" not in text
    assert not held(cache) and not list((cache / "fetching").iterdir()) and not list((cache / "seen").iterdir())


@pytest.mark.parametrize("checksum", ["", "abc", "G" * 64, "A" * 64, "0" * 64 + "\n"])
def test_what_is_no_checksum_is_said(table, cache, checksum):
    with pytest.raises(InputError, match="is no SHA-256"):
        prepare(str(table), "y", cache=cache, checksum=checksum)


def test_columns_are_chosen_as_on_the_command_line(table, cache):
    assert prepare(str(table), "y", columns=["b,a"], cache=cache).dataset.names == ("a", "b")
    assert prepare(str(table), "y", columns=["b"], cache=cache).dataset.names == ("b",)
    assert prepare(str(table), "y", drop=["b"], cache=cache).dataset.names == ("a",)
    with pytest.raises(InputError, match="has no column 'z'"):
        prepare(str(table), "z", cache=cache)


def test_what_was_left_out_is_told_each_time(tmp_path, cache):
    path = tmp_path / "named.csv"
    path.write_text("name,a,y\nu,1,2\nv,2,4\nw,3,5\n")
    notices = prepare(str(path), "y", cache=cache).notices
    assert notices == ("column 'name' is text: left out",)
    assert prepare(str(path), "y", cache=cache, checksum=sha(path.read_text())).notices == notices


def test_a_folder_is_one_table_by_name(tmp_path, cache):
    folder = tmp_path / "parts"
    folder.mkdir()
    for name, start in (("part-2.csv", 14), ("part-1.csv", 7), ("part-0.csv", 0)):
        (folder / name).write_text(csv(7, start))
    (folder / "_SUCCESS").write_text("")
    (folder / ".part-9.csv").write_text("hidden")
    (folder / "notes.md").write_text("no table")
    prepared = prepare(f"{folder}/", "y", cache=cache)
    (tmp_path / "whole.csv").write_text(csv(21))
    same(prepared.dataset, Dataset.from_table(read_table(tmp_path / "whole.csv"), "y"))
    names = sorted(path.name for path in folder.glob("part-*.csv"))
    assert prepared.checksum == sha("".join(f"{sha((folder / name).read_text())}  {name}\n" for name in names))


def test_columns_of_parts_may_stand_in_another_order(tmp_path, cache):
    folder = tmp_path / "parts"
    folder.mkdir()
    (folder / "1.csv").write_text("a,y\n1,2\n2,5\n")
    (folder / "2.tsv").write_text("y\ta\n6\t3\n8\t4\n")
    dataset = prepare(str(folder), "y", cache=cache).dataset
    assert dataset.X[:, 0].tolist() == [1, 2, 3, 4] and dataset.y.tolist() == [2, 5, 6, 8]


def test_parts_with_other_columns_are_refused_by_name(tmp_path, cache):
    folder = tmp_path / "parts"
    folder.mkdir()
    (folder / "1.csv").write_text("a,b,y\n1,2,3\n2,5,9\n")
    (folder / "2.csv").write_text("a,y\n1,2\n2,5\n")
    with pytest.raises(InputError, match=r"2\.csv has no numbers in column b, which .*1\.csv has"):
        prepare(str(folder), "y", cache=cache)


def test_a_wrong_cell_in_a_part_is_named_by_its_place(tmp_path, cache):
    folder = tmp_path / "parts"
    folder.mkdir()
    (folder / "1.csv").write_text("a,y\n1,2\n2,5\n")
    (folder / "2.csv").write_text("a,y\n1,2\n,5\n")
    with pytest.raises(InputError, match=r"2\.csv, line 3, column 'a': the cell is empty"):
        prepare(str(folder), "y", cache=cache)


def test_numbers_beyond_float32_are_named_by_their_place_in_a_part(tmp_path, cache):
    folder = tmp_path / "parts"
    folder.mkdir()
    (folder / "1.csv").write_text("a,y\n1,2\n2,5\n")
    (folder / "2.csv").write_text("a,y\n1,2\n1e200,5\n")
    with pytest.raises(InputError, match=r"2\.csv, line 3, column 'a': .*beyond float32"):
        prepare(str(folder), "y", cache=cache)
    assert not held(cache)


@pytest.mark.parametrize("key", ["table.csv", "deep/er/table.csv"])
def test_an_object_in_s3(s3, cache, key):
    url = s3.bucket().put(key, csv().encode())
    prepared = prepare(url, "y", cache=cache)
    assert prepared.checksum == sha(csv()) and prepared.url == url and prepared.dataset.n_rows == 20
    assert not prepare(url, "y", cache=cache).fetched
    before = len(s3.requests)
    assert not prepare(url, "y", cache=cache, checksum=prepared.checksum).fetched
    assert len(s3.requests) == before, "with the checksum S3 need not be asked"


def test_a_prefix_in_s3_is_one_table_by_name(s3, cache):
    bucket = s3.bucket()
    for name, start in (("2.csv", 10), ("1.csv", 0), ("deeper/3.csv", 20), ("_SUCCESS", 0)):
        bucket.put(f"parts/{name}", csv(10, start).encode())
    dataset = prepare(f"s3://{bucket.name}/parts/", "y", cache=cache).dataset
    assert dataset.X[:, 0].tolist() == list(range(20))
    with pytest.raises(InputError, match="holds no table"):
        prepare(f"s3://{bucket.name}/other/", "y", cache=cache)


def test_an_object_that_changed_is_fetched_again(s3, cache):
    bucket = s3.bucket()
    url = bucket.put("table.csv", csv().encode())
    prepare(url, "y", cache=cache)
    bucket.put("table.csv", csv(25).encode())
    assert prepare(url, "y", cache=cache).dataset.n_rows == 25


def test_messages_about_an_object_name_it_as_the_user_does(s3, cache):
    url = s3.bucket().put("table.csv", b"a,y\n1,2\nx,3\n")
    with pytest.raises(InputError, match=rf"^{url}, line 3, column 'a'"):
        prepare(url, "y", cache=cache)
    assert not held(cache) and not list((cache / "fetching").iterdir())


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "names no table"),
        ("a\nb.csv", "names no table"),
        ("http://x/y.csv", "tables are read from"),
        ("s3://bucket", "is no place in S3"),
        ("s3:///key", "is no place in S3"),
        ("/nowhere/table.csv", "there is no file or folder /nowhere/table.csv"),
        ("/dev/null", "unknown kind"),
        ("/etc/passwd", "unknown kind"),
        ("s3://bucket/parts", "a prefix in S3 in /"),
    ],
)
def test_what_names_no_table_is_refused_in_a_line(cache, url, words):
    with pytest.raises(InputError) as error:
        prepare(url, "y", cache=cache)
    assert words in str(error.value) and "\n" not in str(error.value)


def test_the_endings_are_those_of_the_engine():
    assert set(location.ENDINGS) == set(READERS)


def test_a_start_from_the_cache_needs_neither_pyarrow_nor_boto3(table, cache):
    checksum = prepare(str(table), "y", cache=cache).checksum
    program = (
        "import sys; from vmesh.data import prepare;"
        f"assert not prepare({str(table)!r}, 'y', cache={str(cache)!r}, checksum={checksum!r}).fetched;"
        "print([name for name in ('pyarrow', 'boto3', 'rich') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout == "[]\n", done.stderr
