"""A small server for the page, for the person at this machine."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from waitress.server import create_server

from cdiscount_marketplace.listening import cannot_listen
from cdiscount_marketplace.web.app import OperatorApp


def serve(app: OperatorApp, *, host: str, port: int, announce: Callable[[str], None]) -> None:
    """Serve the page until Ctrl-C; `announce` gets the address.

    Raises `ConfigurationError` where it cannot listen, such as at a port that is taken.
    """
    server = _listen(app, host, port)
    announce(f"http://{server.effective_host}:{server.effective_port}/")
    with suppress(KeyboardInterrupt):
        server.run()
    server.close()


def _listen(app: OperatorApp, host: str, port: int) -> Any:
    try:
        return create_server(app, host=host, port=port)
    except (OSError, ValueError) as error:
        raise cannot_listen(host, port, error) from error
