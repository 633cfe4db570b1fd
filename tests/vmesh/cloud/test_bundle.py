"""Manifest, record of the current bundle, and the check of a whole bundle: total on any bytes, and nothing wrong passes."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vmesh.cloud.bundles import FILES, bundle, manifest, tar_of
from vgp.errors import InputError
from vmesh.cloud.bundle import Current, Manifest, parse_current, verified, verify

SOUND = bundle()
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
JSON = st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


def checked(data):
    return verified(io.BytesIO(data))


def test_a_sound_bundle_is_what_its_manifest_says(tmp_path):
    path = tmp_path / "bundle.tar"
    path.write_bytes(SOUND)
    current = verify(path)
    assert current.manifest == manifest()
    assert current.size == len(SOUND)
    assert current.manifest.id == "1.2.3-abababababab-x86_64-cp311"
    assert current.manifest.key == "bundles/1.2.3-abababababab-x86_64-cp311/bundle.tar"
    assert current.key == "bundles/current-x86_64.json"


def test_records_come_back():
    assert Manifest.parse(manifest().text()) == manifest()
    current = checked(SOUND)
    assert parse_current(current.text()) == Current(manifest({}, wheels=()), current.size, current.sha256)
    fields = json.loads(current.text())
    contract = {"id", "key", "sha256", "size", "version", "source", "arch", "python", "instruction_sets"}
    assert contract <= fields.keys()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (tar_of(None), "no manifest.json"),
        (tar_of(manifest().text(), FILES | {"site/more.py": b""}), "site/more.py is not in its manifest"),
        (tar_of(manifest().text(), {"site/a/__init__.py": bytes(3000)}), "node/node.yml is missing"),
        (tar_of(manifest().text(), FILES | {"node/node.yml": b"- hosts: one\n"}), "the checksum of node/node.yml is wrong"),
        (tar_of(manifest().text(), FILES | {"node/node.yml": b"shorter"}), "the checksum of node/node.yml is wrong"),
        (tar_of(manifest().text(), links=[("node/passwords", "/etc/shadow")]), "node/passwords is a link"),
        (tar_of(b"{}"), "format that this version does not know"),
        (tar_of(b"["), "no JSON"),
        (tar_of(b"[" * 100_000), "no JSON"),
        (SOUND[:-2000], "damaged"),
        (SOUND[: len(SOUND) // 2], "damaged"),
        (b"", "damaged"),
    ],
)
def test_what_is_not_sound_is_refused_with_a_reason(tmp_path, data, reason):
    path = tmp_path / "bundle.tar"
    path.write_bytes(data)
    with pytest.raises(InputError, match=reason) as caught:
        verify(path)
    assert str(caught.value).startswith(f"{path} is no sound bundle: ")
    assert "\n" not in str(caught.value)


def test_a_bundle_that_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match=r"bundle.tar cannot be read: No such file"):
        verify(tmp_path / "bundle.tar")


ROW = {"path": "a", "size": 1, "sha256": "0" * 64}
WRONG = [
    {"id": "1.2.3-abababababab-x86_64-cp312"}, {"id": 5}, {"source": "ab" * 31}, {"source": "x" * 64}, {"arch": "../x"},
    {"version": ""}, {"format": 2}, {"python": "cp\n311"}, {"glibc": None},
    {"instruction_sets": []}, {"instruction_sets": "x86-64-v2"}, {"instruction_sets": [1]},
    {"files": {}}, {"files": [{}]}, {"files": [ROW | {"path": "/etc/shadow"}]}, {"files": [ROW | {"size": -1}]},
    {"files": [ROW | {"size": True}]}, {"files": [ROW | {"sha256": "0" * 63}]}, {"files": [ROW | {"mode": 7}]},
]  # fmt: skip


@pytest.mark.parametrize("change", WRONG, ids=str)
def test_a_manifest_with_a_wrong_field_is_refused(change):
    with pytest.raises(InputError):
        Manifest.parse(json.dumps(json.loads(manifest().text()) | change).encode())


@pytest.mark.parametrize("change", [{"size": -1}, {"size": "1"}, {"sha256": "0"}, {"key": "bundles/x/bundle.tar"}, {"id": "other"}])
def test_a_record_of_the_current_bundle_with_a_wrong_field_is_refused(change):
    with pytest.raises(InputError):
        parse_current(json.dumps(json.loads(checked(SOUND).text()) | change).encode())


@given(st.binary(max_size=300) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_refused(data):
    for parse in (Manifest.parse, parse_current, checked):
        with pytest.raises(InputError):
            parse(data)


@given(st.sampled_from(sorted(json.loads(manifest().text()))), JSON)
def test_any_value_in_any_field_is_refused_or_sound(name, value):
    data = json.dumps(json.loads(manifest().text()) | {name: value}).encode()
    try:
        assert isinstance(Manifest.parse(data).id, str)
    except InputError as error:
        assert "\n" not in str(error)


@given(st.data())
def test_no_flipped_byte_changes_what_is_installed(data):
    """Files have checksums in the manifest; the names of the wheels they came from only have that of the archive."""
    tar = bytearray(SOUND)
    for _ in range(data.draw(st.integers(1, 3))):
        tar[data.draw(st.integers(0, len(tar) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert checked(bytes(tar)).manifest.files == manifest().files
    except InputError as error:
        assert "\n" not in str(error)
