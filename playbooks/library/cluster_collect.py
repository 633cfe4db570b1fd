#!/usr/bin/python
# Copyright: vcloud contributors. Apache License 2.0 (see LICENSE)
"""Brings home what a cluster has found. The work: vmesh/cloud/collecting.py."""

DOCUMENTATION = r"""
module: cluster_collect
short_description: Brings home what a cluster has found
description:
  - The front of the whole mesh as a model, the newest checkpoint of each worker, the journal of each node, in a new folder.
  - What cannot be had is named and hinders nothing else; it fails if nothing came.
version_added: "0.2.0"
author: [vcloud contributors]
attributes:
  check_mode: {support: full, description: Brings nothing.}
options:
  cluster: {type: str, required: true, description: Name of the cluster.}
  region: {type: str, required: true, description: Region of AWS.}
  bucket_prefix: {type: str, default: "", description: "Buckets are called PREFIX-data and so on; empty: CLUSTER-ACCOUNT."}
  ssh_config: {type: path, required: true, description: What cluster_ssh_config wrote.}
  keys: {type: path, required: true, description: Folder of the mesh's keys.}
  timeout: {type: float, default: 120.0, description: Seconds that one node may take.}
  results: {type: path, required: true, description: "Folder in which collected/TIME is made."}
"""

EXAMPLES = r"""
- name: Bring results home
  cluster_collect:
    cluster: "{{ cluster_name }}"
    region: "{{ cluster_region }}"
    results: "{{ cluster_results }}"
    ssh_config: "{{ cluster_ssh_config }}"
    keys: "{{ cluster_mesh_keys }}"
  register: collected
"""

RETURN = r"""
lines: {description: What to print., type: list, elements: str, returned: always}
folder: {description: The folder., type: str, returned: always}
problems: {description: A sentence for each thing that did not come., type: list, elements: str, returned: always}
"""

import sys  # noqa: E402

from ansible.module_utils.basic import AnsibleModule  # noqa: E402


def main():
    module = AnsibleModule(
        argument_spec={
            "cluster": {"type": "str", "required": True},
            "region": {"type": "str", "required": True},
            "bucket_prefix": {"type": "str", "default": ""},
            "ssh_config": {"type": "path", "required": True},
            "keys": {"type": "path", "required": True, "no_log": False},
            "timeout": {"type": "float", "default": 120.0},
            "results": {"type": "path", "required": True},
        },
        supports_check_mode=True,
    )
    try:
        from vmesh.cloud import collecting, modules
    except ImportError as error:
        module.fail_json(msg=f"{sys.executable} has no vmesh ({error}); run make build and call .venv/bin/ansible-playbook")
    modules.answer(module, collecting.module)


if __name__ == "__main__":
    main()
