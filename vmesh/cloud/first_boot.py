#!/usr/bin/python3
"""User-data of a node of a vmesh cluster: keeps the bootstrap program and starts the unit that runs it, now and at every boot."""

import base64
import json
import os
import subprocess
import zlib

CONFIG: "dict[str, object]" = {}  # of the launcher: format, cluster, deploy, data, region, endpoint
PROGRAM = ""  # vmesh/cloud/bootstrap.py and what it needs: {path: source} as JSON, compressed
UNIT = """[Unit]
Description=Fetches, installs and configures vmesh
Wants=network-online.target
After=network-online.target
Before=vmesh.service vmesh-agent.service
StartLimitIntervalSec=0

[Service]
Type=notify
ExecStart=/usr/bin/python3 /opt/vmesh/bootstrap
TimeoutStartSec=30min
TimeoutStopSec=20
Restart=on-failure
RestartSec=60
RestartPreventExitStatus=3
RemainAfterExit=yes

[Install]
WantedBy=multi-user.target
"""


def main() -> None:
    files = {"etc/vmesh/bootstrap.json": json.dumps(CONFIG), "etc/systemd/system/vmesh-bootstrap.service": UNIT}
    for path, source in json.loads(zlib.decompress(base64.b64decode(PROGRAM))).items():
        files[f"opt/vmesh/bootstrap/{path}"] = source
    for name, content in files.items():
        path = os.path.join(os.environ.get("VCLOUD_ROOT", "/"), name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # user-data runs once: a power cut must not leave an empty file behind
    for words in ("daemon-reload", "enable vmesh-bootstrap.service", "start --no-block vmesh-bootstrap.service"):
        subprocess.run(["systemctl", *words.split()], check=True, timeout=60)


if __name__ == "__main__":
    main()
