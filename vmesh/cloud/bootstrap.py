#!/usr/bin/python3
"""EC2 user-data of a node: fetches the cluster's bundle, checks it, installs it and hands over to it. Standard library only.

    bootstrap.py         first boot, by cloud-init: keeps itself as /opt/vmesh/bootstrap.py, writes, enables and starts the unit
                         vmesh-bootstrap.service (without waiting for it)
    bootstrap.py boot    that unit, at this and every later boot, Before=vmesh.service: metadata -> cluster.json -> bundle -> venv,
                         then VENV/bin/python -m vmesh.cloud.configuring (keys, seeds, values, role `vmesh`)

The launcher appends `CONFIG = {"format": 1, "cluster", "deploy", "data", "region", "endpoint"}` (render).

    /opt/vmesh/BUNDLE/            manifest.json, node/ (node.yml, roles/vmesh, ansible.cfg), venv/
    /etc/vmesh/node.json          the role's variables: ansible-playbook -c local -i localhost, node.yml -e @/etc/vmesh/node.json
    /etc/vmesh/seeds.env          SEEDS=host:port,host:port      EnvironmentFile of vmesh.service: vmesh up ... --seeds "${SEEDS}"
    /etc/vmesh/keys/              folder of keys; secrets 0600 root. launcher.key (made on the node, allowed here alone) lets the
                                  launcher ask its own workers; LoadCredential= mesh-server.key admin-server.key worker.key launcher.key

The role is run with vmesh_state=stopped (configured and enabled, not started): vmesh.service comes After=vmesh-bootstrap.service,
which then starts it by `systemctl start --no-block vmesh-agent.service vmesh.service`. Failures are tried again after a minute.
"""
