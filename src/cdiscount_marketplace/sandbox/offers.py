"""The seller's offers, and the packages through which they change: protocol-neutral, on the virtual clock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from attrs import evolve, frozen

UNKNOWN_OFFER = "4004"
CREATED, CHANGED, DELETED = "8000", "8001", "8002"


class PackageStage(StrEnum):
    """Where a package stands."""

    DIGESTING = "digesting"
    OPEN = "open"
    READY = "ready"
    DONE = "done"
    LAPSED = "lapsed"


@frozen(kw_only=True)
class Offer:
    """An offer for sale. `delivery` and `taxes` are as they were submitted."""

    sku: str
    channel: str
    gtin: str | None
    condition: str | None
    price: Decimal | None
    original_price: Decimal | None
    quantity: int
    preparation_days: int | None
    delivery: tuple[Mapping[str, Any], ...]
    taxes: tuple[Mapping[str, Any], ...]
    created_at: datetime
    updated_at: datetime


@frozen(kw_only=True)
class Change:
    """What a package wants of one offer; members that are None are not said."""

    sku: str
    gtin: str | None = None
    condition: str | None = None
    price: Decimal | None = None
    original_price: Decimal | None = None
    quantity: int | None = None
    preparation_days: int | None = None
    delivery: tuple[Mapping[str, Any], ...] | None = None
    taxes: tuple[Mapping[str, Any], ...] | None = None


@frozen(kw_only=True)
class Row:
    """What became of one offer of a package."""

    sku: str
    accepted: bool
    code: str
    message: str


@frozen(kw_only=True)
class Package:
    """A package of changes; `kind` is "Upsert", "Update" or "Delete", `by_file` says that it came over SOAP."""

    id: str
    kind: str
    channel: str
    created_at: datetime
    by_file: bool = False
    changes: tuple[Change, ...] = ()
    busy_until: datetime | None = None
    ready_at: datetime | None = None
    done_at: datetime | None = None
    rows: tuple[Row, ...] = ()


Refusal = Callable[[Change], tuple[str, str] | None]


class OfferBook:
    """All offers and packages of one shop, by the marketplace's `rule`. Thread-safe.

    `refusals` are rules of a test's own: each returns a code and a message for an offer to refuse, or None.
    """

    def __init__(self, now: Callable[[], datetime], rule: Callable[[Package, Change], tuple[str, str] | None]) -> None:
        self._now = now
        self._rule = rule
        self._lock = threading.RLock()
        self._offers: dict[tuple[str, str], Offer] = {}
        self._packages: dict[str, Package] = {}
        self.refusals: list[Refusal] = []

    # --- offers ---

    def offers(self, channel: str | None = None) -> list[Offer]:
        """Return the offers on a channel (None: all), by their key."""
        with self._lock:
            self._integrate_due()
            return [offer for _, offer in sorted(self._offers.items()) if channel in (None, offer.channel)]

    def find(self, sku: str, channel: str) -> Offer | None:
        """Return one offer."""
        with self._lock:
            self._integrate_due()
            return self._offers.get((sku, channel))

    # --- packages ---

    def packages(self) -> list[Package]:
        """Return all packages, oldest first."""
        with self._lock:
            self._integrate_due()
            return list(self._packages.values())

    def package(self, package_id: str) -> Package | None:
        """Return one package."""
        with self._lock:
            self._integrate_due()
            return self._packages.get(package_id)

    def create(self, kind: str, channel: str, *, by_file: bool = False) -> Package:
        """Make an empty package."""
        with self._lock:
            number = f"PK{len(self._packages) + 1:06d}"
            package = Package(id=number, kind=kind, channel=channel, created_at=self._now(), by_file=by_file)
            self._packages[package.id] = package
            return package

    def add(self, package_id: str, changes: Sequence[Change], digestion: timedelta) -> None:
        """Put changes into a package, which digests them for a while."""
        with self._lock:
            package = self._packages[package_id]
            self._packages[package_id] = evolve(
                package, changes=(*package.changes, *changes), busy_until=self._now() + digestion
            )

    def ready(self, package_id: str, integration: timedelta) -> None:
        """Hand a package over: it is carried out after a while."""
        with self._lock:
            package = self._packages[package_id]
            now = self._now()
            self._packages[package_id] = evolve(package, ready_at=now, busy_until=now + integration)

    def stage(self, package: Package, life: timedelta) -> PackageStage:
        """Say where a package stands, by the clock."""
        now = self._now()
        if package.done_at is not None:
            return PackageStage.DONE
        if package.ready_at is not None:
            return PackageStage.READY
        if now - package.created_at >= life:
            return PackageStage.LAPSED
        busy = package.busy_until is not None and now < package.busy_until
        return PackageStage.DIGESTING if busy else PackageStage.OPEN

    # --- integrating ---

    def _integrate_due(self) -> None:
        now = self._now()
        for package in list(self._packages.values()):
            due = package.ready_at is not None and package.done_at is None
            if due and package.busy_until is not None and now >= package.busy_until:
                rows = tuple(self._integrate(package, change, package.busy_until) for change in _last(package.changes))
                self._packages[package.id] = evolve(package, done_at=package.busy_until, rows=rows)

    def _integrate(self, package: Package, change: Change, at: datetime) -> Row:
        own = (why for rule in self.refusals if (why := rule(change)) is not None)
        refused = next(own, None) or self._rule(package, change)
        if refused is not None:
            return Row(sku=change.sku, accepted=False, code=refused[0], message=refused[1])
        key = (change.sku, package.channel)
        known = self._offers.get(key)
        if package.kind != "Upsert" and known is None:
            return Row(sku=change.sku, accepted=False, code=UNKNOWN_OFFER, message="Offer inexistante")
        if package.kind == "Delete":
            del self._offers[key]
            return Row(sku=change.sku, accepted=True, code=DELETED, message="Offer deleted")
        if known is not None and _replaces_price(package, change):
            known = evolve(known, original_price=None)
        self._offers[key] = _changed(known, change, package.channel, at)
        code, message = (CREATED, "Offer created") if known is None else (CHANGED, "Offer updated")
        return Row(sku=change.sku, accepted=True, code=code, message=message)


def _last(changes: Sequence[Change]) -> list[Change]:
    """Return one change per offer, the last."""
    return list({change.sku: change for change in changes}.values())


def _replaces_price(package: Package, change: Change) -> bool:
    """Return whether a struck-through price that is not said is taken away; a price over REST is given whole."""
    return package.kind == "Upsert" or (not package.by_file and change.price is not None)


def _changed(known: Offer | None, change: Change, channel: str, at: datetime) -> Offer:
    said = {name: getattr(change, name) for name in _MEMBERS if getattr(change, name) is not None}
    if known is not None:
        return evolve(known, **said, updated_at=at)
    blank: dict[str, Any] = {**dict.fromkeys(_MEMBERS), "quantity": 0, "delivery": (), "taxes": ()}
    return Offer(sku=change.sku, channel=channel, created_at=at, updated_at=at, **{**blank, **said})


_MEMBERS = (
    "gtin",
    "condition",
    "price",
    "original_price",
    "quantity",
    "preparation_days",
    "delivery",
    "taxes",
)
