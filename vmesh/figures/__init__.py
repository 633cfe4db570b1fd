"""What a worker tells of itself once a second: one record of numbers, the same for page, terminal, metrics and history.

record.py   the record, and its reading from what a worker answered
"""
