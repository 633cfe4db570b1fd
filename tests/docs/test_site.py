"""The site is built without a warning, from all documents, and a browser that shows it asks nobody else for anything."""

import re
import subprocess
import sys
from dataclasses import fields
from html.parser import HTMLParser

import pytest

import vgp
from tests.docs.blocks import ROOT
from tools.site.knob_table import tables
from tools.site.pages_outside import PAGES, relinked
from vgp.parameters import Parameters

pytest.importorskip("mkdocs", reason="mkdocs is not installed")
LOADING = {*((tag, "src") for tag in ("script", "img", "iframe", "source", "embed")), ("object", "data"), ("link", "href")}
OUTSIDE = re.compile(r"\s*(?:[a-z]+:)?//", re.I)
OF_A_STYLE = re.compile(r"url\(\s*[\"']?([^\"')]+)|@import\s+[\"']([^\"']+)")
# what the theme's script would fetch something for: diagrams, and facts about a repository
FETCHED_FOR = ('class="mermaid"', 'data-md-component="source"')


def build(config, site):
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--config-file", config, "--site-dir", site]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    done = build(ROOT / "mkdocs.yml", folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


class Loads(HTMLParser):
    """Addresses that a browser asks for when it shows a page."""

    def __init__(self, page):
        super().__init__()
        self.addresses = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        wanted = dict(attributes)
        if tag == "link" and wanted.get("rel") in ("canonical", "next", "prev"):
            return
        self.addresses += [wanted[name] for where, name in LOADING if where == tag and wanted.get(name)]
        self.addresses += of_a_style(wanted.get("style") or "")


def of_a_style(text):
    return [first or second for first, second in OF_A_STYLE.findall(text)]


def test_nothing_is_loaded_from_outside(site):
    pages = {path: path.read_text() for path in site.rglob("*.html")}
    assert len(pages) > len(PAGES)
    for path, page in pages.items():
        found = Loads(page).addresses + of_a_style(page)
        assert found
        assert not [address for address in found if OUTSIDE.match(address)], path
        assert not [mark for mark in FETCHED_FOR if mark in page], path


def test_no_style_loads_from_outside(site):
    styles = list(site.rglob("*.css"))
    assert styles
    for path in styles:
        assert not [address for address in of_a_style(path.read_text()) if OUTSIDE.match(address)], path


def test_the_search_for_what_is_loaded_sees_it():
    page = '<script src="https://a/x.js"></script><link rel=stylesheet href="//b/c.css"><a href="https://d"></a>'
    page += '<p style="background: url(x)">'
    assert [bool(OUTSIDE.match(address)) for address in Loads(page).addresses] == [True, True, False]
    assert of_a_style('@import "https://a"; b { c: url("d.png") }') == ["https://a", "d.png"]


@pytest.mark.parametrize("name", vgp.__all__)
def test_every_public_name_has_its_entry(site, name):
    home = f"{vgp._HOMES[name]}"
    entries = {entry for path in (site / "api").glob("*.html") for entry in re.findall(r'id="(vgp\.[\w.]+)"', path.read_text())}
    assert any(entry.startswith(home) and entry.endswith(f".{name}") for entry in entries)


def test_documents_outside_of_docs_are_pages(site):
    for page in PAGES.values():
        assert (site / page.replace("README.md", "index.html").replace(".md", ".html")).is_file()


def test_every_knob_is_in_the_table_once(site):
    written = tables(Parameters)
    assert re.findall(r"^\| `(\w+)` \|", written, re.M) == [field.name for field in fields(Parameters)]
    assert "| `population_size` | `1000` | most organisms alive at any moment | organisms | 2 to 50,000,000 | yes |" in written
    page = (site / "api/parameters.html").read_text()
    assert all(f"<code>{field.name}</code>" in page for field in fields(Parameters))


def test_links_lead_to_the_same_text_as_in_the_tree():
    assert relinked("[a](../README.md) `[b](../README.md)`", "README.md") == "[a](project/README.md) `[b](../README.md)`"
    assert relinked("[a](docs/laws.md#x) [l](LICENSE)", "project/README.md") == "[a](../laws.md#x) [l](LICENSE.md)"
    assert relinked("[a](../../SECURITY.md) [b](../laws.md)", "guides/sandbox.md") == "[a](../project/SECURITY.md) [b](../laws.md)"
    assert relinked("[a](https://x/y.md) [b](#c)", "README.md") == "[a](https://x/y.md) [b](#c)"


@pytest.mark.parametrize("link", ["missing.md", "README.md#missing", "other.md"])
def test_a_broken_link_ends_the_build(tmp_path, link):
    """With our own rules of what is broken; other.md exists."""
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "README.md").write_text(f"# Title\n\n[somewhere]({link})\n")
    (docs / "other.md").write_text("# Other\n")
    small = f"INHERIT: {ROOT / 'mkdocs.yml'}\nhooks: []\nplugins: []\ntheme: mkdocs\nnav: [README.md, other.md]\ndocs_dir: {docs}\n"
    (tmp_path / "mkdocs.yml").write_text(small)
    assert (build(tmp_path / "mkdocs.yml", tmp_path / "site").returncode == 0) == (link == "other.md")
