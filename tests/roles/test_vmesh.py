"""Role vmesh: what it writes for values that are hard to write, and what it refuses. On real hosts: roles/vmesh/molecule."""

import json
import re
import shutil
import subprocess
import tomllib

import pytest

from tests.roles import systemd
from tests.roles.ansible import ROOT, needs_ansible, play, run
from tests.roles.vmesh_cases import BASE, HARD, REFUSED

pytestmark = needs_ansible
FILES = "{{ _vmesh_files + (_vmesh_agent_files if vmesh_agent else []) }}"
EXECUTABLE = "#!/bin/sh\nexit 0\n"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """{case: {file name: text}} as the role writes them, and the folder of an environment in which all programs are there."""
    folder = tmp_path_factory.mktemp("vmesh")
    venv = folder / "venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin/vmesh").write_text(EXECUTABLE)
    (venv / "bin/vmesh").chmod(0o755)
    hosts = {name: BASE | {"vmesh_venv": str(venv)} | values for name, values in HARD.items()}
    (folder / "templates").symlink_to(ROOT / "roles/vmesh/templates")
    learn = {"ansible.builtin.include_role": {"name": "vmesh", "tasks_from": "preflight", "public": True}}
    destination = f"{folder}/{{{{ inventory_hostname }}}}-{{{{ item.path | basename }}}}"
    store = {"ansible.builtin.copy": {"content": "{{ item.content }}", "dest": destination, "mode": "0644"}, "loop": FILES}
    play(folder, hosts, [learn, store])
    return {
        name: {path.name.removeprefix(f"{name}-"): path.read_text() for path in folder.glob(f"{name}-*")} for name in HARD
    }


@pytest.mark.parametrize("case", HARD)
def test_the_settings_are_what_was_asked_for(written, case):
    values, toml = BASE | HARD[case], tomllib.loads(written[case]["vmesh.toml"])
    assert toml["preset"] == "lan"
    assert toml["network"]["bind"] == values.get("vmesh_bind", "127.0.0.1")
    assert toml["launcher"]["stop_time"] == values.get("vmesh_stop_time", 60)
    assert toml["launcher"].get("workers") == values.get("vmesh_workers")
    for section, settings in values.get("vmesh_settings", {}).items():
        assert settings.items() <= toml[section].items()


@pytest.mark.parametrize("case", HARD)
def test_the_command_is_what_was_asked_for(written, case):
    values = BASE | HARD[case]
    unit = dict(systemd.settings(written[case]["vmesh.service"]))
    words = systemd.words(unit["ExecStart"], {"SEEDS": "one:1,two:2"})
    assert words[1:3] == ["up", values["vmesh_table"]]
    columns = [f"--columns={values['vmesh_columns']}"] if "vmesh_columns" in values else []
    drop = [f"--drop={name}" for name in values.get("vmesh_drop", [])]
    assert words[3 : 4 + len(columns) + len(drop)] == [f"--target={values['vmesh_target']}", *columns, *drop]
    assert words[-2:] == ["--seeds", "one:1,two:2"]


@pytest.mark.parametrize("case", HARD)
def test_the_environment_is_what_was_asked_for(written, case):
    assigned = [value for name, value in systemd.settings(written[case]["vmesh.service"]) if name == "Environment"]
    found = dict(word.split("=", 1) for value in assigned if "%d" not in value for word in systemd.words(value))
    assert HARD[case].get("vmesh_environment", {}).items() <= found.items()


def test_secrets_are_credentials_where_there_are_keys(written):
    node, alone = (systemd.settings(written[case]["vmesh.service"]) for case in ("node", "plain"))
    files = ["mesh-server.key", "admin-server.key", "worker.key", "launcher.key", "page.key", "page.token"]
    assert [value for name, value in node if name == "LoadCredential"] == [f"{name}:/etc/vmesh/keys/{name}" for name in files]
    assert ("Environment", "VMESH_NETWORK_CREDENTIALS=%d") in node
    assert [value for name, value in alone if name == "LoadCredential"] == ["page.token:/etc/vmesh/page.token"]


def test_the_page_has_its_token_and_its_key_and_can_be_done_without(written):
    node, alone, none = (tomllib.loads(written[case]["vmesh.toml"])["page"] for case in ("node", "plain", "quoting"))
    assert node == {"enabled": True, "port": 7080, "key": "page"}
    assert alone == {"enabled": True, "port": 7080}
    assert none == {"enabled": False}
    units = {case: systemd.settings(written[case]["vmesh.service"]) for case in ("node", "plain", "quoting")}
    told = ("Environment", "VMESH_PAGE_TOKEN_FILE=%d/page.token")
    assert [told in units[case] for case in units] == [True, True, False]
    assert not [value for name, value in units["quoting"] if name == "LoadCredential"]


def test_the_service_can_write_its_checkpoints_alone(written):
    for case, folders in (("node", ["-/mnt/nvme/checkpoints"]), ("memory", []), ("plain", [])):
        unit = systemd.settings(written[case]["vmesh.service"])
        assert [value for name, value in unit if name == "ReadWritePaths"] == folders
        assert ("ProtectSystem", "strict") in unit


def test_a_node_of_a_cluster_has_an_agent(written):
    assert json.loads(written["node"]["agent.json"]) == HARD["node"]["vmesh_agent"]
    assert written["node"]["seeds.env"] == "SEEDS=172.31.0.6:7100,[::1]:7100\n"
    assert set(written["plain"]) == {"vmesh.toml", "vmesh.service", "seeds.env"}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
@pytest.mark.parametrize("case", HARD)
def test_systemd_understands_the_units(written, case, tmp_path):
    for name, text in written[case].items():
        if name.endswith(".service"):
            (tmp_path / name).write_text(text)
            command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(tmp_path / name)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr


def test_what_cannot_work_is_refused_before_anything_is_done(tmp_path):
    hosts = {name: BASE | values for name, (values, _) in REFUSED.items()}
    inventory = {"all": {"hosts": hosts, "vars": {"ansible_connection": "local"}}}
    (tmp_path / "inventory.yml").write_text(json.dumps(inventory))
    words = ("-i", tmp_path / "inventory.yml", "playbooks/node.yml", "--tags", "vmesh_preflight")
    output = run("ansible-playbook", *words, home=tmp_path, check=False).stdout
    said = {name: json.loads(result) for name, result in re.findall(r"^fatal: \[(\w+)\]: FAILED! => (\{.*\})$", output, re.M)}
    for name, (_, reason) in REFUSED.items():
        assert name in said, output
        assert reason in " ".join([said[name]["msg"], *said[name].get("argument_errors", [])]), name
    assert "Make the user" not in output
