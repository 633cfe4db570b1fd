"""Administration: any ZeroMQ REQ socket may ask a worker in JSON (docs/admin.md).

    facade.py      what commands see of a worker        commands/    a file each: arguments, what it does, how it prints
    protocol.py    requests and answers as bytes        arguments.py kinds of arguments, checked on both sides
    server.py      answers within the worker            words.py     what a user types as arguments
    client.py      asks, with deadlines and retries     printing.py  tables
    crawl.py       finds and asks the whole mesh        session.py console.py   the interactive console
"""
