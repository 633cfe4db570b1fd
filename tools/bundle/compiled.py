"""The compiled modules of a checkout: which there are, whether they are those of the sources, what machines they are for.

Nothing of it is written down here: names of modules are read from setup.py, the rest from the compiled files themselves.
"""

import ast
import re
import sysconfig
from pathlib import Path

from vgp.errors import InputError

STAMP = "build/compiled"  # of the Makefile: newer than every source that is compiled in
NATIVE = (".pyx", ".pxd", ".cpp", ".hpp", ".def")
SANDBOX = "vgp/sandbox/vgp-sandbox"
# vgp::ISA::kernels(const char*, unsigned int), which only the compilation for that instruction set defines
KERNELS = re.compile(rb"_ZN3vgp\d+(\w+?)7kernelsEPKcj")
GLIBC = re.compile(rb"GLIBC_(\d+)\.(\d+)")
SUFFIX = sysconfig.get_config_var("EXT_SUFFIX")


def table(root: Path, name: str) -> list[str]:
    """The strings of a table at the top of setup.py: the elements of a tuple, the keys of a dict."""
    for node in ast.parse((root / "setup.py").read_text()).body:
        target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0] if isinstance(node, ast.Assign) else None
        if isinstance(target, ast.Name) and target.id == name:
            elements = node.value.keys if isinstance(node.value, ast.Dict) else node.value.elts
            return [ast.literal_eval(element) for element in elements]
    raise InputError(f"{root}/setup.py has no table {name}")


def compiled_files(root: Path) -> list[str]:
    """Paths below `root` of the extension modules for this interpreter and of the sandbox executable. Raises InputError."""
    files = [name.replace(".", "/") + SUFFIX for name in table(root, "MODULES")] + [SANDBOX]
    missing = [name for name in files if not (root / name).is_file()]
    if missing:
        others = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise InputError(f"{root / missing[0]} is not there{others}: run `make build`, and this with its interpreter")
    return files


def check_current(root: Path) -> None:
    """Raises InputError unless `make build` has compiled the sources as they are."""
    sources = [root / "setup.py", *(path for path in (root / "vgp").rglob("*") if path.suffix in NATIVE)]
    newest = max(sources, key=lambda path: path.stat().st_mtime)
    try:
        current = (root / STAMP).stat().st_mtime >= newest.stat().st_mtime
    except FileNotFoundError:
        raise InputError(f"{root} was not compiled by `make build`: run it, or say --as-compiled") from None
    if not current:
        raise InputError(f"{newest} was changed since it was compiled: run `make build`")


def instruction_sets(root: Path) -> tuple[str, ...]:
    """Those that both the modules and the sandbox were compiled for, by name. Raises InputError if there is none."""
    evaluator, sandbox = (root / f"vgp/evaluator{SUFFIX}").read_bytes(), (root / SANDBOX).read_bytes()
    named = {match.decode().replace("_", "-") for match in KERNELS.findall(evaluator)}
    # the sandbox is stripped; what it calls its kernels is left
    sets = tuple(sorted(name for name in named if name.encode() + b"\0" in sandbox))
    if not sets:
        raise InputError(f"{root / SANDBOX} and the evaluator have no instruction set in common: run `make clean build`")
    return sets


def least_glibc(files: list[Path]) -> tuple[int, int]:
    """The oldest C library that loads these compiled files: the youngest version that any of them names."""
    versions = [(int(major), int(minor)) for path in files for major, minor in GLIBC.findall(path.read_bytes())]
    return max(versions, default=(2, 17))
