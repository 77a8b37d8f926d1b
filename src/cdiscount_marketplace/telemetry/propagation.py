"""Carry a trace from the process that asks for a job to the one that runs it, in the headers of a message."""

from __future__ import annotations

from collections.abc import Generator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any

from cdiscount_marketplace.lazy import OTEL

with OTEL.needed_by(__name__):
    from opentelemetry import context, propagate


def write_trace(headers: MutableMapping[str, Any]) -> None:
    """Add the current trace to the headers of a message."""
    propagate.inject(headers)


@contextmanager
def trace_of(headers: Mapping[str, Any]) -> Generator[None]:
    """Go on with the trace that a message's headers name."""
    token = context.attach(propagate.extract(headers))
    try:
        yield
    finally:
        context.detach(token)
