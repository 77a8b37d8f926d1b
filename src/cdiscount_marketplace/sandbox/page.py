"""A plain page that shows the orders, what happened to them, and the traffic."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from cdiscount_marketplace.sandbox.app import View
from cdiscount_marketplace.sandbox.orders import Order
from cdiscount_marketplace.sandbox.traffic import Call

if TYPE_CHECKING:
    from cdiscount_marketplace.sandbox.core import Sandbox

_ORDERS = 100
_CALLS = 50
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Cdiscount sandbox</title><style>
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }}
table {{ border-collapse: collapse; width: 100%; }} tr {{ border-bottom: 1px solid #ddd; }}
th, td {{ text-align: left; padding: .3rem .6rem; vertical-align: top; }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere; background: #f6f6f6; }}
</style></head><body><h1>Cdiscount sandbox</h1>
<p>It is {now}. {total} orders. The admin API is under <code>/admin/</code>, the contract at
<a href="{service}?wsdl">{service}?wsdl</a>. Unofficial; nothing here is real.</p>
<h2>Orders</h2><table><tr><th>Number</th><th>Created</th><th>State</th><th>Lines</th><th>Total</th><th>History</th></tr>
{orders}</table>
<h2>Traffic</h2><table><tr><th>At</th><th>Operation</th><th>Login</th><th>Status</th><th>Faults</th><th>Bodies</th></tr>
{calls}</table></body></html>
"""
# Nothing on the page may run or load anything, whatever an order's text says.
_POLICY = ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")


def make_page(sandbox: Sandbox, service_path: str) -> View:
    """Return the view of a sandbox's page."""

    def show(_request: Request) -> Response:
        orders = sandbox.orders()
        text = _PAGE.format(
            now=escape(f"{sandbox.clock.now():%Y-%m-%d %H:%M:%S} UTC"),
            total=len(orders),
            service=escape(service_path),
            orders="".join(_order(order) for order in orders[: -_ORDERS - 1 : -1]),
            calls="".join(_call(call) for call in sandbox.calls()[: -_CALLS - 1 : -1]),
        )
        return Response(text.encode("utf-8", "replace"), content_type="text/html; charset=utf-8", headers=[_POLICY])

    return show


def _order(order: Order) -> str:
    lines = (f"{line.quantity} × {line.reference or line.product_id} ({line.state})" for line in order.lines)
    history = (f"{event.at:%Y-%m-%d %H:%M:%S} {event.name} by {event.by}" for event in order.history)
    cells = (
        order.number,
        f"{order.created_at:%Y-%m-%d %H:%M}",
        order.state,
        _lines(lines),
        f"{order.promised.total} €",
    )
    return f"<tr>{_cells(cells)}<td>{_details(_lines(history))}</td></tr>"


def _call(call: Call) -> str:
    status = str(call.status or "no answer")
    cells = (f"{call.at:%H:%M:%S}", call.operation, call.login or "", status, ", ".join(call.faults))
    return f"<tr>{_cells(cells)}<td>{_details(_lines((call.request, '', call.response)))}</td></tr>"


def _lines(items: Iterable[str]) -> str:
    return "\n".join(items)


def _cells(values: Iterable[str]) -> str:
    return "".join(f"<td>{escape(str(value))}</td>" for value in values)


def _details(text: str) -> str:
    return f"<details><summary>show</summary><pre>{escape(text)}</pre></details>"
