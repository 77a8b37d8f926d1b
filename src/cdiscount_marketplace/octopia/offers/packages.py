"""Packages of offers: made, filled, set ready, worked on by the marketplace, and reported row by row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from attrs import frozen

from cdiscount_marketplace.calls.waiting import attempts
from cdiscount_marketplace.errors import (
    CallTimeout,
    HttpError,
    InvalidRequest,
    NotReady,
    OperationFailed,
    Problem,
    UnreadableAnswer,
)
from cdiscount_marketplace.octopia.api import Api, Reply, json_body, segment
from cdiscount_marketplace.octopia.bodies import is_object, member
from cdiscount_marketplace.octopia.codec import encode
from cdiscount_marketplace.octopia.lists import cursor_pages
from cdiscount_marketplace.octopia.offers.models import (
    UPLOAD_SIZE,
    OfferPackage,
    OfferRequest,
    OfferRequestResult,
    PackageChange,
    PackageOrder,
    PackageState,
    PackageType,
)

_PATH: Final = "/offer-packages"
_ONE: Final = f"{_PATH}/{{packageId}}"
_PAGE_SIZE: Final = 1000
_DONE: Final = (PackageState.INTEGRATED, PackageState.REJECTED, PackageState.ERROR)


class OfferPackages:
    """Packages of offers; reached as `client.offers.packages`. Thread-safe. Each method is one request."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def create(self, kind: PackageType, *, sales_channel_id: str | None = None) -> str:
        """Make an empty package and return its id; one that is never set ready lapses after about six hours.

        It may be made twice: an empty package changes nothing. Raises `OutcomeUnknown` where the id was lost.
        """
        channel = sales_channel_id or self._api.sales_channel_id
        body = json_body(encode(PackageOrder(package_type=kind)), SalesChannelId=channel)
        return _id_of(self._api.send(f"POST {_PATH}", _PATH, body))

    def add(self, package_id: str, offers: Sequence[OfferRequest], *, kind: PackageType) -> None:
        """Upload 1 to 100 offers into a package that is not ready yet; several uploads fill one package.

        They state facts, so that they may be uploaded again; of two for the same key the later one counts. Raises
        `InvalidRequest` before sending for what the marketplace would refuse.
        """
        _ensure_valid(offers, kind)
        operation = f"POST {_ONE}/offer-requests"
        body = json_body([encode(offer) for offer in offers])
        self._api.state(operation, f"{self._path(package_id)}/offer-requests", body)

    def ready(self, package_id: str) -> None:
        """Hand a package over to the marketplace; nothing can be added after.

        Raises `NotReady` while it digests uploads, or where it is ready already: see its state.
        """
        body = json_body(encode(PackageChange(state=PackageState.READY)))
        try:
            self._api.state(f"PATCH {_ONE}", self._path(package_id), body, method="PATCH")
        except HttpError as error:
            if error.status in (400, 409, 422):
                raise NotReady(error.message, operation=error.operation) from error
            raise

    def get(self, package_id: str) -> OfferPackage:
        """Read where a package stands; raises `HttpError` with status 404 for an unknown one."""
        return self._api.read(f"GET {_ONE}", self._path(package_id)).decoded(OfferPackage)

    def iter(self, *, state: PackageState | None = None, sales_channel_id: str | None = None) -> Iterator[OfferPackage]:
        """List packages; pages are read as the iterator is used."""
        query = {"state": str(state or ""), "salesChannelId": sales_channel_id or ""}
        wanted = {name: value for name, value in query.items() if value}
        for reply in cursor_pages(self._api, f"GET {_PATH}", _PATH, wanted, _PAGE_SIZE):
            yield from reply.decoded_many(OfferPackage)

    def results(self, package_id: str) -> Iterator[OfferRequestResult]:
        """Read what became of each offer; kept for three days.

        Raises `NotReady` before the package is integrated.
        """
        operation, path = f"GET {_ONE}/offer-requests-results", f"{self._path(package_id)}/offer-requests-results"
        try:
            for reply in cursor_pages(self._api, operation, path, {}, _PAGE_SIZE):
                yield from reply.decoded_many(OfferRequestResult)
        except HttpError as error:
            if error.status == 400:
                raise NotReady(error.message, operation=operation) from error
            raise

    def submit(
        self, kind: PackageType, offers: Sequence[OfferRequest], *, sales_channel_id: str | None = None
    ) -> OfferSubmission:
        """Make a package, upload all offers and return a handle, whose `wait` sets it ready and waits for the results.

        Nothing is published before the package is ready, so that whatever fails here may be done again.
        """
        package_id = self.create(kind, sales_channel_id=sales_channel_id)
        for begin in range(0, len(offers), UPLOAD_SIZE):
            self.add(package_id, offers[begin : begin + UPLOAD_SIZE], kind=kind)
        return OfferSubmission(packages=self, package_id=package_id, api=self._api)

    def _path(self, package_id: str) -> str:
        return f"{_PATH}/{segment('package_id', package_id)}"


@frozen(kw_only=True)
class OfferSubmission:
    """A package that was filled. Thread-safe."""

    packages: OfferPackages
    package_id: str
    api: Api

    def status(self) -> PackageState | None:
        """Read where the package stands."""
        return self.packages.get(self.package_id).state

    def wait(
        self, *, timeout: timedelta = timedelta(minutes=30), poll: timedelta = timedelta(seconds=10)
    ) -> list[OfferRequestResult]:
        """Set the package ready once it has digested its uploads, wait until it is integrated, return the results.

        Raises `CallTimeout` after `timeout`: the package goes on, and may be waited for again; `OperationFailed` if it
        was rejected as a whole.
        """
        state: PackageState | None = None
        for _ in attempts(self.api.caller.clock, timeout, poll):
            state = self.status()
            if state == PackageState.WAITING_FOR_COMPLETION:
                self._set_ready()
            elif state in _DONE:
                return self._finish(state)
        raise CallTimeout(f"package {self.package_id} is {state} still", operation=f"GET {_ONE}")

    def _set_ready(self) -> None:
        try:
            self.packages.ready(self.package_id)
        except NotReady:
            return

    def _finish(self, state: PackageState | None) -> list[OfferRequestResult]:
        if state != PackageState.INTEGRATED:
            raise OperationFailed(f"package {self.package_id} is {state}", operation=f"GET {_ONE}")
        return list(self.packages.results(self.package_id))


def _ensure_valid(offers: Sequence[OfferRequest], kind: PackageType) -> None:
    problems: list[Problem] = []
    if not 1 <= len(offers) <= UPLOAD_SIZE:
        problems.append(Problem("offers", f"give 1 to {UPLOAD_SIZE} at a time, not {len(offers)}"))
    for index, offer in enumerate(offers):
        problems += [Problem(f"offers[{index}].{one.field}", one.message) for one in offer.problems(kind)]
    if problems:
        raise InvalidRequest(problems, operation="add")


def _id_of(reply: Reply) -> str:
    """Return the id of a package that was made: in the location, or in the body."""
    if reply.location:
        name = reply.location.rstrip("/").rpartition("/")[2]
    else:
        data = reply.data if is_object(reply.data) else {}
        name = next((str(value) for key in ("packageId", "id") if (value := member(data, key)) is not None), "")
    if not name:
        raise UnreadableAnswer("the answer names no package", status=reply.status, operation=reply.operation)
    return name
