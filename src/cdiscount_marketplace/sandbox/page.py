"""A plain page that shows the orders, what happened to them, and the traffic."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from werkzeug.wrappers import Request, Response

from cdiscount_marketplace.sandbox.app import View
from cdiscount_marketplace.sandbox.orders import Order
from cdiscount_marketplace.sandbox.traffic import Call
from cdiscount_marketplace.sandbox.world import World

_ORDERS = 100
_CALLS = 50
_CHARACTERS = 4_000
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Cdiscount sandbox</title><style>
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }}
div {{ overflow-x: auto; }}
table {{ border-collapse: collapse; width: 100%; }} tr {{ border-bottom: 1px solid #ddd; }}
th, td {{ text-align: left; padding: .3rem .6rem; vertical-align: top; white-space: nowrap; }}
td.long {{ white-space: pre-line; overflow-wrap: anywhere; min-width: 16rem; }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere; background: #f6f6f6; min-width: 16rem; }}
</style></head><body><h1>Cdiscount sandbox</h1>
<p>It is {now}. The admin API is under <code>/admin/</code>, the contract at
<a href="{service}?wsdl">{service}?wsdl</a>. Unofficial; nothing here is real.</p>
<h2>Orders</h2><p>{order_count}</p><div><table>
<tr><th>Number</th><th>Created</th><th>State</th><th>Total</th><th>Lines and history</th></tr>
{orders}</table></div>
<h2>Traffic</h2><p>{call_count}</p><div><table>
<tr><th>At</th><th>Operation</th><th>Login</th><th>Status</th><th>Faults</th><th>Bodies</th></tr>
{calls}</table></div></body></html>
"""
# Nothing on the page may run or load anything, whatever an order's text says.
_POLICY = ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")


def make_page(world: World, service_path: str) -> View:
    """Return the view of a sandbox's page."""

    def show(_request: Request) -> Response:
        orders, calls = world.orders(), world.calls()
        text = _PAGE.format(
            now=escape(f"{world.clock.now():%Y-%m-%d %H:%M:%S} UTC"),
            order_count=_count(_ORDERS, len(orders)),
            call_count=_count(_CALLS, world.traffic.total),
            service=escape(service_path),
            orders="".join(_order(order) for order in orders[: -_ORDERS - 1 : -1]),
            calls="".join(_call(call) for call in calls[: -_CALLS - 1 : -1]),
        )
        return Response(text.encode("utf-8", "replace"), content_type="text/html; charset=utf-8", headers=[_POLICY])

    return show


def _count(most: int, total: int) -> str:
    if not total:
        return "None yet."
    return f"{total}, newest first." if total <= most else f"The newest {most} of {total}."


def _order(order: Order) -> str:
    lines = (f"{line.quantity} × {line.reference or line.product_id} ({line.state})" for line in order.lines)
    history = (f"{event.at:%Y-%m-%d %H:%M:%S} {event.name} by {event.by}" for event in order.history)
    cells = (order.number, f"{order.created_at:%Y-%m-%d %H:%M}", order.state, f"{order.promised.total:.2f} €")
    goods = f'<td class="long">{escape(_lines(lines))}{_details("history", _lines(history))}</td>'
    return f"<tr>{_cells(cells)}{goods}</tr>"


def _call(call: Call) -> str:
    status = str(call.status or "no answer")
    cells = (f"{call.at:%H:%M:%S}", call.operation, call.login or "", status, ", ".join(call.faults))
    bodies = _lines((_begin(call.request), "", _begin(call.response)))
    return f"<tr>{_cells(cells)}<td>{_details('show', bodies)}</td></tr>"


def _begin(body: str) -> str:
    return body if len(body) <= _CHARACTERS else f"{body[:_CHARACTERS]} … more: /admin/calls"


def _lines(items: Iterable[str]) -> str:
    return "\n".join(items)


def _cells(values: Iterable[str]) -> str:
    return "".join(f"<td>{escape(str(value))}</td>" for value in values)


def _details(name: str, text: str) -> str:
    return f"<details><summary>{name}</summary><pre>{escape(text)}</pre></details>"
