"""Commands on offers: `offers put | push | list | status` keep them in step, `offers export` reads what is shown."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from decimal import Decimal
from functools import partial
from typing import Annotated, TypeAlias

from attrs import frozen
from cyclopts import App, Parameter

from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.channels.port import SalesChannel
from cdiscount_marketplace.cli.exits import Exit, ending_code
from cdiscount_marketplace.cli.listing import Listing, Paging, in_pages, listed
from cdiscount_marketplace.cli.marketplace import channel_of, open_channel, open_with, variables_of
from cdiscount_marketplace.cli.options import DryRun, Marketplace, Place, known
from cdiscount_marketplace.cli.output import Lines, Output, Part, facts, tell
from cdiscount_marketplace.cli.progress import progress
from cdiscount_marketplace.cli.published import ShownOffer, csv_lines, published_listing, published_offers
from cdiscount_marketplace.cli.resolving import UploadOption, load_upload
from cdiscount_marketplace.cli.store import make_store, open_store, undone
from cdiscount_marketplace.errors import InvalidRequest, Problem
from cdiscount_marketplace.events.hooks import Hook
from cdiscount_marketplace.oms import OfferPusher, OfferPushReport, stop_on_signals
from cdiscount_marketplace.oms.ports import OfferPackage, OfferState, OfferTask, PackageState
from cdiscount_marketplace.oms.settings import ensure_account

app: App = App(name="offers", help="Keep stock and prices in step.")

_OPEN_PACKAGES = (PackageState.CREATED, PackageState.FILLED, PackageState.READY)
_NEEDING_A_PERSON = (OfferState.REJECTED, OfferState.WAITING)


@frozen(kw_only=True)
class OfferStatus:
    """How many offers are in each state, and the packages that are on their way."""

    account: str
    offers: dict[str, int]
    packages: tuple[OfferPackage, ...]


@app.command
def put(
    sku: Annotated[str, Parameter(help="Your reference of the offer.")],
    *,
    quantity: Annotated[int | None, Parameter(help="How many are in stock.")] = None,
    price: Annotated[Decimal | None, Parameter(help="What customers pay, taxes included.")] = None,
    original_price: Annotated[Decimal | None, Parameter(help="The price that is struck through; 0 removes it.")] = None,
    dry_run: DryRun = False,
    at: Marketplace = Marketplace(),
    place: Place = Place(),
    out: Output = Output(),
) -> None:
    """Store the newest stock or price of one offer.

    Makes the store if there is none at this address. The next `offers push` sends it. An offer that the marketplace
    does not know needs more than that: store it from your own code.
    """
    if quantity is None and price is None and original_price is None:
        raise InvalidRequest([Problem("quantity", "give --quantity, --price or --original-price")])
    # Once: a secret may be read from standard input, or asked for.
    channel = channel_of(at)
    login = partial(open_with, channel, variables_of(at, channel), at)
    if not dry_run:
        _make_store(login, place)
    with open_store(place) as oms, _pusher(oms, login, place) as pusher, undone(oms) if dry_run else oms.unit():
        changed = pusher.put(sku, quantity=quantity, price=price, original_price=original_price)
        rows = oms.find_offers(place.account, [sku])
    listing = listed(rows, title="1 offer" if changed else "1 offer, as it was", columns=_COLUMNS, row=_cells)
    out.show(rows, lambda: listing.parts(Paging()))


@app.command
def push(
    *,
    upload: UploadOption = None,
    dry_run: DryRun = False,
    at: Marketplace = Marketplace(),
    place: Place = Place(),
    out: Output = Output(),
) -> Exit:
    """Send what changed, and read what became of earlier changes."""
    if dry_run:
        with open_store(place) as oms:
            listing = offer_listing(oms, place.account, (OfferState.PENDING,))
            out.show(listing.values(Paging()), lambda: listing.parts(Paging(), more="--json prints every one"))
        return Exit.DONE
    put_file = load_upload(upload)
    if channel_of(at) == "soap" and put_file is None:
        words = "over soap the marketplace fetches packages: name the function that puts a file where a URL leads to it"
        raise InvalidRequest([Problem("--upload", words)])
    with open_store(place) as oms, _pusher(oms, partial(open_channel, at, upload=put_file), place) as pusher:
        report = pusher.run()
    out.show(report, facts(f"Offers of {report.account}", _report_facts(report)))
    return ending_code(report.ended_by, needs_person=bool(report.problems))


@app.command(name="list")
def list_offers(
    *,
    state: Annotated[list[str] | None, Parameter(negative="", help="Repeat for several; default: all.")] = None,
    published: Annotated[bool, Parameter(negative="", help="As the marketplace shows them; asks no store.")] = False,
    paging: Paging = Paging(),
    at: Marketplace = Marketplace(),
    place: Place = Place(),
    out: Output = Output(),
) -> None:
    """List stored offers, or those that the marketplace shows."""
    states = tuple(known("--state", OfferState, state or ()))
    if published:
        _list_published(states, paging, at, out)
        return
    with open_store(place) as oms:
        listing = offer_listing(oms, place.account, states)
        out.show(listing.values(paging), lambda: listing.parts(paging))


def _list_published(states: Sequence[OfferState], paging: Paging, at: Marketplace, out: Output) -> None:
    if states:
        raise InvalidRequest([Problem("--state", "only stored offers have these states: leave out --published")])
    with published_offers(at, ()) as offers:
        shown = published_listing(list(offers))
    out.show(shown.values(paging), lambda: shown.parts(paging))


@app.command
def export(
    *,
    sku: Annotated[list[str] | None, Parameter(negative="", help="Repeat for several; default: all.")] = None,
    at: Marketplace = Marketplace(),
    out: Output = Output(),
) -> Exit:
    """Write the offers that the marketplace shows as CSV."""
    wanted = tuple(sku or ())
    missing = dict.fromkeys(wanted)
    with published_offers(at, wanted) as offers:
        shown = _noted(offers, missing)
        out.show(shown, lambda: [Lines(csv_lines(shown))])
    if missing:
        tell(f"the marketplace shows no offer: {', '.join(missing)}")
    return Exit.NEEDS_PERSON if missing else Exit.DONE


def _noted(offers: Iterable[ShownOffer], missing: dict[str, None]) -> Iterator[ShownOffer]:
    """Take each offer that passes out of what is still missing."""
    for offer in offers:
        missing.pop(offer.sku or "", None)
        yield offer


@app.command
def status(*, place: Place = Place(), out: Output = Output()) -> Exit:
    """Show how far the marketplace has followed."""
    with open_store(place) as oms:
        counts = {str(state): oms.count_offers(place.account, (state,)) for state in OfferState.values()}
        packages = tuple(oms.list_packages(place.account, _OPEN_PACKAGES))
        problems = offer_listing(oms, place.account, _NEEDING_A_PERSON)
        found = OfferStatus(account=place.account, offers=counts, packages=packages)
        out.show(found, lambda: _status_parts(found, problems))
    return Exit.NEEDS_PERSON if problems.total else Exit.DONE


def _status_parts(found: OfferStatus, problems: Listing[OfferTask]) -> Iterator[Part]:
    about = [*found.offers.items(), ("packages on their way", len(found.packages) or None)]
    yield facts(f"Offers of {found.account}", about)
    if problems.total:
        more = "`offers list --state rejected --state waiting --all` shows every one"
        yield from problems.parts(Paging(), more=more)


def offer_listing(oms: SqlOms, account: str, states: Sequence[OfferState]) -> Listing[OfferTask]:
    """List an account's offers in any of `states` (none given: all)."""
    total = oms.count_offers(account, states)
    return Listing(
        title=f"Offers: {total}",
        columns=_COLUMNS,
        row=_cells,
        total=total,
        read=partial(in_pages, partial(oms.page_offers, account, states)),
    )


_COLUMNS = ("SKU", "Quantity", "Price", "State", "Attempts", "Updated", "Answer")


def _cells(each: OfferTask) -> Sequence[object]:
    offer = each.offer
    return offer.sku, offer.quantity, offer.price, each.state, each.attempt, each.updated_at, each.message


def _report_facts(report: OfferPushReport) -> list[tuple[str, object]]:
    return [
        ("sent", report.sent),
        ("in step", report.in_step),
        ("rejected", report.rejected or None),
        ("still to send", report.pending or None),
        ("on the way", report.on_the_way or None),
        ("waiting for their full data", report.waiting or None),
        ("ended by", report.ended_by),
        ("quota resets", report.retry_at),
    ]


_Login: TypeAlias = Callable[[Sequence[Hook]], AbstractContextManager[SalesChannel]]


def _make_store(login: _Login, place: Place) -> None:
    # What cannot log in leaves no store behind.
    with login(()):
        ensure_account(place.account)
    make_store(place.store)


@contextmanager
def _pusher(oms: SqlOms, login: _Login, place: Place) -> Generator[OfferPusher]:
    with progress("offers") as hook, login([hook]) as channel:
        pusher = OfferPusher(channel, oms, account=place.account, hooks=[hook])
        with stop_on_signals([pusher]):
            yield pusher
