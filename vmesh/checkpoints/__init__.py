"""A worker's resumable state: in its checkpoint folder, and copied to S3.

    Files             what a worker calls its files                                        files.py
    hold              one process per worker and folder                                    lock.py
    next_incarnation  a number that only grows                                             incarnation.py
    find              the newest whole checkpoint: local first, then S3                    find.py
    Copier            copies checkpoints to S3 while evolution goes on                     copy.py

Writing and rotating a local checkpoint is `vgp.Island.checkpoint(files.checkpoint, keep=...)`. A worker begins so:

    files = Files(folder, hostname, index)
    with hold(files) as lock:
        incarnation, notes = next_incarnation(files.incarnation, time.time())
        found = find(files, dataset, copies, keep=...)
"""

from vmesh.checkpoints.copies import Copies
from vmesh.checkpoints.copying import Copier
from vmesh.checkpoints.files import Files
from vmesh.checkpoints.find import Found, find
from vmesh.checkpoints.incarnation import next_incarnation
from vmesh.checkpoints.lock import hold

__all__ = ["Copier", "Copies", "Files", "Found", "find", "hold", "next_incarnation"]
