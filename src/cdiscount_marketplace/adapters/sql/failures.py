"""What a database error means, told without the values that it happened with."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from cdiscount_marketplace.errors import StoreFailed

# Serialisation failure, deadlock, lock not available, shutdown, connection lost: the same unit may work next time.
_PASSING_STATES = ("40", "55P03", "57P", "08", "53")
# The last two: a server that is not up (again) yet, of which the driver tells no state.
_PASSING_TEXTS = ("locked", "busy", "connection refused", "starting up")


@contextmanager
def told_safely() -> Generator[None]:
    """Turn the database's errors into `StoreFailed`: their texts can quote whole rows, customers included."""
    try:
        yield
    except DBAPIError as error:
        raise _from_driver(error) from None
    except SQLAlchemyError as error:
        raise StoreFailed(f"the database layer refused: {type(error).__name__}") from None


def _from_driver(error: DBAPIError) -> StoreFailed:
    state = str(getattr(error.orig, "sqlstate", None) or "")
    text = _plain_text(error.orig)
    passing = error.connection_invalidated or state.startswith(_PASSING_STATES)
    retryable = passing or any(word in text.lower() for word in _PASSING_TEXTS)
    return StoreFailed(
        f"{type(error).__name__} {state}: {text}".replace(" :", ":"),
        retryable=retryable,
        hint=_hint(state, retryable=retryable),
    )


def _hint(state: str, *, retryable: bool) -> str:
    if retryable:
        return "run the job again"
    # A server that gives a state keeps a log; a file, or a server that was not reached, has none to look at.
    return "see the database's own log" if state else "look at the store's address, and at what this user may do there"


def _plain_text(original: BaseException | None) -> str:
    """Return the message without its details: PostgreSQL repeats the failing row there."""
    diagnosis = getattr(original, "diag", None)
    primary = getattr(diagnosis, "message_primary", None)
    return str(primary or original or "no message").splitlines()[0]
