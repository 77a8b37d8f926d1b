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
    not the one that was asked for, that repeats an earlier one, that is empty before the last, or that counts fewer
    pages than one before it.
    """
    seen: set[int] = set()
    count = 0
    for number in range(first, _MOST_PAGES):
        page = read(number)
        mark = hash(tuple(page.items))
        if _is_wrong(page, number, count) or (page.items and mark in seen):
            raise UnreadableAnswer(f"page {number} cannot be right", operation=operation)
        yield from page.items
        count = page.count or count
        if not page.items or number == count:
            return
        seen.add(mark)
    raise UnreadableAnswer("the list does not end", operation=operation)


def _is_wrong(page: Page[T], number: int, count: int) -> bool:
    is_other = page.number not in (None, number)
    # Ending by the lower count would take a part for all.
    is_fewer = page.count is not None and page.count < count
    ends_early = not page.items and number < (page.count or count)
    return is_other or is_fewer or ends_early
