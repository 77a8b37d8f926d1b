"""What a fleet needs around it: a broker, and a marketplace for each seller."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import redis
from attrs import define, field
from waitress.server import create_server
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from cdiscount_marketplace.sandbox import Sandbox
from cdiscount_marketplace.sandbox.settings import Settings


def redis_program() -> str | None:
    """Return the broker that is installed here."""
    return shutil.which("redis-server")


@define
class Broker:
    """A Redis of our own, which forgets everything when it is restarted; all that passes through it is heard."""

    program: str
    folder: Path
    port: int = field(factory=lambda: free_port())
    process: subprocess.Popen[bytes] | None = None
    heard: list[str] = field(factory=list)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it, and listen."""
        place = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        self.process = subprocess.Popen(
            [self.program, *place, "--save", "", "--loglevel", "warning"], stdout=subprocess.DEVNULL
        )
        _await_port(self.port)
        Thread(target=self._listen, daemon=True).start()

    def stop(self) -> None:
        """Stop it."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait()

    def restart(self) -> None:
        """Let it forget what waits in it."""
        self.stop()
        self.start()

    def _listen(self) -> None:
        try:
            with redis.Redis(port=self.port).monitor() as monitor:
                for said in monitor.listen():
                    self.heard.append(said["command"])
        except redis.RedisError:
            return


@contextmanager
def broker(program: str, folder: Path) -> Generator[Broker]:
    """Give a broker of our own."""
    made = Broker(program, folder)
    made.start()
    try:
        yield made
    finally:
        made.stop()


def free_port() -> int:
    """Return a port that nobody listens to."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await_port(port: int) -> None:
    until = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


@contextmanager
def marketplaces(names: Iterable[str]) -> Generator[tuple[str, dict[str, Sandbox]]]:
    """Serve a marketplace for each seller, under its name."""
    second = timedelta(seconds=1)
    settings = Settings(payment_delay=second, shipment_delay=second)
    sandboxes = {name: Sandbox(seed, settings=settings, live=True) for seed, name in enumerate(names)}
    routed = DispatcherMiddleware(_nothing, {f"/{name}": sandbox.app for name, sandbox in sandboxes.items()})
    server: Any = create_server(routed, host="127.0.0.1", port=0, threads=8, connection_limit=5_000)
    Thread(target=server.run, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}", sandboxes
    finally:
        server.close()


def _nothing(_environ: Any, start_response: Any) -> list[bytes]:
    start_response("404 Not Found", [])
    return []
