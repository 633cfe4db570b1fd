"""Benchmarks of the mesh: one module each, with `run() -> list[dict]`, a row per figure, like those of `vgp.benchmarks`."""
