"""Commands on discussions, over either API: `discussions list | close`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, Final

from attrs import frozen
from cyclopts import App, Parameter

from cdiscount_marketplace.cli.exits import Exit
from cdiscount_marketplace.cli.listing import Paging, listed
from cdiscount_marketplace.cli.marketplace import channel_of, open_octopia, open_soap
from cdiscount_marketplace.cli.options import DryRun, Marketplace, counted, named
from cdiscount_marketplace.cli.output import Output, table
from cdiscount_marketplace.errors import HttpError, InvalidRequest, Problem
from cdiscount_marketplace.octopia.client import OctopiaClient
from cdiscount_marketplace.octopia.discussions import DiscussionFilter
from cdiscount_marketplace.soap.client import MarketplaceClient
from cdiscount_marketplace.soap.discussions.enums import CloseStatus, DiscussionStateFilter
from cdiscount_marketplace.soap.discussions.models import (
    OfferQuestionFilter,
    OrderClaimFilter,
    OrderQuestionFilter,
)

app: App = App(name="discussions", help="List and close discussions with customers.")

# Without any date, the service has been seen to break down.
_EVER: Final = datetime(2000, 1, 1, tzinfo=UTC)
_OPEN: Final = (DiscussionStateFilter.OPEN, DiscussionStateFilter.NOT_PROCESSED)
_CLOSED: Final = (CloseStatus.CLOSED, CloseStatus.ALREADY_CLOSED)
_NOT_FOUND: Final = 404


@frozen(kw_only=True)
class ShownDiscussion:
    """What a list shows of a discussion: nothing that a customer wrote. `about` is an order, or a product."""

    discussion_id: str
    kind: str | None
    about: str | None
    status: str | None
    opened_at: datetime | None
    updated_at: datetime | None


@frozen(kw_only=True)
class ClosedDiscussion:
    """What became of closing a discussion, in the marketplace's word."""

    discussion_id: str
    closed: bool
    status: str


@app.command(name="list")
def list_discussions(
    *,
    closed: Annotated[bool, Parameter(negative="", help="Also closed ones; default: open ones.")] = False,
    paging: Paging = Paging(),
    at: Marketplace = Marketplace(),
    out: Output = Output(),
) -> None:
    """List discussions, without what was written."""
    if channel_of(at) == "octopia":
        with open_octopia(at) as octopia:
            discussions = list(_of_octopia(octopia, closed=closed))
    else:
        with open_soap(at) as soap:
            discussions = list(_of_soap(soap, closed=closed))
    title = counted(len(discussions), "discussion")
    listing = listed(discussions, title=title, columns=_COLUMNS, row=_cells)
    out.show(listing.values(paging), lambda: listing.parts(paging))


@app.command
def close(
    *discussions: Annotated[str, Parameter(help="Numbers of discussions, as `discussions list` shows them.")],
    dry_run: DryRun = False,
    at: Marketplace = Marketplace(),
    out: Output = Output(),
) -> Exit:
    """Close discussions; one that is closed already stays so."""
    named(discussions, "discussions")
    wanted = list(dict.fromkeys(discussions))
    numbers = _numbers(wanted) if channel_of(at) == "soap" else []
    if dry_run:
        out.show(wanted, f"would close {', '.join(wanted)}")
        return Exit.DONE
    if channel_of(at) == "octopia":
        with open_octopia(at) as octopia:
            results = [_close(octopia, one) for one in wanted]
    else:
        with open_soap(at) as soap:
            results = [
                ClosedDiscussion(
                    discussion_id=str(one.discussion_id), closed=one.status in _CLOSED, status=str(one.status)
                )
                for one in soap.discussions.close(*numbers)
            ]
    rows = ((one.discussion_id, one.closed, one.status) for one in results)
    out.show(results, table(counted(len(results), "discussion"), ("Discussion", "Closed", "Answer"), rows))
    return Exit.DONE if all(one.closed for one in results) else Exit.NEEDS_PERSON


_COLUMNS = ("Discussion", "Kind", "About", "Status", "Opened", "Updated")


def _cells(one: ShownDiscussion) -> Sequence[object]:
    return one.discussion_id, one.kind, one.about, one.status, one.opened_at, one.updated_at


def _numbers(discussions: Sequence[str]) -> list[int]:
    wrong = [Problem(one, "is not the number of a discussion") for one in discussions if not one.isdecimal()]
    if wrong:
        raise InvalidRequest(wrong)
    return [int(one) for one in discussions]


def _of_octopia(client: OctopiaClient, *, closed: bool) -> Iterator[ShownDiscussion]:
    for one in client.discussions.iter(DiscussionFilter(is_open=None if closed else True)):
        yield ShownDiscussion(
            discussion_id=str(one.discussion_id),
            kind=one.graduation,
            about=one.order_reference or one.order_seller_id or one.product_id,
            status="Closed" if one.is_open is False else one.status,
            opened_at=one.created_at,
            updated_at=one.updated_at,
        )


def _of_soap(client: MarketplaceClient, *, closed: bool) -> Iterator[ShownDiscussion]:
    states = () if closed else _OPEN
    section = client.discussions
    threads = [
        *(
            ("Claim", one.order_number, one)
            for one in section.claims(OrderClaimFilter(created_from=_EVER, states=states))
        ),
        *(
            ("Question", one.order_number, one)
            for one in section.order_questions(OrderQuestionFilter(created_from=_EVER, states=states))
        ),
        *(
            ("OfferQuestion", one.product_seller_reference or one.product_ean, one)
            for one in section.offer_questions(OfferQuestionFilter(created_from=_EVER, states=states))
        ),
    ]
    for kind, about, one in threads:
        yield ShownDiscussion(
            discussion_id=str(one.id),
            kind=kind,
            about=about,
            status=one.status,
            opened_at=one.creation_date,
            updated_at=one.last_updated_date,
        )


def _close(client: OctopiaClient, discussion_id: str) -> ClosedDiscussion:
    try:
        client.discussions.close(discussion_id)
    except HttpError as error:
        if error.status != _NOT_FOUND:
            raise
        return ClosedDiscussion(discussion_id=discussion_id, closed=False, status=str(CloseStatus.NOT_FOUND))
    return ClosedDiscussion(discussion_id=discussion_id, closed=True, status=str(CloseStatus.CLOSED))
