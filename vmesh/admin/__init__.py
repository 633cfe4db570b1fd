"""Administration: any ZeroMQ REQ socket may ask a worker in JSON (docs/admin.md).

    worker   facade.py      what commands see of a worker        server.py       answers within the network loop
             remembered.py  what was obeyed already              live_settings.py  names and values of settings
    both     protocol.py    requests and answers as bytes        arguments.py    kinds of arguments
             commands/      one file each: its arguments, what it does in the worker, how it is printed
    client   client.py      deadlines and retries                crawl.py        finds the whole mesh
             words.py       what a user types                    printing.py     tables
             asking.py      one command, typed to printed        manuals.py      help
             session.py     a conversation                       console.py completion.py   its terminal
"""
