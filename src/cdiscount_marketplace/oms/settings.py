"""Checks of a job's settings: a wrong one raises `ConfigurationError` before anything is read or written."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import get_args

from cdiscount_marketplace.errors import ConfigurationError


def ensure_account(account: object) -> None:
    """Reject a name that would be another account by mistake, such as an empty environment variable."""
    if not isinstance(account, str):
        raise ConfigurationError(f"account must be a text, not {type(account).__name__}")
    if not account.strip():
        raise ConfigurationError("account is empty", hint="give the name under which the OMS keeps this account")


def ensure_numbers(least: int, **values: object) -> None:
    """Reject what is not an integer of at least `least`."""
    for name, value in values.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise ConfigurationError(f"{name} must be an integer of at least {least}, not {value!r}")


def ensure_durations(**values: object) -> None:
    """Reject what is not a duration, or goes backwards."""
    for name, value in values.items():
        if not isinstance(value, timedelta) or value < timedelta(0):
            raise ConfigurationError(f"{name} must be a timedelta of 0 or more, not {value!r}")


def ensure_lifetime(ttl: object) -> None:
    """Reject a lease that would be over at once."""
    if not isinstance(ttl, timedelta) or ttl <= timedelta(0):
        raise ConfigurationError(f"lease_ttl must be a timedelta above 0, not {ttl!r}")


def ensure_moment(name: str, value: object) -> None:
    """Reject what is not an aware datetime."""
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ConfigurationError(
            f"{name} must be an aware datetime, not {value!r}", hint="such as datetime(2026, 1, 1, tzinfo=UTC)"
        )


def ensure_word(name: str, value: object, words: object) -> None:
    """Reject a value that the `Literal` type `words` does not list."""
    if value not in get_args(words):
        raise ConfigurationError(f"{name} must be one of {', '.join(map(repr, get_args(words)))}, not {value!r}")
