"""Small git checkouts that look like this project."""

import os
import subprocess

import pytest

PROJECT = '[project]\nname = "vcloud"\nversion = "1.2.3"\n'


def git(root, *words):
    """Runs git as nobody in particular."""
    who = {f"GIT_{role}_{what}": "test@localhost" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | who
    subprocess.run(["git", "-C", str(root), *words], check=True, capture_output=True, env=environment)


def checkout(root, files=()):
    """A checkout at `root` with these files besides pyproject.toml, all known to git."""
    for name, content in {"pyproject.toml": PROJECT, ".gitignore": "/build/\n*.so\n", **dict(files)}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    try:
        git(root, "init", "-q")
    except FileNotFoundError:
        pytest.skip("git is not installed")
    git(root, "add", "-A")
    return root
