"""The tables that workers evolve on: fetched once per machine, shared, and changed while the mesh runs.

    prepare         a URL in, a data set and the sandbox's data file out                  preparation.py: the main flow
    Prepared        what it gives
    Announcements   which table the mesh evolves on; answers the messages about it        announcement.py
    remember        keeps the newest announcement beside the checkpoints                  remembered.py
    with_units      the units that formulas are to hold to                                units.py
    prefixes        where announced tables may come from                                  location.py

Below them: location.py (file, folder, S3), source.py (their bytes), parts.py (several files as one table), cache.py (the folder
of fetched tables) and stored_table.py (a parsed table in it).
"""

from vmesh.data.announcement import Announcements
from vmesh.data.location import prefixes
from vmesh.data.preparation import Prepared, prepare
from vmesh.data.remembered import recall, remember
from vmesh.data.units import with_units

__all__ = ["Announcements", "Prepared", "prefixes", "prepare", "recall", "remember", "with_units"]
