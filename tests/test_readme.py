"""What the README tells a newcomer to type works as it stands there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_python_example_finds_keplers_law(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    (example,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    exec(compile(example, "README.md", "exec"), {})
    law = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("4 "))
    assert " 365.027*" in law
    assert "sqrt(semi_major_axis_au)" in law
