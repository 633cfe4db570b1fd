"""The source bundle: what git knows, as it stands, with a name that changes with every byte and with nothing else."""

import gzip
import os
import shutil
import subprocess

import pytest

from tests.vmesh.cloud.checkouts import checkout, git
from vgp.errors import InputError
from vmesh.cloud import source as source_module
from vmesh.cloud.source import from_archive, from_checkout


@pytest.fixture
def root(tmp_path):
    root = checkout(tmp_path / "project", {"vmesh/a.py": "a = 1\n", "run": "#!/bin/sh\n", "name with ü": "x"})
    (root / "run").chmod(0o755)
    (root / "link").symlink_to("vmesh/a.py")
    git(root, "add", "-A")
    return root


def files(source):
    return {member.name: source.content(member) for member in source.members()}


def test_it_holds_what_git_knows_as_it_stands(root):
    (root / "vmesh/a.py").write_text("a = 2  # not committed\n")
    (root / "run").unlink()
    (root / "new.py").write_text("git does not know it")
    (root / "build").mkdir()
    (root / "build/object.so").write_text("ignored")
    source = from_checkout(root)
    assert set(files(source)) == {"pyproject.toml", ".gitignore", "vmesh/a.py", "name with ü", "link"}
    assert files(source)["vmesh/a.py"] == b"a = 2  # not committed\n"
    assert source.unknown == ("new.py",)
    assert source.version == "1.2.3"


def test_the_name_is_that_of_the_content(root, tmp_path):
    first = from_checkout(root)
    assert first.key == f"sources/1.2.3-{first.sha256[:12]}.tar.gz"
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(root, elsewhere, symlinks=True)
    for path in elsewhere.rglob("*"):
        if path.is_file() and not path.is_symlink():
            os.utime(path, (1, 1))
            path.chmod(0o700 if path.name == "run" else 0o600)
    git(elsewhere, "commit", "-qm", "committed")
    assert from_checkout(elsewhere) == first and from_checkout(elsewhere).compressed() == first.compressed()
    names = {first.sha256}
    for change in (lambda: (root / "run").chmod(0o644), lambda: (root / "vmesh/a.py").write_text("b"), (root / "link").unlink):
        change()
        names.add(from_checkout(root).sha256)
    assert len(names) == 4


def test_unpacked_it_is_the_same_source(root, tmp_path):
    source = from_checkout(root)
    path = tmp_path / "source.tar.gz"
    path.write_bytes(source.compressed())
    assert from_archive(path) == source
    subprocess.run(["tar", "-xzf", path, "-C", tmp_path], check=True)
    assert (tmp_path / "run").stat().st_mode & 0o111 and (tmp_path / "link").readlink().name == "a.py"


def test_another_programs_checkout_does_not_get_in(root, tmp_path, monkeypatch):
    """git sets these for its hooks."""
    other = checkout(tmp_path / "other")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    assert "vmesh/a.py" in files(from_checkout(root))


def test_outside_of_a_checkout_the_error_says_what_to_do(tmp_path):
    with pytest.raises(InputError, match=r"is no git checkout.*run this in a clone of the project") as caught:
        from_checkout(tmp_path)
    assert "\n" not in str(caught.value)


def test_without_git_the_error_says_so(root, monkeypatch):
    monkeypatch.setenv("PATH", str(root))
    with pytest.raises(InputError, match=r"^git is not installed"):
        from_checkout(root)


def test_elsewhere_than_at_the_top_it_is_refused(root):
    with pytest.raises(InputError, match=r"holds no pyproject.toml: it is not the top"):
        from_checkout(root / "vmesh")


@pytest.mark.parametrize("text", ["", "[project]", "[project]\nversion = 1", "x", "[project]\nversion = '../1'", "[[project]]"])
def test_a_project_without_version_is_refused(root, text):
    (root / "pyproject.toml").write_text(text)
    with pytest.raises(InputError):
        from_checkout(root)


NO_SOURCES = {"empty": b"", "plain": b"no gzip", "no tar": gzip.compress(b"no tar"), "cut": gzip.compress(bytes(2000))[:-6]}


@pytest.mark.parametrize("data", NO_SOURCES.values(), ids=NO_SOURCES)
def test_what_is_no_source_bundle_is_refused(tmp_path, data):
    path = tmp_path / "source.tar.gz"
    path.write_bytes(data)
    with pytest.raises(InputError):
        from_archive(path)


def test_a_small_file_that_unpacks_to_a_huge_one_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(source_module, "LARGEST", 10_000)
    path = tmp_path / "source.tar.gz"
    path.write_bytes(gzip.compress(bytes(20_000)))
    with pytest.raises(InputError, match="more than 10,000 bytes"):
        from_archive(path)
