"""`vmesh top`: the mesh live in a terminal.

    screen.py     the terminal: keys come in, rows go out          looking.py   the feed's thread
    plain.py      the same for a pipe: snapshots as text

    state.py      what is shown: selection, order, filter, page    keys.py      what a key does to it
    layout.py     which panel stands where                         picture.py   what panels are made from
    head.py front.py population.py journal.py details.py manual.py footer.py    the panels
    table.py      the workers: rows, which columns fit             columns.py   what each column shows
    listing.py    who stands in it, in which order
    trends.py     the last minutes, and rates                      figures.py   numbers as short texts

Everything below the first three is pure: views, states and sizes in, rows out.
"""
