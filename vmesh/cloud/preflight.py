"""All that can be known before anything is bought: what the user gave, then the account, then what there is to launch with.

Each check raises an InputError or CloudError of one sentence that says what to do. Nothing is changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vgp.errors import InputError
from vmesh import s3
from vmesh.cloud import account as accounts
from vmesh.cloud import cluster_values, images, machines, numbers, plan, quota, tables
from vmesh.cloud.account import Account
from vmesh.cloud.aws import Cloud
from vmesh.cloud.bundle import Current
from vmesh.cloud.images import Image
from vmesh.cloud.instances import COSTING, DEVSERVER, NODE, Instance, listed
from vmesh.cloud.machines import UNAME, Type
from vmesh.cloud.order import Site
from vmesh.cloud.places import cluster_key
from vmesh.cloud.publish import content
from vmesh.cloud.publishing import current_bundle

BUILD = "run ansible-playbook devserver.yml first"


def module(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    """What the module cluster_preflight returns for its parameters. Raises InputError, StorageError, CloudError."""
    facts, stage = given(params), params["stage"]
    cloud = Cloud(params["region"])
    account = accounts.signed_in(cloud, params["cluster"], params["bucket_prefix"])
    facts |= {"account": account.number, "prefix": account.prefix, "buckets": account.buckets, "region": cloud.region}
    facts["vpc"] = params["vpc"] if stage == "terminate" else machines.network(cloud, params["vpc"])
    if stage != "terminate":
        accounts.check_buckets(cloud, account, needed=stage != "setup")
    if stage in ("launch", "devserver"):
        facts |= launchable(cloud, account, params, facts["vpc"], facts.get("nodes", 1))
    return {"changed": False, **facts, "calls": dict(cloud.calls)}


def given(params: Mapping[str, Any]) -> dict[str, Any]:
    """What can be checked without asking anybody."""
    accounts.check_name(params["cluster"])
    accounts.check_region(params["region"])
    if params["stage"] == "setup":
        accounts.check_public_key(params["key"])
    if params["stage"] not in ("launch", "devserver"):
        return {}
    images.check(params["image"], params["image_user"])
    if params["stage"] == "devserver":
        return {}
    numbers.hours("max_hours", params["max_hours"])
    return {"nodes": numbers.whole("nodes", params["nodes"])}


def launchable(cloud: Cloud, account: Account, params: Mapping[str, Any], vpc: str, nodes: int) -> dict[str, Any]:
    """What instances are launched with."""
    role = NODE if params["stage"] == "launch" else DEVSERVER
    template = account.template(role)
    accounts.check_template(cloud, template)
    kinds = machines.types(cloud, params["types"])
    image = images.find(cloud, params["image"], params["image_user"], kinds[0].arch)
    sites = machines.sites(cloud, kinds, vpc, params["subnets"])
    alive = listed(cloud, account.cluster, role, COSTING)
    more = len(plan.for_role(role, alive, nodes).missing)
    warnings = quota.check(cloud, kinds[0], more, spot=params["market"] == "spot")
    facts = {"template": template, "warnings": warnings, **of_machines(kinds, image, sites)}
    return facts | (of_nodes(account, params, kinds[0], image, alive) if role == NODE else {})


def of_machines(kinds: list[Type], image: Image, sites: list[Site]) -> dict[str, Any]:
    """Facts for cluster_nodes."""
    offered = [kind.name for kind in kinds if any(kind.name in site.types for site in sites)]
    return {
        "image": image.id,
        "root_device": image.root_device,
        "user": image.user,
        "arch": UNAME[image.arch],
        "instance_type": offered[0],
        "types": offered,
        "vcpus": next(kind.vcpus for kind in kinds if kind.name == offered[0]),
        "subnets": [{"subnet": site.subnet, "zone": site.zone, "types": list(site.types)} for site in sites],
    }


def of_nodes(account: Account, params: Mapping[str, Any], kind: Type, image: Image, alive: list[Instance]) -> dict[str, Any]:
    """Bundle and table."""
    store = s3.S3()
    current = fitting(current_bundle(account.buckets["deploy"], UNAME[kind.arch], store), kind, image)
    kept = kept_table(account, store) if alive else None
    root = Path(params["root"])
    choice = tables.chosen(params["data"], params["target"], params["columns"], params["drop"], kept, root)
    if kept is not None:
        refuse_other_columns(kept, choice)
    if choice != kept:  # a table that nodes have read already need not be there any more
        tables.check(choice, account.buckets["data"], params["tables"], store)
    bundle = {"id": current.manifest.id, "key": current.manifest.key, "sha256": current.sha256}
    table = {"data": choice.data, "target": choice.target, "columns": choice.columns, "drop": list(choice.drop)}
    return {"bundle": bundle, **table}


def fitting(current: Current | None, kind: Type, image: Image) -> Current:
    """The bundle, if nodes can use it. Raises InputError."""
    arch = UNAME[kind.arch]
    if current is None:
        raise InputError(f"there is no bundle for {arch} ({kind.name}) yet; {BUILD} (with a devserver_types of that architecture)")
    python = current.manifest.python
    if image.python and image.python != python:
        raise InputError(
            f"the bundle is for Python {python[2:3]}.{python[3:]} and {image.title} has {image.python[2:3]}.{image.python[3:]}; "
            "build one on that image (ansible-playbook devserver.yml), or change cluster_image"
        )
    return current


def refuse_other_columns(kept: tables.Choice, choice: tables.Choice) -> None:
    """A mesh that evolves can move to another table, but not to other columns."""
    for name in ("target", "columns", "drop"):
        old, new = getattr(kept, name), getattr(choice, name)
        if old != new:
            shown = "target" if name == "target" else f"cluster_{name}"
            raise InputError(
                f"{shown} was {old!r} when the nodes that run were launched and is {new!r} now; only data can change meanwhile: "
                "end them first (ansible-playbook terminate.yml), or launch another cluster (-e cluster_name=...)"
            )


def kept_table(account: Account, store: s3.S3) -> tables.Choice | None:
    """What the nodes that run work on."""
    before = content(store, s3.Place(account.buckets["deploy"], cluster_key(account.cluster)))
    if before is None:
        return None
    values = cluster_values.read(before)
    return tables.Choice(values.table, values.target, values.columns, values.drop)
