#!/usr/bin/python
# Copyright: vcloud contributors. Apache License 2.0 (see LICENSE)
"""What instances of a cluster may do. The work: vmesh/cloud/permissions.py."""

DOCUMENTATION = r"""
module: cluster_permissions
short_description: IAM roles of a cluster's instances, their policies and instance profiles
description:
  - For each kind of instance an IAM role that EC2 may take, called CLUSTER-KIND, with one policy, and an instance profile with it.
version_added: "0.2.0"
author: [vcloud contributors]
attributes:
  check_mode: {support: full, description: Tells what would change.}
options:
  cluster: {type: str, required: true, description: Name of the cluster.}
  region: {type: str, required: true, description: Region of AWS.}
  policies: {type: dict, required: true, description: "Policy of each kind, as JSON or read from it."}
  state: {type: str, choices: [present, absent], default: present, description: V(absent) removes roles and profiles.}
"""

EXAMPLES = r"""
- name: Nodes may read tables
  cluster_permissions:
    cluster: "{{ cluster_name }}"
    region: "{{ cluster_region }}"
    policies:
      node:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: s3:GetObject
            Resource: arn:aws:s3:::vcloud-123456789012-data/tables/*
"""

RETURN = r"""
written: {description: What was changed., type: list, elements: str, returned: always, sample: [role vcloud-node]}
"""

import sys  # noqa: E402

from ansible.module_utils.basic import AnsibleModule  # noqa: E402


def main():
    module = AnsibleModule(
        argument_spec={
            "cluster": {"type": "str", "required": True},
            "region": {"type": "str", "required": True},
            "policies": {"type": "dict", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        supports_check_mode=True,
    )
    try:
        from vmesh.cloud import modules, permissions
    except ImportError as error:
        module.fail_json(msg=f"{sys.executable} has no vmesh ({error}); run make build and call .venv/bin/ansible-playbook")
    modules.answer(module, permissions.module)


if __name__ == "__main__":
    main()
