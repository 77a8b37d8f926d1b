"""The heartbeats of a process's leases: a timer for all of them, and for each renewal a thread of its own.

Most runs are over long before their first beat. So a run costs an entry in a set, and neither a thread nor a wake-up of
the timer. A store that hangs holds up its own lease only.
"""

from __future__ import annotations

import math
import time
from contextlib import suppress
from datetime import timedelta
from threading import Condition, Thread

from cdiscount_marketplace.calls.forks import renew_in_children
from cdiscount_marketplace.oms.ports import Lease, LeaseStore

# The timer looks this often at the least, in seconds.
_LONGEST_WAIT = 60.0


class Heartbeat:
    """Extends a lease each time a third of its life is over; `lost` once another worker took over.

    The time is real time: the lease must outlive requests, whatever clock the job is given.
    """

    __slots__ = ("_lease", "_pause", "_store", "_ttl", "due", "lost")

    def __init__(self, store: LeaseStore, lease: Lease, ttl: timedelta) -> None:
        self.lost: bool = False
        self._store = store
        self._lease = lease
        self._ttl = ttl
        self._pause = ttl.total_seconds() / 3
        self.due: float = self.next_due()

    def next_due(self) -> float:
        """Return when to beat next, on the process's monotonic clock."""
        return math.inf if self.lost else time.monotonic() + self._pause

    def beat(self) -> None:
        """Renew the lease."""
        # A store that fails now may work at the next beat; if it does not, the job meets the error itself.
        with suppress(Exception):
            self.lost = self._store.renew(self._lease, self._ttl) is None


class Timer:
    """Lets heartbeats beat when they are due; its thread ends when there are none. Thread-safe, and safe to fork."""

    def __init__(self) -> None:
        self.reset_after_fork()
        renew_in_children(self)

    def reset_after_fork(self) -> None:
        """Forget the parent's jobs: a child does not run them."""
        self._changed = Condition()
        self._beating: set[Heartbeat] = set()
        self._thread: Thread | None = None
        self._wakes_at = math.inf

    def add(self, heartbeat: Heartbeat) -> None:
        """Let a lease's heart beat from now on."""
        with self._changed:
            self._beating.add(heartbeat)
            if self._thread is None:
                self._thread = Thread(target=self._run, name="leases", daemon=True)
                self._thread.start()
            elif heartbeat.due < self._wakes_at:
                self._changed.notify()

    def remove(self, heartbeat: Heartbeat) -> None:
        """Let it beat no more; a renewal under way changes nothing once the lease is released."""
        with self._changed:
            self._beating.discard(heartbeat)

    def _run(self) -> None:
        with self._changed:
            while self._beating:
                now = time.monotonic()
                for heartbeat in [each for each in self._beating if each.due <= now]:
                    # Not due again before this beat is over.
                    heartbeat.due = math.inf
                    Thread(target=self._beat, args=(heartbeat,), name="lease", daemon=True).start()
                self._wakes_at = min(now + _LONGEST_WAIT, *(each.due for each in self._beating))
                self._changed.wait(self._wakes_at - now)
            self._thread = None

    def _beat(self, heartbeat: Heartbeat) -> None:
        heartbeat.beat()
        with self._changed:
            heartbeat.due = heartbeat.next_due()
            if heartbeat.due < self._wakes_at:
                self._changed.notify()


# One for the process: a thread for each job would cost each empty poll more than all its other work but the call.
timer: Timer = Timer()
