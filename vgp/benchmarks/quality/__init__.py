"""`make bench-quality`: who finds the law, how often, how soon, how small. `python -m vgp.benchmarks.quality --help`

problems.csv, problems.py   formulas with known answers, their ranges and sources; choosing some of them
sampling.py                 rows of a problem for a seed, noise included
expression.py               a formula as text, evaluated in float64, in 50 digits, and by sympy
engines/                    one module per engine: rows in, formula and trace out
worker.py, processes.py     each run in a process of its own, with one CPU budget and hard limits
judging.py                  what a formula is worth: identity.py (the law?), symbolic.py (SRBench's rule), agreement.py (R2)
ledger.py                   the file of finished runs, a line each, from which a run of the benchmark goes on
summary.py, intervals.py    tables with confidence intervals      picture.py   the same as a picture
real_tables.py, real.py     tables from life, where no law is known
command.py                  the command line
"""
