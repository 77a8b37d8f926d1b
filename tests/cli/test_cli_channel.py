"""The API follows from the credentials that are there."""

from __future__ import annotations

import os

import pytest

from cdiscount_marketplace.sandbox import Sandbox
from support.shell import Shell

SOAP = {"CDISCOUNT_USERNAME", "CDISCOUNT_PASSWORD"}
OCTOPIA = {"OCTOPIA_CLIENT_ID", "OCTOPIA_CLIENT_SECRET", "OCTOPIA_SELLER_ID"}


@pytest.mark.parametrize(("gone", "channel"), [(OCTOPIA, "soap"), (SOAP, "octopia")])
def test_the_channel_is_the_one_that_has_credentials(
    shell: Shell, sandbox: Sandbox, gone: set[str], channel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in {*gone, "CDISCOUNT_CHANNEL"}:
        monkeypatch.delenv(name)
    ran = shell("token check --json")
    assert (ran.code, ran.document["channel"]) == (0, channel), ran.err


def test_with_credentials_of_both_the_channel_is_asked_for(
    shell: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CDISCOUNT_CHANNEL")
    refused = shell("token check")
    assert refused.code == 2
    assert "credentials of both APIs (CDISCOUNT_USERNAME and OCTOPIA_CLIENT_ID)" in refused.err
    assert "give --channel soap or --channel octopia, or set CDISCOUNT_CHANNEL" in refused.err
    for channel in ("soap", "octopia"):
        assert shell(f"token check --channel {channel} --json").document["channel"] == channel


@pytest.mark.parametrize(
    ("left", "channel"),
    [
        ("CDISCOUNT_PASSWORD", "octopia"),
        ("CDISCOUNT_USERNAME", "octopia"),
        ("OCTOPIA_CLIENT_ID", "soap"),
        ("OCTOPIA_CLIENT_SECRET", "soap"),
    ],
)
def test_half_of_a_login_is_no_rival_of_a_whole_one(
    shell: Shell, sandbox: Sandbox, left: str, channel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in {"CDISCOUNT_CHANNEL", *(SOAP if channel == "octopia" else OCTOPIA - {"OCTOPIA_SELLER_ID"})} - {left}:
        monkeypatch.delenv(name)
    assert shell("token check --json").document["channel"] == channel


def test_a_lone_token_is_a_whole_login(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDISCOUNT_TOKEN", "a-token")
    monkeypatch.setenv("OCTOPIA_CLIENT_ID", "shop")
    assert "soap: CDISCOUNT_TOKEN" in shell("doctor --offline").out


def test_halves_of_both_logins_are_named_as_they_are_set(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDISCOUNT_PASSWORD", "a-password")
    monkeypatch.setenv("OCTOPIA_CLIENT_SECRET", "a-secret")
    refused = shell("token check")
    assert refused.code == 2
    assert "credentials of both APIs (CDISCOUNT_PASSWORD and OCTOPIA_CLIENT_SECRET)" in refused.err


def test_half_of_a_login_alone_says_what_it_lacks(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDISCOUNT_PASSWORD", "a-password")
    refused = shell("token check")
    assert refused.code == 2
    assert "the password has no user name" in refused.err or "--username or CDISCOUNT_USERNAME" in refused.err


def test_what_is_typed_counts_before_the_environment(
    shell: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CDISCOUNT_CHANNEL")
    refused = shell("token check --client-id somebody-else")
    assert refused.code == 3
    assert "LoginRefused" in refused.err


def test_without_credentials_every_way_in_is_named(shell: Shell) -> None:
    refused = shell("pull --start-from 2026-01-01")
    assert refused.code == 2
    for way in ("--username or CDISCOUNT_USERNAME", "CDISCOUNT_TOKEN", "--client-id or OCTOPIA_CLIENT_ID"):
        assert way in refused.err


@pytest.mark.parametrize(("channel", "secret"), [("soap", "CDISCOUNT_PASSWORD"), ("octopia", "OCTOPIA_CLIENT_SECRET")])
@pytest.mark.parametrize("diagnostic", ["doctor", "token check"])
def test_a_cached_token_hides_no_wrong_password(
    shell: Shell, sandbox: Sandbox, channel: str, secret: str, diagnostic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDISCOUNT_CHANNEL", channel)
    assert shell("carriers").code == 0
    assert shell(diagnostic).code == 0
    monkeypatch.setenv(secret, "wrong")
    refused = shell(diagnostic)
    assert refused.code != 0
    assert "LoginRefused" in refused.out + refused.err
    again = shell(diagnostic)
    assert "LoginBlocked" in again.out + again.err


@pytest.mark.parametrize(("channel", "secret"), [("soap", "CDISCOUNT_PASSWORD"), ("octopia", "OCTOPIA_CLIENT_SECRET")])
def test_a_check_of_accounts_finds_a_wrong_password_behind_a_cached_token(
    shell: Shell, sandbox: Sandbox, channel: str, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    urls = {
        "soap": ("CDISCOUNT_SERVICE_URL", "CDISCOUNT_TOKEN_URL"),
        "octopia": ("OCTOPIA_BASE_URL", "OCTOPIA_TOKEN_URL"),
    }
    service, token = (os.environ[name] for name in urls[channel])
    shell(f"accounts add acme --channel {channel} --service-url {service} --token-url {token} --start-from 2026-01-01")
    assert (shell(f"carriers --channel {channel}").code, shell("accounts check").code) == (0, 0)
    monkeypatch.setenv(secret, "wrong")
    refused = shell("accounts check")
    assert (refused.code, "LoginRefused" in refused.out) == (3, True)


@pytest.mark.parametrize(("value", "channel"), [("", "soap"), (" ", "soap"), ("SOAP", "soap"), ("Octopia", "octopia")])
def test_the_variable_of_the_channel_may_be_empty_or_in_capitals(
    shell: Shell, sandbox: Sandbox, value: str, channel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not value.strip():
        for name in OCTOPIA:
            monkeypatch.delenv(name)
    monkeypatch.setenv("CDISCOUNT_CHANNEL", value)
    ran = shell("token check --json")
    assert (ran.code, ran.document["channel"]) == (0, channel), ran.err


def test_an_empty_start_counts_as_unset(shell: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDISCOUNT_START_FROM", "")
    assert "is needed for the first pull" in shell("pull").err
