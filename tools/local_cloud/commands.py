"""What each command does. Imports stand where they are used: `connect` runs at every ssh connection and must begin at once."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.state import State

FAULT_EXAMPLE = '{"action": "RunInstances", "code": "InsufficientInstanceCapacity", "http": 500, "times": 2}'


def progress(text: str) -> None:
    print(f"local cloud: {text}", file=sys.stderr, flush=True)


def up(state: State, enforce_iam: bool, with_hosts: bool) -> dict:
    from tools.local_cloud import machine, running

    machine.check(hosts=with_hosts, daemon=True)
    return running.up(state, enforce_iam, with_hosts, progress)


def daemon(state: State, enforce_iam: bool, with_hosts: bool) -> None:
    from tools.local_cloud import daemon as process
    from tools.local_cloud import machine

    machine.check(hosts=with_hosts, daemon=True)
    process.main(state, enforce_iam, with_hosts)


def down(state: State) -> dict:
    from tools.local_cloud import running

    return running.down(state)


def status(state: State, brief: bool) -> dict:
    from tools.local_cloud import running

    return running.status(state, brief)


def connect(state: State, host: str, port: int) -> None:
    from tools.local_cloud import connect as connection

    connection.connect(state, host, port)


def shell(state: State, host: str, words: list[str]) -> int:
    from tools.local_cloud import machine
    from tools.local_cloud.host import Host

    machine.check()
    given = words[1:] if words[:1] == ["--"] else words
    return subprocess.run(Host(state, host).inside(*(given or ["bash", "-l"])), check=False).returncode


def power_cut(state: State, host: str, restart: bool) -> dict:
    from tools.local_cloud import machine
    from tools.local_cloud.control import ask
    from tools.local_cloud.host import Host

    machine.check()
    found = Host(state, host)
    if found.design and found.design.owner == "plain":
        found.power_cut()
        if restart:
            found.boot()
    else:
        ask(state.control_socket, "power_cut", instance_id=host, restart=restart)
    return {"host": host, "restarted": restart}


def spot_notice(state: State, instance: str, seconds: float) -> object:
    from tools.local_cloud.control import ask

    return ask(state.control_socket, "spot_notice", instance=instance, seconds=seconds)


def expire(state: State, instance: str) -> dict:
    from tools.local_cloud.control import ask

    return {"instance": instance, "expired": ask(state.control_socket, "expire", instance_id=instance)}


def fault(state: State, rules: str) -> object:
    from tools.local_cloud.control import ask

    if rules == "clear":
        return ask(state.control_socket, "clear_faults") or []
    try:
        return ask(state.control_socket, "fault", rules=json.loads(rules))
    except ValueError:
        raise LocalCloudError(f"a fault is written in JSON, like: {FAULT_EXAMPLE}") from None


def calls(state: State, reset: bool, counts_only: bool) -> object:
    from tools.local_cloud.control import ask

    return ask(state.control_socket, "calls", reset=reset, counts_only=counts_only)


def base(state: State, images: list[str]) -> dict:
    from tools.local_cloud import image, machine

    machine.check()
    return {name: [str(layer) for layer in image.layers(state, name, progress)] for name in images or image.IMAGES}


def wheels(state: State) -> dict:
    from tools.local_cloud import machine
    from tools.local_cloud import wheels as packages

    machine.check()
    folder = packages.ensure(state, progress)
    return {"folder": str(folder), "files": len(os.listdir(folder))}


def host_up(state: State, name: str, address: str, binds: list[str], image: str) -> dict:
    from tools.local_cloud import machine, plain

    machine.check()
    for bind in binds:
        source, _, target = bind.partition(":")
        if not (Path(source).is_absolute() and Path(target).is_absolute()):
            raise LocalCloudError(f"--bind {bind}: give two absolute paths, SOURCE:TARGET")
        if not Path(source).exists():
            raise LocalCloudError(f"--bind {bind}: there is no {source}")
    return described(plain.up(state, name, address, image, binds, progress))


def host_down(state: State, name: str) -> dict:
    from tools.local_cloud import machine, plain

    machine.check()
    return {"name": name, "removed": plain.down(state, name)}


def host_list(state: State) -> list[dict]:
    from tools.local_cloud.host import hosts

    return [described(host) for host in hosts(state)]


def described(host) -> dict:
    design, first = host.design, host.pid1()
    return {
        "name": host.name,
        "address": design.address if design else None,
        "owner": design.owner if design else None,
        "running": first is not None,
        "user": design.user if design else None,
        "key_file": str(host.state.key_file) if design and design.owner == "plain" else None,
        "proxy_command": f"env VCLOUD_LOCAL={host.state.folder} {sys.executable} {Path(__file__).parent} connect %h %p",
        "pid": first,
        "namespace": host.label,
    }
