"""Workers joined into a mesh of islands.

    cli/             the command vmesh                          launcher/        the workers of one machine
    node.py          a worker: its main flow                    assembly.py      puts its parts together
    evolution.py     the thread that evolves                    population.py    the island as exchange sees it, its inbox
    keeping.py       checkpoints of a running worker            moving.py        the way to another table
    desk.py          what administrators see of a worker        access.py        keys of a running worker
    membership/      who is there                               exchange/        what migrates
    data/            tables: fetched once per machine           checkpoints/     begin, lock, copies in S3
    front_rows.py    fronts as workers tell them
    figures/         a worker's numbers of one moment           history/         and of all its lives, in SQLite
    watch/           the mesh as who watches it sees it         metrics/         the same for Prometheus
    page/            the same in a browser                      top/ drawing/    and in a terminal
    admin/           requests, commands, client, console        security/        keys, who may connect
    messages.py      what workers say                           codec.py         as bytes
    transport.py     how it travels: zmq_transport.py over sockets.py, memory_transport.py in tests and simulation.py
    settings.py      every setting                              sources.py       where each came from

State machines (membership, exchange, announcements) hold no socket and no clock. Who may import whom: tests/test_imports.py.
"""
