# The in-process evaluator. `pointer` is valid while the object lives; one thread at a time.
from libc.stdint cimport uint32_t, uint64_t

from vgp.core cimport CppEvaluator, DataView


cdef class Evaluator:
    cdef CppEvaluator* pointer
    cdef DataView view
    cdef object data             # keeps the mapped or copied table alive
    cdef unsigned char* buffer   # aligned copy of a table given as bytes, or NULL
    cdef list supplied           # genomes handed over by the resolver in this batch

    cdef const unsigned char[::1] _open(self, source)
    cdef int answer(self, resolve, const uint64_t* wanted, uint32_t n) except -1
