"""A worker's resumable state: in its checkpoint folder, and copied to S3.

    Files       what a worker calls its files                                        files.py
    hold        one process per worker and folder                                    lock.py
    begin       the newest whole checkpoint and the next incarnation                 beginning.py, incarnation.py
    Copies      a worker's copies in S3                                              copies.py
    Copier      makes them while evolution goes on                                   copying.py

A worker begins, goes on and ends so:

    files = Files(folder, hostname, index)
    copies = Copies(settings.checkpoint_copy, files) if settings.checkpoint_copy else None
    with hold(files):
        beginning = begin(files, dataset, copies, keep=settings.checkpoint_keep, clock=time.time())
        copier = Copier(copies, beginning.incarnation) if copies else None
        ...
        island.checkpoint(files.checkpoint, keep=settings.checkpoint_keep)
        copier.submit(files.checkpoint)
        ...
        copier.close(2.0)
"""

from vmesh.checkpoints.beginning import Beginning, begin
from vmesh.checkpoints.copies import Copies
from vmesh.checkpoints.copying import Copier
from vmesh.checkpoints.files import Files
from vmesh.checkpoints.incarnation import next_incarnation
from vmesh.checkpoints.lock import hold

__all__ = ["Beginning", "Copier", "Copies", "Files", "begin", "hold", "next_incarnation"]
