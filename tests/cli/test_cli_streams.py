"""Whatever is printed, and wherever to: no traceback, no character that steers a terminal, JSON that is ASCII."""

from __future__ import annotations

import io
import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdiscount_marketplace.adapters.sql import SqlOms
from cdiscount_marketplace.cli import main
from cdiscount_marketplace.cli.documents import document
from cdiscount_marketplace.cli.output import cell, facts, screen, table
from cdiscount_marketplace.models import Address, Customer, OrderStatus, SalesLine, SalesOrder, Shipment
from cdiscount_marketplace.oms.ports import Change, ChangeKind, Company, QuarantinedOrder, ShipmentTask, Task, TaskState
from support.shell import Shell

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
# An escape sequence in seven and in eight bits, a reversed text, a hidden one, DEL, a line separator, markup, an emoji.
HOSTILE = "bad\x1b[31m \x9b31m \u202egnp.exe \u2066x\u2069 \u200b \x7f \u2028 \r [red]é[/red] :smile: \U0001f600"
STEERING = [sign for sign in HOSTILE if not sign.isprintable()]
ENCODINGS = ["ascii", "utf-8", "cp1252", "latin-1", "utf-16", "cp037"]

Terminal = Callable[[str, str], tuple[int, str, str]]

COMMANDS = [
    "status",
    "quarantine list",
    "quarantine list --all",
    "quarantine list --payload",
    "outbox list",
    "outbox list --all",
    "orders show --stored N1",
    "mapping list",
    "lease list",
]


@pytest.fixture
def hostile(shell: Shell) -> Shell:
    """Give a shell whose store is full of texts that would steer a terminal."""
    entry = QuarantinedOrder(
        key=f"Q{HOSTILE}",
        identities=("Q",),
        code="unmappable",
        reason=HOSTILE,
        payload=json.dumps({"customer": HOSTILE}, ensure_ascii=False),
        first_seen=NOON,
        last_seen=NOON,
    )
    row = ShipmentTask(
        shipment=Shipment(key=f"S{HOSTILE}", carrier=HOSTILE, tracking_number="6A1", lines=(HOSTILE,)),
        task=Task(key=f"S{HOSTILE}", state=TaskState.STUCK, created_at=NOON, updated_at=NOON, message=HOSTILE),
    )
    order = SalesOrder(
        channel="soap",
        identities=("N1", HOSTILE),
        status=OrderStatus.WAITING_SHIPMENT,
        channel_status=HOSTILE,
        customer=Customer(last_name=HOSTILE),
        shipping_address=Address(last_name=HOSTILE, lines=(HOSTILE,), city=HOSTILE),
        lines=(SalesLine(line_id="1", quantity=1, title=HOSTILE),),
    )
    with SqlOms(shell.store) as oms:
        oms.put_quarantine("my-shop", entry)
        oms.swap_shipment("my-shop", None, row)
        oms.save("my-shop", order, order, Change(kind=ChangeKind.IMPORTED, at=NOON, digest="…"))
        oms.put_company(HOSTILE, Company(retailer=HOSTILE, supplier=HOSTILE))
        oms.acquire("my-shop", "import", HOSTILE, datetime.max - datetime(9999, 1, 1))
    return shell


def process(command: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    line = f"{shlex.quote(sys.executable)} -m cdiscount_marketplace.cli {command}"
    given = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", **environment}
    return subprocess.run(line, shell=True, capture_output=True, timeout=100, check=False, env=given)


@pytest.mark.parametrize("command", COMMANDS)
def test_json_is_printable_ascii_and_keeps_every_character(hostile: Shell, command: str) -> None:
    ran = hostile(f"{command} --json")
    assert all(sign == "\n" or " " <= sign <= "~" for sign in ran.out)
    assert command == "lease list" or HOSTILE in _texts(ran.document)


@pytest.mark.parametrize("command", COMMANDS)
def test_table_holds_nothing_that_steers_a_terminal_and_no_markup_is_taken(hostile: Shell, command: str) -> None:
    shown = hostile(command).out
    assert [sign for sign in STEERING if sign in shown] == []
    assert "[red]é[/red] :smile:" in shown or "\\u" in shown


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for pair in value.items() for item in pair for text in _texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return [value] if isinstance(value, str) else []


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Give a shell whose streams have an encoding."""

    def run(line: str, encoding: str) -> tuple[int, str, str]:
        streams = {name: io.TextIOWrapper(io.BytesIO(), encoding=encoding) for name in ("stdout", "stderr")}
        with monkeypatch.context() as on:
            for name, stream in streams.items():
                on.setattr(sys, name, stream)
            with pytest.raises(SystemExit) as left:
                main(line.split())
        printed = {}
        for name, stream in streams.items():
            stream.flush()
            printed[name] = stream.buffer.getvalue().decode(encoding)  # type: ignore[attr-defined]
        return int(left.value.code or 0), printed["stdout"], printed["stderr"]

    return run


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("form", ["", "--json", "--all"])
def test_no_encoding_of_a_terminal_ends_in_a_traceback(
    hostile: Shell, terminal: Terminal, encoding: str, form: str
) -> None:
    code, out, err = terminal(f"quarantine list {form}", encoding)
    assert (code, err) == (1, "")
    assert "bad" in out


@pytest.mark.parametrize("form", ["", "--json"])
def test_no_locale_ends_in_a_traceback(hostile: Shell, form: str) -> None:
    done = process(f"quarantine list {form}", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"bad" in done.stdout


@pytest.mark.parametrize(
    "command", ["outbox retry é", "orders show --stored é", "lease free é", "outbox list --é", "é"]
)
@pytest.mark.parametrize("encoding", ["ascii", "utf-8", "cp1252"])
def test_what_was_typed_is_repeated_in_any_encoding(
    shell: Shell, terminal: Terminal, command: str, encoding: str
) -> None:
    code, _, err = terminal(command, encoding)
    assert code in (1, 2)
    assert err.count("\n") == 1


@pytest.mark.parametrize("where", [r"outbox retry $'N1\xff'", r"status --account $'a\xff'", r"status --store $'\xff'"])
def test_bytes_that_are_no_text_are_wrong_usage(shell: Shell, where: str) -> None:
    command = f"{shlex.quote(sys.executable)} -m cdiscount_marketplace.cli {where}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr.count(b"\n")) == (2, 1)
    assert b"UTF-8" in done.stderr


# The exit code of the command itself, which a pipe hides, goes to standard error.
CUT = "{ %s; echo $? >&2; } | head -c 1"


@pytest.mark.parametrize("form", ["", "--json", "--all"])
def test_reader_that_stops_early_is_no_error_and_hides_no_exit_code(hostile: Shell, form: str) -> None:
    with SqlOms(hostile.store) as oms, oms.unit():
        for number in range(2000):
            oms.put_quarantine("my-shop", _entry(number))
    line = CUT % f"{shlex.quote(sys.executable)} -m cdiscount_marketplace.cli quarantine list {form}"
    done = subprocess.run(line, shell=True, capture_output=True, text=True, timeout=60, check=False)
    assert (len(done.stdout), done.stderr) == (1, "1\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("command", ["status", "quarantine list --json", "outbox list --all", "--help"])
def test_output_onto_a_full_disk_is_one_line(shell: Shell, command: str) -> None:
    done = process(f"{command} > /dev/full")
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 1)
    assert b"No space left" in done.stderr


@pytest.mark.parametrize(
    ("command", "code", "closed"),
    [
        ("status", 0, ">&-"),
        ("outbox retry N9", 1, "2>&-"),
        ("outbox list --json", 0, ">&- 2>&-"),
        ("outbox retry N9", 1, "2>/dev/full"),
    ],
)
def test_closed_streams_change_no_exit_code(shell: Shell, command: str, code: int, closed: str) -> None:
    assert process(f"{command} {closed}").returncode == code


def _entry(number: int) -> QuarantinedOrder:
    return QuarantinedOrder(
        key=f"Q{number:05d}",
        identities=(f"Q{number:05d}",),
        code="unmappable",
        reason="map the SKU",
        payload="{}",
        first_seen=NOON,
        last_seen=NOON,
    )


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.text(st.characters(categories=["Cs", "Cc", "Cf"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(json_values)
def test_any_value_becomes_one_ascii_document_that_reads_back(value: Any) -> None:
    written = "".join(document(value))
    assert all(sign == "\n" or " " <= sign <= "~" for sign in written)
    # Two surrogates that stand side by side read back as the character that they make, in any JSON.
    assert json.loads(written) == json.loads(json.dumps(value))


@given(st.text())
def test_no_title_and_no_cell_can_steer_the_terminal(text: str) -> None:
    console = screen()
    with console.capture() as captured:
        console.print(table(text, ["A"], [[text]]))
        console.print(facts(text, [(text and "name", text)]))
    assert all(sign.isprintable() or sign == "\n" for sign in captured.get())


@pytest.fixture(params=["UTC", "Pacific/Kiritimati", "America/Los_Angeles"])
def _zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put the machine into a time zone."""
    with monkeypatch.context() as there:
        there.setenv("TZ", request.param)
        time.tzset()
        yield
    time.tzset()


@pytest.mark.skipif(sys.platform == "win32", reason="the zone of a process is POSIX")
@pytest.mark.usefixtures("_zone")
@pytest.mark.parametrize("moment", [datetime.min, datetime.max], ids=["first", "last"])
def test_moments_at_the_ends_of_time_are_shown(moment: datetime) -> None:
    assert cell(moment.replace(tzinfo=UTC))[:3] in ("000", "999", "100")


def test_blanks_of_other_widths_are_blanks() -> None:
    assert cell("12,00\u00a0€\u202fTTC") == "12,00 € TTC"
