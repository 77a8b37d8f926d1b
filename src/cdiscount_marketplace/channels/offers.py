"""The port through which offers are kept in step: packages that state what is offered, and their reports."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Protocol, runtime_checkable

from attrs import frozen

from cdiscount_marketplace.enums import Member, OpenEnum
from cdiscount_marketplace.offers import Offer


class PackageKind(OpenEnum):
    """What a package does: make offers or replace them whole, or change members of offers that are there."""

    UPSERT = Member("upsert")
    UPDATE = Member("update")


class PackageAnswer(OpenEnum):
    """What became of a step of a package.

    `REFUSED` proves that the step did nothing; `UNKNOWN` is a lost or unclear answer.
    """

    DONE = Member("done")
    REFUSED = Member("refused")
    UNKNOWN = Member("unknown")


class PackageStanding(OpenEnum):
    """Where a package stands at the marketplace.

    `OPEN` takes offers and can be made ready, `BUSY` is digested, waits or is worked through, `DONE` has its report.
    `REFUSED` was turned down as a whole. `GONE` has lapsed, or is not known: nothing more will come of it.
    """

    OPEN = Member("open")
    BUSY = Member("busy")
    DONE = Member("done")
    REFUSED = Member("refused")
    GONE = Member("gone")


@frozen(kw_only=True)
class PackageOutcome:
    """What became of a step. `reference` is the package's new one, where the step changed it."""

    answer: PackageAnswer
    reference: str | None = None
    code: str | None = None
    message: str | None = None


@frozen(kw_only=True)
class PackageReading:
    """Where a package stands, with the service's words where it has some."""

    standing: PackageStanding
    code: str | None = None
    message: str | None = None


@frozen(kw_only=True)
class OfferResult:
    """What a package's report says of one offer; `code` and `message` are the service's.

    `unknown_offer` says that there is no such offer to change. `passing` is a refusal that is not the offer's fault and
    passes, such as a quota that is reached.
    """

    sku: str
    accepted: bool
    code: str | None = None
    message: str | None = None
    unknown_offer: bool = False
    passing: bool = False


class ReportStanding(OpenEnum):
    """Whether a report can be read: now, not yet, or no longer."""

    READY = Member("ready")
    NOT_YET = Member("not_yet")
    GONE = Member("gone")


@frozen(kw_only=True)
class ReportPage:
    """A part of a package's report; `next_page` is what to give to read the next one, None after the last.

    An offer that no page mentions was not worked on, or its result is lost: it is sent again.
    """

    standing: ReportStanding = ReportStanding.READY
    results: tuple[OfferResult, ...] = ()
    next_page: str | None = None


@runtime_checkable
class OfferChannel(Protocol):
    """A sales channel through which offers are kept in step; optional.

    A package is created, filled by one upload or several, made ready, and read until it has its report. It states
    facts, so that the same one may be sent again; of a package that was never made ready, nothing is done. Each call
    takes no longer than `SalesChannel.write_limit`, and all raise `AuthenticationError`, `NotAuthorized`,
    `QuotaExceeded` or any error marked `retryable` when nothing was done.
    """

    @property
    def upload_limit(self) -> int:
        """How many offers one upload may have."""
        ...

    @property
    def package_limit(self) -> int:
        """How many offers one package may have."""
        ...

    @property
    def package_life(self) -> timedelta:
        """How long after its creation a package that was not made ready lapses."""
        ...

    def missing_members(self, offer: Offer) -> Sequence[str]:
        """Return what an offer lacks to be made: names of members of `Offer`; none if it is whole."""
        ...

    def create_package(self, kind: PackageKind) -> str:
        """Open an empty package and return its reference; one whose answer was lost lapses by itself."""
        ...

    def fill_package(self, reference: str, kind: PackageKind, offers: Sequence[Offer]) -> PackageOutcome:
        """Upload up to `upload_limit` offers into an open package.

        For an update each offer says only what is to change. Raises `InvalidRequest` before any request for what the
        channel cannot send.
        """
        ...

    def close_package(self, reference: str) -> PackageOutcome:
        """Make a package ready: nothing can be added any more, and the marketplace works on it.

        Where offers lie in a file until now, this is what submits it, and the outcome has the service's reference.
        """
        ...

    def read_package(self, reference: str) -> PackageReading:
        """Read where a package stands. Raises what concerns the account or the service."""
        ...

    def read_report(self, reference: str, page: str | None = None) -> ReportPage:
        """Read a package's report, or a further page of it. Raises what concerns the account or the service."""
        ...


@runtime_checkable
class PartialUpdates(Protocol):
    """An `OfferChannel` whose updates cannot change every member of an offer; optional.

    What else changes needs the whole offer, in a package that makes or replaces offers. So does an `original_price` of
    0: what an update does not say stays as it is.
    """

    @property
    def update_members(self) -> Collection[str]:
        """The names of the members of `Offer` that an update can change."""
        ...
