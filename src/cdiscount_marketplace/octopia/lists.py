"""Lists of several pages, read through the API one page at a time: by index, or by a cursor."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from cdiscount_marketplace.calls.retry import read_may_repeat_without_timeouts
from cdiscount_marketplace.errors import CdiscountError, InvalidRequest, Problem
from cdiscount_marketplace.octopia.api import Api, Reply
from cdiscount_marketplace.octopia.paging import PageTrail, next_cursor, next_page, next_parameters, says_beyond_end

MOST_PER_PAGE: Final = 100


def cursor_pages(
    api: Api, operation: str, path: str, query: Mapping[str, str], page_size: int, *, size_name: str = "limit"
) -> Iterator[Reply]:
    """Read a list that goes on by a cursor, page by page, as the iterator is used.

    It ends where an answer names no further cursor. Raises `UnreadableAnswer` for a list that leads back to where it
    was, or whose further pages show nothing new.
    """
    trail = PageTrail(operation)
    parameters: Mapping[str, str] | None = {**query, size_name: str(page_size)}
    while parameters is not None:
        trail.ask(parameters)
        reply = api.read(operation, path, parameters)
        if not trail.is_new(reply.items()):
            raise trail.nothing_new()
        yield reply
        parameters = next_cursor(parameters, reply.link, reply.body_cursor) if reply.items() else None


def index_pages(
    api: Api,
    path: str,
    query: Mapping[str, str],
    page_size: int = MOST_PER_PAGE,
    between: Callable[[], None] = lambda: None,
) -> Iterator[Reply]:
    """Read a list that goes on by a page's number, page by page; `between` is called before each further request.

    It ends with an empty page that names no next one: a shorter page proves nothing. Raises `UnreadableAnswer` for a
    list that leads back to where it was, or whose further pages show nothing new.
    """
    if not 1 <= page_size <= MOST_PER_PAGE:
        raise InvalidRequest([Problem("page_size", f"choose 1 to {MOST_PER_PAGE}")])
    parameters: dict[str, str] | None = {**query, "pageIndex": "1", "pageSize": str(page_size)}
    trail, ended = PageTrail(f"GET {path}"), False
    while parameters is not None:
        if trail.begun:
            between()
        trail.ask(parameters)
        reply = _page(api, path, parameters, may_be_absent=ended)
        if reply is None:
            return
        # No local holds the items: tools that report errors show what frames hold.
        if not trail.is_new(reply.items()):
            # A service that does not page answers each page with its whole, short list.
            if ended:
                return
            raise trail.nothing_new()
        ended = len(reply.items()) < page_size and next_parameters(reply.link) is None
        if reply.items() or parameters["pageIndex"] == "1":
            yield reply
        parameters = next_page(parameters, len(reply.items()), reply.link)


def _page(api: Api, path: str, parameters: dict[str, str], *, may_be_absent: bool) -> Reply | None:
    """Read a page; None where one that nothing announced is not there."""
    number = parameters.get("reference")
    try:
        # A list that is too slow is better asked for in smaller parts than asked for again.
        reply = api.read(f"GET {path}", path, parameters, rule=read_may_repeat_without_timeouts, order_number=number)
        reply.items()
    except CdiscountError as error:
        if may_be_absent and says_beyond_end(error):
            return None
        raise
    return reply
