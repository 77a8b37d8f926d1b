"""What identifies an account, where it logs in, and what the token service's answers mean."""

from __future__ import annotations

import base64
import pickle
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdiscount_marketplace import errors
from cdiscount_marketplace.calls.credentials import ClientCredentials, Credentials, Login
from cdiscount_marketplace.calls.http import Answer, HttpSender, TimeLimits
from cdiscount_marketplace.calls.retry import RetryPolicy
from cdiscount_marketplace.soap.endpoints import PREPRODUCTION, PRODUCTION, Endpoints
from cdiscount_marketplace.soap.token_service import TokenService, read_token
from support import faulty_server as bad
from support.faulty_server import Behaviour, FaultyServer, answer
from support.hand_clock import BEGIN, HandClock

SECRET = "s3ntinel-s3cret"
TOKEN = "0123456789abcdef0123456789abcdef"
BODY = b'<string xmlns="http://schemas.microsoft.com/2003/10/Serialization/">%s</string>' % TOKEN.encode()


# --- credentials ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"username": "shop-api"},
        {"password": SECRET},
        {"password": SECRET, "token": TOKEN},
        {"username": "shop-api", "password": ""},
        {"username": " ", "password": SECRET},
        {"token": ""},
    ],
)
def test_incomplete_credentials_are_refused(given: dict[str, str]) -> None:
    with pytest.raises(errors.CredentialsMissing) as caught:
        Credentials(**given)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "login"),
    [
        ({"username": "shop-api", "password": SECRET}, Login("shop-api", SECRET)),
        ({"username": "shop-api", "password": lambda: SECRET}, Login("shop-api", SECRET)),
        ({"token": TOKEN}, None),
        ({"username": "shop-api", "token": TOKEN}, None),
    ],
)
def test_credentials_give_a_login_where_they_can(given: dict[str, str], login: Login | None) -> None:
    assert Credentials(**given).login() == login


def test_vault_is_asked_each_time() -> None:
    passwords = iter(["old", "new"])
    credentials = Credentials(username="shop-api", password=lambda: next(passwords))
    assert [credentials.login(), credentials.login()] == [Login("shop-api", "old"), Login("shop-api", "new")]


def test_vault_that_gives_nothing_is_a_configuration_error() -> None:
    with pytest.raises(errors.ConfigurationError):
        Credentials(username="shop-api", password=lambda: "").login()


def test_vault_that_gives_no_text_is_a_configuration_error() -> None:
    with pytest.raises(errors.ConfigurationError, match="bytes"):
        Credentials(username="shop-api", password=lambda: b"x").login()  # type: ignore[arg-type,return-value]


def test_vault_that_fails_is_our_error_and_what_it_says_is_not_told() -> None:
    def vault() -> str:
        raise PermissionError(f"{SECRET} is not a lease")

    with pytest.raises(errors.AuthenticationError, match="PermissionError") as failed:
        Credentials(username="shop-api", password=vault).login()
    assert failed.value.retryable
    assert failed.value.__cause__ is failed.value.__context__ is None
    assert SECRET not in str(failed.value)


@pytest.mark.parametrize(
    "credentials",
    [
        Credentials(username="shop-api", password=SECRET, token=SECRET),
        ClientCredentials(client_id="id", client_secret=SECRET, seller_id="98979"),
        Login("shop-api", SECRET),
    ],
)
def test_secrets_do_not_show(credentials: object) -> None:
    assert SECRET not in repr(credentials) + str(credentials)
    assert pickle.loads(pickle.dumps(credentials)) == credentials


def test_credentials_come_from_the_environment() -> None:
    environ = {"CDISCOUNT_USERNAME": "shop-api", "CDISCOUNT_PASSWORD": SECRET, "CDISCOUNT_TOKEN": ""}
    assert Credentials.from_env(environ) == Credentials(username="shop-api", password=SECRET)
    with pytest.raises(errors.CredentialsMissing):
        Credentials.from_env({})


def test_client_credentials_come_from_the_environment() -> None:
    environ = {"OCTOPIA_CLIENT_ID": "id", "OCTOPIA_CLIENT_SECRET": SECRET, "OCTOPIA_SELLER_ID": "98979"}
    assert ClientCredentials.from_env(environ).login() == Login("id", SECRET)
    with pytest.raises(errors.CredentialsMissing, match="OCTOPIA_CLIENT_SECRET, OCTOPIA_SELLER_ID"):
        ClientCredentials.from_env({"OCTOPIA_CLIENT_ID": "id"})


# --- endpoints --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "service_url", "token_url"),
    [
        ((), PRODUCTION, f"https://sts.cdiscount.com/users/httpIssue.svc/?realm={PRODUCTION}"),
        (
            (PREPRODUCTION,),
            PREPRODUCTION,
            f"https://sts.preprod-cdiscount.com/users/httpIssue.svc/?realm={PREPRODUCTION}",
        ),
        (
            (PRODUCTION + "?channel=us",),
            PRODUCTION + "?channel=us",
            f"https://sts.cdiscount.com/users/httpIssue.svc/?realm={PRODUCTION}",
        ),
        (
            ("http://127.0.0.1:8080/M.svc", "http://127.0.0.1:8080/users/"),
            "http://127.0.0.1:8080/M.svc",
            "http://127.0.0.1:8080/users/?realm=http://127.0.0.1:8080/M.svc",
        ),
        ((None, "https://sts.invalid/?channel=us"), PRODUCTION, f"https://sts.invalid/?channel=us&realm={PRODUCTION}"),
        ((None, "https://sts.invalid/?realm=https://x/"), PRODUCTION, "https://sts.invalid/?realm=https://x/"),
    ],
)
def test_token_realm_follows_the_service(given: tuple[str, ...], service_url: str, token_url: str) -> None:
    assert Endpoints.resolve(*given) == Endpoints(service_url=service_url, token_url=token_url)


def test_unknown_service_needs_a_token_service() -> None:
    with pytest.raises(errors.ConfigurationError, match="token_url"):
        Endpoints.resolve("http://127.0.0.1:8080/MarketplaceAPIService.svc")


@pytest.mark.parametrize(
    "url",
    [
        "wsvc.cdiscount.com/MarketplaceAPIService.svc",
        "ftp://wsvc.cdiscount.com/",
        "https://",
        f"https://user:{SECRET}@wsvc.cdiscount.com/",
        "http://wsvc.cdiscount.com/MarketplaceAPIService.svc",
    ],
)
def test_unusable_address_is_refused(url: str) -> None:
    with pytest.raises(errors.ConfigurationError) as caught:
        Endpoints.resolve(url)
    assert SECRET not in str(caught.value)


def test_endpoints_come_from_the_environment() -> None:
    assert Endpoints.from_env({"CDISCOUNT_SERVICE_URL": "", "CDISCOUNT_TOKEN_URL": ""}) == Endpoints.resolve()
    environ = {"CDISCOUNT_SERVICE_URL": PREPRODUCTION, "CDISCOUNT_TOKEN_URL": "https://sts.invalid/"}
    assert Endpoints.from_env(environ) == Endpoints.resolve(PREPRODUCTION, "https://sts.invalid/")


# --- the token service ------------------------------------------------------------------------------------------------

REFUSED = errors.LoginRefused
READINGS: list[tuple[int, bytes, dict[str, str], type[errors.CdiscountError]]] = [
    (401, b"", {}, REFUSED),
    (401, b"<denied/>", {}, REFUSED),
    (400, b"<denied/>", {}, REFUSED),
    (403, b"denied", {}, REFUSED),
    (401, b"<html>denied</html>", {"WWW-Authenticate": "Basic"}, REFUSED),
    (401, b"<html>are you human?</html>", {}, errors.HtmlAnswer),
    (403, b"<html>are you human?</html>", {"Content-Type": "text/html"}, errors.HtmlAnswer),
    (200, b"<!DOCTYPE html><html>are you human?</html>", {}, errors.HtmlAnswer),
    (503, b"<html>maintenance</html>", {}, errors.HtmlAnswer),
    (200, b"", {}, errors.EmptyAnswer),
    (200, b"<string/>", {}, errors.UnreadableAnswer),
    (200, b"<string>%s</string>" % (b"g" * 32), {}, errors.UnreadableAnswer),
    (200, b"<string>%s</string>" % (b"a" * 31), {}, errors.UnreadableAnswer),
    (200, b"x" + BODY, {}, errors.UnreadableAnswer),
    (200, BODY + b"x", {}, errors.UnreadableAnswer),
    (200, BODY[:-3], {}, errors.UnreadableAnswer),
    (404, b"<html>no such page</html>", {}, errors.HttpError),
    (429, b"<html>slower</html>", {}, errors.HttpError),
    (500, b"<fault/>", {}, errors.HttpError),
    (500, BODY, {}, errors.HttpError),
]


@pytest.mark.parametrize(("status", "body", "headers", "error"), READINGS)
def test_only_the_service_itself_refuses_a_login(
    status: int, body: bytes, headers: dict[str, str], error: type[errors.CdiscountError]
) -> None:
    with pytest.raises(errors.CdiscountError) as caught:
        read_token(Answer(status=status, headers=headers, body=body))
    assert type(caught.value) is error
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(
    "body", [BODY, b'<?xml version="1.0"?>\r\n' + BODY + b"\n", BODY.upper().replace(b"STRING", b"string")]
)
def test_token_is_read_whatever_its_label(body: bytes) -> None:
    assert read_token(Answer(status=200, headers={"Content-Type": "text/plain"}, body=body)).lower() == TOKEN


@given(st.integers(0, len(BODY) - 1))
def test_no_part_of_an_answer_is_taken_for_a_token(cut: int) -> None:
    with pytest.raises(errors.UnreadableAnswer):
        read_token(Answer(status=200, headers={}, body=BODY[:cut]))


def service(server: FaultyServer, clock: HandClock, policy: RetryPolicy | None = None) -> TokenService:
    limits = TimeLimits(token=1)
    url = f"{server.url}/users/httpIssue.svc/?realm=https://wsvc.invalid/M.svc"
    return TokenService(token_url=url, sender=HttpSender(limits=limits), policy=policy or RetryPolicy(), clock=clock)


def test_login_is_sent_once_and_only_as_basic_authorization() -> None:
    with FaultyServer(answer(BODY, Content_Type="text/plain")) as server:
        token = service(server, HandClock()).fetch(Login("shop-api", "pässword:x"))
    assert (token.value, token.issued_at, token.expires_at) == (TOKEN, BEGIN, BEGIN + timedelta(hours=48))
    (seen,) = server.seen
    assert (seen.method, seen.path) == ("GET", "/users/httpIssue.svc/?realm=https://wsvc.invalid/M.svc")
    assert base64.b64decode(seen.headers["Authorization"].removeprefix("Basic ")).decode() == "shop-api:pässword:x"


@pytest.mark.parametrize(
    "failure",
    [bad.hang(), bad.reset_before_answer(), bad.half_answer(), answer(b"", 503), bad.html(503), answer(b"<x/>", 500)],
)
def test_silence_of_the_token_service_is_asked_again(failure: Behaviour) -> None:
    with FaultyServer(failure, answer(BODY)) as server:
        assert service(server, HandClock()).fetch(Login("shop-api", SECRET)).value == TOKEN
    assert len(server.seen) == 2


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (answer(b"<denied/>", 401), errors.LoginRefused),
        (bad.html(200), errors.HtmlAnswer),
        (bad.redirect("http://127.0.0.1:1/"), errors.UnreadableAnswer),
    ],
)
def test_what_would_not_change_is_asked_once(behaviour: Behaviour, error: type[errors.CdiscountError]) -> None:
    with FaultyServer(behaviour) as server, pytest.raises(error) as caught:
        service(server, HandClock()).fetch(Login("shop-api", SECRET))
    assert len(server.seen) == 1
    assert SECRET not in str(caught.value)
