"""The compiled filters of both machines, run by an interpreter: what a hole in the policy would let through."""

import pytest

from tests.sandbox.bpf import ALLOW, AUDIT_ARCH, KILL, compiled_filter, verdict
from vgp.sandbox import EXECUTABLE

NUMBERS = {
    "x86-64": {"futex": 202, "brk": 12, "mmap": 9, "munmap": 11, "mremap": 25},
    "aarch64": {"futex": 98, "brk": 214, "mmap": 222, "munmap": 215, "mremap": 216},
}
MACHINES = tuple(NUMBERS)
WAIT, WAKE = 0, 1
READ, WRITE, EXEC = 1, 2, 4
SHARED, PRIVATE, FIXED, ANONYMOUS, GROWSDOWN = 1, 2, 16, 32, 256
HIGH = 1 << 32

# call, arguments, allowed
CASES = [
    ("futex", (0x1000, WAIT, 7, 0), True),
    ("futex", (0x1000, WAKE, 1, 0), True),
    ("futex", (0x1000, WAKE, 1, 0xFFFF), True),
    ("futex", (0x1000, WAIT, 7, 0x2000), False),  # a time limit would need restart_syscall
    ("futex", (0x1000, WAIT, 7, HIGH), False),
    ("futex", (0x1000, WAIT | 128, 7, 0), False),
    ("futex", (0x1000, WAKE | HIGH, 1, 0), False),
    ("futex", (0x1000, WAIT | HIGH, 7, 0), False),
    *(("futex", (0x1000, operation, 1, 0), False) for operation in range(2, 16)),
    ("brk", (0,), True),
    ("brk", (1 << 47,), True),
    ("munmap", (0x1000, 4096), True),
    ("mmap", (0, 4096, READ | WRITE, PRIVATE | ANONYMOUS, -1, 0), True),
    ("mmap", (0, 4096, READ, PRIVATE | ANONYMOUS, -1, 0), True),
    ("mmap", (0, 4096, 0, PRIVATE | ANONYMOUS, -1, 0), True),
    ("mmap", (0, 4096, READ | WRITE | EXEC, PRIVATE | ANONYMOUS, -1, 0), False),
    ("mmap", (0, 4096, EXEC, PRIVATE | ANONYMOUS, -1, 0), False),
    ("mmap", (0, 4096, READ | HIGH, PRIVATE | ANONYMOUS, -1, 0), False),
    ("mmap", (0, 4096, READ | 1 << 63, PRIVATE | ANONYMOUS, -1, 0), False),
    ("mmap", (0, 4096, READ, SHARED | ANONYMOUS, -1, 0), False),
    ("mmap", (0, 4096, READ, PRIVATE, 3, 0), False),
    ("mmap", (0, 4096, READ, SHARED, 3, 0), False),
    ("mmap", (0, 4096, READ, PRIVATE | ANONYMOUS | FIXED, -1, 0), False),
    ("mmap", (0, 4096, READ, PRIVATE | ANONYMOUS | GROWSDOWN, -1, 0), False),
    ("mmap", (0, 4096, READ, PRIVATE | ANONYMOUS | HIGH, -1, 0), False),
    ("mremap", (0x1000, 4096, 8192, 1), True),
    ("mremap", (0x1000, 4096, 8192, 0), True),
    ("mremap", (0x1000, 4096, 8192, 3, 0x9000), False),  # MREMAP_FIXED
    ("mremap", (0x1000, 4096, 8192, 5), False),  # MREMAP_DONTUNMAP
    ("mremap", (0x1000, 4096, 8192, 1 | HIGH), False),
]


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(("call", "arguments", "allowed"), CASES)
def test_a_row_allows_its_use_and_no_other(machine: str, call: str, arguments: tuple[int, ...], allowed: bool) -> None:
    program = compiled_filter(EXECUTABLE, machine)
    assert verdict(program, AUDIT_ARCH[machine], NUMBERS[machine][call], arguments) == (ALLOW if allowed else KILL)


@pytest.mark.parametrize("machine", MACHINES)
def test_every_other_number_kills(machine: str) -> None:
    program = compiled_filter(EXECUTABLE, machine)
    known = set(NUMBERS[machine].values())
    for number in [*range(2048), *range(0x40000000, 0x40000800), 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]:
        if number not in known:
            for arguments in ((), (0, 1, 1), (0, 0, 3, 34)):
                assert verdict(program, AUDIT_ARCH[machine], number, arguments) == KILL, number


@pytest.mark.parametrize("machine", MACHINES)
def test_every_other_architecture_kills(machine: str) -> None:
    """int 0x80 enters the kernel as i386, where number 202 is not futex."""
    program = compiled_filter(EXECUTABLE, machine)
    for arch in [*AUDIT_ARCH.values(), 0, 0xFFFFFFFF]:
        for number in NUMBERS[machine].values():
            expected = ALLOW if arch == AUDIT_ARCH[machine] else KILL
            assert (
                verdict(
                    program, arch, number, (0, WAKE, 0, 0) if number in (202, 98) else (0, 0, 0, 34 if number in (9, 222) else 0)
                )
                == expected
            )


def test_x32_numbers_of_allowed_calls_kill() -> None:
    program = compiled_filter(EXECUTABLE, "x86-64")
    for number in NUMBERS["x86-64"].values():
        assert verdict(program, AUDIT_ARCH["x86-64"], number | 0x40000000, (0, WAKE, 0, 34)) == KILL


@pytest.mark.parametrize("machine", MACHINES)
def test_every_path_ends_in_allow_or_kill(machine: str) -> None:
    """No errno, no trace, no log-and-allow; and no jump leaves the program."""
    program = compiled_filter(EXECUTABLE, machine)
    assert {step.k for step in program if step.code == 0x06} == {ALLOW, KILL}
    assert all(
        at + 1 + max(step.if_true, step.if_false) < len(program) for at, step in enumerate(program) if step.code in (0x15, 0x35)
    )
    assert program[-1].code == 0x06
    assert program[-1].k == KILL
