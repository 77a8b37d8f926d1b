"""The templates, loaded once, with everything that they show escaped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined


def render(name: str, shown: Mapping[str, Any]) -> str:
    """Return the page."""
    return _environment().get_template(name).render({**shown, "link": _link})


@cache
def style() -> bytes:
    """Return the style sheet."""
    return files("cdiscount_marketplace.web").joinpath("pages/style.css").read_bytes()


@cache
def _environment() -> Environment:
    loader = PackageLoader("cdiscount_marketplace.web", "pages")
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters["moment"] = _moment
    made.filters["plain"] = _plain
    return made


def _moment(value: datetime | None) -> str:
    return "" if value is None else f"{value:%Y-%m-%d %H:%M:%S} UTC"


def _plain(value: object) -> str:
    """Replace characters that hide or reorder text: the marketplace's texts are untrusted."""
    text = "" if value is None else str(value)
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)


def _link(root: str, path: str, **query: object) -> str:
    return f"{root}/{path}?{urlencode({name: value for name, value in query.items() if value not in (None, '')})}"
