"""Watching a mesh: its workers' figures gathered once a second into one view, for page, terminal and metrics.

view.py        the mesh at one moment            merging.py     the front of all fronts
feed.py        where views come from             watcher.py     a running mesh, over its admin sockets
simulated.py   a mesh that is made up            replayed.py    a run that has ended, from its histories
"""
