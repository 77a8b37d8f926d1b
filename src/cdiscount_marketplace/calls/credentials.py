"""What identifies an account at a token service; secrets never show in a `repr`."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import field, frozen

from cdiscount_marketplace.errors import AuthenticationError, ConfigurationError, CredentialsMissing

Secret = str | Callable[[], str]
"""A secret, or a callable that returns it: asked each time a login is tried, so that it may come from a vault."""


SOAP_VARIABLES: Final[dict[str, str]] = {
    "username": "CDISCOUNT_USERNAME",
    "password": "CDISCOUNT_PASSWORD",
    "token": "CDISCOUNT_TOKEN",
}
OCTOPIA_VARIABLES: Final[dict[str, str]] = {
    "client_id": "OCTOPIA_CLIENT_ID",
    "client_secret": "OCTOPIA_CLIENT_SECRET",
    "seller_id": "OCTOPIA_SELLER_ID",
}
# What is needed together to log in, each by itself.
SOAP_WAYS: Final[tuple[tuple[str, ...], ...]] = (("username", "password"), ("token",))
OCTOPIA_WAY: Final[tuple[str, ...]] = tuple(OCTOPIA_VARIABLES)

_UNSEEN = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad")


def mask(secret: object) -> str:
    """Return what a `repr` shows instead of a secret."""
    return "None" if secret is None else "'***'"


def _not_blank(_instance: object, attribute: Any, value: Any) -> None:
    if isinstance(value, str) and not value.strip():
        raise CredentialsMissing(f"{attribute.name} is empty")
    if isinstance(value, str):
        _reject_undecodable(attribute.name, value)
        _reject_pasted(attribute.name, value)


def _reject_undecodable(name: str, text: str) -> None:
    """Refuse what an environment holds of bytes that are not UTF-8; the codec's own error would hold the secret."""
    if any("\ud800" <= sign <= "\udfff" for sign in text):
        raise ConfigurationError(f"{name} contains bytes that are not UTF-8", hint="set it again, in UTF-8")


def _reject_pasted(name: str, text: str) -> None:
    """Reject what comes along when a credential is copied from a page or a table: blanks around it, and line ends."""
    if text != text.strip() or text[0] in _UNSEEN or text[-1] in _UNSEEN:
        raise ConfigurationError(f"{name} starts or ends with a space or a line break; remove it")
    if any(one in _UNSEEN or not (one.isprintable() or one == " ") for one in text):
        raise ConfigurationError(f"{name} contains a line break or an invisible character; remove it")


def _required(_instance: object, attribute: Any, value: object) -> None:
    if value is None:
        raise CredentialsMissing(
            f"{attribute.name} is missing",
            options=[[attribute.name]],
            hint=f"pass {attribute.name}=, or set {OCTOPIA_VARIABLES[attribute.name]}",
        )


def _text(_instance: object, attribute: Any, value: object) -> None:
    if value is not None and not isinstance(value, str):
        raise ConfigurationError(f"{attribute.name} must be a text, not {type(value).__name__}")


def _secret(_instance: object, attribute: Any, value: object) -> None:
    if not (value is None or isinstance(value, str) or callable(value)):
        kind = type(value).__name__
        raise ConfigurationError(f"{attribute.name} must be a text, or a callable that returns one, not {kind}")


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

    username: str | None = field(default=None, validator=[_text, _not_blank])
    password: Secret | None = field(default=None, repr=mask, validator=[_secret, _not_blank])
    token: str | None = field(default=None, repr=mask, validator=[_text, _not_blank])

    def __attrs_post_init__(self) -> None:
        if self.username is not None and self.password is None and self.token is None:
            raise CredentialsMissing("a user name and a password are needed together", options=[["password"]])
        if self.password is not None and self.username is None:
            raise CredentialsMissing("the password has no user name", options=[["username"]])
        if self.username is None and self.token is None:
            raise CredentialsMissing("no user name and no token", options=SOAP_WAYS)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ, **given: Any) -> Credentials:
        """Read CDISCOUNT_USERNAME, CDISCOUNT_PASSWORD and CDISCOUNT_TOKEN; empty ones count as absent.

        What is given by name takes the place of its variable.
        """
        return cls(**_completed(given, SOAP_VARIABLES, environ))

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

    client_id: str = field(validator=[_required, _text, _not_blank])
    client_secret: Secret = field(repr=mask, validator=[_required, _secret, _not_blank])
    seller_id: str = field(validator=[_required, _text, _not_blank])

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ, **given: Any) -> ClientCredentials:
        """Read OCTOPIA_CLIENT_ID, OCTOPIA_CLIENT_SECRET and OCTOPIA_SELLER_ID.

        What is given by name takes the place of its variable.
        """
        found = _completed(given, OCTOPIA_VARIABLES, environ)
        missing = [name for name, value in found.items() if value is None]
        if missing:
            unset = ", ".join(OCTOPIA_VARIABLES[name] for name in missing)
            raise CredentialsMissing(
                f"not set: {unset}", options=[missing], hint=f"set {', '.join(OCTOPIA_VARIABLES.values())}"
            )
        return cls(**found)

    @property
    def account(self) -> str:
        """Name the account in events and caches."""
        return self.client_id

    def login(self) -> Login:
        """Return what to log in with, asking a callable secret."""
        return Login(self.client_id, _reveal(self.client_secret))


def _completed(given: Mapping[str, Any], variables: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, Any]:
    return {name: environ.get(variable) or None for name, variable in variables.items()} | dict(given)


def _reveal(secret: Secret) -> str:
    value = secret if isinstance(secret, str) else _ask(secret)
    if not value:
        raise ConfigurationError("the callable that gives the secret returned nothing")
    if not isinstance(value, str):
        raise ConfigurationError(f"the callable that gives the secret must return a text, not {type(value).__name__}")
    _reject_undecodable("the secret", value)
    _reject_pasted("the secret", value)
    return value


def _ask(vault: Callable[[], object]) -> object:
    try:
        return vault()
    except Exception as error:  # noqa: BLE001 - a vault is anybody's code on any network
        kind = type(error).__name__
    # Raised here, where no exception is being handled: a vault's error text may contain the secret.
    raise AuthenticationError(f"the callable that gives the secret failed ({kind})", retryable=True)
