"""A small server for the page, for the person at this machine."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import Any

from waitress import wasyncore
from waitress.server import create_server

from cdiscount_marketplace.listening import cannot_listen
from cdiscount_marketplace.web.app import OperatorApp

# How long the thread sleeps, at most, before it sees that it shall stop; in seconds.
_TICK = 0.05


def serve(app: OperatorApp, *, host: str, port: int, announce: Callable[[str], None]) -> None:
    """Serve the page until Ctrl-C; `announce` gets the address.

    Raises `ConfigurationError` where it cannot listen, such as at a port that is taken.
    """
    server = _listen(app, host, port)
    announce(f"http://{server.effective_host}:{server.effective_port}/")
    with suppress(KeyboardInterrupt):
        server.run()
    server.close()


@contextmanager
def serving(app: OperatorApp, *, host: str, port: int = 0) -> Generator[str]:
    """Serve the page in a thread, and give its address; `port` 0 takes a free one.

    Raises `ConfigurationError` where it cannot listen.
    """
    sockets: dict[int, Any] = {}
    server = _listen(app, host, port, sockets)
    stopping = Event()

    def run() -> None:
        while not stopping.is_set():
            wasyncore.loop(timeout=_TICK, use_poll=True, map=sockets, count=1)

    thread = Thread(target=run, name="operators-page", daemon=True)
    thread.start()
    try:
        yield f"http://{server.effective_host}:{server.effective_port}/"
    finally:
        stopping.set()
        thread.join()
        server.task_dispatcher.shutdown()
        for channel in list(sockets.values()):
            channel.close()


def _listen(app: OperatorApp, host: str, port: int, sockets: dict[int, Any] | None = None) -> Any:
    try:
        return create_server(app, sockets, host=host, port=port)
    except (OSError, ValueError) as error:
        raise cannot_listen(host, port, error) from error
