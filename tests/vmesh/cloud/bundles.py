"""Deploy bundles without a build."""

import hashlib
import io

from vmesh.cloud import archive
from vmesh.cloud.archive import Member
from vmesh.cloud.bundle import MANIFEST, File, Manifest

FILES = {"node/node.yml": b"- hosts: all\n", "node/roles/vmesh/tasks/main.yml": b"[]\n", "site/a/__init__.py": bytes(3000)}
WHEEL = File("a-1-py3-none-any.whl", 3, "cd" * 32)


def manifest(files=FILES, **changes):
    rows = tuple(File(name, len(data), hashlib.sha256(data).hexdigest()) for name, data in sorted(files.items()))
    fields = {"version": "1.2.3", "source": "ab" * 32, "arch": "x86_64", "python": "cp311", "glibc": "2.34"}
    return Manifest(**{**fields, "instruction_sets": ("x86-64-v2", "x86-64-v3"), "wheels": (WHEEL,), "files": rows, **changes})


def tar_of(head, files=FILES, links=()):
    """A bundle.tar with these bytes for a manifest."""
    tar = io.BytesIO()
    content = [(MANIFEST, head), *sorted(files.items())] if head is not None else sorted(files.items())
    members = [(Member(name, False, len(data)), io.BytesIO(data)) for name, data in content]
    archive.write(tar, [*members, *((Member(name, False, 0, target), None) for name, target in links)])
    return tar.getvalue()


def bundle(**changes):
    """The bytes of a sound bundle.tar."""
    return tar_of(manifest(**changes).text())
