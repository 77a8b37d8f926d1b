"""`doctor` finds what is wrong, says what to do, and shows no secret."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import requests
from sqlalchemy import create_engine, text

from cdiscount_marketplace.cli import checks
from cdiscount_marketplace.sandbox import Sandbox
from support.pages import ROOT
from support.shell import Ran, Shell

SECRET = "open-sesame"


def by_name(ran: Ran) -> Mapping[str, Any]:
    return {check["name"]: check for check in ran.document["checks"]}


def test_a_machine_that_is_ready_has_nothing_to_fix(shell: Shell, sandbox: Sandbox) -> None:
    ran = shell("doctor --json")
    assert (ran.code, ran.document["healthy"]) == (0, True), ran.out
    found = by_name(ran)
    assert {check["state"] for check in found.values()} == {"ok"}
    assert {"Python", "extras", "store", "credentials", "clock", "login"} < set(found)
    assert "CDISCOUNT_USERNAME from the environment" in found["credentials"]["found"]
    assert "Nothing to fix." in shell("doctor").out


def test_octopia_is_checked_where_its_credentials_are(
    shell: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDISCOUNT_CHANNEL", "octopia")
    ran = shell("doctor --json")
    assert ran.code == 0, ran.out
    assert by_name(ran)["credentials"]["found"].startswith("octopia: OCTOPIA_CLIENT_ID")


def test_offline_leaves_the_network_alone(shell: Shell, sandbox: Sandbox) -> None:
    before = len(sandbox.calls())
    ran = shell("doctor --offline --json")
    assert ran.code == 0
    assert set(by_name(ran)) == {"Python", "extras", "store", "credentials"}
    assert len(sandbox.calls()) == before


def test_missing_credentials_and_store_are_named_with_what_to_do(shell: Shell) -> None:
    ran = shell("doctor --offline --store sqlite:///nowhere.db --json")
    assert (ran.code, ran.document["healthy"]) == (1, False)
    found = by_name(ran)
    assert "--username or CDISCOUNT_USERNAME" in found["credentials"]["advice"]
    assert "`accounts add` creates a store" in found["store"]["advice"]
    assert "2 problems to fix." in shell("doctor --offline --store sqlite:///nowhere.db").out


def test_credentials_of_both_apis_are_a_question(
    shell: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CDISCOUNT_CHANNEL")
    ran = shell("doctor --json")
    failed = [check for check in ran.document["checks"] if check["state"] == "failed"]
    assert [check["name"] for check in failed] == ["channel"], ran.out
    assert "--channel soap or --channel octopia" in failed[0]["advice"]
    found = by_name(ran)
    assert found["login"]["found"] == "no API is chosen"
    # The sandbox's, and not production's.
    assert {name.partition(":")[0] for name in found if name.startswith("host ")} == {"host 127.0.0.1"}


def test_accounts_of_the_registry_are_credentials(shell: Shell) -> None:
    shell("accounts add acme --channel soap --environment-prefix ACME_ --start-from 2026-01-01")
    found = by_name(shell("doctor --offline --json"))
    assert (found["credentials"]["state"], "1 account" in found["credentials"]["found"]) == ("ok", True)
    assert "accounts check" in found["credentials"]["advice"]


def test_a_refused_login_is_found_and_no_secret_is_shown(
    shell: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDISCOUNT_PASSWORD", SECRET)
    for ran in (shell("doctor"), shell("doctor --json")):
        assert ran.code == 1
        assert "these credentials were refused" in ran.out or "LoginRefused" in ran.out
        assert SECRET not in ran.out + ran.err


def test_hosts_that_do_not_answer_are_named(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDISCOUNT_TOKEN", SECRET)
    ran = shell("doctor --json --service-url http://127.0.0.1:9/ --token-url http://127.0.0.1:9/users/httpIssue.svc/")
    found = by_name(ran)
    assert ran.code == 1
    assert "no answer" in found["host 127.0.0.1:9"]["found"]
    assert "is it running?" in found["host 127.0.0.1:9"]["advice"]
    assert "HTTPS_PROXY" not in found["host 127.0.0.1:9"]["advice"]
    assert found["login"]["advice"]
    assert (found["clock"]["state"], found["login"]["state"]) == ("skipped", "failed")


def test_a_soap_service_that_is_gone_points_to_octopia(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def head(*_args: object, **_options: object) -> requests.Response:
        raise requests.ConnectionError

    monkeypatch.setattr(checks.requests, "head", head)
    found = by_name(shell("doctor --json"))
    assert "Octopia" in found["host wsvc.cdiscount.com"]["advice"]
    assert "HTTPS_PROXY" in found["host api.octopia-io.net"]["advice"]
    assert "Octopia" not in found["host api.octopia-io.net"]["advice"]


def test_an_address_that_cannot_be_is_found(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDISCOUNT_TOKEN", SECRET)
    found = by_name(shell("doctor --json --service-url ftp://x"))
    assert "--service-url is not an http or https address" in found["hosts"]["found"]


@pytest.mark.parametrize(
    ("apart", "state", "word"),
    [
        (timedelta(), "ok", "marketplace's"),
        (timedelta(hours=1), "failed", "behind"),
        (timedelta(hours=-1), "failed", "ahead"),
    ],
)
def test_a_clock_that_is_wrong_is_found(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, apart: timedelta, state: str, word: str
) -> None:
    def head(*_args: object, **_options: object) -> requests.Response:
        answer = requests.Response()
        answer.status_code = 405
        answer.headers["Date"] = format_datetime(datetime.now(UTC) + apart, usegmt=True)
        return answer

    monkeypatch.setattr(checks.requests, "head", head)
    found = by_name(shell("doctor --json"))
    assert (found["clock"]["state"], word in found["clock"]["found"]) == (state, True)


def test_an_older_store_is_left_as_it_is(shell: Shell) -> None:
    engine = create_engine(shell.store)
    with engine.begin() as connection:
        connection.execute(text("UPDATE meta SET value = '1' WHERE name = 'schema_version'"))
    engine.dispose()
    for _ in range(2):
        found = by_name(shell("doctor --offline --json"))
        assert found["store"]["state"] == "failed"
        assert "cdiscount-marketplace store upgrade" in found["store"]["advice"]


def test_a_missing_extra_is_named_and_fails_only_where_it_is_needed(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "find_spec", lambda package: None if package in ("celery", "psycopg") else package)
    extras = by_name(shell("doctor --offline --json"))["extras"]
    assert (extras["state"], extras["found"]) == ("ok", "not installed: postgresql, celery")
    needed = by_name(shell("doctor --offline --json --store postgresql://oms@127.0.0.1:9/oms"))["extras"]
    assert (needed["state"], "[postgresql]" in needed["advice"]) == ("failed", True)


def test_every_extra_is_looked_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    assert set(checks.EXTRAS) == set(extras) - {"all"}
    for extra, packages in checks.EXTRAS.items():
        required = " ".join(extras[extra])
        assert all(package.split(".")[0] in required for package in packages), extra


def test_a_database_out_of_reach_is_to_be_started(shell: Shell) -> None:
    found = by_name(shell("doctor --offline --json --store postgresql://oms@127.0.0.1:9/oms"))["store"]
    assert (found["state"], "start the database" in found["advice"]) == ("failed", True), found
