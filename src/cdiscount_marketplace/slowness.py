"""Which failures of a reading mean "ask for less": one table, whatever the API and however it was said."""

from __future__ import annotations

import re
from typing import Final

from cdiscount_marketplace import errors

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
    """Tell whether a text of the service speaks of a time-out, or of too much to answer."""
    return _TEXT.search(text) is not None


def is_too_slow(error: BaseException) -> bool:
    """Tell whether a reading failed because it took too long or was too large, so that asking for less may help."""
    if isinstance(error, _KINDS):
        return True
    if isinstance(error, errors.QuotaExceeded):
        return False
    if isinstance(error, errors.ServiceFault | errors.OperationFailed) and names_timeout(error.message):
        return True
    return getattr(error, "status", None) in _STATUSES
