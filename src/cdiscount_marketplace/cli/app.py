"""The tree of commands."""

from __future__ import annotations

from collections.abc import Sequence

import cyclopts

app: cyclopts.App = cyclopts.App(
    name="cdiscount-marketplace", help="Sell on Cdiscount from your own order management system."
)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    app(list(arguments))
    return 0
