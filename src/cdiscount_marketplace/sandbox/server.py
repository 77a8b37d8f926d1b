"""Serve a sandbox over HTTP: on loopback by default, in its own thread or until Ctrl-C."""

from __future__ import annotations

import logging
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, Self

from attrs import frozen
from waitress import wasyncore
from waitress.channel import ClientDisconnected
from waitress.server import create_server

from cdiscount_marketplace.errors import ConfigurationError
from cdiscount_marketplace.listening import cannot_listen
from cdiscount_marketplace.sandbox.app import LINE_KEY, MAX_BODY, SERVICE_PATH, TOKEN_PATH, Application, StartResponse
from cdiscount_marketplace.sandbox.core import Sandbox
from cdiscount_marketplace.sandbox.octopia.endpoint import API_PATH
from cdiscount_marketplace.sandbox.octopia.handlers import SELLER_ID
from cdiscount_marketplace.sandbox.octopia.token_service import OCTOPIA_TOKEN_PATH

if TYPE_CHECKING:
    from cdiscount_marketplace.octopia.client import OctopiaClient
    from cdiscount_marketplace.soap.client import MarketplaceClient

LOOPBACK = "127.0.0.1"
# Enough for calls whose answers are withheld beside those that are not.
_THREADS = 32
_PORTS = range(65_536)
# Closing with this option sends a reset instead of a regular end.
_ABORT = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
# How long the loop sleeps, at most, before it sees that it shall stop; in seconds.
_TICK = 0.05
_EARLY_HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
_log = logging.getLogger(__name__)


@frozen
class _SocketLine:
    """A real connection: waitress closes it, without an answer, on its own ClientDisconnected.

    What waits here wakes when the server stops, and when the caller has gone: its thread is for others then.
    """

    stopping: threading.Event
    channel: Any

    def wait(self, seconds: float) -> None:
        """Let real time pass."""
        end = time.monotonic() + seconds
        while self.channel.connected and (left := end - time.monotonic()) > 0:
            if self.stopping.wait(min(left, _TICK)):
                return

    def hint(self, times: int) -> None:
        """Write informational answers, ahead of the answer that waitress writes."""
        with suppress(OSError):
            self.channel.socket.sendall(_EARLY_HINTS * times)

    def cut(self) -> NoReturn:
        """Reset the connection."""
        # The caller may have closed it already.
        with suppress(OSError):
            self.channel.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
        raise ClientDisconnected

    def hang(self, seconds: float) -> NoReturn:
        """Hold the connection for a while, then close it."""
        self.wait(seconds)
        raise ClientDisconnected


@frozen
class _Connected:
    """Hands the connection to the application."""

    app: Application
    stopping: threading.Event

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        # waitress hands out a method of the connection, and the connection by nothing else.
        channel = environ["waitress.client_disconnected"].__self__
        line = _SocketLine(self.stopping, channel)
        return self.app({**environ, LINE_KEY: line}, start_response)


class SandboxServer:
    """A running sandbox; a context manager that stops it. `port` 0 takes a free one.

    Raises `ConfigurationError` where it cannot listen: the port is taken, or the host is not this machine.
    """

    def __init__(self, sandbox: Sandbox, *, host: str = LOOPBACK, port: int = 0) -> None:
        self.sandbox = sandbox
        # The queue's warnings only mean that the test is busy.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        self._stopping = threading.Event()
        application = _Connected(sandbox.app, self._stopping)
        # Every socket of the server, by file number: the listening ones, and a connection each.
        self._sockets: dict[int, Any] = {}
        server = _listen(application, self._sockets, host, port)
        self._workers = server.task_dispatcher
        self._thread: threading.Thread | None = None
        self._serving = False
        self.url: str = _address(server, host)

    @property
    def service_url(self) -> str:
        """Where the SOAP service answers."""
        return self.url + SERVICE_PATH

    @property
    def token_url(self) -> str:
        """Where the token service answers."""
        return self.url + TOKEN_PATH

    def client(self, **options: Any) -> MarketplaceClient:
        """Return a client that talks to this server over HTTP; `options` are those of `MarketplaceClient`."""
        return self.sandbox.client_at(**{"service_url": self.service_url, "token_url": self.token_url, **options})

    @property
    def octopia_base_url(self) -> str:
        """Where the REST API answers."""
        return self.url + API_PATH

    @property
    def octopia_token_url(self) -> str:
        """Where the REST API's token service answers."""
        return self.url + OCTOPIA_TOKEN_PATH

    def octopia_client(self, **options: Any) -> OctopiaClient:
        """Return a REST client that talks to this server over HTTP; `options` are those of `OctopiaClient`."""
        reached = {"base_url": self.octopia_base_url, "token_url": self.octopia_token_url}
        return self.sandbox.octopia_client_at(**{**reached, **options})

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables that `from_env()` of both clients, and the command line, read to reach this server."""
        account = self.sandbox.accounts[0]
        return {
            # With credentials of both APIs, the command line has to be told which one to speak.
            "CDISCOUNT_CHANNEL": "soap",
            "CDISCOUNT_SERVICE_URL": self.service_url,
            "CDISCOUNT_TOKEN_URL": self.token_url,
            "CDISCOUNT_USERNAME": account.login,
            "CDISCOUNT_PASSWORD": account.password,
            "OCTOPIA_BASE_URL": self.octopia_base_url,
            "OCTOPIA_TOKEN_URL": self.octopia_token_url,
            "OCTOPIA_CLIENT_ID": account.login,
            "OCTOPIA_CLIENT_SECRET": account.password,
            "OCTOPIA_SELLER_ID": SELLER_ID,
        }

    def start(self) -> Self:
        """Serve in its own thread, at once."""
        self._thread = threading.Thread(target=self.run, name="cdiscount-sandbox", daemon=True)
        self._thread.start()
        return self

    def run(self) -> None:
        """Serve in this thread until Ctrl-C, or until another thread calls `stop()`."""
        self._serving = True
        try:
            while not self._stopping.is_set():
                wasyncore.loop(timeout=_TICK, use_poll=True, map=self._sockets, count=1)
        except KeyboardInterrupt:
            _log.info("stopped by Ctrl-C")
        finally:
            self._close()

    def stop(self) -> None:
        """Close every connection and end the thread."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=10)
        elif not self._serving:
            self._close()

    def _close(self) -> None:
        self._stopping.set()
        self._workers.shutdown()
        for channel in list(self._sockets.values()):
            channel.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _listen(application: _Connected, sockets: dict[int, Any], host: str, port: int) -> Any:
    if port not in _PORTS:
        raise ConfigurationError(f"port: give 0 to {_PORTS[-1]}")
    try:
        return create_server(
            application,
            sockets,
            host=host,
            port=port,
            threads=_THREADS,
            max_request_body_size=MAX_BODY,
            # Without looking ahead, nobody would see that a waiting caller has gone.
            channel_request_lookahead=1,
        )
    except (OSError, ValueError) as error:
        raise cannot_listen(host, port, error) from error


def _address(server: Any, host: str) -> str:
    # A name may mean several addresses; waitress then listens on each, on its own port where it may choose.
    listening = getattr(server, "effective_listen", None) or [(server.effective_host, server.effective_port)]
    address, port = listening[0][:2]
    name = host if len(listening) == 1 else address
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def serve(
    host: str = LOOPBACK,
    port: int = 8077,
    *,
    seed: int = 0,
    orders: int = 25,
    allowed_hosts: Sequence[str] = (),
    announce: Callable[[SandboxServer], None] | None = None,
) -> None:
    """Serve a sandbox with `orders` orders, its clock running with the machine's, until Ctrl-C."""
    sandbox = Sandbox(seed=seed, live=True, allowed_hosts=allowed_hosts)
    sandbox.fill(orders)
    server = SandboxServer(sandbox, host=host, port=port)
    if announce is not None:
        announce(server)
    server.run()
