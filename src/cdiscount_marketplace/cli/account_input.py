"""What a person types about an account, checked before it is stored."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from attrs import frozen
from cyclopts import Parameter

from cdiscount_marketplace.calls.http import checked_address
from cdiscount_marketplace.errors import InvalidRequest, Problem
from cdiscount_marketplace.octopia.client import OWNERS
from cdiscount_marketplace.oms.ports import (
    Account,
    CredentialSource,
    EnvironmentCredentials,
    FileCredentials,
    NamedCredentials,
)

_PREFIX = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@Parameter(name="*")
@frozen(kw_only=True)
class AccountCredentials:
    """Where an account's credentials are; never what they are."""

    environment_prefix: Annotated[
        str | None, Parameter(help="In environment variables: ACME_ means ACME_CDISCOUNT_USERNAME and so on.")
    ] = None
    credentials_file: Annotated[str | None, Parameter(help="In a file with lines such as CDISCOUNT_USERNAME=…")] = None
    credentials_name: Annotated[str | None, Parameter(help="Under a name, which the --resolver is given.")] = None

    @property
    def source(self) -> CredentialSource:
        """Return the one place that is named."""
        named = [value for value in (self.environment_prefix, self.credentials_file, self.credentials_name) if value]
        if len(named) > 1:
            raise InvalidRequest([Problem("credentials", "name one place: a prefix, a file or a name")])
        if self.credentials_file:
            # `run` may be started in another directory.
            return FileCredentials(path=str(Path(self.credentials_file).expanduser().absolute()))
        if self.credentials_name:
            return NamedCredentials(name=self.credentials_name)
        return EnvironmentCredentials(prefix=self.environment_prefix or "")


def described(**members: Any) -> Account:
    """Return the account; reject what can only be a slip, though a registry would keep it."""
    account = Account(**members)
    problems = list(_problems(account))
    if problems:
        raise InvalidRequest(problems)
    _ensure_addresses(account)
    return account


def _problems(account: Account) -> Iterator[Problem]:
    if account.name != account.name.strip():
        yield Problem("name", f"{account.name!r} starts or ends with a space; remove it")
    source = account.credentials
    if isinstance(source, EnvironmentCredentials) and source.prefix and not _PREFIX.fullmatch(source.prefix):
        yield Problem("environment_prefix", f"{source.prefix!r} cannot begin a variable's name; give one such as ACME_")
    if account.start_from is not None and account.start_from > datetime.now(UTC):
        yield Problem("start_from", "is in the future: no order would be imported until then")


def _ensure_addresses(account: Account) -> None:
    for name, url in (("service_url", account.service_url), ("token_url", account.token_url)):
        if url is not None:
            checked_address(name, url, owners=OWNERS)


def place_of(source: CredentialSource) -> str:
    """Write where credentials are."""
    if isinstance(source, FileCredentials):
        return f"in the file {source.path}"
    if isinstance(source, NamedCredentials):
        return f"under the name {source.name}"
    return f"in the environment, as {source.prefix}CDISCOUNT_… or {source.prefix}OCTOPIA_…"
