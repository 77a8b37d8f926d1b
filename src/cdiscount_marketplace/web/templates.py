"""The templates of the operator's page, loaded once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment

from cdiscount_marketplace.pages.templates import make_environment


def render(name: str, shown: Mapping[str, Any]) -> str:
    """Return the page."""
    return _environment().get_template(name).render(shown)


@cache
def _environment() -> Environment:
    return make_environment("cdiscount_marketplace.web", "pages")
