"""Reset in a forked child what belongs to the parent's threads and connections.

A child has the forking thread only. A lock that another one held stays locked, what another one was doing is never
done, and a connection that both use gives each of them the other's answers.
"""

from __future__ import annotations

import os
import sys
from typing import Protocol
from weakref import WeakSet


class Forkable(Protocol):
    """Something that holds locks or connections."""

    def reset_after_fork(self) -> None:
        """Drop locks, connections and unfinished work; called in a child, before it does anything else."""
        ...


_alive: WeakSet[Forkable] = WeakSet()


def renew_in_children(thing: Forkable) -> None:
    """Reset an object in every forked child process."""
    _alive.add(thing)


def _reset_after_fork() -> None:
    for thing in tuple(_alive):
        thing.reset_after_fork()


# Windows has no fork.
if sys.platform != "win32":
    os.register_at_fork(after_in_child=_reset_after_fork)
