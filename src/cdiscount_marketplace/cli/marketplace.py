"""Open the marketplace that a command talks to."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from getpass import getpass
from pathlib import Path

from cdiscount_marketplace import MarketplaceClient
from cdiscount_marketplace.calls.tokens import FileTokenCache, TokenCache
from cdiscount_marketplace.channels import OctopiaChannel, SoapChannel
from cdiscount_marketplace.channels.port import SalesChannel
from cdiscount_marketplace.cli.options import Marketplace
from cdiscount_marketplace.cli.words import renamed
from cdiscount_marketplace.events.hooks import Hook
from cdiscount_marketplace.octopia import OctopiaClient
from cdiscount_marketplace.soap import Upload

# What the options are called that the client knows under other names.
_OCTOPIA_OPTIONS = {"base_url": "octopia_url", "token_url": "octopia_token_url"}


@contextmanager
def open_channel(at: Marketplace, hooks: Sequence[Hook] = (), upload: Upload | None = None) -> Generator[SalesChannel]:
    """Open the chosen API as a sales channel, and close its client in the end; `upload` is for offers over SOAP."""
    if at.channel == "octopia":
        with open_octopia(at, hooks) as octopia:
            yield OctopiaChannel(octopia)
    else:
        with open_soap(at, hooks) as soap:
            yield SoapChannel(soap, upload=upload)


@contextmanager
def open_soap(at: Marketplace, hooks: Sequence[Hook] = ()) -> Generator[MarketplaceClient]:
    """Open a client of the SOAP API, whatever channel is chosen."""
    with MarketplaceClient.from_env(soap_environment(at), hooks=hooks, token_cache=_token_cache(at)) as soap:
        yield soap


@contextmanager
def open_octopia(at: Marketplace, hooks: Sequence[Hook] = ()) -> Generator[OctopiaClient]:
    """Open a client of the REST API, whatever channel is chosen: for what only it has."""
    with renamed(_OCTOPIA_OPTIONS):
        client = OctopiaClient.from_env(octopia_environment(at), hooks=hooks, token_cache=_token_cache(at))
    with client as octopia:
        yield octopia


def soap_environment(at: Marketplace) -> Mapping[str, str]:
    """Return what `MarketplaceClient.from_env` reads, with the flags in place of the environment's values."""
    token = os.environ.get("CDISCOUNT_TOKEN")
    return _given(
        CDISCOUNT_TOKEN=token,
        CDISCOUNT_USERNAME=at.username,
        CDISCOUNT_PASSWORD=_secret(at, "CDISCOUNT_PASSWORD", ask=bool(at.username) and not token),
        CDISCOUNT_SERVICE_URL=at.service_url,
        CDISCOUNT_TOKEN_URL=at.token_url,
    )


def octopia_environment(at: Marketplace) -> Mapping[str, str]:
    """Return what `OctopiaClient.from_env` reads, with the flags in place of the environment's values."""
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
    return getpass(f"{variable}: ")


def _token_cache(at: Marketplace) -> TokenCache | None:
    """Share tokens, and refused logins, between the runs of a scheduler."""
    if at.token_cache == "":
        return None
    return FileTokenCache(at.token_cache or _default_cache())


def _default_cache() -> Path:
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "cdiscount-marketplace" / "tokens.json"
