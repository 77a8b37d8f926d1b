"""Units of work, and what a database error becomes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, OperationalError, transaction

from cdiscount_marketplace.errors import StoreFailed


@contextmanager
def unit() -> Iterator[None]:
    """Begin a transaction, or inside another unit a savepoint; an error undoes all that was done inside.

    Raises `StoreFailed` for a database error, whose own text may quote a customer's data.
    """
    with store_errors(), transaction.atomic():
        yield


@contextmanager
def store_errors() -> Iterator[None]:
    """Turn the database's errors into `StoreFailed`; a lock or a lost connection is worth another try."""
    try:
        yield
    except DatabaseError as error:
        reason = f"the database refused: {type(error).__name__}"
        raise StoreFailed(reason, retryable=isinstance(error, OperationalError)) from None
