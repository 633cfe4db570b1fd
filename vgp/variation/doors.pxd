# Genomes between NumPy and the operators, for doors of tests.
from vgp.core cimport Node
from vgp.variation.draft cimport Draft

cdef const Node* pointer(nodes)             # a genome (NODE array) that stays with its owner
cdef as_array(const Draft* draft)           # a copy
