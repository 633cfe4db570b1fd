"""Classic BPF as the kernel runs it on seccomp_data: slow, obvious, and only the instructions that filters use."""

import struct
import subprocess
from pathlib import Path
from typing import NamedTuple

ALLOW, KILL = 0x7FFF0000, 0x80000000
AUDIT_ARCH = {"x86-64": 0xC000003E, "aarch64": 0xC00000B7, "i386": 0x40000003, "arm": 0x40000028}


class Instruction(NamedTuple):
    code: int
    if_true: int
    if_false: int
    k: int


def compiled_filter(executable: Path, machine: str) -> list[Instruction]:
    """What the executable would install on that machine."""
    done = subprocess.run([executable, "--print-filter", machine], capture_output=True, text=True, check=True)
    return [Instruction(*map(int, line.split())) for line in done.stdout.splitlines()]


def verdict(program: list[Instruction], arch: int, number: int, arguments: tuple[int, ...] = ()) -> int:
    """The action that the program returns for one system call."""
    arguments = (*arguments, *(0,) * (6 - len(arguments)))
    data = struct.pack("<IIQ6Q", number & 0xFFFFFFFF, arch, 0, *(a & (1 << 64) - 1 for a in arguments))
    accumulator = at = 0
    while True:
        step = program[at]
        at += 1
        match step.code:
            case 0x20:  # ld [k]
                (accumulator,) = struct.unpack_from("<I", data, step.k)
            case 0x54:  # and #k
                accumulator &= step.k
            case 0x15:  # jeq #k
                at += step.if_true if accumulator == step.k else step.if_false
            case 0x35:  # jge #k
                at += step.if_true if accumulator >= step.k else step.if_false
            case 0x06:  # ret #k
                return step.k
            case other:
                raise AssertionError(f"an instruction that the compiler is not known to emit: {other:#x}")
