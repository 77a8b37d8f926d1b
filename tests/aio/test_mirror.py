"""The clients and jobs for asyncio code have the names and the signatures of the synchronous ones."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from cdiscount_marketplace import MarketplaceClient, OctopiaClient, aio, oms
from cdiscount_marketplace.aio.octopia import AsyncInvoiceUpload, AsyncOfferSubmission, AsyncProductSubmission
from cdiscount_marketplace.aio.soap import AsyncSubmittedPackage
from cdiscount_marketplace.aio.twins import Twin
from cdiscount_marketplace.octopia.invoices import InvoiceUpload
from cdiscount_marketplace.octopia.offers.packages import OfferSubmission
from cdiscount_marketplace.octopia.products.submission import ProductSubmission
from cdiscount_marketplace.soap.packages import SubmittedPackage
from support.async_twins import MODULES, PLAIN, shape, target, written

# What handles take along for themselves.
HIDDEN = {"api"}
HANDLES = [
    (OfferSubmission, AsyncOfferSubmission),
    (ProductSubmission, AsyncProductSubmission),
    (InvoiceUpload, AsyncInvoiceUpload),
    (SubmittedPackage, AsyncSubmittedPackage),
]
JOBS = [
    (oms.OrderImporter, aio.AsyncOrderImporter),
    (oms.OrderAcceptor, aio.AsyncOrderAcceptor),
    (oms.ShipmentPusher, aio.AsyncShipmentPusher),
    (oms.RefundPusher, aio.AsyncRefundPusher),
    (oms.OfferPusher, aio.AsyncOfferPusher),
]


def sections(sync: Any, twin: Any) -> Iterator[tuple[type, type]]:
    """Yield the classes of two objects, and those of their sections."""
    yield type(sync), type(twin)
    for name in public(sync):
        part = getattr(twin, name, None)
        if isinstance(part, Twin):
            yield from sections(getattr(sync, name), part)


def clients() -> list[tuple[type, type]]:
    soap = aio.AsyncMarketplaceClient(token="0" * 32)
    octopia = aio.AsyncOctopiaClient(client_id="id", client_secret="secret", seller_id="1")
    return [*sections(soap.sync, soap), *sections(octopia.sync, octopia)]


def public(thing: object) -> list[str]:
    return [name for name in dir(thing) if not name.startswith("_")]


def parameters(function: Any) -> list[tuple[str, Any, Any, Any]]:
    listed = inspect.signature(function).parameters.values()
    # A lambda is another one each time.
    return [
        (one.name, one.kind, one.annotation, "callable" if callable(one.default) else one.default) for one in listed
    ]


CLIENTS = clients()
PAIRS = [*CLIENTS, *HANDLES, *JOBS]
METHODS = [
    pytest.param(sync, twin, name, id=f"{sync.__module__.rpartition('.')[2]}.{sync.__name__}.{name}")
    for sync, twin in PAIRS
    for name in public(sync)
    if inspect.isfunction(getattr(sync, name)) and hasattr(twin, name)
]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module[0])
def test_modules_are_as_the_synchronous_sources_say(module: tuple[str, str, dict[str, str]]) -> None:
    current = target(module[0]).read_text(encoding="utf-8")
    assert shape(current) == shape(written(*module)), "run: PYTHONPATH=tests python -m support.async_twins"


@pytest.mark.parametrize(("sync", "twin"), PAIRS, ids=lambda kind: kind.__name__)
def test_every_public_member_has_its_twin(sync: type, twin: type) -> None:
    missing = set(public(sync)) - set(public(twin)) - HIDDEN
    assert missing == ({"close"} if hasattr(twin, "aclose") and hasattr(sync, "close") else set())


@pytest.mark.parametrize(("sync", "twin", "name"), METHODS)
def test_signatures_are_the_same(sync: type, twin: type, name: str) -> None:
    one, other = getattr(sync, name), getattr(twin, name)
    assert parameters(one) == parameters(other)
    before, after = (str(inspect.signature(method).return_annotation) for method in (one, other))
    assert after in (before, before.replace("Iterator[", "AsyncItems["), f"Async{before}")


@pytest.mark.parametrize(("sync", "twin", "name"), METHODS)
def test_what_makes_requests_is_awaited(sync: type, twin: type, name: str) -> None:
    iterates = str(inspect.signature(getattr(sync, name)).return_annotation).startswith("Iterator[")
    assert inspect.iscoroutinefunction(getattr(twin, name)) == (not iterates and name not in PLAIN)


@pytest.mark.parametrize(
    ("sync", "twin"),
    [(MarketplaceClient, aio.AsyncMarketplaceClient), (OctopiaClient, aio.AsyncOctopiaClient), *JOBS],
    ids=lambda kind: kind.__name__,
)
def test_constructors_have_the_same_options_and_threads(sync: type, twin: type) -> None:
    own = parameters(twin.__init__)
    assert own[:-1] == parameters(sync.__init__)
    assert own[-1][0] == "threads"


def test_sections_of_sections_are_mirrored_too() -> None:
    names = {sync.__name__ for sync, _ in CLIENTS}
    assert {"Orders", "Gestures", "Offers", "OfferPackages", "Categories", "Refunds"} <= names


def test_nothing_is_imported_without_asking() -> None:
    asked = (
        "import sys, cdiscount_marketplace as c, cdiscount_marketplace.oms as o; c.MarketplaceClient, o.OrderImporter; "
    )
    code = asked + "print([name for name in sys.modules if name.startswith('cdiscount_marketplace.aio')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
