"""The second stage of every boot of a node, from the installed bundle: keys, seeds, the values of the role `vmesh`, which it runs.

The role alone knows how a node is configured; here is what it is told, in /etc/vmesh/node.json. It is not run again while that is
as it was when it last succeeded: seeds change with every boot and have a file of their own. vmesh.service comes after this unit,
so the role leaves the services stopped, and they are started here without waiting for them.
"""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from vgp.errors import VgpError
from vmesh.cloud import cluster_values, keys, seeds
from vmesh.cloud.agent_settings import AgentSettings
from vmesh.cloud.bootstrap import AGAIN, BRIEFLY, ETC, HOME, NEVER, VALUES, Teller, read_object
from vmesh.cloud.cluster_values import ClusterValues
from vmesh.cloud.faults import PATIENCE, Unfit, Unreachable, log, patiently, sentence
from vmesh.cloud.metadata import Metadata
from vmesh.cloud.places import checkpoints_prefix
from vmesh.cloud.role import METRICS, run_role
from vmesh.cloud.storage import S3
from vmesh.notify import Notifier
from vmesh.security.key_folder import PAGE_TOKEN
from vmesh.settings import Network

NODE, CONFIGURED, SEEDS, KEYS = ETC / "node.json", ETC / "configured.json", ETC / "seeds.env", ETC / "keys"
NODE_METRICS = ETC / "node_metrics.json"
CHECKPOINTS = "/var/lib/vmesh/checkpoints"
SERVICES = ("vmesh-agent.service", "vmesh.service")


def main() -> None:
    """The argument is what the first stage found: {"config", "node", "values", "folder"}."""
    given = json.loads(sys.argv[1])
    config = given["config"]
    teller = Teller(config, S3(config["region"], config["endpoint"], Metadata()), given["node"])
    try:
        configure(teller, given, Path(given["folder"]))
    except Exception as error:
        teller.tell("failed", str(error) if isinstance(error, VgpError) else sentence(error))
        sys.exit(NEVER if isinstance(error, (Unfit, VgpError)) else AGAIN)


def configure(teller: Teller, given: dict[str, Any], folder: Path) -> None:
    """The phases. Raises Unfit, Unreachable, VgpError."""
    values = cluster_values.read(json.dumps(given["values"]).encode())
    announce(teller, values)
    keys.renew(teller.s3, teller.config["deploy"], values.name, KEYS)
    joined = find_seeds(teller, values)
    wanted = role_values(teller, values, folder) | {"vmesh_seeds": joined}
    if unchanged(wanted):
        write_seeds(joined)
    else:
        run_role(folder, wanted, NODE)
    start_services()
    settle(given["values"], wanted, folder)
    if values.metrics:
        install_metrics(teller.node["name"], folder)


def announce(teller: Teller, values: ClusterValues) -> None:
    """Where this node will be reached, before it looks for others: see vmesh/cloud/seeds.py."""
    node, port = teller.node, first_port(values)
    node["mesh"], node["admin"] = [f"{node['private']}:{port}"], [f"{node['private']}:{port + 1}"]
    node["until"] = node["started"] + 3600 * values.max_hours if values.max_hours else None
    teller.tell("configuring")


def first_port(values: ClusterValues) -> int:
    """Where the first worker of this node listens."""
    return int(values.settings.get("network", {}).get("port", Network.port))


def find_seeds(teller: Teller, values: ClusterValues) -> list[str]:
    """Raises Unreachable only for a node that was never in the mesh: alone it would be a second one."""
    before = read_object(CONFIGURED)
    try:
        return patiently(
            lambda: seeds.find(teller.s3, teller.config["data"], values.name, teller.node["index"]), BRIEFLY if before else PATIENCE
        )
    except Unreachable as error:
        if before is None:
            raise
        log(f"{error}; the seeds of the last boot stay")
        return [str(one) for one in (read_object(NODE) or before).get("vmesh_seeds", ())]


def role_values(teller: Teller, values: ClusterValues, folder: Path) -> dict[str, Any]:
    """The role's variables, but for the seeds."""
    config, node = teller.config, teller.node
    environment = {"AWS_DEFAULT_REGION": config["region"]}
    if config["endpoint"]:
        environment["AWS_ENDPOINT_URL"] = config["endpoint"]
    return {
        "vmesh_bundle": str(folder),
        "vmesh_venv": str(folder / "venv"),
        "vmesh_table": values.table,
        "vmesh_target": values.target,
        "vmesh_columns": values.columns,
        "vmesh_drop": list(values.drop),
        "vmesh_hostname": node["name"],
        "vmesh_workers": values.workers,
        "vmesh_memory_max": values.memory_max,
        "vmesh_bind": node["private"],
        "vmesh_advertise": node["private"],
        "vmesh_keys": str(KEYS),
        "vmesh_page_key": keys.page_key(KEYS),
        "vmesh_page_token": str(KEYS / PAGE_TOKEN),
        "vmesh_checkpoint_dir": CHECKPOINTS,
        "vmesh_checkpoint_copy": f"s3://{config['data']}/{checkpoints_prefix(values.name)}",
        "vmesh_preset": values.preset,
        "vmesh_settings": values.settings,
        "vmesh_environment": environment,
        "vmesh_agent": dataclasses.asdict(agent_settings(teller, values)),
        "vmesh_state": "stopped",
    }


def agent_settings(teller: Teller, values: ClusterValues) -> AgentSettings:
    """What the agent is told."""
    config, node = teller.config, teller.node
    same = ("index", "instance", "name", "private", "public", "started", "bundle")
    return AgentSettings(
        cluster=values.name,
        bucket=config["data"],
        region=config["region"],
        endpoint=config["endpoint"],
        mesh=tuple(node["mesh"]),
        admin=tuple(node["admin"]),
        max_hours=values.max_hours,
        histories=CHECKPOINTS,
        **{name: node[name] for name in same},
    )


def unchanged(wanted: dict[str, Any]) -> bool:
    """Whether the role succeeded with these values, whatever the seeds were."""
    return plain(read_object(CONFIGURED) or {}) == plain(wanted)


def plain(values: dict[str, Any]) -> dict[str, Any]:
    return dict(json.loads(json.dumps({name: value for name, value in values.items() if name != "vmesh_seeds"})))


def write_seeds(joined: list[str]) -> None:
    """The same file as the role's."""
    aside = SEEDS.with_name(".seeds.env.new")
    aside.write_text(f"SEEDS={','.join(joined)}\n")
    aside.rename(SEEDS)


def install_metrics(name: str, folder: Path) -> None:
    """Once all else runs: it needs Debian's mirror, and evolution shall not."""
    values = {"node_metrics_name": name, "node_metrics_page_token": str(KEYS / PAGE_TOKEN)}
    try:
        run_role(folder, values, NODE_METRICS, METRICS)
    except Unreachable as error:
        log(f"{error}; this node goes on without node_exporter, and tries again when it boots")


def start_services() -> None:
    """Queues their start, and tells systemd that this unit is done."""
    subprocess.run(["systemctl", "start", "--no-block", *SERVICES], check=True, timeout=60)
    notifier = Notifier()
    notifier.ready()
    notifier.close()


def settle(values: dict[str, Any], wanted: dict[str, Any], folder: Path) -> None:
    """Remembers what was done once it is on the disk: after a power cut all that is not known to be there is done again."""
    for path, content in ((CONFIGURED, wanted), (VALUES, values)):
        aside = path.with_name(f".{path.name}.new")
        aside.write_text(json.dumps(content))
        os.sync()
        aside.rename(path)
    (folder / "synced").touch()
    for other in HOME.iterdir():
        if (other / "manifest.json").exists() and other != folder:
            shutil.rmtree(other, ignore_errors=True)


if __name__ == "__main__":
    main()
