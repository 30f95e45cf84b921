"""Numba kernels: arrays in, arrays out, no policy. Every kernel has a slow twin in tests/oracles."""
