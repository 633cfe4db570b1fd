"""The web page of a mesh: one process on loopback that looks at a feed while somebody watches, and pushes what it sees.

serving.py    the main flow: port, token, until a signal    server.py     what answers to which path
access.py     the token                                     hub.py        one look a second for all who watch
encoding.py   views as JSON                                 deeds.py      what the page may do, and what became of it
clock.py      the clock of a replayed run                   files.py      what browsers are given; assets/ is all of it

    TOKEN/live  ->  hub: look -> encode once -> every browser's queue      nobody watches: nobody is asked

The interface between page and server is told in docs/watching.md.
"""
