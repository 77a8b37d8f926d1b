"""Offers that are kept in step, and the packages that carry them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from attrs import frozen

from cdiscount_marketplace.enums import Member, OpenEnum
from cdiscount_marketplace.offers import Offer
from cdiscount_marketplace.oms.ports.leases import Lease


class OfferState(OpenEnum):
    """Where a stored offer stands.

    `pending → sent → in_step | rejected`, and `pending` again with each change. `WAITING` needs its full data: the
    marketplace does not know the offer, and what is stored does not suffice to make it.
    """

    PENDING = Member("pending")
    SENT = Member("sent")
    IN_STEP = Member("in_step")
    REJECTED = Member("rejected")
    WAITING = Member("waiting")


@frozen(kw_only=True)
class OfferTask:
    """The newest known state of an offer, and how far the marketplace has followed; `version` grows with each change.

    `changed` are the members that it has not taken yet, `sent` those that are on their way in `package`. `known` is
    whether the marketplace has the offer, None before it said so. `due_at` is when the offer's turn comes. `attempt`
    counts the sendings since the last success, `narrowing` the packages refused as a whole since then: the next one is
    smaller by that.
    """

    offer: Offer
    state: OfferState = OfferState.PENDING
    version: int = 1
    known: bool | None = None
    changed: tuple[str, ...] = ()
    sent: tuple[str, ...] = ()
    package: str | None = None
    attempt: int = 0
    narrowing: int = 0
    due_at: datetime
    created_at: datetime
    updated_at: datetime
    code: str | None = None
    message: str | None = None


@frozen(kw_only=True)
class OfferSwap:
    """Replace `before` (None: create) by `after`."""

    before: OfferTask | None
    after: OfferTask


class PackageState(OpenEnum):
    """Where a stored package stands: `created → filled → ready → reported`, or `lapsed`, which did nothing."""

    CREATED = Member("created")
    FILLED = Member("filled")
    READY = Member("ready")
    REPORTED = Member("reported")
    LAPSED = Member("lapsed")


@frozen(kw_only=True)
class OfferPackage:
    """A package of offers; `name` is our own for it, `reference` the marketplace's. `kind` is "upsert" or "update".

    `offers` is how many it carries. `filled` is how many of them, in the order of `OfferOutbox.list_package`, were
    uploaded; None while an upload runs.
    """

    name: str
    reference: str
    channel: str
    kind: str
    state: PackageState = PackageState.CREATED
    version: int = 1
    offers: int = 0
    filled: int | None = 0
    created_at: datetime
    updated_at: datetime
    code: str | None = None
    message: str | None = None


@runtime_checkable
class OfferOutbox(Protocol):
    """Keep the offers, one row per (account, sku), and their packages, one per (account, name).

    There may be 200,000 offers: nothing here but the methods that say so may read all of them.
    """

    def find_offers(self, account: str, skus: Sequence[str]) -> Sequence[OfferTask]:
        """Return those of these offers that are stored, in any order."""
        ...

    def list_due_offers(
        self, account: str, now: datetime, *, limit: int, after: OfferTask | None = None
    ) -> Sequence[OfferTask]:
        """Return the first `limit` pending offers with `due_at` up to `now`, or those that follow `after`.

        Oldest `due_at` first, then by sku; `after` may have changed meanwhile.
        """
        ...

    def list_package(self, account: str, package: str, *, limit: int | None = None) -> Sequence[OfferTask]:
        """Return the first `limit` offers that are on their way in a package, in an order that stays the same."""
        ...

    def count_offers(self, account: str, states: Sequence[OfferState] = ()) -> int:
        """Return how many offers are in any of `states` (none given: all)."""
        ...

    def swap_offers(self, account: str, swaps: Sequence[OfferSwap], *, lease: Lease | None = None) -> Sequence[bool]:
        """Replace each row whose `before` still has the stored version; return which were replaced.

        Each sku occurs once. All are written in one transaction, and one that is not replaced hinders no other.
        """
        ...

    def list_packages(self, account: str, states: Sequence[PackageState] = ()) -> Sequence[OfferPackage]:
        """Return the account's packages in any of `states` (none given: all), oldest first."""
        ...

    def swap_package(
        self, account: str, before: OfferPackage | None, after: OfferPackage, *, lease: Lease | None = None
    ) -> bool:
        """Replace `before` (None: create) by `after`, only if `before`'s version is still the stored one."""
        ...


@runtime_checkable
class OfferPages(Protocol):
    """Read many offers page by page; optional, for people and their tools."""

    def page_offers(
        self, account: str, states: Sequence[OfferState] = (), *, limit: int, after: OfferTask | None = None
    ) -> Sequence[OfferTask]:
        """Return the first `limit` offers in any of `states` by sku, or those that follow `after`."""
        ...
