"""The channels of a process: one for each account, kept from run to run, and replaced when the account changes."""

from __future__ import annotations

from collections.abc import Collection, Generator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from threading import Lock
from typing import Protocol

from attrs import define, evolve

from cdiscount_marketplace.channels import OctopiaChannel, SoapChannel
from cdiscount_marketplace.channels.port import SalesChannel
from cdiscount_marketplace.errors import ConfigurationError, CredentialsMissing
from cdiscount_marketplace.fleet.credentials import credentials_hint
from cdiscount_marketplace.octopia import OctopiaClient
from cdiscount_marketplace.oms.ports import Account
from cdiscount_marketplace.soap.client import MarketplaceClient
from cdiscount_marketplace.soap.package_files import Upload


class ChannelOpener(Protocol):
    """Open a channel for an account, and close it in the end."""

    def __call__(self, account: Account, variables: Mapping[str, str], /) -> AbstractContextManager[SalesChannel]:
        """Open it with what `find_credentials` found, and with your own time limits, hooks or token cache."""
        ...


@contextmanager
def open_channel(
    account: Account, variables: Mapping[str, str], *, upload: Upload | None = None
) -> Generator[SalesChannel]:
    """Open the account's API; raises `ConfigurationError` for a channel that is neither `soap` nor `octopia`.

    Over SOAP, offers are sent with `upload` only: pass `open_channel=partial(open_channel, upload=put_file)`.
    """
    if account.channel == "octopia":
        with _hinting(account):
            octopia_client = OctopiaClient.from_env(variables)
        with octopia_client as octopia:
            yield OctopiaChannel(octopia, sales_channels=account.sales_channels or None)
    elif account.channel == "soap":
        with _hinting(account):
            soap_client = MarketplaceClient.from_env(variables)
        with soap_client as soap:
            yield SoapChannel(soap, upload=upload)
    else:
        raise ConfigurationError(
            f"account {account.name} is on {account.channel!r}", hint="pass open_channel= that opens it"
        )


@contextmanager
def _hinting(account: Account) -> Generator[None]:
    """Let an error about missing credentials name the place where this account's are looked for."""
    try:
        yield
    except CredentialsMissing as error:
        error.options, error.hint = (), credentials_hint(account.credentials)
        raise


@define
class _Open:
    """A channel that is open, what it was opened with, and how many use it."""

    key: object
    channel: SalesChannel
    stack: ExitStack
    users: int = 0
    stale: bool = False


class ChannelPool:
    """Keeps a channel for each account. Thread-safe: one that is replaced is closed when its last user is done."""

    def __init__(self, opener: ChannelOpener) -> None:
        self._opener = opener
        self._lock = Lock()
        self._open: dict[str, _Open] = {}

    @contextmanager
    def use(self, account: Account, variables: Mapping[str, str]) -> Generator[SalesChannel]:
        """Give the account's channel; a new one if the account or its credentials have changed since last time."""
        with self._lock:
            held = self._current(account, variables)
            held.users += 1
        try:
            yield held.channel
        finally:
            with self._lock:
                held.users -= 1
            _close_stale(held)

    def keep(self, accounts: Collection[str]) -> None:
        """Close the channels of all other accounts; one that is in use is closed by its user."""
        with self._lock:
            held = [self._open.pop(name) for name in self._open.keys() - set(accounts)]
        for each in held:
            _retire(each)

    def close(self) -> None:
        """Close all channels; one that is in use is closed by its user."""
        self.keep(())

    def _current(self, account: Account, variables: Mapping[str, str]) -> _Open:
        # When its jobs run is nothing that a channel knows.
        key = (evolve(account, enabled=True, jobs=(), start_from=None), tuple(sorted(variables.items())))
        held = self._open.get(account.name)
        if held is not None and held.key == key:
            return held
        stack = ExitStack()
        channel = stack.enter_context(self._opener(account, variables))
        made = self._open[account.name] = _Open(key=key, channel=channel, stack=stack)
        if held is not None:
            _retire(held)
        return made


def _retire(held: _Open) -> None:
    held.stale = True
    _close_stale(held)


def _close_stale(held: _Open) -> None:
    if held.stale and not held.users:
        held.stack.close()
