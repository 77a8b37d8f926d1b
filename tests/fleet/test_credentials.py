"""An account's credentials are found where it says, and nowhere else."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

import pytest

from cdiscount_marketplace.errors import ConfigurationError, CredentialsMissing
from cdiscount_marketplace.fleet import find_credentials
from cdiscount_marketplace.oms.ports import (
    Account,
    CredentialSource,
    EnvironmentCredentials,
    FileCredentials,
    NamedCredentials,
)

ENVIRONMENT = {
    "CDISCOUNT_USERNAME": "plain-api",
    "CDISCOUNT_PASSWORD": "one",
    "ACME_CDISCOUNT_USERNAME": "acme-api",
    "ACME_CDISCOUNT_PASSWORD": "two",
    "ACME_OTHER": "not ours",
}


def account(source: CredentialSource, channel: str = "soap", **settings: str) -> Account:
    """Return an account whose credentials are somewhere."""
    return Account(name="acme", channel=channel, credentials=source, **settings)


def test_a_prefix_keeps_accounts_apart() -> None:
    acme = find_credentials(account(EnvironmentCredentials(prefix="ACME_")), environ=ENVIRONMENT)
    assert acme == {"CDISCOUNT_USERNAME": "acme-api", "CDISCOUNT_PASSWORD": "two"}
    plain = find_credentials(account(EnvironmentCredentials()), environ=ENVIRONMENT)
    assert plain == {"CDISCOUNT_USERNAME": "plain-api", "CDISCOUNT_PASSWORD": "one"}


def test_a_file_holds_one_variable_a_line(tmp_path: Path) -> None:
    path = tmp_path / "acme.env"
    path.write_text('# the API account\nCDISCOUNT_USERNAME=acme-api\nCDISCOUNT_PASSWORD = "p=#1"\nPATH=/bin\n\n')
    found = find_credentials(account(FileCredentials(path=str(path))), environ={})
    assert found == {"CDISCOUNT_USERNAME": "acme-api", "CDISCOUNT_PASSWORD": "p=#1"}


def test_a_resolver_is_given_the_name() -> None:
    vault = {"sellers/acme": {"OCTOPIA_CLIENT_ID": "id", "OCTOPIA_CLIENT_SECRET": "secret"}}
    found = find_credentials(
        account(NamedCredentials(name="sellers/acme"), "octopia", seller_id="4711"), resolver=vault.__getitem__
    )
    assert found == {"OCTOPIA_CLIENT_ID": "id", "OCTOPIA_CLIENT_SECRET": "secret", "OCTOPIA_SELLER_ID": "4711"}


@pytest.mark.parametrize(
    ("channel", "names"),
    [
        ("soap", ("CDISCOUNT_SERVICE_URL", "CDISCOUNT_TOKEN_URL")),
        ("octopia", ("OCTOPIA_BASE_URL", "OCTOPIA_TOKEN_URL")),
    ],
)
def test_the_accounts_own_addresses_go_before(channel: str, names: tuple[str, str]) -> None:
    settings = {"service_url": "https://own/service", "token_url": "https://own/token"}
    environ = {**ENVIRONMENT, names[0]: "https://other"}
    found = find_credentials(account(EnvironmentCredentials(), channel, **settings), environ=environ)
    assert [found[name] for name in names] == ["https://own/service", "https://own/token"]


@pytest.mark.parametrize(
    ("source", "advice"),
    [
        (EnvironmentCredentials(prefix="NOBODY_"), "NOBODY_CDISCOUNT_USERNAME"),
        (FileCredentials(path="/nowhere/acme.env"), "may be read"),
        (NamedCredentials(name="acme"), "resolver="),
    ],
    ids=["environment", "file", "name"],
)
def test_missing_credentials_are_told_with_what_to_do(source: CredentialSource, advice: str) -> None:
    with pytest.raises(CredentialsMissing) as caught:
        find_credentials(account(source), environ=ENVIRONMENT)
    assert advice in f"{caught.value} {caught.value.hint}"


def test_a_file_that_is_no_text_never_shows_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "acme.env"
    path.write_bytes(b"CDISCOUNT_PASSWORD=\xff\xfesecret")
    with pytest.raises(CredentialsMissing) as caught:
        find_credentials(account(FileCredentials(path=str(path))))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "a\nb"},
        {"name": "x" * 201},
        {"channel": " "},
        {"start_from": "2026-01-01"},
    ],
    ids=str,
)
def test_an_account_that_cannot_be_meant_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError):
        Account(**{"name": "acme", "channel": "soap", **wrong})


def _none(name: str) -> Any:
    return None


def _quoting(name: str) -> Any:
    raise ValueError("hunter2 is not hexadecimal")


def _exiting(name: str) -> Any:
    raise SystemExit("hunter2")


@pytest.mark.parametrize(
    ("resolver", "said"),
    [(_none, "returned NoneType"), (_quoting, "raised ValueError at test_credentials.py"), (_exiting, "SystemExit")],
)
def test_a_resolver_that_fails_is_named_without_its_text(resolver: Any, said: str) -> None:
    with pytest.raises(CredentialsMissing) as caught:
        find_credentials(account(NamedCredentials(name="sellers/acme")), environ={}, resolver=resolver)
    shown = "".join(traceback.format_exception(caught.value))
    assert said in str(caught.value)
    assert "'sellers/acme'" in str(caught.value)
    assert "hunter2" not in shown
