"""Keeps Python's garbage collector out of the way of a run in virtual time."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

#: Collections of the youngest objects after so many new ones, of older ones after so many of those.
THRESHOLDS = (200_000, 50, 1_000)


@contextmanager
def quiet_collector() -> Iterator[None]:
    """Let the collector run rarely, and not over what was loaded before; as it was, afterwards.

    A run keeps its turns, all of which the collector would go through again and again, and makes next to no
    cycles for it to free: by default it takes a third of the time (`docs/performance.md`).
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
