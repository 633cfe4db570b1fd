# Forgetting those from whom nobody alive descends. Raises MemoryError; nothing is then forgotten.
from vgp.lineage cimport Lineage

# Everybody alive was noted. Of those that are kept at most `most` are dead, see coalescence.pyx.
cdef int sweep(Lineage l, size_t most) except -1 nogil
