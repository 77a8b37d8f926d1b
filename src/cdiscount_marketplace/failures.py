"""What failures prove, one table for both APIs and for the jobs: that a write did not run, that nothing else would fare
better, that a reading should ask for less.
"""

from __future__ import annotations

import re
from typing import Final, Literal

from cdiscount_marketplace import errors

TOO_MANY: Final = 429
# The operation that errors name when the caller's upload of a file failed.
UPLOAD: Final = "upload"

# About the account or the way to the service, not about an order; nothing was done.
_ACCOUNT_WIDE: Final = (
    errors.AuthenticationError,
    errors.NotAuthorized,
    errors.QuotaExceeded,
    errors.ConnectFailed,
)
# Raised before a request leaves, or by a service that did not process it.
_NOT_RUN: Final = (*_ACCOUNT_WIDE, errors.ConfigurationError, errors.InvalidRequest, errors.OrderForbidden)
# HTTP statuses that mean that the service did not process the request.
_UNPROCESSED: Final = frozenset({401, 404, 413, TOO_MANY})
# Faults that are raised before the operation runs.
_UNRUN_FAULTS: Final = frozenset({"DeserializationFailed", "ActionNotSupported"})
# What a gateway answers when the service behind it is gone.
_OUTAGES: Final = frozenset({502, 503, 504})

# Request time-out, content too large, and what gateways say when the service behind them is too slow.
_STATUSES: Final = frozenset({408, 413, 502, 503, 504})
_KINDS: Final = (errors.CallTimeout, errors.OversizedAnswer)
# What databases, WCF and gateways write into faults and into answers that report no success, in English and French.
_TEXT: Final = re.compile(
    r"""time[\s-]?d?\s?out | time-?out\b | deadline\ exceeded | execution\ timeout | deadlock
    | (délai|delai)\S*\ .{0,40}(expir|dépass|depass|écoul|ecoul) | (expir|dépass|depass)\S*\ .{0,40}(délai|delai)
    | (message|response|answer|request|réponse|reponse)\ .{0,20}too\ (large|big|long)
    | maximum\ message\ size | MaxReceivedMessageSize | too\ many\ (rows|results|orders|records)
    """,
    re.IGNORECASE | re.VERBOSE,
)


def names_timeout(text: str) -> bool:
    """Return whether a text of the service speaks of a time-out, or of too much to answer."""
    return _TEXT.search(text) is not None


def is_too_slow(error: BaseException) -> bool:
    """Return whether a reading failed because it took too long or was too large, so that asking for less may help."""
    if isinstance(error, _KINDS):
        return True
    if isinstance(error, errors.QuotaExceeded):
        return False
    if isinstance(error, errors.ServiceFault | errors.OperationFailed) and names_timeout(error.message):
        return True
    return getattr(error, "status", None) in _STATUSES


def is_account_wide(error: BaseException) -> bool:
    """Return whether an error concerns the account or the way to the service, and proves that nothing was done."""
    return isinstance(error, _ACCOUNT_WIDE)


def write_outcome(error: errors.CdiscountError) -> Literal["not_run", "unknown"]:
    """Say what a failed write proves: that it did not run, or nothing."""
    if error.retryable or isinstance(error, _NOT_RUN):
        return "not_run"
    if isinstance(error, errors.ServiceFault):
        return "not_run" if error.fault_code in _UNRUN_FAULTS else "unknown"
    if isinstance(error, errors.HttpError):
        return "not_run" if error.status in _UNPROCESSED else "unknown"
    return "unknown"


def proves_nothing_done(error: BaseException) -> bool:
    """Return whether an error that a channel raised proves that no order was changed, so that no attempt counts."""
    return is_account_wide(error) or (isinstance(error, errors.CdiscountError) and error.retryable)


def stops_others(error: BaseException) -> bool:
    """Return whether what kept one request from being answered would keep the next one, too."""
    if isinstance(error, errors.ConnectFailed) and error.operation == UPLOAD:
        # The way to a host of the caller's, which may take another file.
        return False
    if is_account_wide(error) or isinstance(error, (errors.ConnectionLost, errors.CallTimeout)):
        return True
    return isinstance(error, errors.HttpError) and error.status in _OUTAGES
