"""How a stored offer moves: a pure state machine.

An offer states facts, so sending it again does no harm: whatever is unclear is sent again, newest state first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from attrs import evolve

from cdiscount_marketplace.channels.offers import OfferResult, PackageKind
from cdiscount_marketplace.offers import IDENTITY_MEMBERS, OFFER_MEMBERS, Offer, merged, only, said
from cdiscount_marketplace.oms.ports import OfferPackage, OfferState, OfferTask

FIRST_PAUSE = timedelta(minutes=2)
LONGEST_PAUSE = timedelta(hours=1)
NARROWING = 10
# An outage passes; a package that came to nothing this often may do so for one of its offers.
PATIENCE = 5
# Thousands of packages would be as bad as one offer that holds up a few others.
NARROWEST_LAPSED = 2
# What an update can change unless the channel says otherwise.
UPDATABLE = frozenset(OFFER_MEMBERS) - IDENTITY_MEMBERS

# The codes of rows that are sent again, or wait, for reasons of our own.
UNREPORTED = "unreported"
INCOMPLETE = "incomplete"


def updated(row: OfferTask | None, newer: Offer, now: datetime) -> OfferTask | None:
    """Return the row with what a newer state says; None if that changes nothing."""
    if row is None:
        return OfferTask(offer=newer, changed=said(newer), due_at=now, created_at=now, updated_at=now)
    offer = merged(row.offer, newer)
    differing = [name for name in OFFER_MEMBERS if getattr(offer, name) != getattr(row.offer, name)]
    if not differing:
        return None
    changed = _union(row.changed, differing)
    if row.state in (OfferState.PENDING, OfferState.SENT):
        return _moved(row, now, row.state, offer=offer, changed=changed)
    fresh = {"due_at": now, "attempt": 0, "narrowing": 0, "code": None, "message": None}
    return _moved(row, now, OfferState.PENDING, offer=offer, changed=changed, **fresh)


def plan(row: OfferTask, missing: Sequence[str], updatable: Collection[str] = UPDATABLE) -> PackageKind | None:
    """Return which kind of package a pending offer needs; None if there is nothing that could be sent.

    `updatable` are the members that an update can change.
    """
    changes = set(row.changed)
    if not missing and (not row.known or not changes <= set(updatable)):
        return PackageKind.UPSERT
    return PackageKind.UPDATE if not changes.isdisjoint(updatable) and row.known is not False else None


def unsendable(row: OfferTask, missing: Sequence[str], now: datetime) -> OfferTask:
    """Move a pending offer for which no package can do anything: it waits for data, or is there already."""
    if row.known and IDENTITY_MEMBERS.issuperset(row.changed):
        return _moved(row, now, OfferState.IN_STEP, changed=())
    return _waiting(row, missing, now)


def claimed(row: OfferTask, package: str, now: datetime) -> OfferTask:
    """Put a pending offer into a package; what changes from now on goes again afterwards."""
    return _moved(
        row,
        now,
        OfferState.SENT,
        sent=row.changed,
        changed=(),
        package=package,
        attempt=row.attempt + 1,
        code=None,
        message=None,
    )


def content(row: OfferTask, kind: str, updatable: Collection[str] = UPDATABLE) -> Offer:
    """Return what a package says of an offer that is in it."""
    if kind == PackageKind.UPSERT:
        return row.offer
    return only(row.offer, set(row.sent) & set(updatable))


def settled(
    row: OfferTask,
    kind: str,
    result: OfferResult,
    missing: Sequence[str],
    now: datetime,
    updatable: Collection[str] = UPDATABLE,
) -> OfferTask:
    """Move an offer by its result in a package's report."""
    words: dict[str, Any] = {"code": result.code, "message": result.message}
    if result.accepted:
        unsaid = set(row.sent) - set(updatable) - IDENTITY_MEMBERS if kind == PackageKind.UPDATE else set[str]()
        changed = _union(row.changed, unsaid)
        state = OfferState.PENDING if changed else OfferState.IN_STEP
        return _left(row, now, state, known=True, attempt=0, narrowing=0, changed=changed, due_at=now)
    if result.unknown_offer:
        row = evolve(row, known=False)
    if result.passing:
        return _left(row, now, OfferState.PENDING, due_at=now + pause(row.attempt), **words)
    if row.changed:
        return _left(row, now, OfferState.PENDING, due_at=now, **words)
    if result.unknown_offer and kind == PackageKind.UPDATE:
        back = _left(row, now, OfferState.PENDING, due_at=now, **words)
        return _waiting(back, missing, now) if missing else back
    return _left(row, now, OfferState.REJECTED, **words)


def returned(row: OfferTask, now: datetime, message: str, *, code: str = UNREPORTED, later: bool = True) -> OfferTask:
    """Take an offer out of a package that did nothing, or of which nothing is known; it is sent again."""
    due_at = now + pause(row.attempt) if later else now
    return _left(row, now, OfferState.PENDING, due_at=due_at, code=code, message=message)


def lapsed(row: OfferTask, now: datetime, message: str) -> OfferTask:
    """Take an offer out of a package that came to nothing; after many such tries, with fewer others."""
    if row.attempt >= PATIENCE and row.narrowing < NARROWEST_LAPSED:
        row = evolve(row, narrowing=row.narrowing + 1)
    return returned(row, now, message)


def refused_together(row: OfferTask, now: datetime, code: str | None, message: str | None, *, alone: bool) -> OfferTask:
    """Move an offer of a package that was refused as a whole: reject it, or try again with fewer others."""
    if alone and not row.changed:
        return _left(row, now, OfferState.REJECTED, code=code, message=message)
    return _left(
        row,
        now,
        OfferState.PENDING,
        due_at=now,
        code=code,
        message=message,
        narrowing=0 if alone else row.narrowing + 1,
    )


def room(row: OfferTask, limit: int) -> int:
    """Return how many offers a package with this one may have: fewer after each that was refused as a whole."""
    return max(limit // int(NARROWING**row.narrowing), 1)


def pause(attempt: int) -> timedelta:
    """Return how long an offer that could not be taken waits."""
    return min(FIRST_PAUSE * (1 << min(max(attempt - 1, 0), 10)), LONGEST_PAUSE)


def pause_after(package: OfferPackage) -> timedelta:
    """Return how long a package waits after its last try: as long as it has been tried already."""
    return min(max(package.updated_at - package.created_at, FIRST_PAUSE), LONGEST_PAUSE)


def _waiting(row: OfferTask, missing: Sequence[str], now: datetime) -> OfferTask:
    lacking = f"say also: {', '.join(missing)}" if missing else "say what it costs and how many there are"
    reason = "only a whole offer can change this" if row.known else "the marketplace does not know this offer"
    message = f"{reason}; {lacking}"
    return _moved(row, now, OfferState.WAITING, code=row.code or INCOMPLETE, message=message)


def _left(row: OfferTask, now: datetime, state: OfferState, **changes: Any) -> OfferTask:
    """Take an offer out of its package; what was on its way is to be sent again, unless `changes` say otherwise."""
    values: dict[str, Any] = {"changed": _union(row.changed, row.sent), "code": None, "message": None}
    return _moved(row, now, state, package=None, sent=(), **(values | changes))


def _union(names: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    wanted = {*names, *others}
    return tuple(name for name in OFFER_MEMBERS if name in wanted)


def _moved(row: OfferTask, now: datetime, state: OfferState, **changes: Any) -> OfferTask:
    return evolve(row, state=state, version=row.version + 1, updated_at=now, **changes)
