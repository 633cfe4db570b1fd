"""Who may talk to whom.

    key_file.py     one key pair or public key as a small text file
    key_folder.py   the keys of a cluster: made, added, revoked, listed; what a worker and an administrator load from it
    allow_list.py   whether a key is allowed in a domain, now: follows the folder while the worker runs
    curve.py        a socket that proves a key, and one that asks for it
    gatekeeper.py   answers the sockets that ask whether a key may come in

Two domains, "mesh" for what workers say to each other and "admin" for administrators; a key is allowed in one of them.
"""

MESH, ADMIN = DOMAINS = ("mesh", "admin")
