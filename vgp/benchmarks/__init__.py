"""Benchmarks: one module each, with `run() -> list[dict]`, a row per figure; `vgp bench` finds them by themselves.

report.py prints and writes what they return. quality/ is a benchmark of its own: who finds the law (docs/quality.md).
"""
