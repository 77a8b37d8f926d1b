"""What is printed is safe for a terminal, and stable for a program."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdiscount_marketplace.cli.documents import to_json
from cdiscount_marketplace.cli.output import Output, plain, table
from cdiscount_marketplace.models import OrderStatus, SalesLine, SalesOrder
from cdiscount_marketplace.oms.ports import QuarantinedOrder

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def order() -> SalesOrder:
    line = SalesLine(line_id="A", quantity=2, line_total=Decimal("10.50"))
    return SalesOrder(
        channel="soap",
        identities=("1904241200ABCDE",),
        status=OrderStatus.WAITING_SHIPMENT,
        created_at=NOON,
        lines=(line,),
        source=object(),
    )


def test_order_becomes_json_with_the_names_of_its_members() -> None:
    value = json.loads(json.dumps(to_json(order())))
    assert value["identities"] == ["1904241200ABCDE"]
    assert value["status"] == "waiting_shipment"
    assert value["created_at"] == "2026-03-01T12:00:00Z"
    assert value["lines"][0]["line_total"] == "10.50"
    assert value["total"] is None
    assert "source" not in value


def test_durations_are_seconds() -> None:
    assert to_json(timedelta(minutes=2)) == 120


def test_quarantined_payload_is_not_printed() -> None:
    entry = QuarantinedOrder(
        key="k", identities=("k",), code="no_number", reason="r", payload="Jeanne", first_seen=NOON, last_seen=NOON
    )
    assert "Jeanne" not in json.dumps(to_json(entry))


@given(st.text())
def test_no_text_can_steer_the_terminal(text: str) -> None:
    assert all(sign.isprintable() for sign in plain(text))


def test_table_shows_data_and_never_markup(capsys: pytest.CaptureFixture[str]) -> None:
    Output().show(None, table("T", ["Name"], [["[red]x[/red]\x1b[31m"]]))
    assert "[red]x[/red]\N{REPLACEMENT CHARACTER}[31m" in capsys.readouterr().out


def test_json_output_is_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    Output(as_json=True).show([order()], "a table")
    assert len(json.loads(capsys.readouterr().out)) == 1
