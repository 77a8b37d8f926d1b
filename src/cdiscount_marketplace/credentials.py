"""What identifies an account at a token service; secrets never show in a `repr`."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from attrs import field, frozen

from cdiscount_marketplace.errors import ConfigurationError, CredentialsMissing

Secret = str | Callable[[], str]
"""A secret, or a callable that returns it: asked each time a login is tried, so that it may come from a vault."""


def mask(secret: object) -> str:
    """Return what a `repr` shows instead of a secret."""
    return "None" if secret is None else "'***'"


def _not_blank(_instance: object, attribute: Any, value: Any) -> None:
    if isinstance(value, str) and not value.strip():
        raise CredentialsMissing(f"{attribute.name} is empty")
    if isinstance(value, str):
        _refuse_undecodable(attribute.name, value)


def _refuse_undecodable(name: str, text: str) -> None:
    """Refuse what an environment holds of bytes that are not UTF-8; the codec's own error would hold the secret."""
    if any("\ud800" <= sign <= "\udfff" for sign in text):
        raise ConfigurationError(f"{name} holds bytes that are not UTF-8", hint="set it again, in UTF-8")


@frozen
class Login:
    """A name and its secret, ready to be tried at a token service."""

    name: str
    secret: str = field(repr=mask)


@frozen(kw_only=True)
class Credentials:
    """An API account of the SOAP service: its user name (it ends in `-api`) and password, a token, or both.

    A token is used first; when it is refused and a password is at hand, it is replaced. Raises `CredentialsMissing`
    if there is nothing to log in with.
    """

    username: str | None = field(default=None, validator=_not_blank)
    password: Secret | None = field(default=None, repr=mask, validator=_not_blank)
    token: str | None = field(default=None, repr=mask, validator=_not_blank)

    def __attrs_post_init__(self) -> None:
        if (self.username is None) != (self.password is None) and self.token is None:
            raise CredentialsMissing("a user name and a password are needed together")
        if self.password is not None and self.username is None:
            raise CredentialsMissing("the password has no user name")
        if self.username is None and self.token is None:
            raise CredentialsMissing("no user name and no token")

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Credentials:
        """Read CDISCOUNT_USERNAME, CDISCOUNT_PASSWORD and CDISCOUNT_TOKEN; empty ones count as absent."""
        return cls(
            username=environ.get("CDISCOUNT_USERNAME") or None,
            password=environ.get("CDISCOUNT_PASSWORD") or None,
            token=environ.get("CDISCOUNT_TOKEN") or None,
        )

    @property
    def account(self) -> str:
        """Name the account in events and caches; "token" where only a token is known."""
        return self.username or "token"

    def login(self) -> Login | None:
        """Return what to log in with, asking a callable password; None where only a token is known."""
        if self.username is None or self.password is None:
            return None
        return Login(self.username, _reveal(self.password))


@frozen(kw_only=True)
class ClientCredentials:
    """An Octopia account: the client id and secret, and the seller on whose behalf calls are made."""

    client_id: str = field(validator=_not_blank)
    client_secret: Secret = field(repr=mask, validator=_not_blank)
    seller_id: str = field(validator=_not_blank)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> ClientCredentials:
        """Read OCTOPIA_CLIENT_ID, OCTOPIA_CLIENT_SECRET and OCTOPIA_SELLER_ID."""
        names = ("OCTOPIA_CLIENT_ID", "OCTOPIA_CLIENT_SECRET", "OCTOPIA_SELLER_ID")
        missing = [name for name in names if not environ.get(name)]
        if missing:
            raise CredentialsMissing(f"not set: {', '.join(missing)}", hint=f"set {', '.join(names)}")
        return cls(client_id=environ[names[0]], client_secret=environ[names[1]], seller_id=environ[names[2]])

    @property
    def account(self) -> str:
        """Name the account in events and caches."""
        return self.client_id

    def login(self) -> Login:
        """Return what to log in with, asking a callable secret."""
        return Login(self.client_id, _reveal(self.client_secret))


def _reveal(secret: Secret) -> str:
    value = secret if isinstance(secret, str) else secret()
    if not value:
        raise ConfigurationError("the callable that gives the secret returned none")
    _refuse_undecodable("the secret", value)
    return value
