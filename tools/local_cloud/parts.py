"""The parts of a running cloud, put together; imported only by the daemon, since it brings moto."""

import datetime
import json
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from moto import settings
from moto.core.responses import ActionAuthenticatorMixin
from moto.core.types import Base64EncodedString
from moto.ec2.responses.general import General
from moto.iam import iam_backends
from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import make_server

from tools.local_cloud import ec2, image, network, wheels
from tools.local_cloud.api import Api
from tools.local_cloud.control import Control
from tools.local_cloud.errors import LocalCloudError
from tools.local_cloud.faults import Faults, rules_from
from tools.local_cloud.host import WHEELS, Host
from tools.local_cloud.metadata import Service
from tools.local_cloud.metadata_server import Server
from tools.local_cloud.realiser import Realiser
from tools.local_cloud.state import State
from tools.local_cloud.told import Told, stamp

EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
Log = Callable[[str], None]


class QuietRequests(MotoRequestHandler):
    """The log of calls is ours; another one on standard error would only grow."""

    def log(self, kind: str, message: str, *words: object) -> None:
        if kind == "error":
            super().log(kind, message, *words)


class Parts:
    """Everything that a daemon runs. `port`: the API's, the same inside and outside; `administrator`: key id and secret."""

    def __init__(self, state: State, log: Log, enforce_iam: bool, with_hosts: bool) -> None:
        self.state, self.log, self.with_hosts = state, log, with_hosts
        self.faults, self.told = Faults(), Told()
        self.realiser = Realiser(state, self.layers_of, self.binds_of, log)
        self.administrator = make_administrator()
        if enforce_iam:
            settings.INITIAL_NO_AUTH_ACTION_COUNT = 0
            ActionAuthenticatorMixin.request_count = 0
        ec2.set_right(self.realiser.wake.set, self.realiser.restart, with_hosts)
        ec2.patch(General, "get_console_output", self.console_output)
        self.servers = self.make_servers()
        self.port = self.servers[0].server_port

    def make_servers(self) -> list[Any]:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        api = Api(self.faults)
        outside = make_server("127.0.0.1", 0, api, threaded=True, request_handler=QuietRequests)
        servers = [outside, Control(self.state.control_socket, self.commands())]
        if self.with_hosts:
            inside = network.listen(self.state, network.API_ADDRESS, outside.server_port)
            address, port = inside.getsockname()
            servers.append(make_server(address, port, api, threaded=True, request_handler=QuietRequests, fd=inside.detach()))
            door = network.listen(self.state, network.METADATA_ADDRESS, 80)
            servers.append(Server(door, Service(self.told.facts_of)))
        return servers

    def start(self) -> None:
        for server in self.servers:
            threading.Thread(target=server.serve_forever, daemon=True).start()
        if self.with_hosts:
            threading.Thread(target=self.realiser.run, name="realiser").start()

    def stop(self) -> None:
        """Hosts are left as they are: whoever ends the cloud removes them. The servers' threads end with the process."""
        self.realiser.close()

    def layers_of(self, role: str) -> list[Path]:
        return image.layers(self.state, "devserver" if role == "devserver" else "node", self.log)

    def binds_of(self, role: str) -> list[str]:
        if role != "devserver":
            return []
        return [f"{wheels.ensure(self.state, self.log)}:{WHEELS}"]

    def commands(self) -> dict[str, Callable[..., object]]:
        return {
            "fault": self.add_faults,
            "faults": self.faults.rules,
            "clear_faults": self.faults.clear,
            "calls": self.faults.calls,
            "hosts": self.hosts,
            "power_cut": self.realiser.power_cut,
            "spot_notice": self.spot_notice,
            "expire": self.told.expire,
        }

    def add_faults(self, rules: object) -> list[dict]:
        self.faults.add(rules_from(rules))
        return self.faults.rules()

    def hosts(self) -> list[dict]:
        return [self.described(each) for each in ec2.instances() if each.state != "terminated"]

    def described(self, instance: Any) -> dict:
        entry = self.realiser.entries.get(instance.id)
        facts = {"instance": instance.id, "address": instance.private_ip, "state": instance.state, "tags": ec2.tags_of(instance)}
        return facts | {"running": bool(entry and entry.host.running()), "pid": entry.host.pid1() if entry else None}

    def spot_notice(self, instance: str, seconds: float) -> dict:
        """Tell an instance that it is taken away, and take it away that much later."""
        if ec2.find(instance) is None:
            raise LocalCloudError(f"there is no instance {instance}")
        due = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)
        notice = {"action": "terminate", "time": stamp(due)}
        self.told.notices[instance] = json.dumps(notice)
        self.realiser.interrupt_later(instance, seconds)
        return notice

    def console_output(self, original: Callable, response: General) -> Any:
        result = original(response)
        text = Host(self.state, response._get_param("InstanceId")).console
        result.result["Output"] = Base64EncodedString.from_raw_string(text[-65536:])
        return result


def make_administrator() -> tuple[str, str]:
    """A user who may do everything, with an access key."""
    iam = iam_backends[ec2.ACCOUNT]["aws"]
    iam.create_user(ec2.REGION, "administrator")
    iam.put_user_policy("administrator", "everything", json.dumps(EVERYTHING))
    key = iam.create_access_key("administrator")
    return key.access_key_id, key.secret_access_key
