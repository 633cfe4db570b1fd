"""The command line: `python tools/local_cloud COMMAND`. Answers go to standard output as JSON, progress to standard error."""

import argparse
import json
import sys
from pathlib import Path

from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.state import State, from_environment

EPILOG = """
The state is in the folder VCLOUD_LOCAL (/var/lib/vcloud/local), base images in VCLOUD_CACHE (/var/cache/vcloud). Clouds with different
folders run beside each other. Only root can run this, on Linux; nothing outside of the two folders is changed for good.
"""


def main(words: list[str] | None = None) -> int:
    """Run one command; returns the exit status: 0 done, 1 an error that one line explains, 130 interrupted."""
    options = parser().parse_args(words)
    try:
        answer = options.run(from_environment(), options)
    except LocalCloudError as error:
        print(f"local cloud: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("local cloud: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 1
    if answer is not None:
        print(json.dumps(answer, indent=1))
    return 0


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="local_cloud", description=__doc__, epilog=EPILOG)
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    base = command(commands, "base", "build the base images now, not at first use", run_base)
    base.add_argument("images", nargs="*", metavar="node|devserver")
    connect = command(commands, "connect", "carry standard input and output to a port of a host (ssh's ProxyCommand)", run_connect)
    connect.add_argument("host")
    connect.add_argument("port", type=int)
    add_host_commands(command(commands, "host", "hosts without EC2: host up, host down, host list", None))
    return top


def command(commands, name: str, text: str, run) -> argparse.ArgumentParser:
    made = commands.add_parser(name, help=text, description=text)
    made.set_defaults(run=run)
    return made


def add_host_commands(host: argparse.ArgumentParser) -> None:
    commands = host.add_subparsers(required=True, metavar="up|down|list")
    up = command(commands, "up", "make and boot a host, or boot it again; waits until it takes ssh connections", run_host_up)
    up.add_argument("name")
    up.add_argument("address", help="in 172.31.0.0/16; instances get theirs below 172.31.96.0, so take one from 172.31.200.0/24")
    up.add_argument("--bind", action="append", default=[], metavar="SOURCE:TARGET", help="show a folder of this machine, read-only")
    up.add_argument("--image", default="node", metavar="node|devserver", help="what it boots (node)")
    down = command(commands, "down", "end a host and remove it with its disk", run_host_down)
    down.add_argument("name")
    command(commands, "list", "all hosts, how they are and how to reach them", run_host_list)


def progress(text: str) -> None:
    print(f"local cloud: {text}", file=sys.stderr, flush=True)


def run_base(state: State, options: argparse.Namespace) -> object:
    from tools.local_cloud import image, machine

    machine.check()
    return {name: [str(layer) for layer in image.layers(state, name, progress)] for name in options.images or image.IMAGES}


def run_connect(state: State, options: argparse.Namespace) -> None:
    from tools.local_cloud import connect

    connect.connect(state, options.host, options.port)


def run_host_up(state: State, options: argparse.Namespace) -> object:
    from tools.local_cloud import machine, plain

    machine.check()
    for bind in options.bind:
        if not Path(bind.partition(":")[0]).is_absolute() or ":" not in bind:
            raise LocalCloudError(f"--bind {bind}: give two absolute paths, SOURCE:TARGET")
        if not Path(bind.partition(":")[0]).exists():
            raise LocalCloudError(f"--bind {bind}: there is no {bind.partition(':')[0]}")
    return described(plain.up(state, options.name, options.address, options.image, options.bind, progress))


def run_host_down(state: State, options: argparse.Namespace) -> object:
    from tools.local_cloud import machine, plain

    machine.check()
    return {"name": options.name, "removed": plain.down(state, options.name)}


def run_host_list(state: State, options: argparse.Namespace) -> object:
    from tools.local_cloud.host import hosts

    return [described(host) for host in hosts(state)]


def described(host) -> dict:
    design, first = host.design, host.pid1()
    return {
        "name": host.name,
        "address": design.address if design else None,
        "running": first is not None,
        "user": design.user if design else None,
        "key_file": str(host.state.key_file) if design and design.owner == "plain" else None,
        "proxy_command": f"{sys.executable} {Path(__file__).parent} connect %h %p",
        "pid": first,
        "namespace": host.label,
    }
