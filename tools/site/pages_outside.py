"""Documents that lie outside of docs/ are pages of the site as well, and every link leads to the same text there as in the tree."""

import posixpath
import re
from pathlib import Path

from mkdocs.structure.files import File

ROOT = Path(__file__).resolve().parents[2]
# where it lies in the tree -> which page it is
PAGES = {
    **{f"{name}.md": f"project/{name}.md" for name in ("README", "ARCHITECTURE", "CONTRIBUTING", "CHANGELOG", "SECURITY")},
    "LICENSE": "project/LICENSE.md",
    "examples/README.md": "project/examples.md",
}
SOURCES = {page: source for source, page in PAGES.items()}
LINK = re.compile(r"(?<=\]\()(?!\w+:|#|/)([^)#\s]+)")
FENCE = re.compile(r"(^```.*?^```|`[^`\n]*`)", re.M | re.S)


def on_files(files, config):
    for source, page in PAGES.items():
        text = (ROOT / source).read_text()
        files.append(File.generated(config, page, content=text if source.endswith(".md") else as_page(source, text)))
    for notebook in sorted((ROOT / "examples").glob("*.ipynb")):  # to be taken along, beside the page that tells of them
        files.append(File.generated(config, f"project/{notebook.name}", content=notebook.read_text()))
    return files


def on_page_markdown(markdown, page, **_):
    return relinked(markdown, page.file.src_uri)


def as_page(title, text):
    return f"# {title.capitalize()}\n\n```text\n{text}```\n"


def relinked(markdown, page):
    """The text of a page with its links leading to pages; what is code stays."""
    parts = FENCE.split(markdown)
    parts[::2] = [LINK.sub(lambda link: target(link[1], page), part) for part in parts[::2]]
    return "".join(parts)


def target(link, page):
    """A link as it stands in the tree, from the file that `page` is made of, as a link between pages."""
    source = SOURCES.get(page, f"docs/{page}")
    meant = posixpath.normpath(posixpath.join(posixpath.dirname(source), link))
    leads_to = PAGES.get(meant) or (meant.removeprefix("docs/") if meant.startswith("docs/") else None)
    return posixpath.relpath(leads_to, posixpath.dirname(page) or ".") if leads_to else link
