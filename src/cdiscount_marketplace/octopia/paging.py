"""Where a list goes on: decided from an answer's size and its Link header, without I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, urlsplit

from requests.utils import parse_header_links

from cdiscount_marketplace.errors import CdiscountError, HtmlAnswer, HttpError, TruncatedAnswer, UnreadableAnswer

MOST_PAGES = 10_000
"""No list of a seller is longer; one that is does not end."""

# A service that cuts pages before it filters them may show a few empty ones in between.
_MOST_EMPTY = 20

# Not found, and range not satisfiable.
_NO_PAGE = frozenset({404, 416})


class PageTrail:
    """What a list has shown so far, to notice when it does not end. For one list, one thread."""

    def __init__(self, operation: str, *, most: int = MOST_PAGES) -> None:
        self._operation = operation
        self._most = most
        self._asked: set[tuple[tuple[str, str], ...]] = set()
        self._seen: set[int] = set()
        self._empty = 0

    @property
    def begun(self) -> bool:
        """Whether a page was asked for."""
        return bool(self._asked)

    def ask(self, parameters: Mapping[str, str]) -> None:
        """Note which page is asked for; raises `UnreadableAnswer` for one that was read before, or too many."""
        page = tuple(sorted(parameters.items()))
        if page in self._asked:
            raise UnreadableAnswer("the list leads back to a page that was read", operation=self._operation)
        if len(self._asked) >= self._most:
            raise UnreadableAnswer(f"the list has more than {self._most} pages", operation=self._operation)
        self._asked.add(page)

    def is_new(self, items: Sequence[object]) -> bool:
        """Note the content of a page, and return whether it is new."""
        hashes = {hash(repr(item)) for item in items}
        self._empty = 0 if hashes else self._empty + 1
        if self._empty > _MOST_EMPTY:
            return False
        fresh = not hashes or not hashes <= self._seen
        self._seen |= hashes
        return fresh

    def nothing_new(self) -> UnreadableAnswer:
        """Return the error for a list that goes on without showing anything new."""
        return UnreadableAnswer("a page shows nothing that earlier pages did not", operation=self._operation)


def next_parameters(link: str | None) -> dict[str, str] | None:
    """Return the query parameters of a Link header's rel=next, None where there is none.

    Only the query is used: an answer never decides which host a token is sent to.
    """
    for entry in parse_header_links(link or ""):
        if entry.get("rel", "").lower() == "next":
            return dict(parse_qsl(urlsplit(entry["url"]).query))
    return None


def says_beyond_end(error: CdiscountError) -> bool:
    """Return whether a service may mean by this that a page which nothing announced is not there."""
    if isinstance(error, HttpError):
        return error.status in _NO_PAGE
    return isinstance(error, UnreadableAnswer) and not isinstance(error, (HtmlAnswer, TruncatedAnswer))


def next_page(parameters: Mapping[str, str], received: int, link: str | None) -> dict[str, str] | None:
    """Return the parameters of the following page in index paging, None at the end: an empty page without a next one.

    A page that is shorter than asked proves nothing, and neither does a missing Link: services cap and filter pages.
    """
    announced = next_parameters(link)
    if received == 0 and announced is None:
        return None
    following = {**parameters, "pageIndex": str(int(parameters["pageIndex"]) + 1)}
    return {**following, **(announced or {})}


def next_cursor(parameters: Mapping[str, str], link: str | None, in_body: object) -> dict[str, str] | None:
    """Return the parameters of the following page in cursor paging, None at the end.

    The cursor comes in the Link header, spelt `cursor` or `Cursor`, or in the body.
    """
    linked = {name.lower(): value for name, value in (next_parameters(link) or {}).items()}
    cursor = linked.get("cursor") or in_body
    if not isinstance(cursor, str) or not cursor or cursor == parameters.get("cursor"):
        return None
    return {**parameters, "cursor": cursor}
