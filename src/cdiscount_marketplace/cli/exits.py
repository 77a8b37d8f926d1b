"""Exit codes, and the code of each expected error."""

from __future__ import annotations

from enum import IntEnum

from cdiscount_marketplace import errors
from cdiscount_marketplace.oms import Ending


class Exit(IntEnum):
    """What the command's exit code means to a scheduler."""

    DONE = 0
    NEEDS_PERSON = 1
    USAGE = 2
    LOGIN = 3
    UNREACHABLE = 4
    BUSY = 75


# The first entry that fits decides.
_CODES: tuple[tuple[type[errors.CdiscountError], Exit], ...] = (
    (errors.AuthenticationError, Exit.LOGIN),
    (errors.NotAuthorized, Exit.LOGIN),
    (errors.ConfigurationError, Exit.USAGE),
    (errors.NotRecorded, Exit.NEEDS_PERSON),
    (errors.InvalidRequest, Exit.USAGE),
    (errors.TransportError, Exit.UNREACHABLE),
    (errors.QuotaExceeded, Exit.UNREACHABLE),
    (errors.LeaseBusy, Exit.BUSY),
    (errors.LeaseLost, Exit.BUSY),
    (errors.CheckpointConflict, Exit.BUSY),
)
_SERVER_ERROR = 500


def exit_code(error: errors.CdiscountError) -> Exit:
    """Decide the exit code of an error."""
    if isinstance(error, errors.StoreFailed):
        return _store_code(error)
    if isinstance(error, errors.HttpError) and error.status >= _SERVER_ERROR:
        return Exit.UNREACHABLE
    return next((code for kind, code in _CODES if isinstance(error, kind)), Exit.NEEDS_PERSON)


def _store_code(error: errors.StoreFailed) -> Exit:
    if error.code in ("missing", "not_a_store"):
        return Exit.USAGE
    return Exit.UNREACHABLE if error.retryable else Exit.NEEDS_PERSON


def ending_code(ended_by: Ending, *, needs_person: bool) -> Exit:
    """Decide the exit code of a job that ended cleanly."""
    if needs_person:
        return Exit.NEEDS_PERSON
    return {Ending.QUOTA: Exit.UNREACHABLE, Ending.CHECKPOINT_MOVED: Exit.BUSY}.get(ended_by, Exit.DONE)
