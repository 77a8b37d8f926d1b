"""Record a real client's exchanges without anything secret or personal in them, and replay them offline.

```
client = MarketplaceClient(username="shop-api", password="…", session=Recorder("orders.json").session())
client = MarketplaceClient(username="any", password="any", session=Replayer("orders.json").session())
```
"""

from __future__ import annotations

import io
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import requests
from requests.adapters import BaseAdapter
from requests.models import PreparedRequest, Response
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPResponse

from cdiscount_marketplace.calls.http import reject_repeating
from cdiscount_marketplace.testing.cassettes import Cassette, Exchange, Question, question_of, reply_of


class CassetteMismatch(AssertionError):
    """A replayed client sent another request than the cassette's next one: record it again if the request is right."""


class Recorder:
    """Write every exchange of its session to a cassette file, scrubbed; an existing file is replaced.

    `through` is the session that really sends, such as the sandbox's; a plain one by default. The file's folder is
    made. Raises `UnsafeSession` if an adapter of `through` would repeat a write by itself. Thread-safe.
    """

    def __init__(self, path: str | Path, *, through: requests.Session | None = None) -> None:
        self._path = Path(path)
        # An exchange that cannot be written would look like a connection that broke.
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._through = through or requests.Session()
        # The client sees the recorder's adapter only, and could not refuse it.
        reject_repeating(self._through)
        self._cassette = Cassette()
        self._lock = threading.Lock()

    def session(self) -> requests.Session:
        """Return a session to give to a client."""
        return _session_of(self)

    def answer(self, request: PreparedRequest, options: Mapping[str, Any]) -> Response:
        """Send the request and record what came of it."""
        response = self._through.get_adapter(request.url or "").send(request, **options)
        content = response.content
        with self._lock:
            self._cassette = self._cassette.with_exchange(
                Exchange(question=question_of(request), reply=reply_of(response, content))
            )
            self._cassette.save(self._path)
        return _response(request, status=response.status_code, headers=response.headers, content=content)


class Replayer:
    """Answer from a cassette, in order, without a network. Thread-safe.

    Raises `CassetteMismatch` from a call that differs from the cassette's next exchange.
    """

    def __init__(self, path: str | Path) -> None:
        self._left = list(Cassette.load(Path(path)).exchanges)
        self._lock = threading.Lock()

    def session(self) -> requests.Session:
        """Return a session to give to a client."""
        return _session_of(self)

    @property
    def remaining(self) -> int:
        """How many exchanges were not asked for yet."""
        return len(self._left)

    def answer(self, request: PreparedRequest, options: Mapping[str, Any]) -> Response:  # noqa: ARG002 - no network, no options
        """Return the next recorded answer, if the request asks for it."""
        with self._lock:
            reply = self._next(question_of(request)).reply
        return _response(request, status=reply.status, headers=reply.headers, content=reply.body.encode())

    def _next(self, question: Question) -> Exchange:
        if not self._left:
            raise CassetteMismatch(f"the cassette has no exchange left for {_name(question)}")
        expected = self._left[0].question
        if question != expected:
            raise CassetteMismatch(_difference(question, expected))
        return self._left.pop(0)


class _Answerer(Protocol):
    def answer(self, request: PreparedRequest, options: Mapping[str, Any]) -> Response: ...


class _Adapter(BaseAdapter):
    def __init__(self, answerer: _Answerer) -> None:
        super().__init__()
        self._answerer = answerer

    def send(self, request: PreparedRequest, *_: Any, **options: Any) -> Response:
        return self._answerer.answer(request, options)

    def close(self) -> None:
        """Hold nothing open."""


def _session_of(answerer: _Answerer) -> requests.Session:
    session = requests.Session()
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Adapter(answerer))
    return session


def _response(request: PreparedRequest, *, status: int, headers: Mapping[str, str], content: bytes) -> Response:
    response = Response()
    response.status_code = status
    # The content is unpacked already, and its length may be another.
    dropped = {"content-encoding", "transfer-encoding", "content-length"}
    response.headers = CaseInsensitiveDict(
        {name: text for name, text in headers.items() if name.lower() not in dropped}
    )
    response.raw = HTTPResponse(
        body=io.BytesIO(content), status=status, headers=dict(response.headers), preload_content=False
    )
    response.request = request
    response.url = request.url or ""
    return response


def _name(question: Question) -> str:
    return question.operation or f"{question.method} {question.path}"


def _difference(question: Question, expected: Question) -> str:
    if _name(question) != _name(expected):
        return f"{_name(question)} was sent, but the cassette has {_name(expected)} next"
    return f"{_name(question)} was sent with other content than the cassette has"
