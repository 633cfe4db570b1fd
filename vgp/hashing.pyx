"""The core's content hash for Python: the checksum of data files, checkpoints and models."""
from vgp.core cimport content_hash as core_content_hash


def content_hash(const unsigned char[::1] data not None) -> int:
    """XXH64 (seed 0) of the bytes of `data`, any contiguous buffer of unsigned bytes."""
    cdef size_t n = data.shape[0]
    cdef const unsigned char* start = &data[0] if n else NULL
    cdef unsigned long long value
    with nogil:
        value = core_content_hash(start, n)
    return value
