#!/usr/bin/python
# Copyright: vcloud contributors. Apache License 2.0 (see LICENSE)
"""How a cluster does. The work: vmesh/cloud/overview.py, vmesh/cloud/status.py."""

DOCUMENTATION = r"""
module: cluster_status
short_description: Tells how the nodes of a cluster do
description:
  - Joins the instances that EC2 lists with the records that the nodes keep in the data bucket. No node is asked, so a node that
    cannot be reached is seen as well as others.
version_added: "0.2.0"
author: [vcloud contributors]
attributes:
  check_mode: {support: full, description: It changes nothing anyway.}
options:
  cluster: {type: str, required: true, description: Name of the cluster.}
  region: {type: str, required: true, description: Region of AWS.}
  bucket_prefix: {type: str, default: "", description: "Buckets are called PREFIX-data and so on; empty: CLUSTER-ACCOUNT."}
  prices: {type: dict, default: {}, description: "Dollars an hour by instance type; * is every other type."}
  json: {type: bool, default: false, description: Whether RV(lines) is one line of JSON instead of a table.}
"""

EXAMPLES = r"""
- name: Look at the cluster
  cluster_status:
    cluster: "{{ cluster_name }}"
    region: "{{ cluster_region }}"
    prices: "{{ cluster_provider.prices }}"
  register: seen
"""

RETURN = r"""
lines: {description: What to print., type: list, elements: str, returned: always}
time: {description: "When that was so, in seconds since 1970.", type: float, returned: always}
nodes:
  description: Nodes by index; the values are null where nothing is known.
  type: list
  elements: dict
  returned: always
  sample:
    - {name: vcloud-0, index: 0, instance: i-0123, state: evolving, workers: 2, workers_evolving: 2, uptime: 61.5, cost: 0.02}
devservers: {description: "Development servers, like RV(nodes).", type: list, elements: dict, returned: always}
gone: {description: What nodes said last whose instances are no more., type: list, elements: dict, returned: always}
totals: {description: "Sums: nodes, workers, evaluations, the best formula, cost.", type: dict, returned: always}
"""

import sys  # noqa: E402

from ansible.module_utils.basic import AnsibleModule  # noqa: E402


def main():
    module = AnsibleModule(
        argument_spec={
            "cluster": {"type": "str", "required": True},
            "region": {"type": "str", "required": True},
            "bucket_prefix": {"type": "str", "default": ""},
            "prices": {"type": "dict", "default": {}},
            "json": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    try:
        from vmesh.cloud import modules, status
    except ImportError as error:
        module.fail_json(msg=f"{sys.executable} has no vmesh ({error}); run make build and call .venv/bin/ansible-playbook")
    modules.answer(module, status.module)


if __name__ == "__main__":
    main()
