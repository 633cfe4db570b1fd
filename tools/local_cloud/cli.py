"""EC2, S3, IAM and real systemd hosts on this machine. Answers go to standard output as JSON, progress to standard error."""

import argparse
import json
import os
import sys

from tools.local_cloud import commands
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.state import from_environment

EPILOG = """
The cloud is in the folder VCLOUD_LOCAL (/var/lib/vcloud/local), its base images in VCLOUD_CACHE (/var/cache/vcloud). Clouds with
different folders run beside each other. Hosts need root, on Linux.
"""


def main(words: list[str] | None = None) -> int:
    """Run one command; returns the exit status: 0 done, 1 an error that one line explains, 130 interrupted."""
    options = vars(parser().parse_args(words))
    run = options.pop("run")
    os.umask(0o022)  # what images and packages are made of is read by users of the hosts
    try:
        answer = run(from_environment(), **options)
    except LocalCloudError as error:
        print(f"local cloud: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("local cloud: interrupted", file=sys.stderr)
        return 130
    if isinstance(answer, int):
        return answer
    if answer is not None:
        print(json.dumps(answer, indent=1))
    return 0


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="local_cloud", description=__doc__, epilog=EPILOG)
    added = top.add_subparsers(required=True, metavar="COMMAND")
    add_cloud_commands(added)
    add_instance_commands(added)
    add_fault_commands(added)
    add_image_commands(added)
    add_host_commands(added)
    return top


def command(added, name: str, run, text: str) -> argparse.ArgumentParser:
    made = added.add_parser(name, help=text, description=text)
    made.set_defaults(run=run)
    return made


def add_cloud_commands(added) -> None:
    for name, run, text in (
        ("up", commands.up, "start the cloud unless it is up; prints how it is reached"),
        ("daemon", commands.daemon, "what `up` starts: the cloud's process, in the foreground"),
    ):
        made = command(added, name, run, text)
        made.add_argument("--enforce-iam", action="store_true", help="let everyone do what IAM's policies allow, and no more")
        made.add_argument("--no-hosts", dest="with_hosts", action="store_false", help="API only, without root")
    command(added, "down", commands.down, "end the cloud with all its hosts and buckets")
    status = command(added, "status", commands.status, "how the cloud is: instances, calls, faults")
    status.add_argument("--brief", action="store_true", help="only what `up` printed")


def add_instance_commands(added) -> None:
    connect = command(added, "connect", commands.connect, "join standard input and output to a port of a host (ssh's ProxyCommand)")
    connect.add_argument("host")
    connect.add_argument("port", type=int)
    shell = command(added, "shell", commands.shell, "run a command in a host as root, without ssh")
    shell.add_argument("host", metavar="INSTANCE")
    shell.add_argument("words", nargs=argparse.REMAINDER, metavar="-- COMMAND", help="bash, if not given")
    cut = command(added, "power-cut", commands.power_cut, "end a host like a loss of power")
    cut.add_argument("host", metavar="INSTANCE")
    cut.add_argument("--restart", action="store_true", help="boot it again with the same disk; EC2 never knows")
    notice = command(added, "spot-notice", commands.spot_notice, "tell an instance that it is taken away, and then do so")
    notice.add_argument("instance", metavar="INSTANCE")
    notice.add_argument("--seconds", type=float, default=120.0, help="from the notice to the end (120, as on EC2)")
    expire = command(added, "expire", commands.expire, "end the credentials that an instance was given before their time")
    expire.add_argument("instance", metavar="INSTANCE")


def add_fault_commands(added) -> None:
    fault = command(added, "fault", commands.fault, "let API calls fail: " + commands.FAULT_EXAMPLE)
    fault.add_argument("rules", metavar="JSON", help="one rule or a list of them; 'clear' removes all")
    calls = command(added, "calls", commands.calls, "the API calls so far: counts by action, and each of them")
    calls.add_argument("--counts", dest="counts_only", action="store_true", help="without the single calls")
    calls.add_argument("--reset", action="store_true", help="begin to count anew")


def add_image_commands(added) -> None:
    base = command(added, "base", commands.base, "build the base images now, not at first use")
    base.add_argument("images", nargs="*", metavar="node|devserver")
    command(added, "wheels", commands.wheels, "download the Python packages that a development server is shown")


def add_host_commands(added) -> None:
    text = "hosts without EC2, for tests of roles: same images, same network"
    below = added.add_parser("host", help=text, description=text).add_subparsers(required=True, metavar="up|down|list")
    up = command(below, "up", commands.host_up, "make and boot a host, or boot it again; waits until it takes ssh connections")
    up.add_argument("name")
    up.add_argument("address", help="in 172.31.0.0/16; instances get theirs below 172.31.96.0: take one from 172.31.200.0/24")
    up.add_argument("--bind", dest="binds", action="append", default=[], metavar="SOURCE:TARGET", help="show a folder, read-only")
    up.add_argument("--image", default="node", metavar="node|devserver", help="what it boots (node)")
    down = command(below, "down", commands.host_down, "end a host and remove it with its disk")
    down.add_argument("name")
    command(below, "list", commands.host_list, "all hosts, how they are and how to reach them")
