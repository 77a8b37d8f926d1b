"""Instants and the service's naive local times, in both directions, sound across clock changes.

The service writes and reads times without an offset. They are local times of one zone, by every sign Europe/Paris.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
SECOND = timedelta(seconds=1)

_NAIVE_NOON = datetime(2000, 1, 1, 12)  # noqa: DTZ001 - the service's times are naive
_NOON = _NAIVE_NOON.replace(tzinfo=UTC)


def to_utc(naive: datetime, zone: tzinfo) -> datetime:
    """Read a naive time of `zone`; one of the repeated autumn hour is taken as the first of the two."""
    # The zone is asked directly, and UTC's noon of the year 2000 lends its zone: `replace` costs several times as much.
    offset = zone.utcoffset(naive)
    return _NOON + (naive - _NAIVE_NOON - (offset or timedelta()))


def to_naive(instant: datetime, zone: tzinfo) -> datetime:
    """Write an aware instant as a naive time of `zone`, exactly."""
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


def naive_floor(instant: datetime, zone: tzinfo = PARIS) -> datetime:
    """Return the latest naive whole second that no instant from `instant` on falls below.

    In the repeated autumn hour that is the hour's beginning: a later instant may show an earlier time.
    """
    try:
        local = instant.astimezone(zone)
    except OverflowError:
        return datetime.min  # noqa: DTZ901 - the service's times are naive
    repeated = _repeated(local)
    return repeated[0] if repeated else local.replace(microsecond=0, tzinfo=None, fold=0)


def naive_ceil(instant: datetime, zone: tzinfo = PARIS) -> datetime:
    """Return the earliest naive whole second that no instant up to `instant` lies above.

    In the repeated autumn hour that is the hour's end: an earlier instant may show a later time.
    """
    try:
        local = instant.astimezone(zone)
        repeated = _repeated(local)
        return repeated[1] if repeated else _next_second(local.replace(tzinfo=None, fold=0))
    except OverflowError:
        return datetime.max.replace(microsecond=0)  # noqa: DTZ901 - the service's times are naive


def _next_second(naive: datetime) -> datetime:
    return naive if not naive.microsecond else naive.replace(microsecond=0) + SECOND


def _repeated(local: datetime) -> tuple[datetime, datetime] | None:
    """Return the naive bounds of the repeated stretch that `local` lies in, if it lies in one."""
    before, after = (local.replace(fold=fold).utcoffset() for fold in (0, 1))
    if before is None or after is None or before <= after:
        return None
    zone, naive = local.tzinfo, local.replace(tzinfo=None, fold=0)
    change = _change(naive.replace(microsecond=0) - before, naive.replace(microsecond=0) - after + SECOND, after, zone)
    return change + after, change + before


def _change(low: datetime, high: datetime, after: timedelta, zone: tzinfo | None) -> datetime:
    """Find the (naive UTC) second between `low` and `high` from which `zone` is at offset `after`."""
    while high - low > SECOND:
        middle = low + timedelta(seconds=(high - low) // SECOND // 2)
        if middle.replace(tzinfo=UTC).astimezone(zone).utcoffset() == after:
            high = middle
        else:
            low = middle
    return high
