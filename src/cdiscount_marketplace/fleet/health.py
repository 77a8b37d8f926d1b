"""What a runner says of itself in a file, for a container's health check."""

from __future__ import annotations

import json
import logging
from datetime import datetime
from pathlib import Path

from attrs import asdict, define, frozen

from cdiscount_marketplace.errors import ConfigurationError
from cdiscount_marketplace.files import is_special, replace_file

_log = logging.getLogger(__name__)


@frozen(kw_only=True)
class Health:
    """How many accounts there are, have a job that runs, rest, and how many jobs failed last."""

    at: datetime
    accounts: int
    running: int
    resting: int
    failing: int


@define
class HealthFile:
    """Writes the state into a file that may be read at any time.

    Raises `ConfigurationError` when it is made for a place that cannot be written to.
    """

    path: Path

    def __attrs_post_init__(self) -> None:
        if is_special(self.path):
            raise ConfigurationError(f"the health file {self.path} is no ordinary file", hint="name a file to write")
        try:
            # An old state would pass for a new one.
            replace_file(self.path, b"{}\n", mode=0o644)
        except OSError as error:
            message = f"the health file {self.path} cannot be written: {error.strerror}"
            raise ConfigurationError(message, hint="name a file in a folder that may be written to") from None

    def write(self, health: Health) -> None:
        """Replace what the file says; a disk that fails is logged, and stops no job."""
        text = json.dumps({**asdict(health), "at": health.at.isoformat(timespec="seconds")})
        try:
            replace_file(self.path, text.encode() + b"\n", mode=0o644)
        except OSError as error:
            _log.error("the health file %s cannot be written: %s", self.path, error.strerror)
