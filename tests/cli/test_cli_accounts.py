"""The registry on the command line, and `run`, which works for it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from cdiscount_marketplace.adapters.sql import SqlAccountRegistry, SqlOms
from cdiscount_marketplace.oms.ports import Account, EnvironmentCredentials, FileCredentials, NamedCredentials
from cdiscount_marketplace.sandbox import Sandbox
from support.shell import Shell

WAITING = "WaitingForShipmentAcceptation"
YESTERDAY = "--start-from 2026-01-01"


def saved(shell: Shell, name: str = "acme") -> Account:
    with SqlAccountRegistry(shell.store) as registry:
        account = registry.find_account(name)
    assert account is not None
    return account


def test_an_added_account_has_what_was_said(shell: Shell) -> None:
    done = shell(
        "accounts add acme --channel octopia --environment-prefix ACME_ --seller-id 4711 --sales-channel CDISFR "
        "--sales-channel FNACFR --start-from 2026-11-01 --every.import 2m --every.offers 1h --disabled"
    )
    assert done.code == 0, done.err
    account = saved(shell)
    assert (account.channel, account.seller_id, account.enabled) == ("octopia", "4711", False)
    assert account.credentials == EnvironmentCredentials(prefix="ACME_")
    assert account.sales_channels == ("CDISFR", "FNACFR")
    assert [(str(period.job), period.every.total_seconds()) for period in account.jobs] == [
        ("import", 120),
        ("offers", 3600),
    ]


@pytest.mark.parametrize(
    ("option", "source"),
    [
        ("--credentials-file /run/secrets/acme", FileCredentials(path="/run/secrets/acme")),
        ("--credentials-file acme.env", FileCredentials(path=str(Path.cwd() / "acme.env"))),
        ("--credentials-name vault/acme", NamedCredentials(name="vault/acme")),
        ("", EnvironmentCredentials()),
    ],
)
def test_the_registry_keeps_where_the_credentials_are(shell: Shell, option: str, source: object) -> None:
    assert shell(f"accounts add acme --channel soap {option}").code == 0
    assert saved(shell).credentials == source


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--credentials-file a --credentials-name b", "name one place"),
        ("--every.fly 5m", "there is no job 'fly'"),
        ("--every.import 0s", "the period of import is 0 s; give 1 s or more"),
        ("--every.import -5s", "the period of import is -5 s"),
        ("--every 5m", "names no job; give one with its period, such as --every.import 5m"),
        ("--start-from 0001-01-01", "--start-from"),
        ("--start-from 2999-01-01", "--start-from: is in the future"),
        ("--environment-prefix 9-ACME", "--environment-prefix: '9-ACME' cannot begin a variable's name"),
        ("--service-url ftp://x", "--service-url is not an http or https address"),
        ("--service-url http://127.0.0.1:99999", "--service-url is not an http or https address"),
        ("--token-url nowhere", "--token-url is not an http or https address"),
        ("--service-url http://me:secret@host.example/", "--service-url carries a user name or password"),
    ],
)
def test_what_cannot_be_meant_is_refused(shell: Shell, options: str, said: str) -> None:
    refused = shell(f"accounts add acme --channel soap {options}")
    assert refused.code == 2
    assert said in refused.err
    assert "Traceback" not in refused.err


def test_a_name_with_outer_spaces_is_refused(shell: Shell) -> None:
    refused = shell("accounts add ' acme' --channel soap")
    assert refused.code == 2
    assert "NAME: ' acme' starts or ends with a space" in refused.err


def test_an_account_without_a_start_is_told_what_its_first_import_needs(shell: Shell) -> None:
    assert "--start-from" in shell("accounts add acme --channel soap").err
    assert shell(f"accounts add other --channel soap {YESTERDAY}").err == ""
    assert shell("accounts add shipper --channel soap --every.ship 5m").err == ""


def test_names_in_hints_can_be_pasted_into_a_shell(shell: Shell) -> None:
    assert "accounts check 'my shop'" in shell(f"accounts add 'my shop' --channel soap {YESTERDAY}").out
    assert shell("accounts check 'my shop'").code == 2


def test_one_account_is_enabled_and_two_are(shell: Shell) -> None:
    for name in ("acme", "other"):
        shell(f"accounts add {name} --channel soap")
    assert shell("accounts enable acme").out == "acme is enabled.\n"
    assert shell("accounts disable acme other").out == "acme, other are disabled.\n"
    assert shell("accounts enable acme --dry-run").out == "acme would be enabled.\n"
    assert shell("accounts remove acme").out == "acme is removed; the orders stay.\n"


def test_an_account_is_replaced_only_when_that_is_asked_for(shell: Shell) -> None:
    shell("accounts add acme --channel soap")
    refused = shell("accounts add acme --channel octopia")
    assert refused.code == 2
    assert "--replace" in refused.err
    assert shell("accounts add acme --channel octopia --replace --dry-run").code == 0
    assert saved(shell).channel == "soap"
    assert shell("accounts add acme --channel octopia --replace").code == 0
    assert saved(shell).channel == "octopia"


def test_accounts_are_disabled_enabled_and_removed(shell: Shell) -> None:
    for name in ("acme", "other"):
        shell(f"accounts add {name} --channel soap")
    assert shell("accounts disable acme other").code == 0
    assert not saved(shell).enabled
    assert shell("accounts enable acme").code == 0
    assert (saved(shell).enabled, saved(shell, "other").enabled) == (True, False)
    assert shell("accounts remove other").code == 0
    assert [each["account"]["name"] for each in shell("accounts list --json").document] == ["acme"]


@pytest.mark.parametrize("command", ["show", "enable", "disable", "remove", "check"])
def test_an_unknown_account_is_a_typing_error(shell: Shell, command: str) -> None:
    shell("accounts add acme --channel soap")
    refused = shell(f"accounts {command} amce")
    assert refused.code == 2
    assert "there is no account 'amce' (did you mean 'acme'?)" in refused.err


def test_check_logs_in_and_says_what_is_wrong(shell: Shell, sandbox: Sandbox) -> None:
    shell("accounts add good --channel soap")
    shell("accounts add nobody --channel soap --environment-prefix NOBODY_")
    assert shell("accounts check good").code == 0
    both = shell("accounts check --json")
    assert both.code == 2
    good, nobody = both.document
    assert good == {"account": "good", "accepted": True, "error": None}
    assert "NOBODY_CDISCOUNT_USERNAME" in nobody["error"]


def test_what_an_account_lacks_is_looked_for_in_its_own_place(
    shell: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME_CDISCOUNT_USERNAME", "acme-api")
    shell(f"accounts add acme --channel soap --environment-prefix ACME_ {YESTERDAY}")
    checked, ran = shell("accounts check acme --json"), shell("run --once --json")
    for error in (checked.document[0]["error"], ran.document[0]["error"], shell("accounts list").out):
        assert "set ACME_CDISCOUNT_USERNAME and its like" in error
        assert "username=" not in error


def test_an_account_without_a_start_fails_in_the_words_of_accounts_add(shell: Shell, sandbox: Sandbox) -> None:
    shell("accounts add acme --channel soap --every.import 5m")
    [run] = shell("run --once --json").document
    assert "--start-from" in run["error"]
    assert "start_from" not in run["error"]


def test_check_ends_as_a_refused_login_does(shell: Shell, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDISCOUNT_PASSWORD", "open-sesame")
    shell("accounts add acme --channel soap")
    refused = shell("accounts check acme")
    assert refused.code == 3
    assert "open-sesame" not in refused.out + refused.err


def test_a_resolver_of_your_own_finds_credentials(
    shell: Shell, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "company_vault.py").write_text(
        "import os\ndef read(name):\n    assert name == 'acme-login'\n    return os.environ\n"
    )
    monkeypatch.chdir(tmp_path)
    shell("accounts add acme --channel soap --credentials-name acme-login")
    assert shell("accounts check acme").code == 2
    assert shell("accounts check acme --resolver company_vault:read").code == 0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("vault", "names no function"),
        (":read", "names no function"),
        ("..vault:read", "names no function"),
        ("vault:", "names no function"),
        ("vault:write", "AttributeError"),
        ("vault:NAME", "is a str, not a function"),
        ("no_such_module:read", "ModuleNotFoundError"),
        ("broken_syntax:read", "SyntaxError"),
        ("broken_import:read", "raised ValueError at broken_import.py:1"),
        ("exiting_import:read", "raised SystemExit at exiting_import.py:1"),
    ],
)
@pytest.mark.parametrize("command", ["accounts check acme", "run --once", "web --port 0"])
def test_a_resolver_that_is_no_function_is_a_typing_error(
    shell: Shell, wrong: str, said: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "vault.py").write_text("NAME = 'x'\ndef read(name):\n    return {}\n")
    (tmp_path / "broken_syntax.py").write_text("def read(:\n")
    (tmp_path / "broken_import.py").write_text("raise ValueError('hunter2')\n")
    (tmp_path / "exiting_import.py").write_text("raise SystemExit('hunter2')\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    shell(f"accounts add acme --channel soap {YESTERDAY}")
    refused = shell(f"{command} --resolver {wrong}")
    assert refused.code == 2
    assert f"--resolver {wrong!r} " in refused.err
    assert said in refused.err
    assert "Traceback" not in refused.err
    assert "hunter2" not in refused.err


def test_run_once_does_what_is_due_and_shows_it_on_the_settings_page(shell: Shell, sandbox: Sandbox) -> None:
    order = sandbox.place(state=WAITING)
    shell(f"accounts add acme --channel soap {YESTERDAY}")
    ran = shell("run --once --json")
    assert ran.code == 0
    assert [(each["job"], each["error"]) for each in ran.document] == [("import", None), ("ship", None)]
    assert order.number in shell("orders show --stored --account acme --json " + order.number).out
    shown = shell("accounts show acme --json").document
    assert shown["last_order_pulled"] is not None
    assert [run["job"] for run in shown["runs"]] == ["import", "ship"]
    assert "last order pulled" in shell("accounts show acme").out


def test_run_once_says_which_account_failed(shell: Shell, sandbox: Sandbox) -> None:
    shell(f"accounts add acme --channel soap {YESTERDAY}")
    shell("accounts add nobody --channel soap --environment-prefix NOBODY_")
    ran = shell("run --once")
    assert ran.code == 1
    assert "CredentialsMissing" in ran.out
    assert "CredentialsMissing" in shell("accounts list").out


def test_run_once_says_that_another_worker_is_at_it(shell: Shell, sandbox: Sandbox) -> None:
    shell(f"accounts add acme --channel soap {YESTERDAY} --every.import 5m")
    with SqlOms(shell.store) as oms:
        assert oms.acquire("acme", "import", "other", timedelta(minutes=5)) is not None
    ran = shell("run --once")
    assert (ran.code, "busy: another worker runs it" in ran.out, "done" in ran.out) == (75, True, False)


def test_a_refresh_that_goes_backwards_is_refused_in_plain_words(shell: Shell) -> None:
    refused = shell("run --refresh -5s")
    assert (refused.code, "-5 s goes backwards" in refused.err) == (2, True)
    assert "day" not in refused.err


def test_run_accepts_where_it_was_told_to(shell: Shell, sandbox: Sandbox) -> None:
    order = sandbox.place(state="WaitingForSellerAcceptation")
    shell(f"accounts add acme --channel soap {YESTERDAY} --every.import 5m --every.accept 5m")
    assert shell("run --once --accept-all").code == 0
    assert sandbox.order(order.number).state != "WaitingForSellerAcceptation"


def test_run_works_until_sigterm_and_keeps_its_health_file(shell: Shell, sandbox: Sandbox, tmp_path: Path) -> None:
    shell(f"accounts add acme --channel soap {YESTERDAY} --every.import 1s")
    health = tmp_path / "health.json"
    command = [sys.executable, "-m", "cdiscount_marketplace.cli", "run", "--health-file", str(health)]
    with subprocess.Popen(command, env={**os.environ}, stderr=subprocess.PIPE, text=True) as running:
        until = time.monotonic() + 60
        while time.monotonic() < until and len(sandbox.calls("GetOrderList")) < 3:
            time.sleep(0.1)
        state = json.loads(health.read_text())
        running.send_signal(signal.SIGTERM)
        said = running.communicate(timeout=30)[1]
    assert running.returncode == 0
    assert (state["accounts"], state["failing"]) == (1, 0)
    assert "import of acme is done" in said
