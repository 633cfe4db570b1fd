"""Wheels made into the folder `site/` of a bundle: installed once, where the bundle is built, so that a node only unpacks it.

    bundle.tar (not compressed)     manifest.json     site/ = site-packages, compiled     node/ = node.yml, roles/vmesh, ansible.cfg

Of the ways to install, in seconds of one core (x86-64, 28 wheels): pip 6.7, zipfile 4.6, uv 3.0 and 18 MB of its own, this 1.1;
and each later start of Python saves 0.7 s (vmesh) to 1 s (ansible-playbook) of compiling, which a sandboxed service
could not even keep. What no node runs is left out: 90 of 310 MB, most of it pyarrow's Flight and S3 and services of AWS.
"""

from __future__ import annotations

import compileall
import fnmatch
import os
import zipfile
from collections.abc import Iterable
from pathlib import Path
from py_compile import PycInvalidationMode

from vgp.errors import InputError

LEFT_OUT = (
    *("*/tests/*", "*/include/*", "*.pxd", "*.pyx", "*.pyi", "*.h", "*.hpp"),
    *("pyarrow/src/*", "pyarrow/libarrow_flight*", "pyarrow/_flight*", "pyarrow/libarrow_s3*", "pyarrow/_s3fs*"),
    *("ansible_test/*", "botocore/data/*/*"),
)
KEPT = ("botocore/data/s3/*", "botocore/data/sts/*", "botocore/data/sso/*", "botocore/data/sso-oidc/*")
INTO_SITE = ("purelib", "platlib")  # of a wheel's .data folder; scripts and headers are not needed


def build(wheels: Iterable[Path], site: Path) -> None:
    """Unpacks the wheels into the folder `site`, which it makes, and compiles them with the Python that runs this.

    The compiled files are taken without a look at their source (PEP 552, unchecked), so times of files do not matter. Raises
    InputError for what is no wheel.
    """
    site.mkdir(parents=True)
    for wheel in sorted(wheels):
        try:
            _unpack(wheel, site)
        except (OSError, zipfile.BadZipFile) as error:
            raise InputError(f"{wheel}: is no wheel that can be read: {error}; build it again") from None
    # without the folder's own name in them, or no two builds would be alike
    mode = PycInvalidationMode.UNCHECKED_HASH
    compileall.compile_dir(site, quiet=2, stripdir=site, workers=os.cpu_count() or 1, invalidation_mode=mode)


def _unpack(wheel: Path, site: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            name = _place(member.filename)
            if member.is_dir() or not name or is_left_out(name):
                continue
            target = site / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(archive.read(member))
            target.chmod(0o755 if member.external_attr >> 16 & 0o100 else 0o644)


def _place(name: str) -> str:
    """Where a member goes below site-packages; empty: nowhere. Raises InputError for a way out of it."""
    parts = name.split("/")
    if name.startswith("/") or ".." in parts:
        raise InputError(f"{name}: leads out of a wheel; get the wheel anew")
    if parts[0].endswith(".data"):
        return "/".join(parts[2:]) if parts[1] in INTO_SITE else ""
    return name


def is_left_out(name: str) -> bool:
    """Whether no node needs that file."""
    return any(fnmatch.fnmatchcase(name, one) for one in LEFT_OUT) and not any(fnmatch.fnmatchcase(name, one) for one in KEPT)
