"""A client made before a fork serves both processes: none waits for the other's threads, none reads its answers."""

from __future__ import annotations

import os
import select
import signal
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from cdiscount_marketplace.calls.credentials import Login
from cdiscount_marketplace.calls.http import HttpRequest, HttpSender
from cdiscount_marketplace.calls.tokens import CachedLogin, FileTokenCache, Token, TokenKey, TokenSource
from cdiscount_marketplace.sandbox import Sandbox
from support.till import client_of

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here"),
    # Which is what is tested.
    pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning"),
]
PATIENCE = 20


@contextmanager
def forked(work: Callable[[], str]) -> Iterator[Callable[[], str]]:
    """Do the work in a child, and give what waits for its result; a child that never ends is killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.write(writing, work().encode())
        finally:
            os._exit(0)
    os.close(writing)

    def result() -> str:
        ended, _, _ = select.select([reading], [], [], PATIENCE)
        return os.read(reading, 65536).decode() if ended else "never ended"

    try:
        yield result
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(reading)


class Ports(BaseHTTPRequestHandler):
    """Answers with the number that names the connection."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = str(self.client_address[1]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_parent_and_child_never_share_a_connection() -> None:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Ports) as server, HttpSender() as sender:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        request = HttpRequest(method="GET", url=f"http://127.0.0.1:{server.server_address[1]}/")

        def port() -> str:
            return sender.read(request).body.decode()

        before = port()
        with forked(port) as child:
            assert child() != before
        assert port() == before
        server.shutdown()


def test_child_does_not_wait_for_a_login_of_its_parents_thread() -> None:
    asked, answer = threading.Event(), threading.Event()

    def fetch(login: Login) -> Token:
        asked.set()
        answer.wait(PATIENCE)
        return Token(value=login.name)

    key = TokenKey(token_url="https://sts.invalid/", account="shop-api")
    source = TokenSource(key=key, fetch=fetch, login=lambda: Login("shop-api", "secret"))
    thread = threading.Thread(target=source.current)
    thread.start()
    assert asked.wait(PATIENCE)

    def ask() -> str:
        answer.set()
        return source.current().value

    with forked(ask) as child:
        assert child() == "shop-api"
    answer.set()
    thread.join()


def test_child_does_not_wait_for_the_carriers_that_its_parent_reads() -> None:
    reached, go_on = threading.Event(), threading.Event()
    sandbox = Sandbox()
    client = client_of(sandbox, hooks=[lambda _: (reached.set(), go_on.wait(PATIENCE))])
    thread = threading.Thread(target=client.carrier_names)
    thread.start()
    assert reached.wait(PATIENCE)

    def names() -> str:
        go_on.set()
        return str(len(client.carrier_names()))

    with forked(names) as child:
        counted = child()
    go_on.set()
    thread.join()
    assert counted == str(len(client.carrier_names())) != "0"


def test_child_forked_under_the_lock_of_a_token_file_keeps_nobody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sleep() -> str:
        threading.Event().wait(PATIENCE)
        return ""

    def fork_and_read(_: FileTokenCache) -> dict[TokenKey, CachedLogin]:
        stack.enter_context(forked(sleep))
        return {}

    def store() -> None:
        FileTokenCache(tmp_path / "tokens.json").store(key, CachedLogin())
        stored.set()

    key = TokenKey(token_url="https://sts.invalid/", account="shop-api")
    stored = threading.Event()
    with ExitStack() as stack:
        with monkeypatch.context() as patched:
            patched.setattr(FileTokenCache, "_read", fork_and_read)
            store()
        stored.clear()
        threading.Thread(target=store, daemon=True).start()
        assert stored.wait(PATIENCE / 2)
