#!/usr/bin/python
# Copyright: vcloud contributors. Apache License 2.0 (see LICENSE)
"""Instances of a cluster: as many as asked for, or none. The work: vmesh/cloud/fleet.py."""

DOCUMENTATION = r"""
module: cluster_nodes
short_description: Has as many instances of a cluster as asked for, or none
description:
  - Lists the instances that are tagged with the cluster, and launches what is missing or terminates what is too many.
  - Every instance and volume is tagged by the call that launches it, so that an interrupted launch leaves nothing that the same
    command does not find again.
  - Indexes of nodes that ended are given to new ones; with fewer nodes, those with the highest indexes go.
  - A zone without capacity is replaced by the others, then by the other O(types).
version_added: "0.2.0"
author: [vcloud contributors]
attributes:
  check_mode: {support: full, description: Tells which would be launched and which terminated.}
options:
  cluster: {type: str, required: true, description: Name of the cluster.}
  region: {type: str, required: true, description: Region of AWS.}
  state:
    type: str
    choices: [present, absent]
    default: present
    description: V(absent) terminates every instance of the cluster, or of O(role), and proves it by listing until none is left.
  role:
    type: str
    choices: [node, devserver]
    description: Which instances; V(node) if O(state=present). Without it O(state=absent) ends all.
  count: {type: str, default: "1", description: How many there are to be, a whole number of at least 1.}
  image: {type: str, description: Id of the image.}
  root_device: {type: str, default: /dev/xvda, description: Name of the image's root device.}
  disk: {type: int, default: 16, description: Size of the encrypted root volume in GB.}
  types: {type: list, elements: str, default: [], description: "Of one architecture, the preferred one first."}
  subnets:
    type: list
    elements: dict
    default: []
    description: Where instances may be, as RV(ignore:cluster_preflight.subnets) has them.
  template: {type: str, description: "Name of the launch template: key, security group, instance profile, metadata options."}
  user_data: {type: str, default: "", description: What an instance runs at its first boot.}
  market: {type: str, choices: [on-demand, spot], default: on-demand, description: How instances are paid.}
  timeout: {type: int, default: 300, description: Seconds until all have to run, or to be ended.}
"""

EXAMPLES = r"""
- name: Eight nodes
  cluster_nodes:
    cluster: "{{ cluster_name }}"
    region: "{{ cluster_region }}"
    count: "{{ nodes }}"
    image: "{{ preflight.image }}"
    root_device: "{{ preflight.root_device }}"
    types: "{{ preflight.types }}"
    subnets: "{{ preflight.subnets }}"
    template: "{{ preflight.template }}"
    user_data: "{{ published.user_data }}"
  register: launched

- name: A development server
  cluster_nodes:
    cluster: "{{ cluster_name }}"
    region: "{{ cluster_region }}"
    role: devserver
    image: "{{ preflight.image }}"
    types: "{{ preflight.types }}"
    subnets: "{{ preflight.subnets }}"
    template: "{{ preflight.template }}"

- name: End all of them
  cluster_nodes:
    cluster: "{{ cluster_name }}"
    region: "{{ cluster_region }}"
    state: absent
"""

RETURN = r"""
nodes:
  description: The instances that are there now, by index.
  type: list
  elements: dict
  returned: always
  sample:
    - index: 0
      instance: i-0123456789abcdef0
      name: vcloud-0
      role: node
      state: running
      public_hostname: ec2-203-0-113-7.eu-central-1.compute.amazonaws.com
      private_address: 172.31.0.5
      zone: eu-central-1a
      subnet: subnet-0123
      type: c7g.large
      arch: arm64
      image: ami-0123
      lifecycle: on-demand
      launched: 1790000000.0
      reason: ""
added: {description: "Those that were launched, or in check mode would be: their indexes.", type: list, returned: always}
removed: {description: "Those that were terminated, or in check mode would be: like RV(nodes).", type: list, returned: always}
calls: {description: Requests that were made, by operation., type: dict, returned: always}
"""

import sys  # noqa: E402

from ansible.module_utils.basic import AnsibleModule  # noqa: E402


def main():
    module = AnsibleModule(
        argument_spec={
            "cluster": {"type": "str", "required": True},
            "region": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "role": {"type": "str", "choices": ["node", "devserver"]},
            "count": {"type": "str", "default": "1"},
            "image": {"type": "str"},
            "root_device": {"type": "str", "default": "/dev/xvda"},
            "disk": {"type": "int", "default": 16},
            "types": {"type": "list", "elements": "str", "default": []},
            "subnets": {"type": "list", "elements": "dict", "default": []},
            "template": {"type": "str"},
            "user_data": {"type": "str", "default": ""},
            "market": {"type": "str", "choices": ["on-demand", "spot"], "default": "on-demand"},
            "timeout": {"type": "int", "default": 300},
        },
        required_if=[("state", "present", ("image", "types", "subnets", "template"))],
        supports_check_mode=True,
    )
    try:
        from vmesh.cloud import fleet, modules
    except ImportError as error:
        module.fail_json(msg=f"{sys.executable} has no vmesh ({error}); run make build and call .venv/bin/ansible-playbook")
    modules.answer(module, fleet.module)


if __name__ == "__main__":
    main()
