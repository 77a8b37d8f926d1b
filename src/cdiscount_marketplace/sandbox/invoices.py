"""Invoices that the seller uploads, and the imports that take them: protocol-neutral, on the virtual clock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

from attrs import frozen


@frozen(kw_only=True)
class File:
    """An uploaded file; `order` is the orderId that its name says."""

    name: str
    order: str
    size: int
    readable: bool


@frozen(kw_only=True)
class Import:
    """Files that are imported together; done at `done_at`."""

    id: str
    at: datetime
    done_at: datetime
    files: tuple[File, ...]


class InvoiceBook:
    """All imports and invoices of one shop. Thread-safe."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._imports: dict[str, Import] = {}

    def take(self, files: Sequence[File], duration: timedelta) -> Import:
        """Begin to import files."""
        with self._lock:
            now = self._now()
            made = Import(id=f"IMP{len(self._imports) + 1:05d}", at=now, done_at=now + duration, files=tuple(files))
            self._imports[made.id] = made
            return made

    def all(self) -> list[Import]:
        """Return every import, oldest first."""
        with self._lock:
            return list(self._imports.values())

    def find(self, import_id: str) -> Import | None:
        """Return one import."""
        with self._lock:
            return self._imports.get(import_id)

    def is_done(self, one: Import) -> bool:
        """Return whether an import has ended."""
        return self._now() >= one.done_at

    def documents(self, order: str, known: Collection[str]) -> list[tuple[Import, File]]:
        """Return the invoice of an order, if it was imported: a later one replaces it."""
        taken = [
            (one, file)
            for one in self.all()
            if self.is_done(one)
            for file in one.files
            if file.order == order and file.readable and order in known
        ]
        return taken[-1:]
