"""Wheels become site-packages: what they install, compiled, without what no node runs."""

import importlib.util
import struct
import zipfile
from pathlib import Path

import pytest

from vgp.errors import InputError
from vmesh.cloud.site_tree import build, is_left_out

FILES = {
    "thing/__init__.py": "VALUE = 7\n",
    "thing/tests/test_thing.py": "",
    "thing/native.so": "x",
    "thing/thing.pxd": "",
    "thing-1.0.dist-info/METADATA": "Name: thing\n",
    "thing-1.0.data/purelib/beside.py": "",
    "thing-1.0.data/scripts/thing": "",
}


def wheel(folder, files=FILES):
    path = folder / "thing-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (0o755 if name.endswith(".so") else 0o644) << 16
            archive.writestr(info, content)
    return path


def test_a_wheel_is_installed_and_compiled(tmp_path):
    build([wheel(tmp_path)], tmp_path / "site")
    found = {str(path.relative_to(tmp_path / "site")) for path in (tmp_path / "site").rglob("*") if path.is_file()}
    compiled = {name for name in found if name.endswith(".pyc")}
    assert found - compiled == {"thing/__init__.py", "thing/native.so", "thing-1.0.dist-info/METADATA", "beside.py"}
    assert len(compiled) == 2
    assert (tmp_path / "site/thing/native.so").stat().st_mode & 0o111 and not (tmp_path / "site/beside.py").stat().st_mode & 0o111


def test_times_of_files_do_not_matter_to_what_is_compiled(tmp_path):
    build([wheel(tmp_path)], tmp_path / "site")
    source = tmp_path / "site/thing/__init__.py"
    flags = struct.unpack("<I", Path(importlib.util.cache_from_source(str(source))).read_bytes()[4:8])[0]
    assert flags == 0b01  # by the hash of the source, which is not looked at


@pytest.mark.parametrize("name", ["../out.py", "/out.py", "a/../../out.py"])
def test_a_wheel_that_leads_elsewhere_is_refused(tmp_path, name):
    with pytest.raises(InputError, match="leads out of a wheel"):
        build([wheel(tmp_path, {name: ""})], tmp_path / "site")
    assert not (tmp_path / "out.py").exists()


def test_what_is_no_wheel_is_told(tmp_path):
    (tmp_path / "x.whl").write_bytes(b"no zip")
    with pytest.raises(InputError, match="is no wheel that can be read"):
        build([tmp_path / "x.whl"], tmp_path / "site")


@pytest.mark.parametrize(
    ("name", "left_out"),
    [
        ("botocore/data/ec2/2016-11-15/service-2.json.gz", True),
        ("botocore/data/s3/2006-03-01/service-2.json.gz", False),
        ("botocore/data/endpoints.json", False),
        ("pyarrow/libarrow_flight.so.2600", True),
        ("pyarrow/libarrow_substrait.so.2600", False),
        ("ansible/plugins/test/core.py", False),
        ("numpy/_core/tests/test_umath.py", True),
    ],
)
def test_what_no_node_runs(name, left_out):
    assert is_left_out(name) is left_out
