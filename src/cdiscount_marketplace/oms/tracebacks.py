"""What is said of a failure: of the OMS's own code where it failed, of an expected error one line."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import PurePath

from cdiscount_marketplace.errors import CdiscountError


def failure_of(error: BaseException) -> str:
    """Name an error and where it was raised, never its text: that may hold a customer's data."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"raised {type(error).__name__} at {PurePath(last.filename).name}:{last.lineno}"


@contextmanager
def exits_as_failures() -> Generator[None]:
    """Let code that exits the process raise a `RuntimeError` instead: the jobs of other accounts share the process."""
    try:
        yield
    except SystemExit as error:
        # Its text may hold anything, as that of any error.
        raise RuntimeError(f"the job {failure_of(error)}") from None


def log_error(log: logging.Logger, what: str, error: Exception) -> None:
    """Log an expected error on one line, and a defect with where it arose."""
    # Where an expected error comes from helps nobody.
    defect = None if isinstance(error, CdiscountError) else error
    log.error("%s: %s: %s", what, type(error).__name__, error, exc_info=defect)
