"""Which periods to read: pure arithmetic on aware UTC datetimes, no clock and no channel in sight."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from attrs import frozen

SHORTEST = timedelta(minutes=1)
LONGEST = timedelta(days=1)


@frozen
class Window:
    """A period with both bounds included, in whole seconds."""

    begin: datetime
    end: datetime

    @property
    def span(self) -> timedelta:
        """How long the period is."""
        return self.end - self.begin


def floor_second(moment: datetime) -> datetime:
    """Cut the fraction of a second off."""
    return moment.replace(microsecond=0)


def ceil_second(moment: datetime) -> datetime:
    """Round up to a whole second."""
    return floor_second(moment) + timedelta(seconds=1) if moment.microsecond else moment


def period(cursor: datetime, *, floor: datetime, now: datetime, overlap: timedelta, settle: timedelta) -> Window | None:
    """Return `[cursor - overlap, now - settle]`, begun no earlier than `floor`; None while there is nothing to read.

    A period shorter than a minute begins earlier; a cursor in the future counts as now.
    """
    end = ceil_second(now - settle)
    begin = floor_second(max(min(cursor, end) - overlap, floor))
    return Window(min(begin, end - SHORTEST), end) if begin < end else None


def days(whole: Window) -> Iterator[Window]:
    """Cut a period into windows of at most a day and at least a minute; neighbours share their boundary."""
    begin = whole.begin
    while begin < whole.end:
        end = min(begin + LONGEST, whole.end)
        if timedelta(0) < whole.end - end < SHORTEST:
            end = whole.end - SHORTEST
        yield Window(begin, end)
        begin = end


def halve(window: Window) -> tuple[Window, Window] | None:
    """Cut a window in two, the lower half first; None when the halves would be shorter than a minute."""
    if window.span < 2 * SHORTEST:
        return None
    middle = floor_second(window.begin + window.span / 2)
    return Window(window.begin, middle), Window(middle, window.end)


def reached(window: Window, answered: datetime | None, settle: timedelta) -> datetime:
    """Return up to when a window's answer is complete: its end, or earlier if the service's clock is behind ours."""
    return window.end if answered is None else min(window.end, floor_second(answered - settle))
