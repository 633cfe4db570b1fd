"""Writes the files of a service, each checked before it lands. Needs the standard library only, as it runs on the node."""

import os
import shlex
import tempfile

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = """
module: vmesh_files
short_description: Writes several small text files in one go
description:
  - Does for a list of files what M(ansible.builtin.copy) does for one, in a single process on the node. A node configures
    itself when it boots, where each further process of Ansible is a third of a second.
  - All files are checked before the first of them is replaced.
options:
  files:
    description: The files, each with the elements below.
    type: list
    elements: dict
    required: true
    suboptions:
      path: {description: Where it belongs; the folder is made if needed., type: path, required: true}
      content: {description: What it holds., type: str, required: true}
      mode: {description: Its permissions in octal digits., type: str, default: "0644"}
      keep: {description: Leaves a file alone that is there already., type: bool, default: false}
      check:
        description: A command that ends with status 0 if the file at %s is right. What it says otherwise becomes the error.
        type: str
        default: ""
"""
EXAMPLES = """
- name: Write the settings
  vmesh_files:
    files:
      - path: /etc/vmesh/vmesh.toml
        content: "{{ lookup('ansible.builtin.template', 'vmesh.toml.j2') }}"
        check: vmesh config --config %s
"""
RETURN = """
changed_paths: {description: The files that were written., type: list, returned: always}
"""

OPTIONS = {
    "path": {"type": "path", "required": True},
    "content": {"type": "str", "required": True},
    "mode": {"type": "str", "default": "0644"},
    "keep": {"type": "bool", "default": False},
    "check": {"type": "str", "default": ""},
}


def main():
    files = {"type": "list", "elements": "dict", "required": True, "options": OPTIONS}
    module = AnsibleModule({"files": files}, supports_check_mode=True)
    try:
        wanted = [(file, state(file["path"])) for file in module.params["files"]]
        different = [(file, before) for file, before in wanted if differs(file, before)]
        for file, before in different:
            if before is None or before[0] != file["content"]:
                check(module, file)
        if not module.check_mode:
            for file, _ in different:
                write(file)
    except OSError as error:
        module.fail_json(msg=f"{error.filename}: cannot be written: {(error.strerror or str(error)).lower()}")
    paths = [file["path"] for file, _ in different]
    module.exit_json(changed=bool(paths), changed_paths=paths, diff=[difference(*one) for one in different])


def state(path):
    """Content and permissions; None if there is no such file."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as stream:
            return stream.read(), os.fstat(stream.fileno()).st_mode & 0o7777
    except FileNotFoundError:
        return None


def differs(file, before):
    return before is None or (not file["keep"] and before != (file["content"], int(file["mode"], 8)))


def check(module, file):
    """Ends the module with what the check of this file says against it. The file is tried under its own name, in a folder aside."""
    if not file["check"]:
        return
    with tempfile.TemporaryDirectory(prefix="vmesh-") as folder:
        path = os.path.join(folder, os.path.basename(file["path"]))
        store(path, file["content"], 0o600)
        status, said, complained = module.run_command([word.replace("%s", path) for word in shlex.split(file["check"])])
    if status:
        reason = (complained or said).strip().replace(path, file["path"])
        module.fail_json(msg=f"{file['path']} is not written: {reason or file['check']}", status=status)


def write(file):
    """Aside, then renamed: who reads meanwhile sees the old file or the new one."""
    path, aside = file["path"], f"{file['path']}.new"
    os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
    store(aside, file["content"], int(file["mode"], 8))
    os.replace(aside, path)


def store(path, content, mode):
    with open(path, "w", encoding="utf-8", errors="surrogateescape") as stream:
        os.fchmod(stream.fileno(), mode)
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def difference(file, before):
    path = file["path"]
    return {"before": before[0] if before else "", "after": file["content"], "before_header": path, "after_header": path}


if __name__ == "__main__":
    main()
