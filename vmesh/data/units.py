"""The units that a mesh is told to hold to, put to a table."""

from dataclasses import replace

from vgp.units import assignments
from vmesh.data.preparation import Prepared


def with_units(prepared: Prepared, text: str) -> Prepared:
    """The table with the units of a text like "m=kg,F=N"; empty: as it was. Raises InputError for one that does not fit it.

    Tables that are announced later are held to them too: see vgp.island.Island.moved.
    """
    if not text:
        return prepared
    dataset = prepared.dataset
    return replace(prepared, dataset=dataset.with_units(assignments([text], [*dataset.names, dataset.target])))
