"""What the commands print: tables for people, JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, cast

import attrs
from attrs import frozen
from cyclopts import Parameter
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

# Wide enough for every column where no terminal sets a width.
_FILE_WIDTH = 240
_LEFT_OUT = {"source", "payload"}


@Parameter(name="*")
@frozen(kw_only=True)
class Output:
    """How a command prints its result."""

    as_json: Annotated[bool, Parameter(name="--json", negative="", help="Print JSON instead of a table.")] = False

    def show(self, value: object, *tables: Table | str) -> None:
        """Print `value` as JSON when that is wanted, else what stands for it."""
        if self.as_json:
            sys.stdout.write(json.dumps(to_json(value), indent=2, ensure_ascii=False) + "\n")
        else:
            for table in tables:
                screen().print(table)


def screen() -> Console:
    """Return the standard output, with nothing in the data taken for markup."""
    width = None if sys.stdout.isatty() else _FILE_WIDTH
    return Console(file=sys.stdout, width=width, markup=False, highlight=False, emoji=False)


def tell(message: str) -> None:
    """Tell a person something beside the result, on standard error."""
    sys.stderr.write(plain(message, keep="\n") + "\n")


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """Lay out rows; None is an empty cell, a moment is shown in the machine's own time zone."""
    made = Table(*columns, title=title, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold")
    for row in rows:
        made.add_row(*(Text(cell(value)) for value in row))
    return made


def facts(title: str, pairs: Iterable[tuple[str, object]]) -> Table:
    """Lay out names and values, one pair a line, without the empty ones."""
    # A title is folded at the width of its table, and these tables can be narrower.
    made = Table(title=title, box=None, show_header=False, title_justify="left", title_style="bold", pad_edge=True)
    made.min_width = len(title)
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
        return value.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, timedelta):
        return str(timedelta(seconds=round(value.total_seconds())))
    if isinstance(value, tuple | list):
        return ", ".join(cell(item) for item in cast("Sequence[object]", value))
    return plain(str(value))


def plain(text: str, *, keep: str = "") -> str:
    """Replace what could steer a terminal: the marketplace's texts are not ours."""
    return "".join(sign if sign.isprintable() or sign in keep else "\N{REPLACEMENT CHARACTER}" for sign in text)


def to_json(value: object) -> object:
    """Turn records into JSON's own types, each member under its name.

    A `Decimal` is a string, a moment an ISO 8601 string in UTC, a duration its seconds. Quarantined payloads and the
    channel's own orders are left out.
    """
    kind: type[Any] = type(value)
    if attrs.has(kind):
        names = (item.name for item in attrs.fields(kind) if item.name not in _LEFT_OUT)
        return {name: to_json(getattr(value, name)) for name in names}
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in cast("Mapping[object, object]", value).items()}
    if isinstance(value, Iterable):
        return [to_json(item) for item in cast("Iterable[object]", value)]
    return value
