"""Naming the place where the OMS's own code failed."""

from __future__ import annotations

import traceback
from pathlib import PurePath


def failure_of(error: BaseException) -> str:
    """Name an error and where it was raised, never its text: that may hold a customer's data."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"raised {type(error).__name__} at {PurePath(last.filename).name}:{last.lineno}"
