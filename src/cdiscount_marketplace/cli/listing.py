"""Lists that may be long: counted in the store, read page by page, and cut to what a screen can show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Annotated, Generic, TypeVar

from attrs import frozen
from cyclopts import Parameter
from cyclopts.validators import Number
from rich.cells import cell_len

from cdiscount_marketplace.cli.output import Lines, Part, cell, lines, table
from cdiscount_marketplace.errors import InvalidRequest, Problem

T = TypeVar("T")

SCREEN_ROWS = 50
_PAGE = 2_000
# So many rows decide how wide the columns of a long list are.
_MEASURED = 200


@Parameter(name="*")
@frozen(kw_only=True)
class Paging:
    """How much of a list is wanted."""

    limit: Annotated[
        int | None,
        Parameter(help="Show so many rows; default: 50, with --json all.", validator=Number(gte=1)),
    ] = None
    everything: Annotated[bool, Parameter(name="--all", negative="", help="Show every row, one a line.")] = False

    @property
    def on_screen(self) -> int | None:
        """How many rows a person sees (None: all)."""
        return None if self.everything else self.limit or SCREEN_ROWS

    def __attrs_post_init__(self) -> None:
        if self.everything and self.limit is not None:
            raise InvalidRequest([Problem("limit", "give either --limit or --all")])


@frozen(kw_only=True)
class Listing(Generic[T]):
    """A list: its columns, how many rows there are, and how to read the first ones (None: all)."""

    title: str
    columns: tuple[str, ...]
    row: Callable[[T], Sequence[object]]
    total: int
    read: Callable[[int | None], Iterable[T]]

    def values(self, paging: Paging) -> Iterator[T]:
        """Return the rows for a program: all, unless it wants fewer."""
        return iter(self.read(paging.limit))

    def parts(self, paging: Paging, more: str = "--all shows every row, --limit so many") -> Iterator[Part]:
        """Return what a person sees: a table of the first rows, or every row on a line.

        `more` explains how to see what the table leaves out.
        """
        limit = paging.on_screen
        if limit is None:
            yield self.title
            yield Lines(self._lines())
            return
        yield table(self.title, self.columns, map(self.row, self.read(limit)))
        if self.total > limit:
            yield f"{self.total - limit} more: {more}."

    def _lines(self) -> Iterator[str]:
        rows = map(self.row, self.read(None))
        first = list(islice(rows, _MEASURED))
        widths = [
            max(map(cell_len, (name, *(cell(row[position]) for row in first))))
            for position, name in enumerate(self.columns)
        ]
        return lines(self.columns, chain(first, rows), widths)


def listed(
    items: Sequence[T], *, title: str, columns: tuple[str, ...], row: Callable[[T], Sequence[object]]
) -> Listing[T]:
    """List what is in memory already."""
    return Listing(title=title, columns=columns, row=row, total=len(items), read=lambda limit: items[:limit])


def in_pages(page: Callable[..., Sequence[T]], wanted: int | None) -> Iterator[T]:
    """Read the first rows of a list (None: all) by pages; `page` takes `limit` and `after`."""
    last: T | None = None
    while wanted is None or wanted > 0:
        size = _PAGE if wanted is None else min(_PAGE, wanted)
        rows = page(limit=size, after=last)
        yield from rows
        if len(rows) < size:
            return
        last = rows[-1]
        wanted = None if wanted is None else wanted - size
