"""Cutting sequences into pieces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

N = TypeVar("N")


def chunks(items: Sequence[N], size: int) -> Iterator[Sequence[N]]:
    """Cut a sequence into pieces of `size` items at most."""
    return (items[start : start + size] for start in range(0, len(items), size))


def rotated(items: Sequence[N], start: int, count: int) -> Sequence[N]:
    """Return `count` items at most, beginning at `start` and going round."""
    if not items:
        return items
    begin = start % len(items)
    return [*items[begin:], *items[:begin]][:count]
