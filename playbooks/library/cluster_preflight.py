#!/usr/bin/python
# Copyright: vcloud contributors. Apache License 2.0 (see LICENSE)
"""All that can be checked before anything is bought. The work: vmesh/cloud/preflight.py."""

DOCUMENTATION = r"""
module: cluster_preflight
short_description: Checks all that a launch needs before anything is bought
description:
  - Credentials, region, image, instance types, zones, quota, buckets, key, launch template, bundle, table, number of nodes.
  - Fails with one sentence that says what to do. Changes nothing.
version_added: "0.2.0"
author: [vcloud contributors]
attributes:
  check_mode: {support: full, description: It changes nothing anyway.}
options:
  cluster: {type: str, required: true, description: Name of the cluster.}
  region: {type: str, required: true, description: Region of AWS.}
  stage:
    type: str
    choices: [setup, devserver, launch, terminate]
    default: launch
    description:
      - What is about to be done.
      - V(setup) checks only names, credentials, region and key, V(terminate) less; V(devserver) needs neither bundle nor table.
  bucket_prefix: {type: str, default: "", description: "What names of buckets begin with; empty: CLUSTER-ACCOUNT."}
  nodes: {type: str, default: "1", description: How many nodes are to be, a whole number of at least 1.}
  max_hours: {type: str, default: "", description: "Hours after which a node ends itself; more than 0, or empty: never."}
  image: {type: str, default: debian12, description: V(debian12), V(ubuntu24.04), or the id of an image (ami-...).}
  image_user: {type: str, default: "", description: Who may log in on an image that is given by its id.}
  types: {type: list, elements: str, default: [], description: Instance types of one architecture, the preferred one first.}
  market: {type: str, choices: [on-demand, spot], default: on-demand, description: How instances are paid.}
  vpc: {type: str, default: "", description: "Id of the network; empty: the default one of the region."}
  subnets: {type: list, elements: str, default: [], description: "Ids; empty: all that give public addresses."}
  data: {type: str, default: "", description: "Table: a file, or s3://bucket/key."}
  target: {type: str, default: "", description: Column of the table that formulas are sought for.}
  columns: {type: str, default: "", description: "Columns to use, separated by commas; empty: all."}
  drop: {type: list, elements: str, default: [], description: Columns to leave out.}
  tables: {type: list, elements: str, default: [], description: Places in S3 besides the data bucket that nodes may read.}
  root: {type: path, default: ".", description: Folder of this project, for the table that is taken if none is given.}
  key: {type: str, default: "", description: Public ssh key of the administrator; its file.}
"""

EXAMPLES = r"""
- name: Check everything
  cluster_preflight:
    cluster: "{{ cluster_name }}"
    region: "{{ cluster_region }}"
    nodes: "{{ nodes }}"
    types: "{{ cluster_instance_types }}"
    data: "{{ data }}"
    target: "{{ target }}"
  register: preflight
"""

RETURN = r"""
account: {description: Number of the account., type: str, returned: always}
region: {description: The region., type: str, returned: always}
prefix: {description: What names of buckets begin with., type: str, returned: always}
buckets: {description: "Names of the three buckets: code, deploy, data.", type: dict, returned: always}
vpc: {description: Id of the network., type: str, returned: always}
nodes: {description: How many nodes are to be., type: int, returned: launch}
image: {description: Id of the image., type: str, returned: launch and devserver}
root_device: {description: Name of its root device., type: str, returned: launch and devserver}
user: {description: Who logs in on it., type: str, returned: launch and devserver}
arch: {description: x86_64 or aarch64., type: str, returned: launch and devserver}
instance_type: {description: The first of the types., type: str, returned: launch and devserver}
types: {description: The types that a zone offers., type: list, elements: str, returned: launch and devserver}
vcpus: {description: Virtual processors of the first type., type: int, returned: launch and devserver}
subnets:
  description: Where instances may be.
  type: list
  elements: dict
  returned: launch and devserver
  sample: [{subnet: subnet-0123, zone: eu-central-1a, types: [c7g.large]}]
template: {description: Name of the launch template., type: str, returned: launch and devserver}
data: {description: "The table: a file, or s3://bucket/key.", type: str, returned: launch}
target: {description: Its column that formulas are sought for., type: str, returned: launch}
columns: {description: "Its columns that are used, separated by commas; empty: all.", type: str, returned: launch}
drop: {description: Its columns that are left out., type: list, elements: str, returned: launch}
bundle:
  description: The bundle that nodes will install.
  type: dict
  returned: launch
  sample: {id: 0.2.0-0123456789ab-x86_64-cp311, key: bundles/0.2.0-0123456789ab-x86_64-cp311/bundle.tar, sha256: "..."}
"""

import sys  # noqa: E402

from ansible.module_utils.basic import AnsibleModule  # noqa: E402


def main():
    module = AnsibleModule(
        argument_spec={
            "cluster": {"type": "str", "required": True},
            "region": {"type": "str", "required": True},
            "stage": {"type": "str", "choices": ["setup", "devserver", "launch", "terminate"], "default": "launch"},
            "bucket_prefix": {"type": "str", "default": ""},
            "nodes": {"type": "str", "default": "1"},
            "max_hours": {"type": "str", "default": ""},
            "image": {"type": "str", "default": "debian12"},
            "image_user": {"type": "str", "default": ""},
            "types": {"type": "list", "elements": "str", "default": []},
            "market": {"type": "str", "choices": ["on-demand", "spot"], "default": "on-demand"},
            "vpc": {"type": "str", "default": ""},
            "subnets": {"type": "list", "elements": "str", "default": []},
            "data": {"type": "str", "default": ""},
            "target": {"type": "str", "default": ""},
            "columns": {"type": "str", "default": ""},
            "drop": {"type": "list", "elements": "str", "default": []},
            "tables": {"type": "list", "elements": "str", "default": []},
            "root": {"type": "path", "default": "."},
            "key": {"type": "str", "default": "", "no_log": False},
        },
        supports_check_mode=True,
    )
    try:
        from vmesh.cloud import modules, preflight
    except ImportError as error:
        module.fail_json(msg=f"{sys.executable} has no vmesh ({error}); run make build and call .venv/bin/ansible-playbook")
    modules.answer(module, preflight.module)


if __name__ == "__main__":
    main()
