#!/usr/bin/python
# Copyright: vcloud contributors. Apache License 2.0 (see LICENSE)
"""The source bundle of the checkout, in the code bucket. The work: vmesh/cloud/publishing.py."""

DOCUMENTATION = r"""
module: cluster_source
short_description: Puts the source bundle of a checkout into the code bucket
description:
  - Packs the files that git knows, with the content they have in the working tree, and uploads them unless they are there.
  - Tells whether the current bundle of the deploy bucket was built from just this source; then nothing is uploaded.
version_added: "0.2.0"
author: [vcloud contributors]
attributes:
  check_mode: {support: full, description: Tells whether it would upload.}
options:
  checkout: {type: path, required: true, description: Top folder of the project's checkout.}
  code: {type: str, required: true, description: Name of the code bucket.}
  deploy: {type: str, required: true, description: Name of the deploy bucket.}
  arch: {type: str, choices: [x86_64, aarch64], required: true, description: Architecture that a bundle is wanted for.}
  again: {type: bool, default: false, description: Upload the source even if its bundle is built.}
"""

EXAMPLES = r"""
- name: Upload the source
  cluster_source:
    checkout: "{{ playbook_dir | dirname }}"
    code: "{{ preflight.buckets.code }}"
    deploy: "{{ preflight.buckets.deploy }}"
    arch: "{{ preflight.arch }}"
  register: source
"""

RETURN = r"""
id: {description: Version and the first digits of the checksum., type: str, returned: always, sample: 0.2.0-0123456789ab}
sha256: {description: Checksum of the source archive before compression., type: str, returned: always}
url: {description: Where it is, type: str, returned: always, sample: s3://vcloud-123-code/sources/0.2.0-0123456789ab.tar.gz}
built: {description: Whether the current bundle was built from it., type: bool, returned: always}
bundle: {description: Id of the current bundle; empty if there is none., type: str, returned: always}
"""

import sys  # noqa: E402

from ansible.module_utils.basic import AnsibleModule  # noqa: E402


def main():
    module = AnsibleModule(
        argument_spec={
            "checkout": {"type": "path", "required": True},
            "code": {"type": "str", "required": True},
            "deploy": {"type": "str", "required": True},
            "arch": {"type": "str", "choices": ["x86_64", "aarch64"], "required": True},
            "again": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    try:
        from vmesh.cloud import modules, publishing
    except ImportError as error:
        module.fail_json(msg=f"{sys.executable} has no vmesh ({error}); run make build and call .venv/bin/ansible-playbook")
    modules.answer(module, publishing.source_module)


if __name__ == "__main__":
    main()
