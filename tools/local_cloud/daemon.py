"""The cloud's process: API, metadata service, realiser and control, each in threads of its own, until it is told to end."""

import os
import secrets
import signal
import sys
import threading
import time
from pathlib import Path

from tools.local_cloud import catalogue, network
from tools.local_cloud import state as states
from tools.local_cloud.state import State

PROGRAM = Path(__file__).parent


def main(state: State, enforce_iam: bool, with_hosts: bool) -> None:
    """Run until SIGTERM or SIGINT. What it is, it writes to daemon.json once everyone may ask it."""
    prepare_moto(state)
    from tools.local_cloud.parts import Parts  # moto reads its environment when it is imported

    parts = Parts(state, log, enforce_iam, with_hosts)
    parts.start()
    states.write_json(state.daemon_file, facts(state, parts.port, parts.administrator, enforce_iam, with_hosts))
    log(f"up on port {parts.port}")
    wait_for_the_end()
    log("ending")
    state.daemon_file.unlink(missing_ok=True)
    parts.stop()


def prepare_moto(state: State) -> None:
    path = state.folder / "images.json"
    states.write_json(path, [image.for_moto() for image in catalogue.IMAGES])
    os.environ |= {
        "MOTO_AMIS_PATH": str(path),
        "MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION": "true",
        "MOTO_ENABLE_AMI_VALIDATION": "true",
        "MOTO_ENABLE_KEYPAIR_VALIDATION": "",
        "MOTO_PRETTIFY_RESPONSES": "",
    }
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]  # nothing here may ever speak for a real account
    os.environ |= {"AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": secrets.token_hex(8), "AWS_EC2_METADATA_DISABLED": "true"}


def facts(state: State, port: int, administrator: tuple[str, str], enforce_iam: bool, with_hosts: bool) -> dict[str, object]:
    """What `up` prints: everything that playbooks and tests need to know."""
    from tools.local_cloud.ec2 import ACCOUNT, REGION

    endpoint = f"http://127.0.0.1:{port}"
    configuration = state.folder / "aws.ini"
    configuration.write_text(f"[default]\nregion = {REGION}\n")
    return {
        "pid": os.getpid(),
        "began": states.beginning_of(os.getpid()),
        "endpoint": endpoint,
        "endpoint_for_nodes": f"http://{network.API_ADDRESS}:{port}",
        "namespace": network.bridge_namespace(state),
        "region": REGION,
        "account": ACCOUNT,
        "enforce_iam": enforce_iam,
        "hosts": with_hosts,
        "credentials": {"access_key_id": administrator[0], "secret_access_key": administrator[1]},
        "environment": {
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": administrator[0],
            "AWS_SECRET_ACCESS_KEY": administrator[1],
            "AWS_SESSION_TOKEN": "",  # of a real account, which the shell may have
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_PROFILE": "default",
            "AWS_CONFIG_FILE": str(configuration),
            "AWS_SHARED_CREDENTIALS_FILE": str(configuration),
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
        },
        "architecture": os.uname().machine,  # of every host, whatever its image or type says
        "images": {image.key: image.id for image in catalogue.IMAGES},
        "ssh": {
            "proxy_command": f"env VCLOUD_LOCAL={state.folder} {sys.executable} {PROGRAM} connect %h %p",
            "users": {image.id: image.user for image in catalogue.IMAGES},
        },
        "log": str(state.log_file),
    }


def wait_for_the_end() -> None:
    end = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: end.set())
    end.wait()


def log(text: str) -> None:
    now = time.time()
    stamp = time.strftime("%H:%M:%S", time.localtime(now)) + f".{int(now * 1000) % 1000:03d}"
    print(f"{stamp} {text}", file=sys.stderr, flush=True)


