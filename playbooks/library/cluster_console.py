#!/usr/bin/python
# Copyright: vcloud contributors. Apache License 2.0 (see LICENSE)
"""The command that opens the admin console. The work: vmesh/cloud/entering.py."""

DOCUMENTATION = r"""
module: cluster_console
short_description: Tells the command that opens the admin console, and that it works
description:
  - Asks the mesh for its workers through ssh to one of the nodes, and tells the command that does the same for a person.
version_added: "0.2.0"
author: [vcloud contributors]
attributes:
  check_mode: {support: full, description: It changes nothing anyway.}
options:
  cluster: {type: str, required: true, description: Name of the cluster.}
  region: {type: str, required: true, description: Region of AWS.}
  bucket_prefix: {type: str, default: "", description: "Buckets are called PREFIX-data and so on; empty: CLUSTER-ACCOUNT."}
  ssh_config: {type: path, required: true, description: What cluster_ssh_config wrote.}
  keys: {type: path, required: true, description: Folder of the mesh's keys.}
  timeout: {type: float, default: 120.0, description: Seconds that one node may take.}
"""

EXAMPLES = r"""
- name: See that the mesh answers
  cluster_console:
    cluster: "{{ cluster_name }}"
    region: "{{ cluster_region }}"
    ssh_config: "{{ cluster_ssh_config }}"
    keys: "{{ cluster_mesh_keys }}"
  register: opened
"""

RETURN = r"""
lines: {description: What to print., type: list, elements: str, returned: always}
command: {description: To be typed., type: str, returned: always}
node: {description: Name of the node that the mesh was entered by., type: str, returned: always}
workers: {description: Names of those that answered., type: list, elements: str, returned: always}
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
        },
        supports_check_mode=True,
    )
    try:
        from vmesh.cloud import entering, modules
    except ImportError as error:
        module.fail_json(msg=f"{sys.executable} has no vmesh ({error}); run make build and call .venv/bin/ansible-playbook")
    modules.answer(module, entering.module)


if __name__ == "__main__":
    main()
