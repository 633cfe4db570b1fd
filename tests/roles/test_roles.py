"""Every role: its variables are specified, its phases listed, its modules named in full."""

import pytest

from tests.roles.ansible import ROLES, ROOT

yaml = pytest.importorskip("yaml", reason="PyYAML comes with ansible-core")

NO_MODULES = {  # what a task says beside its module
    *("name", "when", "loop", "loop_control", "register", "notify", "tags", "vars", "environment", "become", "become_user"),
    *("until", "retries", "delay", "changed_when", "failed_when", "no_log", "run_once", "check_mode", "diff", "args", "async"),
    *("delegate_to", "poll", "any_errors_fatal"),
    *("block", "rescue", "always", "listen", "throttle", "delegate_facts", "module_defaults", "timeout"),
}
PLACES = ("playbooks/library", "playbooks/action_plugins", "roles/*/library", "roles/*/action_plugins")
OWN = {path.stem for place in PLACES for path in ROOT.glob(f"{place}/*.py")}
WRITTEN = sorted([*ROOT.glob("*.yml"), *ROOT.glob("playbooks/*.yml"), *ROOT.glob("roles/**/*.yml"), *ROOT.glob(".config/**/*.yml")])
LISTS = [path for path in WRITTEN if {"tasks", "handlers"} & set(path.relative_to(ROOT).parts)]


def label(path):
    return str(path.relative_to(ROOT))


def load(path):
    return yaml.safe_load(path.read_text()) or {}


def tasks_of(items):
    """All tasks of a list, those in blocks too."""
    for item in items or []:
        yield item
        for part in ("block", "rescue", "always", "tasks", "pre_tasks", "post_tasks", "handlers"):
            yield from tasks_of(item.get(part))


@pytest.mark.parametrize("role", ROLES, ids=label)
def test_what_can_be_set_is_what_is_specified(role):
    defaults = load(role / "defaults/main.yml") if (role / "defaults/main.yml").exists() else {}
    options = load(role / "meta/argument_specs.yml")["argument_specs"]["main"].get("options", {})
    required = {name for name, option in options.items() if option.get("required")}
    assert set(defaults) == set(options) - required
    for name, option in options.items():
        assert option.get("description"), name
        assert "type" in option, name
        if "default" in option:
            assert option["default"] == defaults[name], name


@pytest.mark.parametrize("role", ROLES, ids=label)
def test_variables_begin_with_the_name_of_their_role(role):
    for part, prefixes in (("defaults", (f"{role.name}_",)), ("vars", (f"_{role.name}_", f"{role.name}_"))):
        for path in (role / part).glob("*.yml"):
            assert not [name for name in load(path) if not name.startswith(prefixes)], path


@pytest.mark.parametrize("role", ROLES, ids=label)
def test_the_first_file_of_a_role_lists_its_phases(role):
    phases = load(role / "tasks/main.yml")
    for task in phases:
        assert task["tags"], task["name"]
        if len(phases) > 1:  # a single task is its only phase
            assert set(task) <= {"name", "ansible.builtin.import_tasks", "ansible.builtin.include_tasks", "tags", "when"}


@pytest.mark.parametrize("role", ROLES, ids=label)
def test_a_role_sets_no_variable_of_another(role):
    others = tuple(f"{other.name}_" for other in ROLES if other != role and not role.name.startswith(f"{other.name}_"))
    for path in role.glob("tasks/*.yml"):
        for task in tasks_of(load(path)):
            named = {task.get("register"), *task.get("ansible.builtin.set_fact", {})} - {None, "cacheable"}
            assert not [name for name in named if name.startswith(others)], path


@pytest.mark.parametrize("path", LISTS, ids=label)
def test_modules_are_named_in_full(path):
    for task in tasks_of(load(path)):
        modules = {key for key in task if key not in NO_MODULES and not key.startswith("with_")}
        assert all("." in key or key in OWN for key in modules), modules


@pytest.mark.parametrize("path", WRITTEN, ids=label)
def test_no_error_is_passed_over(path):
    assert "ignore_errors" not in path.read_text()
    assert "ignore_unreachable" not in path.read_text()
