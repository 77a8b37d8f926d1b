"""A clock that stands still until it is moved; sleeping moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from attrs import define, field

BEGIN = datetime(2026, 3, 2, 10, 20, tzinfo=UTC)


@define
class HandClock:
    """Thread-safe enough for tests: one attribute is replaced at a time."""

    time: datetime = BEGIN
    naps: list[float] = field(factory=list[float])

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return (self.time - BEGIN).total_seconds()

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.advance(seconds=seconds)

    def advance(self, **step: float) -> None:
        self.time += timedelta(**step)
