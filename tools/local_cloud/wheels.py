"""Python packages for a development server, which has no registry: downloaded with this machine's pip settings, and shown to it.

They are what a build, the tests and a node need, and Ansible's core. The folder's name is made from these requirements, so that
another list is downloaded anew and the same one never again.
"""

import sys
import tomllib
from pathlib import Path

from tools.local_cloud import image
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.state import State

PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"
EXTRAS = ("test", "cluster", "node")
BESIDES = ("pip", "wheel")


def requirements(project: Path = PROJECT) -> list[str]:
    """What pyproject.toml asks for a build, for running, for `make test` and for a node."""
    settings = tomllib.loads(project.read_text())
    found = [*settings["build-system"]["requires"], *settings["project"]["dependencies"]]
    return sorted({*found, *(row for name in EXTRAS for row in settings["project"]["optional-dependencies"][name]), *BESIDES})


def version_of(node: Path) -> str:
    """The Python of a base image, "3.11": packages must fit it, not the Python that runs this."""
    return (node / "usr/bin/python3").readlink().name.removeprefix("python")


def place(state: State, version: str) -> Path:
    return state.cache / image.key(f"wheels-{version}", *requirements())


def ensure(state: State, progress: image.Progress) -> Path:
    """The folder with the packages, downloaded if need be; raises LocalCloudError with pip's last words."""
    wanted = requirements()
    version = version_of(image.layers(state, "node", progress)[-1])
    other = version != ".".join(map(str, sys.version_info[:2]))

    def download(target: Path) -> None:
        progress(f"downloading Python packages for the development server (once): {len(wanted)} requirements")
        target.mkdir()
        versions = target.with_suffix(".versions")
        versions.write_text("\n".join(installed()))
        words = (sys.executable, "-m", "pip", "download", "--prefer-binary", "--progress-bar=off", "--dest", str(target), *wanted)
        chosen = ("--python-version", version, "--only-binary=:all:") if other else ("--constraint", str(versions))
        try:
            image.followed((*words, *chosen), progress)
        except LocalCloudError:
            if other:
                raise
            image.followed(words, progress)  # what is installed here does not fit what is asked for
        finally:
            versions.unlink()

    return image.once(state.cache, place(state, version).name, download)


def installed() -> list[str]:
    """The versions installed beside this program, as constraints: with them pip need not search for a set that fits together."""
    from importlib.metadata import distributions

    found = {each.metadata["Name"]: each.version for each in distributions()}
    free = ("pip", "setuptools", "wheel")  # came with the environment, in whatever version
    return sorted(f"{each}=={version}" for each, version in found.items() if each and each not in free and "+" not in version)
