"""Python packages for a development server, which has no registry: downloaded here with this machine's own pip settings, then shown to it.

They are what a build, the tests and a node need, and Ansible's core. The folder's name is made from these requirements, so that
another list is downloaded anew and the same one never again.
"""

import sys
import tomllib
from pathlib import Path

from tools.local_cloud import image
from tools.local_cloud.state import State

PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"
BESIDES = ("ansible-core>=2.17,<2.20", "pip", "wheel")


def requirements(project: Path = PROJECT) -> list[str]:
    """What pyproject.toml asks for a build, for running and for tests, and what a node's own playbook needs."""
    settings = tomllib.loads(project.read_text())
    found = [*settings["build-system"]["requires"], *settings["project"]["dependencies"]]
    return sorted({*found, *settings["project"]["optional-dependencies"]["test"], *BESIDES})


def name(wanted: list[str]) -> str:
    return image.key(f"wheels-{'.'.join(map(str, sys.version_info[:2]))}", *wanted)


def folder(state: State) -> Path | None:
    """The downloaded packages; None: they have not been downloaded yet."""
    made = state.cache / name(requirements())
    return made if made.exists() else None


def ensure(state: State, progress: image.Progress) -> Path:
    """The folder with the packages, downloaded if need be; raises LocalCloudError with pip's last words."""
    wanted = requirements()

    def download(target: Path) -> None:
        progress(f"downloading Python packages for the development server (once): {len(wanted)} requirements")
        target.mkdir()
        versions = target.with_suffix(".versions")
        versions.write_text("\n".join(installed()))
        words = (sys.executable, "-m", "pip", "download", "--prefer-binary", "--dest", str(target), "--progress-bar", "off")
        image.followed((*words, "--constraint", str(versions), *wanted), progress)
        versions.unlink()

    return image.once(state.cache, name(wanted), download)


def installed() -> list[str]:
    """The versions installed beside this program, as constraints: with them pip need not search for a set that fits together."""
    from importlib.metadata import distributions

    found = {each.metadata["Name"]: each.version for each in distributions()}
    return sorted(f"{distribution}=={version}" for distribution, version in found.items() if distribution and "+" not in version)
