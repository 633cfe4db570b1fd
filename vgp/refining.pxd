# Newborns that deserve it get better constants before they join the living.
from libc.stdint cimport uint32_t, uint64_t

from vgp.newborns cimport Newborns
from vgp.population cimport Population
from vgp.records cimport TickRecord
from vgp.sandbox.process cimport ExecutorHandle
from vgp.settings cimport Settings
from vgp.turnstile cimport Turnstile

# A batch that was evaluated, and what refining it takes.
cdef struct Refinery:
    Population* p
    const Settings* settings
    Turnstile* lock             # guards p
    Newborns* batch             # slots and results change; its genomes stay what was evaluated first
    Newborns* work              # as large as the batch: the chosen ones
    const int* interrupted
    TickRecord* record
    uint64_t n_rows
    uint64_t node_evaluations   # out: nodes x rows that the work came to

# Tunes some of the batch's n newborns and returns how many are left: one that became a genome which is held already is dropped.
# Work is counted as what was evaluated: of each tuned organism 2 passes over all rows (before and after), and 3 over the rows that
# it was tuned on for every trial (forward, back, and the sums of products). Raises what an evaluation raises.
cdef uint32_t refine(ExecutorHandle handle, Refinery* r, uint32_t n) except? 0xFFFFFFFF
