"""vmesh bench: run the mesh's benchmarks."""

import argparse

import vmesh.benchmarks
from vgp.cli import bench

SUMMARY = "Run the mesh's benchmarks and print their figures."
DESCRIPTION = "Real workers on loopback, and simulated ones by the thousand. Ratios travel; absolute figures depend on the machine."
EXAMPLES = """\
  vmesh bench --list
  vmesh bench
  vmesh bench scaling --json results.json"""

add_arguments = bench.add_arguments


def run(args: argparse.Namespace) -> int:
    """Raises InputError for an unknown name or a benchmark whose requirements are missing."""
    return bench.run(args, vmesh.benchmarks)
