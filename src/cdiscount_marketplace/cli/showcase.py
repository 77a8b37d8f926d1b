"""The demo with its pages open: a shop to which orders keep coming."""

from __future__ import annotations

import os
import webbrowser
from collections.abc import Sequence
from threading import Event
from urllib.parse import urlencode

from attrs import Factory, frozen

from cdiscount_marketplace.cli.output import tell
from cdiscount_marketplace.cli.tour import Tour
from cdiscount_marketplace.cli.web import operator_name
from cdiscount_marketplace.errors import CdiscountError
from cdiscount_marketplace.oms import stop_on_signals
from cdiscount_marketplace.web import operator_app
from cdiscount_marketplace.web.server import serving

_PAUSE = 4.0


@frozen
class _Closing:
    """The end of the day, which Ctrl-C brings."""

    event: Event = Factory(Event)

    def stop(self) -> None:
        self.event.set()


def show_pages(tour: Tour, sandbox_url: str, *, browser: bool) -> None:
    """Serve the operator's page beside the sandbox's, and trade until Ctrl-C."""
    who = operator_name()
    app = operator_app(
        tour.oms,
        who=lambda _environ: who,
        may_write=lambda _who: True,
        show_personal=True,
        retry_quarantine=tour.retry_quarantine,
        allowed_hosts=(),
    )
    closing = _Closing()
    with serving(app, host="127.0.0.1") as operator_url, stop_on_signals([closing]):
        pages = (f"{sandbox_url}/", f"{operator_url}account?{urlencode({'account': tour.account})}")
        tell(f"The marketplace:     {pages[0]}")
        tell(f"The operator's page: {pages[1]}")
        tell("New orders arrive and are shipped until Ctrl-C; every round is an hour of the marketplace's clock.")
        if browser:
            open_pages(pages)
        _trade(tour, closing.event)
    # What came last is due as well.
    tour.trade()


def _trade(tour: Tour, closing: Event) -> None:
    while not closing.wait(_PAUSE):
        tour.sandbox.place()
        try:
            tell(f"{tour.sandbox.clock.now():%H:%M} {tour.trade()}")
        except CdiscountError as error:
            # A fault that a person injected on the sandbox's page: the next round goes on from there.
            tell(f"{type(error).__name__}: {error}")


def open_pages(urls: Sequence[str]) -> None:
    """Open pages in this machine's browser, if there is one that leaves the terminal alone."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return
    # So is a browser for terminals, such as lynx, unless somebody chose it.
    if type(browser) is webbrowser.GenericBrowser and not os.environ.get("BROWSER"):
        return
    for url in urls:
        browser.open(url)
