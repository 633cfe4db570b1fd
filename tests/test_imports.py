"""Who may import whom, read from the import lines.

    vgp/core (C++) <- vgp/sandbox (C++) <- vgp/**.pyx <- vgp/*.py <- vgp/cli <- vmesh/* <- vmesh/cli, vmesh/launcher

Whoever breaks this gives the sandbox code that it must not hold, or the engine a part of the network.
"""

import ast
import fnmatch
import graphlib
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Words and tables without behaviour, used at every level; they import nothing above the compiled modules.
VOCABULARY = {"vgp.constraints", "vgp.errors", "vgp.knobs", "vgp.layout", "vgp.parameters", "vgp.statistics"}
# What the installed package may need; the peers that benchmarks compare with are not among them.
THIRD_PARTY = {"numpy", "pint", "pyarrow", "rich"}
NETWORK_AND_CLOUD = {"vmesh", "zmq", "boto3", "botocore", "ansible"}
PEERS = {"pyoperon", "gplearn", "pysr"}

# What extras bring, each where it is needed and nowhere else: an island runs without them.
EXTRAS = {
    "sklearn": {"vgp.estimators", "vgp.estimators.*"},
    "pandas": {"vgp.estimators", "vgp.estimators.*"},
    "sympy": {"vgp.export.sympy"},
    "onnx": {"vgp.export.onnx"},
    "matplotlib": {"vgp.pictures", "vgp.pictures.*", "vgp.report.*"},
    "joblib": {"vgp.backends.joblib_tasks", "vgp.estimators.base"},
    "distributed": {"vgp.backends.dask_tasks"},
    "IPython": {"vgp.notebook"},
}

PYTHON_LINE = re.compile(r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+(c?import)[ \t]+\(?([\w., \t]*)|(c?import)[ \t]+([\w.]+))", re.M)
INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)', re.M)


def module_name(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


PYTHON = {module_name(path): path for top in ("vgp", "vmesh") for path in (ROOT / top).rglob("*.py")}
CYTHON = {module_name(path): path for path in (ROOT / "vgp").rglob("*.pyx")}
DECLARED = sorted((ROOT / "vgp").rglob("*.p[yx][xd]"))
KNOWN = PYTHON | CYTHON


def names_of(module, names):
    """`from vgp import genome` names the module vgp.genome; `from vgp.genome import decode` names vgp.genome."""
    found = {f"{module}.{name}" for name in names} & KNOWN.keys()
    return found or {module}


def imported_by_python(path, everywhere=True):
    tree = ast.parse(path.read_text())
    nodes = ast.walk(tree) if everywhere else tree.body
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import hides where it leads"
            yield from names_of(node.module, [alias.name for alias in node.names])


def imported_by_cython(path):
    for module, word, names, plain_word, plain in PYTHON_LINE.findall(path.read_text()):
        if "import" in (word, plain_word):
            yield from names_of(module, re.findall(r"\w+", names)) if module else (plain,)


def cimported(path):
    for module, word, _, plain_word, plain in PYTHON_LINE.findall(path.read_text()):
        if "cimport" in (word, plain_word):
            yield module or plain


def included(path):
    for own, system in INCLUDE.findall(path.read_text()):
        yield own or system


def native(folder):
    return [path for path in (ROOT / folder).rglob("*") if path.suffix in (".hpp", ".cpp", ".def")]


@pytest.mark.parametrize("path", native("vgp/core"), ids=lambda path: path.name)
def test_the_core_includes_itself_and_standard_headers(path):
    own = {other.name for other in native("vgp/core")}
    for name in included(path):
        assert name in own or re.fullmatch(r"[a-z_]+|[a-z0-9_]+\.h|sys/\w+\.h", name), name
        assert not name.startswith(("Python", "numpy")), name


@pytest.mark.parametrize("path", native("vgp/sandbox"), ids=lambda path: path.name)
def test_the_sandbox_includes_itself_the_core_and_the_system(path):
    own = {other.name for folder in ("vgp/core", "vgp/sandbox") for other in native(folder)}
    own |= {"attacks.hpp"}  # under a macro that only the build of the test worker sets
    for name in included(path):
        assert name in own or re.fullmatch(r"[a-z_]+|[a-z0-9_/-]+\.h", name), name


@pytest.mark.parametrize("path", DECLARED, ids=module_name)
def test_compiled_modules_cimport_the_core_and_each_other(path):
    assert all(name.split(".")[0] in ("vgp", "libc", "libcpp", "cpython", "cython", "numpy", "posix") for name in cimported(path))


@pytest.mark.parametrize("path", CYTHON.values(), ids=module_name)
def test_compiled_modules_import_only_the_vocabulary(path):
    own = {name for name in imported_by_cython(path) if name.split(".")[0] == "vgp"}
    assert own <= VOCABULARY | CYTHON.keys()


@pytest.mark.parametrize("name", sorted(VOCABULARY & PYTHON.keys()))
def test_the_vocabulary_imports_nothing_above_it(name):
    own = {other for other in imported_by_python(PYTHON[name]) if other.split(".")[0] == "vgp"}
    assert own <= VOCABULARY | CYTHON.keys()


@pytest.mark.parametrize("name", [name for name in PYTHON if name.split(".")[0] == "vgp"])
def test_the_library_does_not_know_the_command_line(name):
    if not name.startswith(("vgp.cli", "vgp.__main__")):
        assert not any(other.startswith("vgp.cli") for other in imported_by_python(PYTHON[name]))


@pytest.mark.parametrize("name", [name for name in KNOWN if name.split(".")[0] == "vgp"])
def test_vgp_knows_no_network_no_cloud_and_few_packages(name):
    imported = imported_by_python(KNOWN[name]) if name in PYTHON else imported_by_cython(KNOWN[name])
    tops = {other.split(".")[0] for other in imported}
    assert not tops & NETWORK_AND_CLOUD
    if not name.startswith("vgp.benchmarks"):
        assert not tops & PEERS
        allowed = {library for library, places in EXTRAS.items() if any(fnmatch.fnmatch(name, place) for place in places)}
        assert tops - sys.stdlib_module_names <= THIRD_PARTY | allowed | {"vgp", "cython"}


ENDS = {"vmesh.sockets", "vmesh.router", "vmesh.zmq_transport", "vmesh.admin.client", "vmesh.security.*", "vmesh.watch.lines"}
ONLY_IN = {
    "zmq": ENDS,
    "boto3": {"vmesh.s3", "vmesh.cloud.aws"},
    "botocore": {"vmesh.s3", "vmesh.cloud.aws"},
    "urllib3": {"vmesh.s3", "vmesh.cloud.aws"},
    "msgpack": {"vmesh.codec"},
    "prompt_toolkit": {"vmesh.admin.console", "vmesh.drawing.cells", "vmesh.top.screen"},
    "aiohttp": {"vmesh.page.server", "vmesh.page.serving"},
    "prometheus_client": {"vmesh.metrics.*"},
}
STATE_MACHINES = ("vmesh.membership", "vmesh.exchange", "vmesh.data.announcement", "vmesh.launcher.respawn")
CLOCKS_AND_SOCKETS = {"time", "socket", "select", "threading", "asyncio", "zmq", "secrets"}
OF_THE_MESH = [name for name in PYTHON if name.split(".")[0] == "vmesh" and not name.startswith("vmesh.benchmarks")]


@pytest.mark.parametrize("name", OF_THE_MESH)
def test_each_library_of_the_mesh_has_its_place(name):
    """What changes with a library is then in one file, and a worker loads boto3 only when it talks to S3."""
    tops = {other.split(".")[0] for other in imported_by_python(PYTHON[name])}
    for library, places in ONLY_IN.items():
        if library in tops:
            assert any(fnmatch.fnmatch(name, place) for place in places), library
    assert tops - sys.stdlib_module_names <= THIRD_PARTY | {"vgp", "vmesh", *ONLY_IN}


@pytest.mark.parametrize("name", [name for name in OF_THE_MESH if name.startswith(STATE_MACHINES)])
def test_state_machines_hold_no_clock_and_no_socket(name):
    """Ten thousand of them run in one test, in a time of their own."""
    tops = {other.split(".")[0] for other in imported_by_python(PYTHON[name])}
    assert not tops & CLOCKS_AND_SOCKETS


@pytest.mark.parametrize("name", [name for name in OF_THE_MESH if name.startswith("vmesh.admin.commands.")])
def test_admin_commands_see_a_worker_through_its_facade(name):
    own = {other for other in imported_by_python(PYTHON[name]) if other.startswith("vmesh.")}
    assert all(other.startswith(("vmesh.admin", "vmesh.errors", "vmesh.settings")) for other in own)


@pytest.mark.parametrize("name", OF_THE_MESH)
def test_the_worker_does_not_know_its_command_line_and_launcher(name):
    if not name.startswith(("vmesh.cli", "vmesh.launcher", "vmesh.__main__")):
        assert not any(other.startswith(("vmesh.cli", "vmesh.launcher")) for other in imported_by_python(PYTHON[name]))


@pytest.mark.parametrize("name", OF_THE_MESH)
def test_only_the_command_line_knows_the_cloud(name):
    """A worker runs the same on any machine; who rents the machine stays outside."""
    if not name.startswith(("vmesh.cli", "vmesh.cloud")):
        assert not any(other.startswith("vmesh.cloud") for other in imported_by_python(PYTHON[name]))


def test_a_node_starts_from_the_standard_library_alone():
    """The first stage of the bootstrap runs on a fresh image, before anything is installed."""
    waiting, seen = ["vmesh.cloud.bootstrap", "vmesh.cloud.first_boot"], set()
    while waiting:
        name = waiting.pop()
        seen.add(name)
        imported = set(imported_by_python(PYTHON[name]))
        waiting += [other for other in imported & PYTHON.keys() if other not in seen]
        assert {other.split(".")[0] for other in imported} <= sys.stdlib_module_names | {"vmesh"}, name
    assert all(name.startswith("vmesh.cloud.") for name in seen - {"vmesh"})


def test_no_module_waits_for_itself():
    """Module-level imports form no circle, so any module can be imported first."""
    graph = {name: set(imported_by_python(path, everywhere=False)) & KNOWN.keys() - {name} for name, path in PYTHON.items()}
    graph |= {name: set(imported_by_cython(path)) & KNOWN.keys() for name, path in CYTHON.items()}
    # `from vgp.cli import fit` needs the package vgp.cli itself only for the name
    list(graphlib.TopologicalSorter(graph).static_order())


def test_the_rules_see_what_they_forbid(tmp_path):
    """The checks above would notice: each way of writing an import is read."""
    python = tmp_path / "a.py"
    python.write_text("import zmq.green\ndef f():\n    from vmesh.node import x\nfrom vgp import genome\n")
    assert set(imported_by_python(python)) == {"zmq.green", "vmesh.node", "vgp.genome"}
    cython = tmp_path / "a.pyx"
    cython.write_text("from vgp cimport core\n    import boto3\nfrom vgp.errors import (InputError,\n  X)\ncimport cython\n")
    assert set(imported_by_cython(cython)) == {"boto3", "vgp.errors"}
    assert set(cimported(cython)) == {"vgp", "cython"}
    header = tmp_path / "a.hpp"
    header.write_text('#include <Python.h>\n  # include "x.hpp"\n')
    assert set(included(header)) == {"Python.h", "x.hpp"}
