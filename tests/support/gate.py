"""A gate that holds requests up for as long as a test likes."""

from __future__ import annotations

import threading

from cdiscount_marketplace.events import Event, RequestStarted


class Gate:
    """A hook that stops every request, in the thread that makes it, from when it is closed until it is opened."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self._opened = threading.Event()
        self._is_closed = False

    def __call__(self, event: Event, /) -> None:
        if isinstance(event, RequestStarted):
            self.pass_through()

    def pass_through(self) -> None:
        """Wait while the gate is closed."""
        if self._is_closed:
            self.entered.set()
            assert self._opened.wait(60)

    def close(self) -> None:
        """Stop what comes from now on."""
        self._is_closed = True

    def open(self) -> None:
        """Let everything pass."""
        self._is_closed = False
        self._opened.set()
