"""Benchmarks of surrogo and of its peers; not part of the package that is installed."""
