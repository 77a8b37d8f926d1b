"""Where an account's credentials are, and getting them from there."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias, cast

from cdiscount_marketplace.errors import CdiscountError, CredentialsMissing
from cdiscount_marketplace.oms.ports import (
    Account,
    CredentialSource,
    EnvironmentCredentials,
    FileCredentials,
    NamedCredentials,
)
from cdiscount_marketplace.oms.tracebacks import failure_of

CredentialResolver: TypeAlias = Callable[[str], Mapping[str, str]]
"""Return the variables, such as CDISCOUNT_USERNAME, that are kept under a name, in a vault for instance."""

_PREFIXES = ("CDISCOUNT_", "OCTOPIA_")


def find_credentials(
    account: Account, *, environ: Mapping[str, str] = os.environ, resolver: CredentialResolver | None = None
) -> Mapping[str, str]:
    """Return the variables that a client's `from_env` reads, with the account's own settings in place.

    Raises `CredentialsMissing` where there is nothing to log in with; where the resolver fails, with the kind and the
    place of its error, whose text may hold a secret. A `CdiscountError` of the resolver is raised as it is.
    """
    found = _found(account.credentials, environ, resolver)
    if not found:
        raise CredentialsMissing(
            f"there are no credentials for {account.name}", hint=credentials_hint(account.credentials)
        )
    return {**found, **_settings(account)}


def _found(source: CredentialSource, environ: Mapping[str, str], resolver: CredentialResolver | None) -> dict[str, str]:
    if isinstance(source, EnvironmentCredentials):
        return _in_environment(environ, source.prefix)
    if isinstance(source, FileCredentials):
        return _in_file(Path(source.path))
    if resolver is None:
        raise CredentialsMissing(f"nobody can look up {source.name}", hint="pass resolver=, which is given the name")
    return _ours(_resolved(resolver, source.name))


def _resolved(resolver: CredentialResolver, name: str) -> Mapping[str, str]:
    try:
        # What a company wrote may return something else than it promises.
        found = cast("object", resolver(name))
    except CdiscountError:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a resolver may fail in any way
        # Its text may hold a secret; and a resolver that exits must not end the other accounts' jobs.
        failure = failure_of(error)
    else:
        if isinstance(found, Mapping):
            return cast("Mapping[str, str]", found)
        failure = f"returned {type(found).__name__}"
    hint = f"let it return CDISCOUNT_USERNAME and its like for {name!r}, as a dict"
    raise CredentialsMissing(f"the resolver of {name!r} {failure}", hint=hint)


def _in_environment(environ: Mapping[str, str], prefix: str) -> dict[str, str]:
    cut = len(prefix)
    return _ours({name[cut:]: value for name, value in environ.items() if name.startswith(prefix)})


def _in_file(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        message = f"the credentials in {path} cannot be read: {type(error).__name__}"
        raise CredentialsMissing(message, hint="check that the file is there, is text, and may be read") from None
    pairs = (line.partition("=") for line in lines if "=" in line and not line.lstrip().startswith("#"))
    return _ours({name.strip(): value.strip().strip("\"'") for name, _, value in pairs})


def _ours(variables: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in variables.items() if name.startswith(_PREFIXES) and value}


def _settings(account: Account) -> dict[str, str]:
    if account.channel == "octopia":
        named = {"SELLER_ID": account.seller_id, "BASE_URL": account.service_url, "TOKEN_URL": account.token_url}
        return {f"OCTOPIA_{name}": value for name, value in named.items() if value}
    named = {"SERVICE_URL": account.service_url, "TOKEN_URL": account.token_url}
    return {f"CDISCOUNT_{name}": value for name, value in named.items() if value}


def credentials_hint(source: CredentialSource) -> str:
    """Say where to put the credentials."""
    if isinstance(source, EnvironmentCredentials):
        return f"set {source.prefix}CDISCOUNT_USERNAME and its like, or {source.prefix}OCTOPIA_CLIENT_ID"
    if isinstance(source, FileCredentials):
        return f"write lines such as CDISCOUNT_USERNAME=… into {source.path}"
    return _named_hint(source)


def _named_hint(source: NamedCredentials) -> str:
    return f"let the resolver return CDISCOUNT_USERNAME and its like for {source.name}"
