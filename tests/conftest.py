"""Settings of all tests: how long a machine takes decides none of them, and on CI neither does chance: the same examples each time.
Elsewhere every run draws new ones.

And what keeps all cores busy to the end: modules are compiled once, and the files that take longest begin first.
"""

import compileall
import os
from pathlib import Path

from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parents[1]
# Files that take more than ten seconds, the longest first. With `--dist loadfile` a file is one core's: a long one that begins last
# leaves the other cores idle. One that is not here, or not there any more, costs nothing but that.
LONG_FILES = """
cluster/test_story  tools/bundle/test_build  tools/local_cloud/test_plain_hosts  examples/test_notebooks  docs/test_guides
cli/test_fit
vmesh/mesh/test_hosts_faults  test_source  vmesh/cloud/test_publish  vmesh/mesh/test_hosts_keys  playbooks/test_look_playbooks
sandbox/test_aarch64  sandbox/test_attacks  packaging/test_wheel  vmesh/mesh/test_keys_of_workers  formats/test_fuzz
vmesh/mesh/test_hosts_seeds  island/test_lineage  vmesh/cloud/test_fleet  vmesh/mesh/test_new_table  vmesh/cloud/test_preflight
estimators/test_classifier  vmesh/mesh/test_kills  tools/local_cloud/test_role  core/test_aarch64  roles/test_lint
vmesh/mesh/test_slow_peer  cli/test_interrupt  island/test_threads  vmesh/mesh/test_hosts_launchers  vmesh/mesh/test_namesakes
estimators/test_scikit_learn  tools/local_cloud/test_api  roles/test_vmesh  notebook/test_notebook  sandbox/test_culprits
""".split()

settings.register_profile(
    "patient", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=bool(os.environ.get("CI"))
)
settings.load_profile("patient")


def pytest_configure(config):
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False  # else the files with most tests begin first, and the longest have few
    if not hasattr(config, "workerinput"):
        # Hundreds of programs are started, and where none may write compiled modules (PYTHONDONTWRITEBYTECODE) each compiles all.
        for folder in ("vgp", "vmesh", "tools"):
            compileall.compile_dir(ROOT / folder, quiet=2)


def pytest_collection_modifyitems(items):
    """The order is otherwise as it was."""
    ranks = {ROOT / "tests" / f"{name}.py": rank for rank, name in enumerate(LONG_FILES)}
    items.sort(key=lambda item: ranks.get(item.path, len(ranks)))
