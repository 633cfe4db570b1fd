#!/usr/bin/python
# Copyright: vcloud contributors. Apache License 2.0 (see LICENSE)
"""The ssh_config of a cluster. The work: vmesh/cloud/ssh_config.py."""

DOCUMENTATION = r"""
module: cluster_ssh_config
short_description: Writes an ssh_config with every instance of a cluster that lives
description:
  - Lists the instances of the cluster, nodes and development server, and writes a file for C(ssh -F).
  - Each is called by its name in the mesh, C(CLUSTER-INDEX) or C(CLUSTER-devserver).
  - Keys of hosts are taken down when a host is first met, by the id of its instance, in a file of the cluster's own.
version_added: "0.2.0"
author: [vcloud contributors]
attributes:
  check_mode: {support: full, description: Tells whether the file would change.}
options:
  cluster: {type: str, required: true, description: Name of the cluster.}
  region: {type: str, required: true, description: Region of AWS.}
  path: {type: path, required: true, description: The file.}
  identity: {type: path, required: true, description: Private key of the administrator.}
  known_hosts: {type: path, required: true, description: File of the hosts' keys.}
  user: {type: str, required: true, description: Who logs in.}
  users: {type: dict, default: {}, description: "Who logs in where it is somebody else, by role: node, devserver."}
  address: {type: str, choices: [public_hostname, private_address], default: public_hostname, description: Where a host is reached.}
  proxy_command: {type: str, default: "", description: "What ssh gets through with; empty: it needs nothing."}
"""

EXAMPLES = r"""
- name: Write the ssh_config
  cluster_ssh_config:
    cluster: "{{ cluster_name }}"
    region: "{{ cluster_region }}"
    path: "{{ cluster_ssh_config }}"
    identity: "{{ cluster_key }}"
    known_hosts: "{{ cluster_known_hosts }}"
    user: "{{ preflight.user }}"
    address: "{{ cluster_provider.ssh_address }}"
    proxy_command: "{{ cluster_provider.ssh_proxy_command }}"
"""

RETURN = r"""
path: {description: The file., type: str, returned: always}
hosts: {description: Names that it knows., type: list, elements: str, returned: always}
"""

import sys  # noqa: E402

from ansible.module_utils.basic import AnsibleModule  # noqa: E402


def main():
    module = AnsibleModule(
        argument_spec={
            "cluster": {"type": "str", "required": True},
            "region": {"type": "str", "required": True},
            "path": {"type": "path", "required": True},
            "identity": {"type": "path", "required": True},
            "known_hosts": {"type": "path", "required": True},
            "user": {"type": "str", "required": True},
            "users": {"type": "dict", "default": {}},
            "address": {"type": "str", "choices": ["public_hostname", "private_address"], "default": "public_hostname"},
            "proxy_command": {"type": "str", "default": ""},
        },
        supports_check_mode=True,
    )
    try:
        from vmesh.cloud import modules, ssh_config
    except ImportError as error:
        module.fail_json(msg=f"{sys.executable} has no vmesh ({error}); run make build and call .venv/bin/ansible-playbook")
    modules.answer(module, ssh_config.module)


if __name__ == "__main__":
    main()
