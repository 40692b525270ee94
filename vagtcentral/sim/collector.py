"""Keeps Python's garbage collector out of the way of a run in virtual time."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet_collector() -> Iterator[None]:
    """Stop the collector of reference cycles, and let it be afterwards as it was.

    A run keeps its turns, all of which the collector would go through again and again for a third of the
    time (`docs/performance.md`), and leaves it nothing to free: calls hold no cycles, as
    `tests/sim/test_collector.py` holds. What is there at the end is not gone through later either.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.freeze()
            gc.enable()
