"""Builds what pyproject.toml cannot say: the C++ core (once), the kernels (once per instruction set), the Cython modules
that link them, and the static sandbox executable.

Every table below is one row per thing built; adding a source file means adding its name to a row.
"""

import os
import platform
import re
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_clib import build_clib
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py

X86 = platform.machine() in ("x86_64", "AMD64")
# one place whatever asked for the build, so that installing uses again what was compiled before
OBJECTS = f"build/objects-{platform.machine()}-{sys.implementation.cache_tag}"
COMPILERS = ThreadPoolExecutor(os.cpu_count())
# -g0: Python's own flags ask for debug information, which takes a third of the time to compile
COMMON = ["-std=c++20", "-O3", "-g0", "-fPIC", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=off", "-Wall", "-Wextra"]

# library: sources, extra flags. The core holds no Python; the kernels are one source, compiled for several instruction sets.
CORE_SOURCES = [
    "dimension.cpp", "units.cpp", "dimension_pool.cpp", "constraints.cpp",
    "genome.cpp", "hash.cpp", "expansion.cpp", "record.cpp", "bundle.cpp",
    "datafile.cpp", "dispatch.cpp", "program.cpp", "loss.cpp", "library.cpp", "rows.cpp", "tape.cpp", "tuning.cpp",
    "standard_errors.cpp", "evaluator.cpp",
]
KERNEL_FLAGS = (
    {
        "x86_64_v2": ["-march=x86-64-v2"],
        "x86_64_v3": ["-march=x86-64-v3"],
        "x86_64_v4": ["-march=x86-64-v4", "-mprefer-vector-width=512"],
    }
    if X86
    else {"aarch64": ["-march=armv8-a"]}
)
KERNEL_SOURCES = ["kernels.cpp", "gradients.cpp"]

# sandbox executable: sources beside the core
SANDBOX_SOURCES = ["worker.cpp", "serve.cpp", "area.cpp", "lockdown.cpp", "landlock.cpp", "filter.cpp", "policy.cpp"]
# the module's side of it
EXECUTOR_SOURCES = [
    "supervisor.cpp", "remote.cpp", "child.cpp", "shared_memory.cpp", "area.cpp", "referred.cpp", "credible.cpp", "inprocess.cpp",
]

# Cython modules: dotted name -> C++ sources of its own
MODULES: dict[str, list[str]] = {
    "vgp.hashing": [],
    "vgp.primitives": [],
    "vgp.genome": [],
    "vgp.evaluator": [],
    "vgp.sandbox.process": [f"vgp/sandbox/{name}" for name in EXECUTOR_SOURCES],
    "vgp.ranks": [],
    "vgp.population": [],
    "vgp.references": [],
    "vgp.predators": [],
    "vgp.newborns": [],
    "vgp.protection": [],
    "vgp.lifecycle": [],
    "vgp.replacement": [],
    "vgp.records": [],
    "vgp.settings": [],
    "vgp.breeding": [],
    "vgp.variation.draft": [],
    "vgp.structure": [],
    "vgp.variation.creation": [],
    "vgp.variation.typed_creation": [],
    "vgp.variation.typed_mutation": [],
    "vgp.variation.selection": [],
    "vgp.variation.lexicase": [],
    "vgp.variation.crossover": [],
    "vgp.variation.mutation": [],
    "vgp.variation.referencing": [],
    "vgp.variation.doors": [],
    "vgp.refining": [],
    "vgp.evolution": [],
    "vgp.founding": [],
    "vgp.revaluation": [],
    "vgp.eras": [],
    "vgp.exchange": [],
    "vgp.census": [],
    "vgp.immigration": [],
    "vgp.lineage": [],
    "vgp.coalescence": [],
    "vgp.adoption": [],
    "vgp.consistency": [],
    "vgp.state": [],
    "vgp.lifecycle_doors": [],
    "vgp.structure_doors": [],
}


def library(name, sources, flags=(), macros=()):
    paths = [f"vgp/core/{source}" for source in sources]
    settings = {"cflags": [*COMMON, *flags], "macros": list(macros), "include_dirs": ["vgp/core"]}
    return name, {"sources": paths, **settings}


def libraries():
    kernels = KERNEL_FLAGS.items() if KERNEL_SOURCES else ()
    return [
        library("vgp_core", CORE_SOURCES),
        *(library(f"vgp_kernels_{name}", KERNEL_SOURCES, flags, [("VGP_ISA", name)]) for name, flags in kernels),
    ]


def extensions():
    linked = ["setup.py", *(str(path) for path in Path("vgp").rglob("*.*pp")), "vgp/core/opcodes.def"]
    return [
        Extension(
            name,
            [name.replace(".", "/") + ".pyx", *sources],
            depends=linked,
            language="c++",
            include_dirs=["vgp/core", "vgp/sandbox"],
            extra_compile_args=[*COMMON, "-Wno-unused-function", "-Wno-sign-compare"],
            define_macros=[("NPY_NO_DEPRECATED_API", "NPY_1_7_API_VERSION")],
        )
        for name, sources in MODULES.items()
    ]


def compile_what_changed(compiler):
    """Makes `compiler` work on all cores, leave out what is newer than all that was read to make it, and compile nothing twice
    that several modules link."""
    compile_all, everything, started, lock = compiler.compile, compiler.force, {}, Lock()
    compiler.force = True  # a link must not be left out because the objects are old: the libraries may be new

    def compile_one(source, made, output_dir, flags, settings):
        command = repr((compiler.compiler_so, flags, sorted(settings.items())))
        if everything or not is_current(made, command):
            compile_all([source], output_dir, extra_postargs=flags, **settings)
            made.with_suffix(".command").write_text(command)

    def compile_changed(sources, output_dir=None, extra_postargs=(), **settings):
        made = compiler.object_filenames(sources, output_dir=output_dir)
        flags = [*extra_postargs, "-MMD"]  # notes beside each object which files it was made from
        with lock:
            for source, path in zip(sources, made, strict=True):
                if path not in started:
                    started[path] = COMPILERS.submit(compile_one, source, Path(path), output_dir, flags, settings)
        for path in made:
            started[path].result()
        return made

    compiler.compile = compile_changed


def is_current(made, command):
    try:
        read = made.with_suffix(".d").read_text().replace("\\\n", " ").split(":", 1)[1].split()
        unchanged = all(os.path.getmtime(path) < made.stat().st_mtime for path in read)
        return unchanged and made.with_suffix(".command").read_text() == command
    except OSError:
        return False


class BuildLibraries(build_clib):
    """Gives each library its own folder of objects: the kernels are the same sources compiled several times, which setuptools
    by itself would take for already done."""

    def finalize_options(self):
        super().finalize_options()
        self.build_temp = self.build_clib = OBJECTS

    def build_libraries(self, libraries):
        compile_what_changed(self.compiler)
        with ThreadPoolExecutor(len(libraries)) as pool:
            for job in [pool.submit(self.build_one, name, settings) for name, settings in libraries]:
                job.result()

    def build_one(self, name, settings):
        objects = self.compiler.compile(
            settings["sources"],
            output_dir=os.path.join(self.build_temp, name),
            macros=settings["macros"],
            include_dirs=settings["include_dirs"],
            extra_postargs=settings["cflags"],
        )
        Path(self.build_clib, f"lib{name}.a").unlink(missing_ok=True)  # or it would keep the objects of sources now gone
        self.compiler.create_static_lib(objects, name, output_dir=self.build_clib)


class BuildWithSandbox(build_ext):
    """Compiles the extension modules side by side, then links the sandbox executable statically beside its package."""

    def finalize_options(self):
        super().finalize_options()
        self.build_temp = OBJECTS
        self.parallel = self.parallel or os.cpu_count()

    def run(self):
        super().run()  # during which an in-place build pretends not to be one
        if SANDBOX_SOURCES:
            self.build_sandbox()

    def build_extensions(self):
        compile_what_changed(self.compiler)
        super().build_extensions()

    def build_sandbox(self):
        objects = self.compiler.compile(
            [f"vgp/sandbox/{name}" for name in SANDBOX_SOURCES],
            output_dir=os.path.join(self.build_temp, "vgp_sandbox"),
            include_dirs=["vgp/core", "vgp/sandbox"],
            extra_postargs=[*COMMON, "-fno-exceptions", "-fno-rtti"],
        )
        folder = Path("vgp/sandbox") if self.inplace else Path(self.build_lib) / "vgp/sandbox"
        folder.mkdir(parents=True, exist_ok=True)
        clib = self.get_finalized_command("build_clib")
        names = [name for name, _ in self.distribution.libraries]
        # the archives refer to each other (core -> kernels -> core)
        archives = ["-Wl,--start-group", *(os.path.join(clib.build_clib, f"lib{name}.a") for name in names), "-Wl,--end-group"]
        self.compiler.link_executable(
            objects, "vgp-sandbox", output_dir=str(folder), extra_postargs=["-static", "-s", *archives], target_lang="c++"
        )


NOT_IN_WHEELS = (".so", "/vgp-sandbox", ".cpp", ".pyx", ".md")


class BuildPython(build_py):
    """Leaves sources that others cannot use, and compiled files of an in-place build, out of wheels. Headers and pxd stay."""

    def find_data_files(self, package, src_dir):
        return [f for f in super().find_data_files(package, src_dir) if not f.endswith(NOT_IN_WHEELS)]


# The last number of a GLIBCXX_3.4 symbol -> the C library of the first systems whose libstdc++ has it (PEP 600, auditwheel)
CAME_WITH = {22: (2, 17), 24: (2, 28), 28: (2, 31), 29: (2, 34), 30: (2, 35), 32: (2, 39)}
GLIBC = re.compile(rb"\bGLIBC_(\d+)\.(\d+)")
GLIBCXX = re.compile(rb"\bGLIBCXX_3\.4\.(\d+)")


class BuildWheel(bdist_wheel):
    """Names the oldest Linux that the compiled modules run on, by the symbols that they ask for: manylinux_2_34_x86_64.

    They link libstdc++.so.6 dynamically, as NumPy's own wheels do: a copy of it in each module doubles the wheel.
    """

    def run(self):
        # what an earlier build left there, of sources that are gone since, would be packed too
        shutil.rmtree(self.get_finalized_command("build").build_lib, ignore_errors=True)
        super().run()

    def get_tag(self):
        python, abi, system = super().get_tag()
        oldest = oldest_c_library([path.read_bytes() for path in Path(self.bdist_dir).rglob("*.so")])
        if oldest and system == f"linux_{platform.machine()}":  # else another one was asked for
            system = f"manylinux_{oldest[0]}_{oldest[1]}_{platform.machine()}"
        return python, abi, system


def oldest_c_library(modules):
    """glibc's version on the oldest system that loads all these modules; None if they name no glibc, or a younger libstdc++ than
    the table above."""
    named = [(int(major), int(minor)) for module in modules for major, minor in GLIBC.findall(module)]
    newest = max((int(minor) for module in modules for minor in GLIBCXX.findall(module)), default=0)
    fitting = [version for symbols, version in CAME_WITH.items() if symbols >= newest]
    return max(*named, min(fitting)) if named and fitting else None


setup(
    libraries=libraries(),
    ext_modules=cythonize(
        extensions(),
        build_dir="build/cython",
        compiler_directives={
            "language_level": 3,
            "boundscheck": False,
            "wraparound": False,
            "cdivision": True,
            "initializedcheck": False,
            "embedsignature": True,
            "freethreading_compatible": False,
        },
    )
    if MODULES
    else [],
    cmdclass={"bdist_wheel": BuildWheel, "build_clib": BuildLibraries, "build_ext": BuildWithSandbox, "build_py": BuildPython},
)
