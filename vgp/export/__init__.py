"""Genomes as text that people and other programs read.

    form.py      the walk from postfix to text, and what a form is      text.py     infix, read back by vgp.formula
    names.py     column names, quoting, identifiers                     python.py   a NumPy function
    numbers.py   digits                                                 latex.py    a formula for documents
                                                                        c.py        a C function
"""
