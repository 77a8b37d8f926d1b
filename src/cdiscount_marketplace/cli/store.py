"""Open the store that a command works on."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager, suppress

from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.cli.options import Place


@contextmanager
def open_store(place: Place) -> Generator[SqlOms]:
    """Open the database, and close it in the end."""
    with SqlOms(place.store) as oms:
        yield oms


class _Undo(Exception):
    """Leave a unit of work without keeping what it did."""


@contextmanager
def undone(oms: SqlOms) -> Generator[None]:
    """Do things in a unit of work, and take them back: what a dry run shows is what would happen."""
    with suppress(_Undo), oms.unit():
        yield
        raise _Undo
