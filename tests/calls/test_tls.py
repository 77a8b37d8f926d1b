"""Certificates are checked before anything is sent, passwords above all."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import requests

from cdiscount_marketplace import errors
from cdiscount_marketplace.calls.http import HttpRequest, HttpSender, TimeLimits

LIMITS = TimeLimits(connect=5, read=5, write=5, token=5)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    tool = shutil.which("openssl")
    if tool is None:
        reason = "no openssl command to make a certificate with"
        if os.environ.get("CDISCOUNT_REQUIRE_ALL"):
            pytest.fail(reason)
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    options = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([tool, "req", *options, *names, *files], check=True, capture_output=True, timeout=60)
    return certificate, key


class _Service(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.server.seen.append(self.rfile.read(int(self.headers["Content-Length"])))  # type: ignore[attr-defined]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<secure/>")

    def log_message(self, *_: object) -> None:
        pass


class _Server(HTTPServer):
    seen: list[bytes]

    def handle_error(self, *_: object) -> None:
        pass


@pytest.fixture
def server(certificate: tuple[Path, Path]) -> Iterator[_Server]:
    with _Server(("127.0.0.1", 0), _Service) as server:
        server.seen = []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join(5)


def request(server: _Server, host: str = "127.0.0.1") -> HttpRequest:
    return HttpRequest(method="POST", url=f"https://{host}:{server.server_port}/", body=b"password")


def test_certificate_that_nobody_vouches_for_is_refused_before_anything_is_sent(server: _Server) -> None:
    with HttpSender(limits=LIMITS) as sender:
        for send in (sender.read, sender.write, sender.ask_token):
            with pytest.raises(errors.ConnectFailed, match=r"Certificate|Verification"):
                send(request(server))
    assert server.seen == []


def trusting(certificate: tuple[Path, Path]) -> HttpSender:
    session = requests.Session()
    session.verify = str(certificate[0])
    session.trust_env = False
    return HttpSender(session, LIMITS)


def test_certificate_of_the_session_is_honoured(server: _Server, certificate: tuple[Path, Path]) -> None:
    with trusting(certificate) as sender:
        for send in (sender.read, sender.read, sender.write, sender.ask_token):
            assert send(request(server)).body == b"<secure/>"


def test_certificate_of_another_host_is_refused(server: _Server, certificate: tuple[Path, Path]) -> None:
    with trusting(certificate) as sender, pytest.raises(errors.ConnectFailed):
        sender.write(request(server, "localhost"))
    assert server.seen == []
