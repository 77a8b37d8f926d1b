"""Who reads orders pays for nothing else: a section is imported when it is first used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cdiscount_marketplace.soap.messages import write_answer
from cdiscount_marketplace.soap.orders.models import GET_ORDER_LIST, Order, OrderListMessage

# What every call needs.
CORE = {
    "answers",
    "client",
    "codec",
    "common",
    "contract",
    "endpoints",
    "faults",
    "header",
    "messages",
    "operations",
    "schemas",
    "service",
    "token_service",
    "transport",
}
PROGRAM = """
import sys
from io import BytesIO
from pathlib import Path

import requests
from urllib3 import HTTPResponse

from cdiscount_marketplace import MarketplaceClient


class Service(requests.adapters.BaseAdapter):
    def send(self, request, *_, **__):
        response = requests.Response()
        response.status_code, response.request, response.url = 200, request, request.url
        response.headers["Content-Type"] = "text/xml; charset=utf-8"
        body = Path(sys.argv[1]).read_bytes()
        response.raw = HTTPResponse(BytesIO(body), status=200, preload_content=False)
        return response


session = requests.Session()
session.mount("https://", Service())
client = MarketplaceClient(token="0" * 32, session=session)
{use}
print(sorted({{name.split(".")[2] for name in sys.modules if name.startswith("cdiscount_marketplace.soap.")}}))
"""
LIST = """
from cdiscount_marketplace import OrderFilter
assert len(client.orders.list(OrderFilter(order_references=["2603020900ABCDE"]))) == 1
"""


def modules_after(use: str, folder: Path) -> set[str]:
    """Return the modules and packages of `soap` that a program has loaded at its end."""
    answer = folder / "answer.xml"
    orders = (Order(order_number="2603020900ABCDE"),)
    answer.write_bytes(write_answer(GET_ORDER_LIST, OrderListMessage(operation_success=True, orders=orders)))
    command = [sys.executable, "-c", PROGRAM.format(use=use), str(answer)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return set(done.stdout.strip("[]\n").replace("'", "").split(", "))


def test_listing_orders_imports_no_other_section(tmp_path: Path) -> None:
    assert modules_after(LIST, tmp_path) - CORE == {"orders"}


@pytest.mark.parametrize("section", ["sellers", "discussions", "refunds"])
def test_section_is_imported_when_it_is_used(section: str, tmp_path: Path) -> None:
    assert modules_after(f"client.{section}", tmp_path) - CORE == {section}
