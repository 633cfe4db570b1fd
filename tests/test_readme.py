"""What the README tells a newcomer to type works as it stands there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXAMPLES = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S)


def test_the_python_example_finds_keplers_law(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    _, example = EXAMPLES
    exec(compile(example, "README.md", "exec"), {})
    law = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("4 "))
    assert " 365.027*" in law
    assert "sqrt(semi_major_axis_au)" in law


def test_the_example_for_a_notebook_prints_a_front_and_a_formula(capsys):
    exec(compile(EXAMPLES[0], "README.md", "exec"), {})
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].split() == ["size", "r2", "formula"]
    assert "bmi" in printed[-1]
    assert 0.4 < float(printed[-1].split()[-1]) < 0.7
