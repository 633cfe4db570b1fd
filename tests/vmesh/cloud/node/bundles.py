"""Small bundles: a site with a program in place of the second stage, and what can be wrong with them."""

import hashlib
import io
import json
import platform
import sys
import tarfile

STAGE = "import json, os, sys\nopen(os.environ['HANDED'], 'w').write(json.dumps([sys.executable, json.loads(sys.argv[1])]))\n"
ID = "0.1.0-0123456789ab-here-cp3"
MANIFEST = {"format": 1, "id": ID, "python": "cp{}{}".format(*sys.version_info), "arch": platform.machine()}
FILES = {"site/vmesh/__init__.py": "", "site/vmesh/cloud/__init__.py": "", "site/vmesh/cloud/configuring.py": STAGE}


def bundle(manifest=MANIFEST, files=FILES, members=()):
    """The bytes of a bundle.tar; `members` are more entries of tar, with their content."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, content in {"manifest.json": json.dumps(manifest), **files}.items():
            add(tar, name, content.encode())
        for info, content in members:
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def add(tar, name, content):
    info = tarfile.TarInfo(name)
    info.size = len(content)
    tar.addfile(info, io.BytesIO(content))


def values(content, **others):
    """cluster.json for it."""
    reference = {"id": ID, "key": f"bundles/{ID}/bundle.tar", "sha256": hashlib.sha256(content).hexdigest()}
    return {"format": 1, "name": "test", "bundle": reference, "table": "s3://data/table.csv", "target": "y"} | others
