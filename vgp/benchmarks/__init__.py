"""Benchmarks: one module each, with `run() -> list[dict]`, a row per figure; `vgp bench` finds them by themselves.

report.py prints and writes what they return.
"""
