#!/usr/bin/python
# Copyright: vcloud contributors. Apache License 2.0 (see LICENSE)
"""What nodes read when they begin, brought to the buckets. The work: vmesh/cloud/publish.py."""

DOCUMENTATION = r"""
module: cluster_publish
short_description: Brings table, keys and values of a cluster to its buckets
description:
  - Uploads the table, if it is a file, below a name made of its checksum.
  - Makes the keys of the mesh, if there are none, and puts what nodes need of them into the deploy bucket.
  - Tells nodes that run if there is another table. Writes cluster.json last. Nothing is written whose content is there already.
version_added: "0.2.0"
author: [vcloud contributors]
attributes:
  check_mode: {support: full, description: Tells what would be written.}
options:
  cluster: {type: str, required: true, description: Name of the cluster.}
  region: {type: str, required: true, description: Region of AWS.}
  buckets: {type: dict, required: true, description: "Names of the buckets: deploy, data."}
  bundle: {type: dict, required: true, description: "The bundle that nodes install: id, key, sha256."}
  data: {type: str, required: true, description: "The table: a file, or s3://bucket/key."}
  target: {type: str, required: true, description: Its column that formulas are sought for.}
  columns: {type: str, default: "", description: "Columns to use, separated by commas; empty: all."}
  drop: {type: list, elements: str, default: [], description: Columns to leave out.}
  settings: {type: dict, default: {}, description: "Settings of vmesh by section, {section: {name: value}}."}
  preset: {type: str, default: lan, description: Preset of vmesh's settings.}
  workers: {type: str, default: "", description: "Worker processes of a node; empty: one for each core."}
  memory_max: {type: str, default: 85%, description: Memory of all workers of a node.}
  max_hours: {type: str, default: "", description: "Hours after which a node ends itself; empty: never."}
  metrics: {type: bool, default: false, description: Whether nodes install node_exporter for a Prometheus server.}
  keys: {type: path, required: true, description: Folder of the mesh's keys on this machine.}
  bucket_prefix: {type: str, default: "", description: "What names of buckets begin with; empty: CLUSTER-ACCOUNT."}
  ssh_config: {type: path, required: true, description: "How nodes that run are reached, to tell them of another table."}
  timeout: {type: float, default: 120.0, description: Seconds that one node may take.}
  endpoint: {type: str, default: "", description: "Where nodes reach S3; empty: AWS."}
"""

EXAMPLES = r"""
- name: Bring everything to the buckets
  cluster_publish:
    cluster: "{{ cluster_name }}"
    region: "{{ cluster_region }}"
    buckets: "{{ preflight.buckets }}"
    bundle: "{{ preflight.bundle }}"
    data: "{{ preflight.data }}"
    target: "{{ preflight.target }}"
    keys: "{{ cluster_mesh_keys }}"
    ssh_config: "{{ cluster_ssh_config }}"
  register: published
"""

RETURN = r"""
written: {description: "What was written or told: table, keys, mesh, cluster.json.", type: list, elements: str, returned: always}
table: {description: Where nodes find the table., type: str, returned: always, sample: s3://vcloud-1-data/tables/0123456789ab-a.csv}
target: {description: Its column that formulas are sought for., type: str, returned: always}
moved: {description: Whether nodes that ran were told of another table., type: bool, returned: always}
user_data: {description: What an instance runs at its first boot., type: str, returned: always}
"""

import sys  # noqa: E402

from ansible.module_utils.basic import AnsibleModule  # noqa: E402


def main():
    module = AnsibleModule(
        argument_spec={
            "cluster": {"type": "str", "required": True},
            "region": {"type": "str", "required": True},
            "buckets": {"type": "dict", "required": True},
            "bundle": {"type": "dict", "required": True},
            "data": {"type": "str", "required": True},
            "target": {"type": "str", "required": True},
            "columns": {"type": "str", "default": ""},
            "drop": {"type": "list", "elements": "str", "default": []},
            "settings": {"type": "dict", "default": {}},
            "preset": {"type": "str", "default": "lan"},
            "workers": {"type": "str", "default": ""},
            "memory_max": {"type": "str", "default": "85%"},
            "max_hours": {"type": "str", "default": ""},
            "metrics": {"type": "bool", "default": False},
            "keys": {"type": "path", "required": True, "no_log": False},
            "endpoint": {"type": "str", "default": ""},
            "bucket_prefix": {"type": "str", "default": ""},
            "ssh_config": {"type": "path", "required": True},
            "timeout": {"type": "float", "default": 120.0},
        },
        supports_check_mode=True,
    )
    try:
        from vmesh.cloud import modules, publish
    except ImportError as error:
        module.fail_json(msg=f"{sys.executable} has no vmesh ({error}); run make build and call .venv/bin/ansible-playbook")
    modules.answer(module, publish.module)


if __name__ == "__main__":
    main()
