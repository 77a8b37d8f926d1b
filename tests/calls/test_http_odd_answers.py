"""Answers around the answer, as proxies send them, and addresses and ids that are not what they look like."""

from __future__ import annotations

import time

import pytest

from cdiscount_marketplace import errors
from cdiscount_marketplace.calls.credentials import ClientCredentials, Credentials
from cdiscount_marketplace.calls.http import HttpRequest, HttpSender, TimeLimits, checked_address
from cdiscount_marketplace.octopia.api import segment
from support.faulty_server import Behaviour, FaultyServer, head

LIMITS = TimeLimits(connect=5, read=10, write=10, token=10)
HINT = b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
PROCESSING = b"HTTP/1.1 102 Processing\r\nX: y\r\n\r\n"
ANSWER = head(200, 5) + b"<ok/>"


def says(*pieces: bytes, pause: float = 0.0) -> Behaviour:
    def act(talk):
        for piece in pieces:
            talk.say(piece)
            time.sleep(pause)

    return Behaviour(act, keeps_open=True)


def ask(sender: HttpSender, server: FaultyServer, way: str = "read"):
    request = HttpRequest(method="POST", url=server.url + "/service", body=b"<ask/>")
    return getattr(sender, way)(request)


@pytest.mark.parametrize("way", ["read", "write", "ask_token"])
@pytest.mark.parametrize(
    "before", [HINT, CONTINUE + HINT, HINT + HINT + CONTINUE + PROCESSING, HINT * 20], ids=["one", "two", "mixed", "20"]
)
def test_informational_answers_come_before_the_answer(way: str, before: bytes) -> None:
    with FaultyServer(says(before + ANSWER)) as server, HttpSender(limits=LIMITS) as sender:
        assert ask(sender, server, way).body == b"<ok/>"
        assert ask(sender, server, way).body == b"<ok/>"


def test_informational_answers_may_come_byte_by_byte() -> None:
    with FaultyServer(says(*(bytes([one]) for one in HINT + ANSWER))) as server, HttpSender(limits=LIMITS) as sender:
        assert ask(sender, server).body == b"<ok/>"


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (HINT * 1000 + ANSWER, errors.UnreadableAnswer),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n" + ANSWER, errors.UnreadableAnswer),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 3\r\n\r\n<ok/>", errors.UnreadableAnswer),
    ],
    ids=["no end of hints", "another protocol", "two lengths"],
)
def test_what_is_no_answer_is_a_typed_error(said: bytes, error: type[errors.CdiscountError]) -> None:
    with FaultyServer(says(said)) as server, HttpSender(limits=LIMITS) as sender, pytest.raises(error):
        ask(sender, server)


STRAY = head(200, 7) + b"<stray>"


@pytest.mark.parametrize("said", [[ANSWER + STRAY], [ANSWER, STRAY]], ids=["at once", "a little later"])
def test_a_second_answer_behind_the_first_is_nobodys(said: list[bytes]) -> None:
    behaviours = [says(*said, pause=0.05), says(head(200, 6) + b"<two/>")]
    with FaultyServer(*behaviours) as server, HttpSender(limits=LIMITS) as sender:
        assert ask(sender, server).body == b"<ok/>"
        time.sleep(0.5)
        assert ask(sender, server).body == b"<two/>"


@pytest.mark.parametrize(
    "host",
    [
        "wsvc.cdiscount.com", "WSVC.CDISCOUNT.COM", "wsvc.cdiscount.com.", "wsvc.cdiscount.com..",
        "wsvc。cdiscount。com", "wsvc．cdiscount．com", "wsvc｡cdiscount｡com", "ｗｓｖｃ.ｃｄｉｓｃｏｕｎｔ.ｃｏｍ",
        "wsvc%2ecdiscount%2ecom", "wsvc.cdiscount%2Ecom", "wsvc.cdis\u00adcount.com", "wsvc.cdiscount.com%2e",
    ],
)  # fmt: skip
def test_no_spelling_of_the_services_host_is_reached_unencrypted(host: str) -> None:
    with pytest.raises(errors.ConfigurationError):
        checked_address("service_url", f"http://{host}/service", owners=("cdiscount.com",))


@pytest.mark.parametrize("url", ["http://127.0.0.1:8077/x", "http://notcdiscount.org/", "https://wsvc.cdiscount.com./"])
def test_other_addresses_stay_usable(url: str) -> None:
    assert checked_address("service_url", url, owners=("cdiscount.com",)) == url


@pytest.mark.parametrize("number", [".", "..", "", " ", " .. ", "\ud800"])
def test_an_id_that_leads_elsewhere_is_refused_before_any_request(number: str) -> None:
    with pytest.raises(errors.InvalidRequest):
        segment("order_id", number)


@pytest.mark.parametrize(
    ("number", "path"), [("a/b", "a%2Fb"), ("../x", "..%2Fx"), ("a?b#c", "a%3Fb%23c"), ("...", "..."), ("%2e", "%252e")]
)
def test_an_id_is_one_segment_of_a_path(number: str, path: str) -> None:
    assert segment("order_id", number) == path


@pytest.mark.parametrize("spoiled", [" secret", "secret ", "secret\n", "\tsecret", "sec\nret", "secret\u200b"])
@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (Credentials, "username"),
        (Credentials, "password"),
        (ClientCredentials, "client_id"),
        (ClientCredentials, "client_secret"),
    ],
)
def test_a_pasted_credential_is_refused_by_its_name(kind: type, name: str, spoiled: str) -> None:
    logins = {"username": "shop-api", "password": "x"}
    clients = {"client_id": "id", "client_secret": "x", "seller_id": "1"}
    given = {**(logins if kind is Credentials else clients), name: spoiled}
    with pytest.raises(errors.ConfigurationError, match=name) as caught:
        kind(**given)
    assert spoiled.strip() not in str(caught.value).replace("client_secret", "")
