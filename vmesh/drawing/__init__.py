"""Pictures made of characters, for vmesh top and the console: pure functions from numbers to text of a known width.

cells.py      text that fits into columns            sparklines.py   a curve in one row or some
bars.py       shares and histograms                  charts.py       a curve with its axes
"""
