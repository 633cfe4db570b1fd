"""Makes, checks and uploads bundles. At the project's root:

    python tools/bundle source --out DIR          the source bundle of this checkout
    python tools/bundle build --out DIR           the deploy bundle of this checkout: after `make build`, with that interpreter
    python tools/bundle verify DIR/bundle.tar     whether it is whole
    python tools/bundle upload DIR/bundle.tar --bucket NAME
"""

import argparse
import json
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[0] = str(ROOT)  # instead of this folder, which Python puts there

from tools.bundle.build import build  # noqa: E402
from vgp.atomic_file import atomic_write  # noqa: E402
from vgp.errors import VgpError  # noqa: E402
from vmesh.cloud import source as sources  # noqa: E402
from vmesh.cloud.bundle import MANIFEST, verify  # noqa: E402
from vmesh.cloud.publishing import publish_bundle  # noqa: E402
from vmesh.s3 import S3  # noqa: E402


def main() -> int:
    args = arguments().parse_args()
    try:
        print(json.dumps(args.run(args)))
    except VgpError as error:
        print(f"bundle: {error}", file=sys.stderr)
        return 1
    return 0


def arguments() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="tools/bundle", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    source = commands.add_parser("source", help="pack the files that git knows")
    source.set_defaults(run=run_source)
    deploy = commands.add_parser("build", help="pack the compiled package with all that it needs")
    deploy.add_argument("--source", type=Path, help="the source bundle that this tree was unpacked from (else: as git knows)")
    deploy.add_argument(
        "--as-compiled", action="store_true", help="take the compiled modules for those of these sources, whatever their age"
    )
    deploy.set_defaults(run=run_build)
    for command in (source, deploy):
        command.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write to")
    check = commands.add_parser("verify", help="check every checksum of a bundle.tar")
    check.set_defaults(run=lambda args: told(verify(args.bundle)))
    upload = commands.add_parser("upload", help="make a bundle.tar the current one of a deploy bucket")
    upload.add_argument("--bucket", required=True)
    upload.set_defaults(run=lambda args: told(publish_bundle(args.bundle, args.bucket, S3())))
    for command in (check, upload):
        command.add_argument("bundle", type=Path, metavar="bundle.tar")
    return top


def run_source(args: argparse.Namespace) -> dict:
    source = sources.from_checkout(ROOT)
    args.out.mkdir(parents=True, exist_ok=True)
    path = args.out / Path(source.key).name
    atomic_write(path, source.compressed())
    for name in source.unknown:
        note(f"{name} is not in it: git does not know it (`git add` it, or ignore it)")
    return {"path": str(path), "key": source.key, "sha256": source.sha256, "unknown": list(source.unknown)}


def run_build(args: argparse.Namespace) -> dict:
    begun = time.monotonic()
    source = sources.from_archive(args.source) if args.source else sources.from_checkout(ROOT)
    args.out.mkdir(parents=True, exist_ok=True)
    path = build(ROOT, source, args.out, as_compiled=args.as_compiled, note=note)
    current = verify(path)
    (args.out / MANIFEST).write_bytes(current.manifest.text())
    (args.out / Path(current.key).name).write_bytes(current.text())
    note(f"{path}: {current.size / 1e6:.1f} MB, {current.manifest.id}, in {time.monotonic() - begun:.0f} s")
    return told(current)


def told(current) -> dict:
    return json.loads(current.text())


def note(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
