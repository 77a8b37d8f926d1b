"""Whatever the other side does: a typed error in bounded time, and no request more than was asked for."""

from __future__ import annotations

import http.client as http_client
import netrc
import pickle
import ssl
import traceback
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3.exceptions import HTTPError as WireError
from urllib3.util import Retry

from cdiscount_marketplace import errors
from cdiscount_marketplace.calls import http
from cdiscount_marketplace.calls.connections import DeadlineAdapter
from cdiscount_marketplace.calls.http import Answer, HttpRequest, HttpSender, TimeLimits, reject_foreign
from support import faulty_server as bad
from support.faulty_server import Behaviour, FaultyServer

HASTY = TimeLimits(connect=0.5, read=0.5, write=0.5, token=0.5)
PATIENT = TimeLimits(connect=5, read=20, write=20, token=20)

Send = Callable[[HttpSender, HttpRequest], Answer]
WAYS: list[Send] = [HttpSender.read, HttpSender.write, HttpSender.ask_token]
ways = pytest.mark.parametrize("way", WAYS, ids=["read", "write", "token"])


def post(server: FaultyServer, path: str = "/service") -> HttpRequest:
    return HttpRequest(method="POST", url=server.url + path, body=b"<ask/>")


def send(behaviour: Behaviour, way: Send, limits: TimeLimits = PATIENT) -> Answer:
    with FaultyServer(behaviour) as server, HttpSender(limits=limits) as sender:
        try:
            return way(sender, post(server))
        finally:
            assert len(server.seen) <= 1


HOSTILE = [
    ("hangs", bad.hang(), errors.CallTimeout, HASTY),
    ("drips headers", bad.drip_headers(), errors.CallTimeout, HASTY),
    ("drips a body", bad.drip_body(), errors.CallTimeout, HASTY),
    ("drips a body of known length", bad.drip_body(100_000), errors.CallTimeout, HASTY),
    ("resets before reading", bad.reset_before_reading(), errors.ConnectionLost, PATIENT),
    ("resets before the answer", bad.reset_before_answer(), errors.ConnectionLost, PATIENT),
    ("closes before the answer", bad.close_before_answer(), errors.ConnectionLost, PATIENT),
    ("resets during the answer", bad.reset_during_answer(), errors.ConnectionLost, PATIENT),
    ("sends half an answer", bad.half_answer(), errors.TruncatedAnswer, PATIENT),
    ("sends half a chunk", bad.half_chunk(), errors.TruncatedAnswer, PATIENT),
    ("sends half a gzip", bad.half_gzip(), errors.TruncatedAnswer, PATIENT),
    ("lies about gzip", bad.not_gzip(), errors.TruncatedAnswer, PATIENT),
    ("encodes strangely", bad.answer(b"x", Content_Encoding="br"), errors.UnreadableAnswer, PATIENT),
    ("speaks another protocol", bad.not_http(), errors.UnreadableAnswer, PATIENT),
    ("redirects", bad.redirect("http://127.0.0.1:1/"), errors.UnreadableAnswer, PATIENT),
]


@ways
@pytest.mark.parametrize(("behaviour", "error", "limits"), [case[1:] for case in HOSTILE], ids=[c[0] for c in HOSTILE])
def test_hostile_answer_is_a_typed_error(
    behaviour: Behaviour, error: type[errors.CdiscountError], limits: TimeLimits, way: Send
) -> None:
    with pytest.raises(errors.TransportError) as caught:
        send(behaviour, way, limits)
    assert type(caught.value) is error


@ways
def test_connection_broken_after_a_whole_answer_does_not_matter(way: Send) -> None:
    assert send(bad.reset_after_answer(b"<whole/>"), way).body == b"<whole/>"


@pytest.mark.parametrize(
    "behaviour", [bad.endless_body(), bad.gzip_bomb(4), bad.empty_gzips(2)], ids=["endless", "bomb", "empty"]
)
def test_answer_over_the_limit_stops_early(monkeypatch: pytest.MonkeyPatch, behaviour: Behaviour) -> None:
    limit = 1024 * 1024
    monkeypatch.setattr(http, "ANSWER_LIMIT", limit)
    tracemalloc.start()
    try:
        with pytest.raises(errors.OversizedAnswer) as caught:
            send(behaviour, HttpSender.read)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert caught.value.limit == limit
    assert peak < 4 * limit


def test_no_connection_proves_that_nothing_was_sent() -> None:
    with FaultyServer(bad.answer()) as server:
        pass
    with HttpSender(limits=PATIENT) as sender, pytest.raises(errors.ConnectFailed):
        sender.write(post(server))


def test_unknown_host_proves_that_nothing_was_sent() -> None:
    with HttpSender(limits=PATIENT) as sender, pytest.raises(errors.ConnectFailed):
        sender.write(HttpRequest(method="POST", url="http://host.invalid/"))


@pytest.mark.parametrize("behaviour", [bad.not_http(), bad.close_before_answer(), bad.reset_before_answer()])
def test_failed_tls_handshake_proves_that_nothing_was_sent(behaviour: Behaviour) -> None:
    tls_meets = Behaviour(behaviour.act, unread=True)
    with FaultyServer(tls_meets) as server, HttpSender(limits=PATIENT) as sender, pytest.raises(errors.ConnectFailed):
        sender.write(HttpRequest(method="POST", url=f"https://127.0.0.1:{server.port}/"))


def test_hanging_tls_handshake_is_a_failed_connection() -> None:
    silent = Behaviour(bad.hang().act, unread=True)
    with FaultyServer(silent) as server, HttpSender(limits=HASTY) as sender, pytest.raises(errors.ConnectFailed):
        sender.write(HttpRequest(method="POST", url=f"https://127.0.0.1:{server.port}/"))


def test_address_that_cannot_be_used_is_a_configuration_error() -> None:
    with HttpSender() as sender, pytest.raises(errors.ConfigurationError):
        sender.read(HttpRequest(method="GET", url="ftp://host.invalid/"))


@pytest.mark.parametrize("header", ["t\u20acken", "line\r\nInjected: yes"])
def test_header_that_cannot_be_written_is_refused_and_not_told(header: str) -> None:
    with FaultyServer(bad.answer()) as server, HttpSender() as sender:
        with pytest.raises(errors.ConfigurationError) as caught:
            sender.write(HttpRequest(method="POST", url=server.url, headers={"Authorization": header}))
        assert server.seen == []
    assert header not in "".join(traceback.format_exception(caught.value))


def test_reads_share_a_connection_and_writes_have_their_own() -> None:
    with FaultyServer(bad.answer()) as server, HttpSender() as sender:
        for _ in range(3):
            sender.read(post(server))
        assert server.connections == 1
        for _ in range(3):
            sender.write(post(server))
        assert server.connections == 4


def test_answer_tells_the_time_of_the_server_and_how_long_to_wait() -> None:
    answer = send(bad.answer(b"", 503, Retry_After="Mon, 02 Mar 2026 10:21:00 GMT"), HttpSender.read)
    assert answer.answered_at is not None
    assert answer.answered_at.isoformat() == "2026-03-02T10:20:30+00:00"
    assert answer.retry_after == 30


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("9" * 400, 366 * 86400),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 366 * 86400),
    ],
)
def test_retry_after_is_read_carefully(text: str, seconds: float | None) -> None:
    assert Answer(status=429, headers={"Retry-After": text}, body=b"").retry_after == seconds


# Beyond what a datetime holds: the year, and the year once it is UTC.
FAR, LATE = "Mon, 01 Jan 99999999999 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 -2300"


@pytest.mark.parametrize("text", ["", "yesterday", "Mon, 99 Foo 2026 10:20:30 GMT", FAR, LATE])
def test_nonsense_in_the_date_header_is_no_time(text: str) -> None:
    answer = send(bad.answer(b"x", Date=text), HttpSender.write)
    assert (answer.status, answer.answered_at) == (200, None)


FOREIGN = [
    (bad.html(200), errors.HtmlAnswer),
    (bad.html(503), errors.HtmlAnswer),
    (bad.answer(b"", 200), errors.EmptyAnswer),
    (bad.answer(b"", 202), errors.EmptyAnswer),
    (bad.answer(b" \r\n", 200), errors.EmptyAnswer),
    (bad.answer(b"\xef\xbb\xbf<HTML>", 200), errors.HtmlAnswer),
    (bad.answer(b"Access denied", 200, Content_Type="text/html"), errors.HtmlAnswer),
]


@pytest.mark.parametrize(("behaviour", "error"), FOREIGN)
def test_foreign_body_says_what_it_is(behaviour: Behaviour, error: type[errors.UnreadableAnswer]) -> None:
    answer = send(behaviour, HttpSender.read)
    with pytest.raises(error) as caught:
        reject_foreign(answer)
    assert caught.value.status == answer.status


@pytest.mark.parametrize("label", ["text/html", "text/plain", "application/octet-stream", ""])
def test_mislabelled_xml_is_still_an_answer(label: str) -> None:
    reject_foreign(Answer(status=200, headers={"Content-Type": label}, body=b"<?xml version='1.0'?><a/>"))


# --- the caller's session -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "retries",
    [
        Retry(3, allowed_methods=None),
        Retry(3, allowed_methods={"POST"}),
        Retry(total=None, read=1, allowed_methods=["POST"]),
    ],
)
def test_session_that_repeats_writes_is_refused(retries: Retry) -> None:
    session = requests.Session()
    session.mount("https://", HTTPAdapter(max_retries=retries))
    with pytest.raises(errors.UnsafeSession):
        HttpSender(session)


@pytest.mark.parametrize("retries", [0, 3, Retry(3), Retry(0, allowed_methods=None)])
def test_session_that_repeats_no_writes_is_welcome(retries: int | Retry) -> None:
    session = requests.Session()
    session.mount("https://", HTTPAdapter(max_retries=retries))
    HttpSender(session)


def test_adapter_mounted_later_is_judged_when_used() -> None:
    session = requests.Session()
    sender = HttpSender(session)
    session.mount("http://", _Eager(max_retries=Retry(3, allowed_methods=None)))
    with FaultyServer(bad.answer()) as server, pytest.raises(errors.UnsafeSession):
        sender.write(post(server))
    assert server.seen == []


class _Eager(HTTPAdapter):
    """An adapter that is not the standard one."""


class _InProcess(BaseAdapter):
    """Answers without a network."""

    def __init__(self, failure: Exception | None = None) -> None:
        super().__init__()
        self.failure = failure
        self.requests: list[requests.PreparedRequest] = []

    def send(self, request: requests.PreparedRequest, *args: object, **kwargs: object) -> requests.Response:
        self.requests.append(request)
        if self.failure is not None:
            raise self.failure
        response = requests.Response()
        response.status_code = 200
        response._content = b""
        response.raw = _Raw(b"<in process/>")
        return response

    def close(self) -> None:
        self.closed = True


class _Raw:
    def __init__(self, body: bytes) -> None:
        self.body = body

    def read(self, size: int) -> bytes:
        piece, self.body = self.body[:size], self.body[size:]
        return piece

    def close(self) -> None:
        pass


@ways
def test_adapter_of_the_caller_is_used_as_it_is_and_never_closed(way: Send) -> None:
    session = requests.Session()
    adapter = _InProcess()
    session.mount("http://", adapter)
    with HttpSender(session) as sender:
        assert way(sender, HttpRequest(method="POST", url="http://sandbox.invalid/")).body == b"<in process/>"
    assert not hasattr(adapter, "closed")


@ways
def test_settings_of_the_session_are_honoured(way: Send) -> None:
    session = requests.Session()
    session.headers["X-Shop"] = "mine"
    session.cookies.set("affinity", "node-3")
    with FaultyServer(bad.answer()) as server, HttpSender(session) as sender:
        way(sender, post(server))
    assert server.seen[0].headers["X-Shop"] == "mine"
    assert server.seen[0].headers["Cookie"] == "affinity=node-3"


@ways
def test_nothing_replaces_our_authorization(way: Send, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "netrc"
    path.write_text("machine 127.0.0.1 login stranger password strange\n")
    path.chmod(0o600)
    monkeypatch.setenv("NETRC", str(path))
    assert netrc.netrc(str(path)).authenticators("127.0.0.1")
    session = requests.Session()
    session.auth = ("another", "stranger")
    with FaultyServer(bad.answer()) as server:
        for given in (None, session):
            sender = HttpSender(given)
            request = HttpRequest(method="POST", url=server.url, headers={"Authorization": "Bearer ours"})
            way(sender, request)
            way(sender, HttpRequest(method="POST", url=server.url))
            sender.close()
    assert [seen.headers.get("Authorization") for seen in server.seen] == ["Bearer ours", None] * 2


# --- secrets --------------------------------------------------------------------------------------------------------

SENTINEL = "s3ntinel-s3cret"


@pytest.mark.parametrize("behaviour", [case[1] for case in HOSTILE if case[3] is PATIENT])
def test_no_error_holds_the_request(
    behaviour: Behaviour, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    with FaultyServer(behaviour) as server, HttpSender(limits=PATIENT) as sender:
        request = HttpRequest(
            method="POST",
            url=server.url,
            headers={"Authorization": SENTINEL},
            body=SENTINEL.encode(),
        )
        with pytest.raises(errors.CdiscountError) as caught:
            sender.write(request)
    error = caught.value
    assert error.__cause__ is None
    assert not isinstance(error.__context__, (requests.RequestException, WireError))
    told = "".join(traceback.format_exception(error)) + repr(request) + str(vars(error)) + caplog.text
    assert SENTINEL not in told
    assert SENTINEL.encode() not in pickle.dumps(error)
    assert SENTINEL not in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (requests.ConnectTimeout(), errors.ConnectFailed),
        (requests.ReadTimeout(), errors.CallTimeout),
        (requests.ConnectionError(ConnectionResetError()), errors.ConnectionLost),
        (requests.exceptions.SSLError(ssl.SSLCertVerificationError()), errors.ConnectFailed),
        (requests.exceptions.SSLError(ssl.SSLError()), errors.ConnectionLost),
        (requests.exceptions.ChunkedEncodingError(), errors.ConnectionLost),
        (OSError(), errors.ConnectionLost),
        (http_client.HTTPException(), errors.ConnectionLost),
        (ValueError("closed"), errors.ConnectionLost),
        (requests.exceptions.ProxyError(ConnectionResetError()), errors.ConnectionLost),
    ],
)
def test_failure_of_a_strange_adapter_proves_no_more_than_it_says(
    failure: Exception, error: type[errors.CdiscountError]
) -> None:
    session = requests.Session()
    session.mount("http://", _InProcess(failure))
    with HttpSender(session) as sender, pytest.raises(errors.TransportError) as caught:
        sender.write(HttpRequest(method="POST", url="http://sandbox.invalid/"))
    assert type(caught.value) is error


# --- proxies and special adapters -----------------------------------------------------------------------------------


def through(proxy: FaultyServer, scheme: str) -> HttpSender:
    session = requests.Session()
    session.proxies = {scheme: proxy.url}
    return HttpSender(session, PATIENT)


def test_request_goes_through_the_proxy_of_the_session() -> None:
    with FaultyServer(bad.answer(b"<proxied/>")) as proxy, through(proxy, "http") as sender:
        assert sender.write(HttpRequest(method="POST", url="http://service.invalid/")).body == b"<proxied/>"
    assert proxy.seen[0].path == "http://service.invalid/"


def test_drip_through_a_proxy_ends_in_time() -> None:
    with FaultyServer(bad.drip_headers()) as proxy:
        session = requests.Session()
        session.proxies = {"http": proxy.url}
        with HttpSender(session, HASTY) as sender, pytest.raises(errors.CallTimeout):
            sender.write(HttpRequest(method="POST", url="http://service.invalid/"))


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_unreachable_proxy_proves_that_nothing_was_sent(scheme: str) -> None:
    with FaultyServer(bad.answer()) as proxy:
        pass
    with through(proxy, scheme) as sender, pytest.raises(errors.ConnectFailed):
        sender.write(HttpRequest(method="POST", url=f"{scheme}://service.invalid/"))


@pytest.mark.parametrize("refusal", [bad.answer(b"", 407), bad.answer(b"", 503), bad.close_before_answer()])
def test_tunnel_that_is_refused_proves_that_nothing_was_sent(refusal: Behaviour) -> None:
    with FaultyServer(refusal) as proxy, through(proxy, "https") as sender, pytest.raises(errors.ConnectFailed):
        sender.write(HttpRequest(method="POST", url="https://service.invalid/"))
    assert [seen.method for seen in proxy.seen] == ["CONNECT"]


def test_proxy_that_breaks_after_taking_a_write_proves_nothing() -> None:
    broken = bad.reset_before_answer()
    with FaultyServer(broken) as proxy, through(proxy, "http") as sender, pytest.raises(errors.ConnectionLost):
        sender.write(HttpRequest(method="POST", url="http://service.invalid/"))


@pytest.mark.parametrize("proxy", ["socks5://proxy.invalid:1080", "SOCKS5h://proxy.invalid:1080"])
def test_connections_through_socks_are_left_as_they_are(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    manager = SimpleNamespace(pool_classes_by_scheme="theirs")
    monkeypatch.setattr(HTTPAdapter, "proxy_manager_for", lambda *_, **__: manager)
    assert DeadlineAdapter().proxy_manager_for(proxy) is manager
    assert manager.pool_classes_by_scheme == "theirs"
    assert DeadlineAdapter().proxy_manager_for("http://proxy.invalid").pool_classes_by_scheme != "theirs"


@pytest.mark.parametrize("behaviour", [bad.hang(), bad.drip_body(), bad.drip_body(100_000)])
def test_special_adapter_ends_in_time_too(behaviour: Behaviour) -> None:
    session = requests.Session()
    session.mount("http://", _Eager())
    with FaultyServer(behaviour) as server, HttpSender(session, HASTY) as sender, pytest.raises(errors.CallTimeout):
        sender.read(post(server))


@pytest.mark.parametrize("older", [requests.ConnectTimeout(), ssl.SSLCertVerificationError(), TimeoutError()])
def test_failure_that_the_caller_was_handling_proves_nothing_of_this_call(older: Exception) -> None:
    with FaultyServer(bad.reset_before_answer()) as server, HttpSender(limits=PATIENT) as sender:
        try:
            raise older
        except type(older):
            with pytest.raises(errors.ConnectionLost):
                sender.write(post(server))


@pytest.mark.parametrize("limit", [0, -1, None, "5", float("inf"), float("nan")])
def test_a_time_limit_that_is_no_finite_number_above_zero_is_refused(limit: Any) -> None:
    with pytest.raises(errors.ConfigurationError, match="read must be a number above 0"):
        TimeLimits(read=limit)
