"""Commands on discussions with customers: `messages list | show | answer`, over Octopia."""

from __future__ import annotations

from collections.abc import Sequence
from mimetypes import guess_type
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from rich.table import Table

from cdiscount_marketplace.cli.exits import Exit
from cdiscount_marketplace.cli.listing import Listing, Paging, listed
from cdiscount_marketplace.cli.marketplace import open_octopia
from cdiscount_marketplace.cli.options import DryRun, Marketplace, counted, named
from cdiscount_marketplace.cli.output import Output, facts, table, tell
from cdiscount_marketplace.octopia.discussions import Attachment, Discussion, DiscussionFilter, Message, ProcessStatus

app: App = App(name="messages", help="Read and answer customers' messages (Octopia).")

DiscussionId = Annotated[str, Parameter(help="Id of a discussion, as `messages list` shows it.")]


@app.command(name="list")
def list_discussions(
    *,
    order: Annotated[str | None, Parameter(help="Only those about this order, by its orderId.")] = None,
    everything: Annotated[
        bool, Parameter(name="--closed", negative="", help="Also answered and closed ones; default: what waits.")
    ] = False,
    paging: Paging = Paging(),
    at: Marketplace = Marketplace(),
    out: Output = Output(),
) -> None:
    """List discussions, without what was written."""
    status = None if everything else ProcessStatus.TO_TREAT
    wanted = DiscussionFilter(order_seller_id=order, process_status=status, is_open=None if everything else True)
    with open_octopia(at) as client:
        discussions = list(client.discussions.iter(wanted))
    listing = _listing(discussions)
    out.show([_bare(one) for one in listing.values(paging)], lambda: listing.parts(paging))


@app.command
def show(*discussions: DiscussionId, at: Marketplace = Marketplace(), out: Output = Output()) -> None:
    """Show discussions with all that was written."""
    named(discussions, "discussions")
    with open_octopia(at) as client:
        found = [client.discussions.get(discussion_id) for discussion_id in discussions]
    out.show(found, *(part for discussion in found for part in _whole(discussion)))


@app.command
def answer(
    discussion: DiscussionId,
    text: Annotated[str, Parameter(help="What the customer reads.")],
    *,
    file: Annotated[list[str] | None, Parameter(negative="", help="A file to attach; repeat for several.")] = None,
    close: Annotated[bool, Parameter(negative="", help="Close the discussion after it.")] = False,
    dry_run: DryRun = False,
    at: Marketplace = Marketplace(),
    out: Output = Output(),
) -> Exit:
    """Answer the customer of one discussion.

    An answer is never sent twice by itself: if the marketplace does not confirm it, look at the discussion first.
    """
    attachments = [_attachment(path) for path in file or ()]
    with open_octopia(at) as client:
        current = client.discussions.get(discussion)
        if dry_run:
            out.show(_bare(current), _table([current]))
            return Exit.DONE
        message_id = client.messages.answer(current, text, attachments=attachments)
        if close:
            client.discussions.close(discussion)
    out.show({"discussion": discussion, "message": message_id, "closed": close}, f"answered {discussion}")
    if close:
        tell(f"{discussion} is closed")
    return Exit.DONE


def _attachment(path: str) -> Attachment:
    kind, _ = guess_type(path)
    return Attachment.of(Path(path).name, Path(path).read_bytes(), kind or "application/octet-stream")


def _bare(discussion: Discussion) -> dict[str, object]:
    """Return what a list shows of a discussion: nothing that a customer wrote."""
    return {
        "discussion_id": discussion.discussion_id,
        "order": discussion.order_reference or discussion.order_seller_id,
        "topic": discussion.sub_typology_code,
        "graduation": discussion.graduation,
        "is_open": discussion.is_open,
        "status": discussion.status,
        "updated_at": discussion.updated_at,
    }


def _listing(discussions: Sequence[Discussion]) -> Listing[Discussion]:
    title = counted(len(discussions), "discussion")
    return listed(discussions, title=title, columns=_COLUMNS, row=_cells)


_COLUMNS = ("Discussion", "Order", "Topic", "Kind", "Open", "Status", "Updated")


def _cells(discussion: Discussion) -> Sequence[object]:
    return tuple(_bare(discussion).values())


def _table(discussions: Sequence[Discussion]) -> Table:
    return table(counted(len(discussions), "discussion"), _COLUMNS, map(_cells, discussions))


def _whole(discussion: Discussion) -> tuple[Table, Table]:
    about = [("subject", discussion.subject), *_bare(discussion).items()]
    rows = (_message_cells(message) for message in discussion.messages)
    columns = ("When", "From", "Text", "Files")
    return facts(f"Discussion {discussion.discussion_id}", about), table("Messages", columns, rows)


def _message_cells(message: Message) -> Sequence[object]:
    sender = message.sender.user_type if message.sender else None
    files = tuple(one.file_name for one in message.attachments)
    return message.created_at, sender, message.body, files
