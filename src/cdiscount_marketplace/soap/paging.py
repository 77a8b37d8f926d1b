"""Reading lists that come page by page, so that a part of one is never taken for all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, Generic, TypeVar

from attrs import frozen

from cdiscount_marketplace.errors import UnreadableAnswer

T = TypeVar("T")

# Nobody has as many pages; a service that never ends must not be read forever.
_MOST_PAGES: Final = 100_000


@frozen
class Page(Generic[T]):
    """A page: what is on it, which one the service says it is, and how many it counts."""

    items: Sequence[T]
    number: int | None
    count: int | None


def read_pages(read: Callable[[int], Page[T]], operation: str, *, first: int = 1) -> Iterator[T]:
    """Yield what is on all pages from `first` on, each read when it is needed.

    It ends at the last page that the service counts, or at an empty one. Raises `UnreadableAnswer` for a page that is
    not the one that was asked for, that repeats the one before, or that is empty before the last.
    """
    previous: Sequence[T] = ()
    for number in range(first, _MOST_PAGES):
        page = read(number)
        if _is_wrong(page, number, previous):
            raise UnreadableAnswer(f"page {number} cannot be right", operation=operation)
        yield from page.items
        if not page.items or number == page.count:
            return
        previous = page.items
    raise UnreadableAnswer("the list does not end", operation=operation)


def _is_wrong(page: Page[T], number: int, previous: Sequence[T]) -> bool:
    is_other = page.number not in (None, number)
    is_repeated = bool(page.items) and page.items == previous
    ends_early = not page.items and number < (page.count or 0)
    return is_other or is_repeated or ends_early
