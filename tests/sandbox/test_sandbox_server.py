"""The sandbox over HTTP: on loopback, with connections that really break, and an end that is clean."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from cdiscount_marketplace.errors import ConfigurationError, ConnectionLost, OutcomeUnknown
from cdiscount_marketplace.sandbox.core import Sandbox
from cdiscount_marketplace.sandbox.effects import Delay, LoseAnswer, Reset, Truncate
from cdiscount_marketplace.sandbox.faults import Fault
from cdiscount_marketplace.sandbox.server import SandboxServer
from support.envelopes import ACTION, envelope

# Whoever runs the tests in the background lets their processes ignore Ctrl-C.
SERVE = """
import signal
from cdiscount_marketplace.cli import main
signal.signal(signal.SIGINT, signal.default_int_handler)
main(["sandbox", "--port", "0", "--orders", "3"])
"""


def port_of(server: SandboxServer) -> int:
    return int(server.url.rpartition(":")[2])


def ask(server: SandboxServer, timeout: float = 20) -> requests.Response:
    login = requests.get(server.token_url, auth=("sandbox-api", "sandbox"), timeout=20)
    token = re.search("[0-9a-f]{32}", login.text)[0]
    headers = {"Content-Type": "text/xml", "SOAPAction": ACTION + "GetSellerInformation"}
    return requests.post(
        server.service_url, data=envelope("GetSellerInformation", token), headers=headers, timeout=timeout
    )


@pytest.mark.parametrize(
    ("effect", "error"),
    [
        (Reset("before"), requests.ConnectionError),
        (Reset("during"), requests.exceptions.ChunkedEncodingError),
        (Reset("after"), requests.ConnectionError),
        (LoseAnswer(hold=0.2), requests.ConnectionError),
    ],
)
def test_connections_break_as_named(effect: object, error: type[Exception]) -> None:
    with SandboxServer(Sandbox()) as server:
        server.sandbox.inject(Fault(effect, on="GetSellerInformation"))
        with pytest.raises(error):
            ask(server)
        assert ask(server).ok


def test_a_slow_answer_outlasts_a_caller_and_not_the_server() -> None:
    with SandboxServer(Sandbox()) as server:
        server.sandbox.inject(Fault(Delay(3600), on="GetSellerInformation"))
        with pytest.raises(requests.Timeout):
            ask(server, timeout=2)
        assert ask(server).ok


def test_a_truncated_answer_comes_whole_as_far_as_http_can_tell() -> None:
    with SandboxServer(Sandbox()) as server:
        server.sandbox.inject(Fault(Truncate(), on="GetSellerInformation"))
        answer = ask(server)
        assert answer.ok
        assert not answer.text.endswith("</s:Envelope>")


def test_it_listens_on_loopback_and_a_free_port() -> None:
    with SandboxServer(Sandbox()) as first, SandboxServer(Sandbox()) as second:
        assert first.url.startswith("http://127.0.0.1:")
        assert first.url != second.url
    with pytest.raises(requests.ConnectionError):
        requests.get(first.url, timeout=5)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_it_answers_where_it_says(host: str) -> None:
    with SandboxServer(Sandbox(), host=host) as server:
        assert requests.get(f"{server.url}/admin/clock", timeout=20).ok


def test_it_can_be_stopped_before_it_was_started() -> None:
    SandboxServer(Sandbox()).stop()


def test_a_client_reaches_it_over_http() -> None:
    with SandboxServer(Sandbox()) as server, server.client() as client:
        number = server.sandbox.place(state="WaitingForShipmentAcceptation").number
        assert client.orders.get(number)[0].order_number == number


def test_callers_who_gave_up_hold_up_nobody() -> None:
    def give_up(_turn: int) -> None:
        with pytest.raises(requests.Timeout):
            requests.get(server.token_url, auth=("sandbox-api", "sandbox"), timeout=1)

    with SandboxServer(Sandbox()) as server, ThreadPoolExecutor(40) as callers:
        server.sandbox.inject(Fault(LoseAnswer(hold=3600), on="Token", times=None))
        list(callers.map(give_up, range(40)))
        assert requests.get(f"{server.url}/admin/clock", timeout=10).ok


@pytest.mark.parametrize("when", ["before", "during", "after"])
def test_a_reset_is_one_on_the_wire(when: str) -> None:
    with SandboxServer(Sandbox()) as server, socket.create_connection(("127.0.0.1", port_of(server))) as line:
        server.sandbox.inject(Fault(Reset(when), on="Token"))
        line.sendall(b"GET /users/httpIssue.svc/ HTTP/1.1\r\nHost: x\r\n\r\n")
        line.settimeout(20)
        with pytest.raises(ConnectionResetError):
            list(iter(lambda: line.recv(65536), b""))


@pytest.mark.parametrize(
    ("host", "port", "said"), [("no.such.host.invalid", 0, "cannot listen at"), ("127.0.0.1", 70_000, "0 to 65535")]
)
def test_where_nobody_can_listen_it_says_so(host: str, port: int, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        SandboxServer(Sandbox(), host=host, port=port)


def test_a_taken_port_is_named() -> None:
    with SandboxServer(Sandbox()) as server, pytest.raises(ConfigurationError, match=f"port {port_of(server)}: "):
        SandboxServer(Sandbox(), port=port_of(server))


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_end_it_cleanly(asked: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SERVE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            url = re.search(r"http://[^ ]+", process.stderr.readline())[0]
            assert requests.get(f"{url}/admin/orders", timeout=20).json()["total"] == 3
            process.send_signal(asked)
            _out, err = process.communicate(timeout=20)
        finally:
            process.kill()
    assert process.returncode == 0
    assert "Traceback" not in err


def test_a_reset_within_an_answer_is_told_the_same_with_and_without_a_socket() -> None:
    sandbox = Sandbox()
    with SandboxServer(sandbox) as server, server.client() as over_http, sandbox.client() as in_process:
        for client in (over_http, in_process):
            client.carriers()
            sandbox.inject(Fault(Reset("during"), on="ValidateOrderList"))
            with pytest.raises(OutcomeUnknown) as caught:
                client.orders.accept(sandbox.place().number)
            assert isinstance(caught.value.__cause__, ConnectionLost)
