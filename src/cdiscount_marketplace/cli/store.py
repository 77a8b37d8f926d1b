"""Open the store that a command works on."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager, suppress

from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.cli.options import Place
from cdiscount_marketplace.cli.output import tell
from cdiscount_marketplace.errors import StoreFailed


@contextmanager
def open_store(place: Place) -> Generator[SqlOms]:
    """Open a store that is there already, and close it in the end; a mistyped address must not become a new store."""
    with SqlOms(place.store, create=False) as oms:
        oms.ensure_open()
        yield oms


def make_store(address: str) -> None:
    """Make the store unless it is there already, and report a new one: its address may be a slip."""
    try:
        with SqlOms(address, create=False) as oms:
            oms.ensure_open()
    except StoreFailed as error:
        if error.code != "missing":
            raise
        with SqlOms(address) as oms:
            oms.ensure_open()
            tell(f"Made a new store: {oms.name}")


class _Undo(Exception):
    """Leave a unit of work without keeping what it did."""


@contextmanager
def undone(oms: SqlOms) -> Generator[None]:
    """Do things in a unit of work, and take them back: what a dry run shows is what would happen."""
    with suppress(_Undo), oms.unit():
        yield
        raise _Undo
