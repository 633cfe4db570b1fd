"""Every code block of the guides runs, in the order in which a reader meets them, and prints what the page says it prints."""

import pytest

from tests.docs.blocks import ROOT, Reader, blocks_of, masked

GUIDES = sorted((ROOT / "docs/guides").glob("*.md"))


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.stem)
def test_a_guide_works_as_it_is_written(path, tmp_path, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "agg")
    reader, said, ran = Reader(tmp_path), "", 0
    for block in blocks_of(path.read_text()):
        if block.is_run:
            said = reader.run(str(path), block)
            ran += 1
        elif block.language == "text":
            missing = [line for line in block.text.splitlines() if line.strip(" .") and masked(line) not in masked(said)]
            assert not missing, f"line {block.line}: the block above printed\n{said}"
    assert ran, "a guide that shows nothing"


def test_the_blocks_of_a_page_are_seen_in_order():
    shell = "```sh\nvgp show x\n# a remark\nvmesh up \\\n  y\n```\n```sh\npip install z\n```\n"
    page = f"a\n```python\nx = 1\n```\n\n{shell}```text\n> 1\n```\n"
    blocks = blocks_of(page)
    assert [(block.language, block.line) for block in blocks] == [("python", 2), ("sh", 6), ("sh", 12), ("text", 15)]
    assert [block.is_run for block in blocks] == [True, True, False, False]


def test_a_block_that_fails_fails_the_guide(tmp_path):
    reader = Reader(tmp_path)
    ill = "```python\n1 / 0\n```\n```sh\npython -c 'raise SystemExit(3)'\n```\n"
    python, shell, good = blocks_of(f"{ill}```python\nprint(2)\n```\n")
    with pytest.raises(ZeroDivisionError):
        reader.run("page", python)
    with pytest.raises(AssertionError, match="line 4"):
        reader.run("page", shell)
    assert reader.run("page", good) == "2\n"


def test_what_is_printed_is_compared_but_for_digits():
    assert masked(">  3   11.8625  365*a + 1.9e-05") == masked("> 4 12 365.1*a  + 2")
    assert masked("365*a") != masked("365*b")
