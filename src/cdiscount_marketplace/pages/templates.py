"""Templates that escape everything they show, and the filters and files that both pages use. Needs Jinja2."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

_SHARED = "cdiscount_marketplace.pages"


def make_environment(package: str, folder: str) -> Environment:
    """Return the templates of a package's folder, which may extend the shared ones."""
    loader = ChoiceLoader([PackageLoader(package, folder), PackageLoader(_SHARED, "shared")])
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters.update(moment=_moment, plain=_plain, block=_block, quoted=_quoted)
    shared: dict[str, Any] = {"link": _link}
    made.globals.update(shared)
    return made


@cache
def style() -> bytes:
    """Return the style sheet."""
    return files(_SHARED).joinpath("shared/style.css").read_bytes()


def _moment(value: datetime | None) -> str:
    return "" if value is None else f"{value:%Y-%m-%d %H:%M:%S} UTC"


def _plain(value: object) -> str:
    """Replace characters that hide or reorder text: the marketplace's texts are untrusted."""
    text = "" if value is None else str(value)
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)


def _block(value: object) -> str:
    """Do the same to a text of several lines."""
    return "\n".join(_plain(line.expandtabs(2)) for line in str(value).split("\n"))


def _quoted(text: str) -> str:
    """Write any text in characters that every attribute holds."""
    return quote(text, safe="", errors="surrogatepass")


def _link(root: str, path: str, **query: object) -> str:
    given = {name: value for name, value in query.items() if value not in (None, "")}
    # A number that no encoding has leads to a page that says there is none.
    return f"{root}/{path}?{urlencode(given, errors='surrogatepass')}"
