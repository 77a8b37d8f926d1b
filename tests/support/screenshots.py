"""Take the pictures of the documentation: `python -m support.screenshots FOLDER`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cdiscount_marketplace.adapters.sql import SqlAccountRegistry, SqlOms
from cdiscount_marketplace.channels import SoapChannel
from cdiscount_marketplace.errors import Unmappable
from cdiscount_marketplace.models import SalesOrder, Shipment
from cdiscount_marketplace.oms import OrderImporter, ShipmentPusher
from cdiscount_marketplace.sandbox import Sandbox, SandboxServer, VirtualClock
from cdiscount_marketplace.web import operator_app
from support.browser import Window, chromium, window
from support.serving import served

WAITING = "WaitingForShipmentAcceptation"
ORDERS = 9
WIDTH = 1240


class Scene:
    """A shop on one virtual clock, in the middle of a day."""

    def __init__(self, store: str) -> None:
        # Some rows carry the time of the database, which is the present.
        self.sandbox = Sandbox(seed=16, clock=VirtualClock(datetime.now(UTC) - timedelta(hours=4)))
        self.refused: set[str] = set()
        self.oms = SqlOms(store, clock=self.sandbox.clock, receive=self.receive)
        self.registry = SqlAccountRegistry(store)
        self.oms.ensure_open()
        self.channel = SoapChannel(self.sandbox.client())
        self.numbers = [self.come_in() for _ in range(ORDERS)]
        self.refused.add(self.come_in())
        self.pull()
        self.ship()

    def receive(self, _account: str, order: SalesOrder, *_: object) -> None:
        """Refuse what the catalogue lacks."""
        if order.number in self.refused:
            raise Unmappable(f"SKU {order.lines[0].sku} is not in the catalogue: add it there, then try again")

    def come_in(self) -> str:
        """Let a customer order something."""
        self.sandbox.advance(timedelta(minutes=17))
        number: str = self.sandbox.place(state=WAITING).number
        return number

    def pull(self) -> None:
        """Import what is new."""
        self.sandbox.advance(timedelta(minutes=5))
        start = self.sandbox.clock.now() - timedelta(days=1)
        clock = self.sandbox.clock
        OrderImporter(self.channel, self.oms, account="shop", start_from=start, clock=clock).run()

    def ship(self) -> None:
        """Ship some orders; one was cancelled meanwhile, and one waits for its turn."""
        pusher = ShipmentPusher(self.channel, self.oms, account="shop", clock=self.sandbox.clock)
        for position, number in enumerate(self.numbers[:5]):
            pusher.enqueue(Shipment(key=number, carrier="Colissimo", tracking_number=f"6A1234567890{position}"))
        self.sandbox.advance(timedelta(minutes=1))
        pusher.run()
        self.pull()
        pusher.enqueue(Shipment(key=self.numbers[5], carrier="Colissimo", tracking_number="6A12345678905"))

    def app(self) -> Any:
        """Return the operator's page."""
        return operator_app(
            self.oms,
            who=lambda _environ: "anna",
            may_write=lambda _who: True,
            runs=self.registry,
            retry_quarantine=lambda _account: None,
        )


@contextmanager
def scene() -> Iterator[Scene]:
    """Give a shop."""
    with TemporaryDirectory() as folder:
        made = Scene(f"sqlite:///{folder}/oms.db")
        yield made
        made.registry.close()
        made.oms.close()


def shoot(tab: Window, folder: Path, name: str, url: str, height: int = 620) -> None:
    """Take a picture of the top of a page."""
    tab.page.set_viewport_size({"width": WIDTH, "height": height})
    tab.open(url)
    tab.page.screenshot(path=folder / f"{name}.png")


def main(folder: Path) -> None:
    """Take all pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        scene() as shop,
        served(shop.app()) as url,
        SandboxServer(shop.sandbox) as marketplace,
        chromium() as browser,
        window(browser) as tab,
    ):
        shoot(tab, folder, "operators-account", f"{url}/account?account=shop", 500)
        shoot(tab, folder, "operators-orders", f"{url}/orders?account=shop")
        shoot(tab, folder, "operators-order", f"{url}/order?account=shop&number={shop.numbers[0]}", 860)
        shoot(tab, folder, "operators-quarantine", f"{url}/quarantine?account=shop", 400)
        shoot(tab, folder, "sandbox-panel", f"{marketplace.url}/")
        shoot(tab, folder, "sandbox-calls", f"{marketplace.url}/calls?operation=ValidateOrderList")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
