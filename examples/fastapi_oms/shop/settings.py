"""What differs between machines comes from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Self

from attrs import field, frozen


@frozen(kw_only=True)
class Settings:
    """Where orders are kept, for which account, who may call the API, and who sees the operator's page.

    `channel` is soap or octopia. `start_from` is the creation time of the oldest order wanted: the first import needs
    it. `health_file` is where the worker says that it lives. The marketplace's credentials are in the variables that
    the clients' `from_env()` read. `operators` has the secret of each person by name: for nobody, there is no page.
    `form_secret` signs the page's forms, alike in all processes.
    """

    database: str = "sqlite:///oms.db"
    account: str = "my-shop"
    channel: str = "soap"
    start_from: datetime | None = None
    health_file: str | None = None
    api_token: str = field(default="", repr=False)
    operators: Mapping[str, str] = field(factory=dict, repr=False)
    form_secret: str = field(default="", repr=False)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read the settings."""
        start = environ.get("CDISCOUNT_START_FROM")
        return cls(
            database=environ.get("OMS_DATABASE", "sqlite:///oms.db"),
            account=environ.get("CDISCOUNT_ACCOUNT", "my-shop"),
            channel=environ.get("CDISCOUNT_CHANNEL", "soap"),
            start_from=_moment(start) if start else None,
            health_file=environ.get("OMS_HEALTH_FILE"),
            api_token=environ.get("OMS_API_TOKEN", ""),
            operators=_operators(environ.get("OMS_OPERATORS", "")),
            form_secret=environ.get("OMS_FORM_SECRET", ""),
        )


def _moment(text: str) -> datetime:
    """Read a time; one without an offset is in UTC, whatever the machine's zone."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _operators(text: str) -> Mapping[str, str]:
    """Read `anna:secret,ben:other`; raises where a name or a secret is missing."""
    pairs = [entry.strip().partition(":") for entry in text.split(",") if entry.strip()]
    if not all(name and secret for name, _, secret in pairs):
        raise ValueError("OMS_OPERATORS: each person needs a name and a secret, as in anna:secret,ben:other")
    return {name: secret for name, _, secret in pairs}
