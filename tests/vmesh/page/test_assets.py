"""What the page is made of comes with the package, and is what it says it is."""

import hashlib
import json
import re

import pytest

from vmesh.page.files import FOLDER, KINDS, assets

LOCKS = sorted((FOLDER / "vendor").glob("*/lock.json"))
OWN = [path for path in FOLDER.rglob("*") if path.suffix in (".html", ".css", ".js") and "vendor" not in path.parts]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.parent.name)
def test_a_library_is_the_recorded_version_to_the_last_bit(lock):
    recorded = json.loads(lock.read_text())
    assert recorded["sha256"].keys() == recorded["files"].keys()
    for name, digest in recorded["sha256"].items():
        assert hashlib.sha256((lock.parent / name).read_bytes()).hexdigest() == digest
    assert "LICENSE" in recorded["files"]
    assert {path.name for path in lock.parent.iterdir()} == {"lock.json", *recorded["files"]}


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_nothing_is_loaded_from_outside(path):
    found = re.findall(r"https?://[^\s\"'`)]+", path.read_text())
    assert set(found) <= {"http://www.w3.org/1998/Math/MathML", "http://www.w3.org/2000/svg"}  # names of vocabularies


@pytest.mark.parametrize("path", [path for path in OWN if path.suffix == ".js"], ids=lambda path: path.name)
def test_no_text_becomes_markup(path):
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", path.read_text())


@pytest.mark.parametrize("path", [path for path in OWN if path.suffix == ".js"], ids=lambda path: path.name)
def test_every_module_that_is_imported_is_there(path):
    for name in re.findall(r'from "(\./[^"]+)"', path.read_text()):
        assert (path.parent / name).is_file(), name


def test_every_file_that_the_page_names_is_given():
    given = assets()
    named = re.findall(r'(?:href|src)="assets/([^"]+)"', (FOLDER / "index.html").read_text())
    assert named and set(named) <= given.keys()
    assert all(kind in KINDS.values() for kind in {asset.kind for asset in given.values()})
    assert not any(name.endswith("LICENSE") for name in given)
