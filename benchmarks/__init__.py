"""Benchmarks: `python -m benchmarks [NAME …] [--json]`, or `make bench` for all of them.

Each benchmark is a module of its own whose `run` returns a `Result`.
"""
