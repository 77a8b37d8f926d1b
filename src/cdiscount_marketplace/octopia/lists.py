"""Lists of several pages, read through the API one page at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cdiscount_marketplace.octopia.api import Api, Reply
from cdiscount_marketplace.octopia.paging import PageTrail, next_cursor


def cursor_pages(api: Api, operation: str, path: str, query: Mapping[str, str], page_size: int) -> Iterator[Reply]:
    """Read a list that goes on by a cursor, page by page, as the iterator is used.

    It ends where an answer names no further cursor. Raises `UnreadableAnswer` for a list that leads back to where it
    was, or whose further pages show nothing new.
    """
    trail = PageTrail(operation)
    parameters: Mapping[str, str] | None = {**query, "limit": str(page_size)}
    while parameters is not None:
        trail.ask(parameters)
        reply = api.read(operation, path, parameters)
        if not trail.is_new(reply.items()):
            raise trail.nothing_new()
        yield reply
        parameters = next_cursor(parameters, reply.link, reply.body_cursor) if reply.items() else None
