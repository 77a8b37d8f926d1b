"""A scripted REST API in the same process: says what a test tells it to, and remembers what it was asked."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from attrs import field, frozen
from requests.adapters import BaseAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse

from cdiscount_marketplace.octopia import OctopiaClient
from support.model_channel import SteppedClock

BASE_URL = "https://octopia.test/seller/v2"
TOKEN_URL = "https://login.octopia.test/token"
SECRET = "client-SECRET-value"


@frozen(kw_only=True)
class Said:
    """An answer: `body` bytes as they are, anything else as JSON, None as nothing."""

    status: int = 200
    # Hidden, as what follows: errors are searched for it, with the variables of every frame.
    body: Any = field(default=None, repr=False)
    headers: dict[str, str] = field(factory=dict)

    @property
    def content(self) -> bytes:
        if self.body is None or isinstance(self.body, bytes):
            return self.body or b""
        return json.dumps(self.body).encode()


@frozen(kw_only=True)
class Asked:
    """A request as it came."""

    method: str
    url: str
    path: str
    query: dict[str, str]
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Answer = Said | Exception | Callable[[Asked], Said]


class FakeOctopia(BaseAdapter):
    """Answers each route with its scripted answers in turn, the last one for ever; other routes with 404."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Asked] = []
        self._routes: dict[tuple[str, str], list[Answer]] = defaultdict(list)
        self._tokens = 0
        self.on("POST", "/token", self._issue)

    def on(self, method: str, path: str, *answers: Answer) -> FakeOctopia:
        """Script a route anew."""
        self._routes[method, path] = list(answers)
        return self

    def session(self) -> requests.Session:
        """Return a session that reaches nothing else, whatever host is named."""
        session = requests.Session()
        session.trust_env = False
        session.mount("https://", self)
        return session

    def calls(self, method: str, path: str) -> list[Asked]:
        """Return the requests of one route."""
        return [asked for asked in self.asked if (asked.method, asked.path) == (method, path)]

    def writes(self) -> list[Asked]:
        """Return the requests that would change something."""
        return [asked for asked in self.asked if asked.method != "GET" and asked.path != "/token"]

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        asked = _asked(request)
        self.asked.append(asked)
        answers = self._routes[asked.method, asked.path] or [Said(status=404, body={"message": "no Route matched"})]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return _response(request, answer if isinstance(answer, Said) else answer(asked))

    def close(self) -> None:
        pass

    def _issue(self, _asked: Asked) -> Said:
        self._tokens += 1
        return Said(body={"access_token": f"bearer-TOKEN-{self._tokens}", "expires_in": 7200, "token_type": "Bearer"})


def fake_client(fake: FakeOctopia, **options: Any) -> OctopiaClient:
    """Return a client that reaches the fake only, on a clock that waits for nobody."""
    given: dict[str, Any] = {"clock": SteppedClock(), "base_url": BASE_URL, "token_url": TOKEN_URL, **options}
    return OctopiaClient(client_id="shop", client_secret=SECRET, seller_id="98979", session=fake.session(), **given)


def _asked(request: requests.PreparedRequest) -> Asked:
    parts = urlsplit(request.url or "")
    body = request.body or b""
    return Asked(
        method=request.method or "",
        url=(request.url or "").partition("?")[0],
        path=parts.path.removeprefix(urlsplit(BASE_URL).path),
        query=dict(parse_qsl(parts.query)),
        headers=dict(request.headers),
        body=body.encode() if isinstance(body, str) else bytes(body),
    )


def _response(request: requests.PreparedRequest, said: Said) -> requests.Response:
    response = requests.Response()
    response.status_code = said.status
    response.headers = requests.structures.CaseInsensitiveDict(said.headers)
    headers = HTTPHeaderDict(said.headers)
    response.raw = HTTPResponse(body=BytesIO(said.content), headers=headers, status=said.status, preload_content=False)
    response.request = request
    response.url = request.url or ""
    return response
