"""Errors speak the command line's words, and wrong words get the nearest right one."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdiscount_marketplace.cli.words import Vocabulary, error_line, nearest
from cdiscount_marketplace.errors import InvalidRequest, Problem
from cdiscount_marketplace.sandbox import Sandbox
from support.shell import Shell

USER = "--username or CDISCOUNT_USERNAME"
SECRET = "CDISCOUNT_PASSWORD or --secret-stdin"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("token check", f"give {USER}, and {SECRET}; or CDISCOUNT_TOKEN"),
        ("token check --username shop-api", f"give {SECRET}"),
        ("token check --username ' shop-api'", "--username starts or ends with a space"),
        ("token check --channel octopia", "give --client-id or OCTOPIA_CLIENT_ID, and OCTOPIA_CLIENT_SECRET or"),
        ("token check --channel octopia --client-id x", "and --seller-id or OCTOPIA_SELLER_ID"),
        ("pull --account ' '", "--account is empty"),
        ("orders show", "NUMBERS: name at least one"),
        ("ship 1 --carrier UPS", "--tracking-number: is required"),
        ("refunds give 1 --reason x --kind gesture", "--amount: is required"),
    ],
)
def test_an_error_names_the_flag_or_the_variable(
    shell: Shell, line: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDISCOUNT_START_FROM", "2026-01-01")
    if not line.startswith("token"):
        monkeypatch.setenv("CDISCOUNT_TOKEN", "t")
    refused = shell(line)
    assert (refused.code, said in refused.err) == (2, True), refused.err
    assert "username=" not in refused.err


@pytest.mark.parametrize(
    ("options", "flag"),
    [
        ("--channel soap --username x --service-url ftp://x", "--service-url"),
        ("--channel soap --username x --token-url ftp://x", "--token-url"),
        ("--channel octopia --client-id x --seller-id 1 --octopia-url ftp://x", "--octopia-url"),
        ("--channel octopia --client-id x --seller-id 1 --octopia-token-url ftp://x", "--octopia-token-url"),
    ],
)
def test_an_address_that_cannot_be_is_named_by_its_flag(
    shell: Shell, options: str, flag: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDISCOUNT_PASSWORD", "x")
    monkeypatch.setenv("OCTOPIA_CLIENT_SECRET", "x")
    refused = shell(f"token check {options}")
    assert refused.code == 2
    assert f"{flag} is not an http or https address" in refused.err


def test_a_service_without_its_token_service_asks_for_the_flag(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDISCOUNT_PASSWORD", "x")
    refused = shell("token check --channel soap --username x --service-url http://127.0.0.1:9/")
    assert "pass --token-url (or set CDISCOUNT_TOKEN_URL)" in refused.err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("ordrs", "no such command 'ordrs': did you mean 'orders'?"),
        ("orders lst", "no such command 'orders lst': did you mean 'orders list'?"),
        ("retry", "did you mean 'outbox retry', 'refunds retry', 'quarantine retry'?"),
        ("xyzzy", "no such command 'xyzzy': --help lists the commands"),
        ("orders list --jsn", "no such option '--jsn' of orders list: did you mean '--json'?"),
        ("orders list --xyzzy=3", "no such option '--xyzzy' of orders list: --help lists the options"),
        ("orders list --channel sopa", 'Did you mean "soap"?'),
        ("orders list --status wating_shipment", "did you mean 'waiting_shipment'?"),
        ("orders list --status xyzzy", "one of processing, waiting_acceptance"),
        ("outbox list --state pendng", "did you mean 'pending'?"),
        ("refunds give 1 --reason x --kind gestur", "did you mean 'gesture'?"),
        ("ship", "ship: NUMBER is missing; ship --help shows an example"),
        ("orders list --limit", "orders list: --limit needs a value"),
        ("orders list --limit ten", "--limit: 'ten' is not a whole number"),
        ("offers put LAMP --price cheap", "--price: 'cheap' is not an amount, such as 12.50"),
        ("orders list --created-from yesterday", "--created-from: 'yesterday' is not a date, such as 2026-11-20"),
        ("checkpoint set now", "MOMENT: 'now' is not a date"),
        ("purge --older-than old", "--older-than: 'old' is not a duration, such as 5m or 400d"),
        ("demo --orders -1", "--orders: Must be >= 0."),
        ("status extra words", "too many arguments: extra words"),
    ],
)
def test_wrong_words_get_the_nearest_right_one(shell: Shell, line: str, said: str) -> None:
    refused = shell(line)
    assert (refused.code, said in refused.err) == (2, True), refused.err
    assert refused.err.count("\n") == 1


@pytest.mark.parametrize(("word", "offered"), [("SOAP", "did you mean 'soap'?"), ("banana", None)])
def test_only_what_is_near_is_offered(word: str, offered: str | None) -> None:
    assert nearest(word, ["soap", "octopia"]) == offered


def test_a_missing_store_says_which_commands_make_one(shell: Shell, tmp_path: Path) -> None:
    refused = shell(f"status --store sqlite:///{tmp_path}/no.db")
    assert "the first `pull`, `offers put` or `accounts add` creates a store" in refused.err


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("ship X --carrier C --tracking Y", "--tracking-number"),
        ("ship X --carrrier C", "--carrier"),
        ("status -v", "--version"),
        ("-v", "--version"),
        ("--vers", "--version"),
    ],
)
def test_a_mistyped_option_is_answered_with_the_one_that_was_meant(shell: Shell, line: str, offered: str) -> None:
    refused = shell(line)
    assert (refused.code, refused.out) == (2, "")
    assert f"did you mean '{offered}'?" in refused.err


@pytest.mark.parametrize(
    "line",
    [
        "ordrs",
        "orders list --jsn",
        "ship",
        "orders list --status waiting",
        "messages answer 1 x --file /nowhere/no.pdf",
    ],
)
def test_every_error_begins_with_its_kind(shell: Shell, sandbox: Sandbox, line: str) -> None:
    kind, _, said = shell(line).err.partition(": ")
    assert kind in ("InvalidRequest", "NotRecorded", "ConfigurationError", "FileNotFoundError"), kind
    assert said


def test_a_wrong_word_is_answered_with_its_option_and_every_choice(shell: Shell) -> None:
    refused = shell("orders list --status waiting")
    assert "--status: 'waiting' is not one of processing, waiting_acceptance," in refused.err
    assert "did you mean 'waiting_" in refused.err


def test_no_error_of_wrong_usage_names_a_python_method() -> None:
    error = InvalidRequest([Problem("carrier", "is required")], operation="enqueue")
    assert error_line(error, Vocabulary({"carrier": "--carrier"})) == "InvalidRequest: --carrier: is required"
