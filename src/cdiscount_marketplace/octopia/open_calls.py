"""Calls that are known by name only: parsed JSON in, parsed JSON out, with the rules that hold for all calls.

No public source shows the bodies of these operations, so nothing here is typed, and none of it is verified: names of
members and filters are those of the service's own documentation, as your account shows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from attrs import frozen

from cdiscount_marketplace.octopia.api import Api, count_of, json_body, segment
from cdiscount_marketplace.octopia.lists import cursor_pages

Query: TypeAlias = Mapping[str, str]
_PAGE_SIZE = 1000


@frozen
class OpenCalls:
    """The four kinds of calls, on paths whose variable parts stand in braces. Thread-safe."""

    _api: Api

    def listed(self, path: str, *ids: str, query: Query | None = None) -> Iterator[Any]:
        """List the items of all pages, which are read as the iterator is used."""
        operation, filled = f"GET {path}", _filled(path, ids)
        for reply in cursor_pages(self._api, operation, filled, query or {}, _PAGE_SIZE):
            yield from reply.items()

    def one(self, path: str, *ids: str, query: Query | None = None) -> Any:
        """Read one thing."""
        return self._api.read(f"GET {path}", _filled(path, ids), query).data

    def count(self, path: str, *ids: str, query: Query | None = None) -> int:
        """Read a count."""
        return count_of(self._api.read(f"GET {path}", _filled(path, ids), query))

    def file(self, path: str, *ids: str) -> bytes:
        """Read a file."""
        return self._api.download(f"GET {path}", _filled(path, ids))

    def made(self, path: str, body: object) -> Any:
        """Make something, never twice by itself; raises `OutcomeUnknown` where it may have been made."""
        return self._api.send(f"POST {path}", path, json_body(body)).data


def _filled(path: str, ids: tuple[str, ...]) -> str:
    for value in ids:
        begin, end = path.index("{"), path.index("}")
        path = path[:begin] + segment(path[begin + 1 : end], value) + path[end + 1 :]
    return path
