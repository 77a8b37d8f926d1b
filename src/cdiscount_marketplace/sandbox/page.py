"""A plain page that shows the orders, what happened to them, and the traffic."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from cdiscount_marketplace.sandbox.app import View
from cdiscount_marketplace.sandbox.world import World

if TYPE_CHECKING:
    from jinja2 import Template

_ORDERS = 100
_CALLS = 50
_CHARACTERS = 4_000
# Nothing on the page may run or load anything, whatever an order's text contains.
_POLICY = ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")


def make_page(world: World, service_path: str) -> View:
    """Return the view of a sandbox's page."""

    def show(_request: Request) -> Response:
        orders, calls = world.orders(), world.calls()
        text = _template().render(
            now=world.clock.now(),
            service=service_path,
            orders=orders[: -_ORDERS - 1 : -1],
            order_count=len(orders),
            calls=calls[: -_CALLS - 1 : -1],
            call_count=world.traffic.total,
            characters=_CHARACTERS,
        )
        return Response(text.encode("utf-8", "replace"), content_type="text/html; charset=utf-8", headers=[_POLICY])

    return show


@cache
def _template() -> Template:
    # Imported when the page is first shown: this is a tenth of the sandbox's start.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("cdiscount_marketplace.sandbox")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined).get_template("page.html")
