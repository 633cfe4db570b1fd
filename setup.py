"""Builds what pyproject.toml cannot say: the C++ core (once), the kernels (once per instruction set), the Cython modules
that link them, and the static sandbox executable.

Every table below is one row per thing built; adding a source file means adding its name to a row.
"""

import os
import platform
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_clib import build_clib
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py

X86 = platform.machine() in ("x86_64", "AMD64")
COMMON = ["-std=c++20", "-O3", "-fPIC", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=off", "-Wall", "-Wextra"]

# library: sources, extra flags. The core holds no Python; the kernels are one source, compiled for several instruction sets.
CORE_SOURCES = ["genome.cpp", "hash.cpp", "expansion.cpp", "record.cpp", "bundle.cpp", "datafile.cpp", "dispatch.cpp", "library.cpp", "program.cpp",
                "loss.cpp", "evaluator.cpp"]
KERNEL_FLAGS = (
    {
        "x86_64_v2": ["-march=x86-64-v2"],
        "x86_64_v3": ["-march=x86-64-v3"],
        "x86_64_v4": ["-march=x86-64-v4", "-mprefer-vector-width=512"],
    }
    if X86
    else {"aarch64": ["-march=armv8-a"]}
)
KERNEL_SOURCES: list[str] = ["kernels.cpp"]

# sandbox executable: sources beside the core
SANDBOX_SOURCES: list[str] = []

# Cython modules: dotted name -> C++ sources of its own
MODULES: dict[str, list[str]] = {
    "vgp.hashing": [],
    "vgp.primitives": [],
    "vgp.genome": [],
    "vgp.evaluator": [],
    "vgp.population": [],
    "vgp.references": [],
    "vgp.predators": [],
    "vgp.lifecycle": [],
    "vgp.records": [],
    "vgp.settings": [],
    "vgp.breeding": [],
    "vgp.variation.draft": [],
    "vgp.variation.creation": [],
    "vgp.variation.selection": [],
    "vgp.variation.crossover": [],
    "vgp.variation.mutation": [],
    "vgp.variation.referencing": [],
}

# modules that hold an evaluator: linked again whenever anything in the core changes
EVALUATING = ("vgp.evaluator", "vgp.sandbox.process")


def core(names):
    return [f"vgp/core/{name}" for name in names]


# whoever is compiled against the core is compiled again when it changes
HEADERS = sorted(str(path) for pattern in ("*.hpp", "*.def") for path in Path("vgp/core").glob(pattern))


def libraries():
    rows = [("vgp_core", {"sources": core(CORE_SOURCES), "cflags": COMMON, "include_dirs": ["vgp/core"], "obj_deps": {"": HEADERS}})]
    if KERNEL_SOURCES:
        for name, flags in KERNEL_FLAGS.items():
            define = [("VGP_ISA", name)]
            rows.append((f"vgp_kernels_{name}", {"sources": core(KERNEL_SOURCES), "cflags": COMMON + flags, "macros": define,
                                                 "include_dirs": ["vgp/core"], "obj_deps": {"": [*HEADERS, *core(KERNEL_SOURCES)]}}))
    return rows


def extensions():
    return [
        Extension(
            name,
            [name.replace(".", "/") + ".pyx", *sources],
            language="c++",
            include_dirs=["vgp/core", "vgp/sandbox"],
            depends=[*HEADERS, *core(CORE_SOURCES), *core(KERNEL_SOURCES)] if name in EVALUATING else [],
            extra_compile_args=[*COMMON, "-Wno-unused-function", "-Wno-sign-compare"],
            define_macros=[("NPY_NO_DEPRECATED_API", "NPY_1_7_API_VERSION")],
        )
        for name, sources in MODULES.items()
    ]


class BuildLibraries(build_clib):
    """Gives every library a folder of its own for object files: the kernels are one source in several libraries."""

    def build_libraries(self, libraries):
        folder = self.build_temp
        for library in libraries:
            self.build_temp = os.path.join(folder, library[0])
            super().build_libraries([library])
        self.build_temp = folder


class BuildWithSandbox(build_ext):
    """Compiles the extension modules, then links the sandbox executable statically beside its package."""

    def run(self):
        super().run()
        if SANDBOX_SOURCES:
            self.build_sandbox()

    def build_sandbox(self):
        objects = self.compiler.compile(
            [f"vgp/sandbox/{name}" for name in SANDBOX_SOURCES],
            output_dir=self.build_temp,
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
            objects, "vgp-sandbox", output_dir=str(folder), extra_postargs=["-static", *archives], target_lang="c++"
        )


class BuildPython(build_py):
    """Leaves generated C++ and compiled files of an in-place build out of wheels."""

    def find_data_files(self, package, src_dir):
        return [f for f in super().find_data_files(package, src_dir) if not f.endswith((".so", "/vgp-sandbox"))]


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
    cmdclass={"build_clib": BuildLibraries, "build_ext": BuildWithSandbox, "build_py": BuildPython},
)
