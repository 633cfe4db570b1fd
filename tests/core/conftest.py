"""Every test that names `instruction_set` runs once for each that this machine has."""

from vgp.evaluator import instruction_sets


def pytest_generate_tests(metafunc):
    if "instruction_set" in metafunc.fixturenames:
        metafunc.parametrize("instruction_set", instruction_sets())
