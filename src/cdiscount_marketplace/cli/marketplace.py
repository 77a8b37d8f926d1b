"""Open the marketplace that a command talks to."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import field, frozen

from cdiscount_marketplace import MarketplaceClient
from cdiscount_marketplace.calls.credentials import OCTOPIA_WAY, SOAP_WAYS
from cdiscount_marketplace.calls.tokens import CachedLogin, FileTokenCache, TokenCache, TokenKey
from cdiscount_marketplace.channels import OctopiaChannel, SoapChannel
from cdiscount_marketplace.channels.port import SalesChannel
from cdiscount_marketplace.cli.options import Marketplace
from cdiscount_marketplace.cli.progress import paused
from cdiscount_marketplace.cli.words import renamed
from cdiscount_marketplace.errors import ConfigurationError, CredentialsMissing
from cdiscount_marketplace.events.hooks import Hook
from cdiscount_marketplace.octopia import OctopiaClient

if TYPE_CHECKING:
    from cdiscount_marketplace.soap.package_files import Upload


@frozen
class _Login:
    """What shows that there is an account of an API: an option, its variable, and secrets in the environment."""

    option: str
    variable: str
    secrets: tuple[str, ...]
    # One that needs no other.
    token: str | None = None

    def typed(self, at: Marketplace) -> bool:
        """Return whether the option was typed, rather than read from its variable."""
        value = getattr(at, self.option)
        return bool(value) and value != os.environ.get(self.variable)

    def complete(self, at: Marketplace) -> bool:
        """Return whether there is all that is needed to log in."""
        secret = at.secret_stdin or any(map(os.environ.get, self.secrets))
        return bool(self.token and os.environ.get(self.token)) or bool(getattr(at, self.option) and secret)

    def given(self, at: Marketplace) -> bool:
        """Return whether there is a part of what is needed."""
        return bool(self.names(at))

    def names(self, at: Marketplace) -> Sequence[str]:
        """Name what is there, as it was given."""
        option = f"--{self.option.replace('_', '-')}" if self.typed(at) else self.variable
        variables = [*([self.token] if self.token else ()), *self.secrets]
        return [*([option] if getattr(at, self.option) else ()), *filter(os.environ.get, variables)]


_LOGINS = {
    "soap": _Login("username", "CDISCOUNT_USERNAME", ("CDISCOUNT_PASSWORD",), "CDISCOUNT_TOKEN"),
    "octopia": _Login("client_id", "OCTOPIA_CLIENT_ID", ("OCTOPIA_CLIENT_SECRET",)),
}
_WAYS_IN = (*SOAP_WAYS, OCTOPIA_WAY)


def channel_of(at: Marketplace) -> str:
    """Return which API to speak: the one that was asked for, else the one whose credentials are there.

    What is typed counts before what the environment holds, and a complete login before a part of one. Raises
    `ConfigurationError` where there are credentials of both APIs, and `CredentialsMissing` where there are none.
    """
    if at.channel is not None:
        return at.channel
    for is_there in (_Login.typed, _Login.complete, _Login.given):
        channels = [name for name, login in _LOGINS.items() if is_there(login, at)]
        if len(channels) == 1:
            return channels[0]
        if channels:
            names = " and ".join(login.names(at)[0] for login in _LOGINS.values())
            hint = "give --channel soap or --channel octopia, or set CDISCOUNT_CHANNEL"
            raise ConfigurationError(f"there are credentials of both APIs ({names})", hint=hint)
    raise CredentialsMissing("there are no credentials", options=_WAYS_IN)


def has_both(at: Marketplace) -> bool:
    """Return whether each API has at least a part of its credentials."""
    return all(login.given(at) for login in _LOGINS.values())


# What the options are called that the client knows under other names.
_OCTOPIA_OPTIONS = {"base_url": "octopia_url", "token_url": "octopia_token_url"}


@contextmanager
def open_channel(
    at: Marketplace, hooks: Sequence[Hook] = (), upload: Upload | None = None, *, fresh_login: bool = False
) -> Generator[SalesChannel]:
    """Open the chosen API as a sales channel, and close its client in the end; `upload` is for offers over SOAP.

    With `fresh_login` no cached token hides a wrong password.
    """
    name = channel_of(at)
    with open_with(name, variables_of(at, name), at, hooks, upload, fresh_login=fresh_login) as channel:
        yield channel


@contextmanager
def open_with(
    name: str,
    variables: Mapping[str, str],
    at: Marketplace,
    hooks: Sequence[Hook] = (),
    upload: Upload | None = None,
    *,
    fresh_login: bool = False,
) -> Generator[SalesChannel]:
    """Open the named API with what `variables_of` returned."""
    cache = _token_cache(at)
    if cache is not None and fresh_login:
        cache = _RefusalsOnly(cache)
    if name == "octopia":
        with _octopia(variables, cache, hooks) as octopia:
            yield OctopiaChannel(octopia)
    else:
        with _soap(variables, cache, hooks) as soap:
            yield SoapChannel(soap, upload=upload)


@contextmanager
def open_soap(at: Marketplace, hooks: Sequence[Hook] = ()) -> Generator[MarketplaceClient]:
    """Open a client of the SOAP API, whatever channel is chosen."""
    with _soap(variables_of(at, "soap"), _token_cache(at), hooks) as soap:
        yield soap


@contextmanager
def _soap(
    variables: Mapping[str, str], cache: TokenCache | None, hooks: Sequence[Hook]
) -> Generator[MarketplaceClient]:
    with MarketplaceClient.from_env(variables, hooks=hooks, token_cache=cache) as soap:
        yield soap


@contextmanager
def open_octopia(at: Marketplace, hooks: Sequence[Hook] = ()) -> Generator[OctopiaClient]:
    """Open a client of the REST API, whatever channel is chosen: for what only it has."""
    with _octopia(variables_of(at, "octopia"), _token_cache(at), hooks) as octopia:
        yield octopia


def _octopia(variables: Mapping[str, str], cache: TokenCache | None, hooks: Sequence[Hook]) -> OctopiaClient:
    with renamed(_OCTOPIA_OPTIONS):
        return OctopiaClient.from_env(variables, hooks=hooks, token_cache=cache)


def variables_of(at: Marketplace, channel: str) -> Mapping[str, str]:
    """Return what the `from_env` of an API's client reads, with the flags in place of the environment's values.

    May read the secret from standard input, or ask for it at a prompt.
    """
    return _octopia_variables(at) if channel == "octopia" else _soap_variables(at)


def _soap_variables(at: Marketplace) -> Mapping[str, str]:
    token = os.environ.get("CDISCOUNT_TOKEN")
    return _given(
        CDISCOUNT_TOKEN=token,
        CDISCOUNT_USERNAME=at.username,
        CDISCOUNT_PASSWORD=_secret(at, "CDISCOUNT_PASSWORD", ask=bool(at.username) and not token),
        CDISCOUNT_SERVICE_URL=at.service_url,
        CDISCOUNT_TOKEN_URL=at.token_url,
    )


def _octopia_variables(at: Marketplace) -> Mapping[str, str]:
    return _given(
        OCTOPIA_CLIENT_ID=at.client_id,
        OCTOPIA_CLIENT_SECRET=_secret(at, "OCTOPIA_CLIENT_SECRET", ask=bool(at.client_id)),
        OCTOPIA_SELLER_ID=at.seller_id,
        OCTOPIA_BASE_URL=at.octopia_url,
        OCTOPIA_TOKEN_URL=at.octopia_token_url,
    )


def _given(**values: str | None) -> Mapping[str, str]:
    return {name: value for name, value in values.items() if value}


def _secret(at: Marketplace, variable: str, *, ask: bool) -> str | None:
    """Take a secret from where no shell's history and no list of processes shows it."""
    if at.secret_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    known = os.environ.get(variable)
    if known or not (ask and sys.stdin.isatty()):
        return known
    with paused():
        return getpass(f"{variable}: ")


def _token_cache(at: Marketplace) -> TokenCache | None:
    """Share tokens, and refused logins, between the runs of a scheduler."""
    if at.token_cache == "":
        return None
    return FileTokenCache(at.token_cache or _default_cache())


@frozen
class _RefusalsOnly:
    """A cache that gives no token: the login is tried, unless it was refused a moment ago."""

    _cache: TokenCache = field(repr=False)

    def load(self, key: TokenKey) -> CachedLogin:
        return CachedLogin(refusal=self._cache.load(key).refusal)

    def store(self, key: TokenKey, login: CachedLogin) -> None:
        self._cache.store(key, login)


def _default_cache() -> Path:
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "cdiscount-marketplace" / "tokens.json"
