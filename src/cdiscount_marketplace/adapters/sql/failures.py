"""What a database error means and what to do about it, without the values that it happened with."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from attrs import frozen
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from cdiscount_marketplace.errors import StoreFailed


@frozen
class _Cause:
    """A kind of failure: `StoreFailed.code`, what a person reads, what to do, and whether time alone may help."""

    code: str
    says: str
    hint: str
    retryable: bool = False


_LOCKED = _Cause(
    "locked",
    "another process keeps the store locked",
    "run the job again; if this lasts, end the process that holds a transaction open, such as a backup or a shell",
    retryable=True,
)
_FULL = _Cause("disk_full", "the disk is full", "free some space, then run the job again")
_DISK = _Cause(
    "disk_error",
    "the disk could not be read or written",
    "check free space, quotas, file size limits and the disk itself, then run the job again",
)
_READ_ONLY = _Cause(
    "read_only", "the store cannot be written", "make the file and its directory writable for this user"
)
_MOVED = _Cause(
    "moved", "the file was moved, deleted or replaced while it was in use", "put it back, then start the job again"
)
_DAMAGED = _Cause("damaged", "the store is damaged", "stop the jobs and restore a backup")
_NO_STORE = _Cause("not_a_store", "the file is not an SQLite database", "correct the store's address")
_CANNOT_OPEN = _Cause(
    "cannot_open",
    "the store cannot be opened",
    "look at the store's address, and at what this user may do there; SQLite also writes beside its file",
)
_MISSING = _Cause("missing", "there is no such database or schema", "correct the store's address")
_OPTION = _Cause("cannot_open", "the store's address has an option that the database does not take", "correct it")
_NO_TABLE = _Cause("damaged", "the store lacks a table", "restore a backup, or start with an empty database")
_UNREACHABLE = _Cause("unreachable", "the database is out of reach", "run the job again", retryable=True)
_CONFLICT = _Cause("locked", "another transaction was in the way", "run the job again", retryable=True)

# https://www.sqlite.org/rescode.html: extended codes carry their primary code in the lowest byte.
_SQLITE = {
    1032: _MOVED,
    5: _LOCKED,
    6: _LOCKED,
    8: _READ_ONLY,
    10: _DISK,
    11: _DAMAGED,
    13: _FULL,
    14: _CANNOT_OPEN,
    26: _NO_STORE,
}
# https://www.postgresql.org/docs/current/errcodes-appendix.html: the longest prefix that fits decides.
_POSTGRESQL = {
    "53100": _FULL,
    "53": _UNREACHABLE,
    "58": _DISK,
    "XX001": _DAMAGED,
    "XX002": _DAMAGED,
    "25006": _READ_ONLY,
    "42P01": _NO_TABLE,
    "3D000": _MISSING,
    "3F000": _MISSING,
    "40": _CONFLICT,
    "55P03": _LOCKED,
    "57P": _UNREACHABLE,
    "08": _UNREACHABLE,
}
# What the drivers write where they report no state: the server was not reached, or not at this address.
_TEXTS = {
    "connection refused": _UNREACHABLE,
    "starting up": _UNREACHABLE,
    "resolve": _UNREACHABLE,
    "name or service not known": _UNREACHABLE,
    "could not translate host name": _UNREACHABLE,
    "timeout": _UNREACHABLE,
    "timed out": _UNREACHABLE,
    "no route to host": _UNREACHABLE,
    "network is unreachable": _UNREACHABLE,
    "connection reset": _UNREACHABLE,
    "closed the connection": _UNREACHABLE,
    "does not exist": _MISSING,
    "no such table": _NO_TABLE,
    "invalid connection option": _OPTION,
    "invalid sslmode": _OPTION,
}


@contextmanager
def store_errors(store: str) -> Generator[None]:
    """Turn the database's errors into `StoreFailed`: their texts can quote whole rows, customers included.

    `store` names the file, or the server and database.
    """
    try:
        yield
    except DBAPIError as error:
        raise _from_driver(error, store) from None
    except SQLAlchemyError as error:
        raise StoreFailed(f"{store}: the database layer refused: {type(error).__name__}") from None


def moved(store: str) -> StoreFailed:
    """Return the error for a file that is no longer the one that was opened."""
    return _failed(_MOVED, store)


def missing(store: str, why: str, hint: str) -> StoreFailed:
    """Return the error for an address at which there is no store."""
    return StoreFailed(f"{store}: {why}", code=_MISSING.code, hint=hint)


def not_a_store(store: str, why: str) -> StoreFailed:
    """Return the error for an address at which there is something else."""
    return StoreFailed(f"{store}: {why}", code=_NO_STORE.code, hint=_NO_STORE.hint)


def cannot_open(store: str, why: str) -> StoreFailed:
    """Return the error for a file that the operating system does not let us reach."""
    return _failed(_CANNOT_OPEN, store, why)


def _from_driver(error: DBAPIError, store: str) -> StoreFailed:
    state = str(getattr(error.orig, "sqlstate", None) or "")
    text = _plain_text(error.orig)
    cause = _cause(error, state, text)
    if cause is not None:
        return _failed(cause, store, text)
    embedded = hasattr(error.orig, "sqlite_errorcode")
    hint = _CANNOT_OPEN.hint if embedded else "check the store's address, and the database's own log"
    return StoreFailed(f"{store}: {type(error).__name__} {state}: {text}".replace(" :", ":"), hint=hint)


def _cause(error: DBAPIError, state: str, text: str) -> _Cause | None:
    number = int(getattr(error.orig, "sqlite_errorcode", None) or 0)
    embedded = _SQLITE.get(number) or _SQLITE.get(number & 0xFF)
    if embedded:
        return embedded
    prefixes = (state[:length] for length in (5, 3, 2) if state)
    known = next((_POSTGRESQL[prefix] for prefix in prefixes if prefix in _POSTGRESQL), None)
    by_text = None if state else next((cause for words, cause in _TEXTS.items() if words in text.lower()), None)
    return known or by_text or (_UNREACHABLE if error.connection_invalidated else None)


def _failed(cause: _Cause, store: str, text: str | None = None) -> StoreFailed:
    reason = f"{store}: {cause.says}" + (f": {text}" if text else "")
    return StoreFailed(reason, code=cause.code, hint=cause.hint, retryable=cause.retryable)


def _plain_text(original: BaseException | None) -> str:
    """Return the message without its details: PostgreSQL repeats the failing row there."""
    diagnosis = getattr(original, "diag", None)
    primary = getattr(diagnosis, "message_primary", None)
    return (str(primary or original or "").strip() or "no message").splitlines()[0]
