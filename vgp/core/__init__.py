"""The C++ core: genomes, kernels, evaluation. No Python in it; declared for Cython in vgp/core/__init__.pxd."""
