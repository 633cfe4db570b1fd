"""Brings home what a cluster has found: front, checkpoints, histories, journals, in a new folder each time. The main flow here.

    results/vcloud/collected/2026-01-31T12-34-56Z/
        README.txt       what is here and how it is used         manifest.json    each file's size and SHA-256, what did not come
        front.json       the mesh's best formula of each size    fronts.jsonl     each worker's own, as it answered
        status.json      the cluster as it was                   workers.jsonl    each worker's status
        checkpoints/NODE/worker-INDEX.checkpoint                 logs/NODE.journal.gz, of ended nodes NODE-INSTANCE.journal.gz
    histories/NODE/worker-INDEX.history.sqlite               of ended nodes histories/NODE-INSTANCE/

Whatever cannot be had is named and hinders nothing else. The mesh is asked through one node, and checkpoints come from the bucket:
hundreds of nodes take no longer than their data. Only journals and histories are fetched from each node.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vgp.atomic_file import atomic_write
from vgp.errors import InputError, VgpError
from vmesh import s3
from vmesh.admin.printing import r2
from vmesh.cloud import from_bucket, from_nodes
from vmesh.cloud.aws import Cloud
from vmesh.cloud.cost import Prices
from vmesh.cloud.living import Living, found
from vmesh.cloud.mesh_front import Told, ask_mesh, mesh_model
from vmesh.cloud.overview import overview

README = """\
What the cluster {cluster} had found at {time} (UTC).

front.json      the best formula of each size over all workers that answered: vgp show front.json, vgp predict front.json TABLE
fronts.jsonl    each worker's own front, workers.jsonl how each worker did: one line of JSON for each
checkpoints/    the newest state of each worker: vmesh up TABLE --target Y --hostname NODE --checkpoint-dir checkpoints/NODE goes on
histories/      how each worker did at each moment: vmesh replay . plays the run on the web page
logs/           journals: zcat logs/NODE.journal.gz
status.json     all nodes as they were; manifest.json every file with its SHA-256, and what did not come
"""


@dataclass
class Collection:
    """What has come so far. `problems`: a sentence for everything that did not."""

    folder: Path
    problems: list[str] = field(default_factory=list)
    best: str = ""  # formulas of the front, in a line
    formulas: int = 0
    checkpoints: int = 0
    histories: int = 0
    logs: int = 0

    @property
    def empty(self) -> bool:
        """Whether nothing came that was asked for."""
        return not (self.formulas or self.checkpoints or self.histories or self.logs)


def module(parameters: Mapping[str, Any], check: bool) -> dict[str, Any]:
    """The Ansible module cluster_collect. Raises InputError if nothing came, CloudError, StorageError."""
    told = parameters
    if check:
        return {"changed": True, "folder": "", "lines": ["in check mode nothing is brought home"], "problems": []}
    source = found(Cloud(told["region"]), told)
    collection = collect(source, new_folder(Path(told["results"]) / "collected"), told["timeout"])
    return {"changed": True, "folder": str(collection.folder), "lines": lines(collection), "problems": collection.problems}


def collect(source: Living, folder: Path, timeout: float) -> Collection:
    """Brings all of it; `timeout`: seconds for what is asked of one node or of one worker. Raises InputError if nothing came."""
    collection = Collection(folder)
    bring_status(source, collection)
    bring_front(source, collection, timeout)
    bring_checkpoints(source, collection)
    bring_histories(source, collection)
    bring_logs(source, collection)
    if collection.empty:
        discard(folder)
        said = "; ".join(collection.problems) or "there are no nodes, and they have left nothing in the data bucket"
        raise InputError(f"nothing could be brought home of {source.cluster}: {said}")
    describe(source, collection)
    return collection


def bring_status(source: Living, collection: Collection) -> None:
    """The cluster as EC2 and its nodes tell of it."""
    seen = overview(source.cluster, source.nodes, source.records, Prices({}, {}))
    write_json(collection.folder / "status.json", seen.plain())


def bring_front(source: Living, collection: Collection, timeout: float) -> None:
    """The mesh's front, asked of all workers through one node."""
    if not source.nodes:
        collection.problems.append("no node runs, so the mesh cannot be asked for its front; its checkpoints hold all it knew")
        return
    try:
        told = ask_mesh(source.doors, source.ssh.config, source.keys, min(timeout, 30.0))
        collection.problems += [f"{name} did not answer for the front: {why}" for name, why in sorted(told.silent.items())]
        write_told(told, collection.folder)
        model = mesh_model(told)
        if model is None:
            collection.problems.append("the mesh has no formula yet")
            return
        model.save(collection.folder / "front.json")
    except VgpError as error:
        collection.problems.append(f"the mesh did not give its front: {error}")
        return
    collection.formulas = len(model.entries)
    best = model.entries[model.chosen]
    collection.best = f"{model.target} = {best.formula} (loss {best.loss:.6g}, R2 {r2(best.r2)})"


def bring_checkpoints(source: Living, collection: Collection) -> None:
    """The newest of each worker from the bucket, and from nodes that have none there."""
    service, folder = s3.S3(), collection.folder / "checkpoints"
    copied: set[str] = set()
    try:
        copies = from_bucket.copies(service, source.bucket, source.cluster)
        brought = from_bucket.checkpoints(service, copies, folder)
        copied = {path.parent.name for path in brought.files}
        collection.checkpoints += len(brought.files)
        collection.problems += brought.problems
    except VgpError as error:
        collection.problems.append(f"the checkpoints in the data bucket cannot be listed: {error}")
    lacking = [node.name for node in source.nodes if node.name not in copied]
    results = from_nodes.checkpoints(source.ssh, lacking, folder)
    collection.checkpoints += given(collection, results, "has no checkpoint in the data bucket, and gave none itself")


def bring_histories(source: Living, collection: Collection) -> None:
    """Of workers that run from their nodes, of the others what their nodes have left in the bucket."""
    folder, names = collection.folder / "histories", [node.name for node in source.nodes]
    collection.histories += left_behind(source, collection, "histories", from_bucket.histories, folder)
    collection.histories += given(collection, from_nodes.histories(source.ssh, names, folder), "did not give its histories")


def bring_logs(source: Living, collection: Collection) -> None:
    """Journals: of nodes that run from themselves, of the others what they have left in the bucket."""
    folder, names = collection.folder / "logs", [node.name for node in source.nodes]
    collection.logs += left_behind(source, collection, "journals", from_bucket.logs, folder)
    collection.logs += given(collection, from_nodes.journals(source.ssh, names, folder), "did not give its journal")


def left_behind(
    source: Living, collection: Collection, what: str, bring: Callable[[s3.S3, str, str, Path], from_bucket.Brought], folder: Path
) -> int:
    """Brings what nodes that have ended left in the bucket; how many files came."""
    try:
        brought = bring(s3.S3(), source.bucket, source.cluster, folder)
    except VgpError as error:
        collection.problems.append(f"the {what} in the data bucket cannot be listed: {error}")
        return 0
    collection.problems += brought.problems
    return len(brought.files)


def given(collection: Collection, results: Mapping[str, list[Path] | str], otherwise: str) -> int:
    """How many files nodes gave; who gave none is named, with why."""
    collection.problems += [f"{name} {otherwise}: {result}" for name, result in results.items() if isinstance(result, str)]
    return sum(len(result) for result in results.values() if not isinstance(result, str))


def describe(source: Living, collection: Collection) -> None:
    """README and manifest, last: where they are the folder is complete."""
    moment = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
    atomic_write(collection.folder / "README.txt", README.format(cluster=source.cluster, time=moment).encode())
    files = [path for path in sorted(collection.folder.rglob("*")) if path.is_file()]
    told = {
        "format": 1,
        "cluster": source.cluster,
        "time": moment,
        "files": {
            str(path.relative_to(collection.folder)): {"bytes": path.stat().st_size, "sha256": sha256(path)} for path in files
        },
        "problems": collection.problems,
    }
    write_json(collection.folder / "manifest.json", told)


def lines(collection: Collection) -> list[str]:
    """For the user."""
    what = f"{collection.formulas} formulas, {collection.checkpoints} checkpoints, "
    what += f"{collection.histories} histories, {collection.logs} journals"
    best = [collection.best] if collection.best else []
    return [*(f"missing: {problem}" for problem in collection.problems), f"{what} in {collection.folder}", *best]


def new_folder(parent: Path) -> Path:
    """A folder named after this second, that was not there. Raises InputError."""
    name = time.strftime("%Y-%m-%dT%H-%M-%SZ", time.gmtime())
    for number in range(1, 100):
        folder = parent / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir(parents=True)
            return folder
        except FileExistsError:
            continue
        except OSError as error:
            raise InputError(f"{folder} cannot be made: {(error.strerror or str(error)).lower()}; set cluster_results") from None
    raise InputError(f"{parent}: there are a hundred folders of this second; try again")


def discard(folder: Path) -> None:
    """Removes a folder in which nothing came but the status."""
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    folder.rmdir()


def write_told(told: Told, folder: Path) -> None:
    """What workers answered, a line each."""
    for name, answers in (("fronts.jsonl", told.fronts), ("workers.jsonl", told.statuses)):
        rows = [json.dumps({"worker": worker, "result": answer}, ensure_ascii=False) for worker, answer in answers.items()]
        atomic_write(folder / name, "".join(f"{row}\n" for row in rows).encode())


def write_json(path: Path, content: Any) -> None:
    """Readable, whole or not at all."""
    atomic_write(path, (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode())


def sha256(path: Path) -> str:
    """Of a file, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
