"""What the commands print: tables for people, JSON for programs."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Annotated, TypeAlias, cast

from attrs import frozen
from cyclopts import Parameter
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cdiscount_marketplace.cli import streams
from cdiscount_marketplace.cli.documents import document

# Wide enough for every column where no terminal sets a width.
_FILE_WIDTH = 240


@frozen
class Lines:
    """Lines that are written one by one, without waiting for the last one."""

    lines: Iterable[str]


Part: TypeAlias = Table | Lines | str


@Parameter(name="*")
@frozen(kw_only=True)
class Output:
    """How a command prints its result."""

    as_json: Annotated[bool, Parameter(name="--json", negative="", help="Print JSON instead of a table.")] = False

    def show(self, value: object, *parts: Part | Callable[[], Iterable[Part]]) -> None:
        """Print `value` as JSON when that is wanted, else the parts that stand for it; iterators are read once."""
        streams.write(document(value) if self.as_json else _texts(parts))


def _texts(parts: Iterable[Part | Callable[[], Iterable[Part]]]) -> Iterator[str]:
    for part in parts:
        for piece in part() if callable(part) else (part,):
            yield from _text(piece)


def _text(part: Part) -> Iterator[str]:
    if isinstance(part, str):
        yield plain(part, keep="\n") + "\n"
    elif isinstance(part, Lines):
        yield from (plain(line) + "\n" for line in part.lines)
    else:
        console = screen()
        with console.capture() as captured:
            console.print(part)
        yield captured.get()


def screen() -> Console:
    """Return a console for tables on standard output, with nothing in the data taken for markup."""
    width = None if sys.stdout.isatty() else _FILE_WIDTH
    return Console(file=sys.stdout, width=width, markup=False, highlight=False, emoji=False)


def tell(message: str) -> None:
    """Print a message for people on standard error."""
    streams.write_error(plain(message, keep="\n") + "\n")


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """Lay out rows; None is an empty cell, a moment is shown in the machine's own time zone."""
    made = Table(*columns, title=plain(title), box=box.SIMPLE_HEAD, title_justify="left", title_style="bold")
    for row in rows:
        made.add_row(*(Text(cell(value)) for value in row))
    return made


def lines(columns: Sequence[str], rows: Iterable[Sequence[object]], widths: Sequence[int]) -> Iterator[str]:
    """Lay out rows in columns of a fixed width, one row a line; what is wider moves the rest of its line."""
    yield _line(columns, widths)
    for row in rows:
        yield _line([cell(value) for value in row], widths)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (text + " " * (width - cell_len(text)) for text, width in zip(cells, widths, strict=True))
    return "  ".join(padded).rstrip()


def facts(title: str, pairs: Iterable[tuple[str, object]]) -> Table:
    """Lay out names and values, one pair a line, without the empty ones."""
    # A title is folded at the width of its table, and these tables can be narrower.
    safe = plain(title)
    made = Table(title=safe, box=None, show_header=False, title_justify="left", title_style="bold", pad_edge=True)
    made.min_width = len(safe)
    for name, value in pairs:
        if value not in (None, "", ()):
            made.add_row(Text(name, style="dim"), Text(cell(value)))
    return made


def cell(value: object) -> str:
    """Write one value for a person."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return _here(value)
    if isinstance(value, timedelta):
        return str(timedelta(seconds=round(value.total_seconds())))
    if isinstance(value, tuple | list):
        return ", ".join(cell(item) for item in cast("Sequence[object]", value))
    return plain(str(value))


def _here(moment: datetime) -> str:
    try:
        local = moment.astimezone()
    except (OverflowError, ValueError, OSError):
        # At the ends of time there are moments that a time zone cannot express, nor some systems.
        local = moment
    return local.isoformat(" ", "seconds")[:19]


def plain(text: str, *, keep: str = "") -> str:
    """Replace characters that could steer a terminal or hide text: the marketplace's texts are untrusted."""
    return text if text.isprintable() else "".join(_safe(sign, keep) for sign in text)


def _safe(sign: str, keep: str) -> str:
    if sign.isprintable() or sign in keep:
        return sign
    return " " if unicodedata.category(sign) == "Zs" else "\N{REPLACEMENT CHARACTER}"
