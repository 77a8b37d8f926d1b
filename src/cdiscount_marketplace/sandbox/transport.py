"""Reach a sandbox in the same process: a `requests` adapter that calls the application without a socket."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from errno import ECONNRESET
from io import BytesIO
from typing import Any, NoReturn
from urllib.parse import unquote, urlsplit

from attrs import frozen
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError as RequestsConnectionError
from requests.exceptions import ReadTimeout
from urllib3 import HTTPHeaderDict, HTTPResponse

from cdiscount_marketplace.clock import Clock
from cdiscount_marketplace.sandbox.app import LINE_KEY, Application

Timeout = float | tuple[float | None, float | None] | None


class _Cut(Exception):
    """The connection broke in the middle of the answer."""


class _Broken(BytesIO):
    """The part of an answer that came before its connection was reset."""

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        if not data and size != 0:
            raise ConnectionResetError(ECONNRESET, "the sandbox broke the connection")
        return data

    read1 = read


@frozen
class _MemoryLine:
    """A connection that exists in memory only: it breaks as a socket would, seen from `requests`."""

    clock: Clock
    limit: float | None

    def wait(self, seconds: float) -> None:
        """Let virtual time pass, up to the caller's own limit."""
        if self.limit is not None and seconds > self.limit:
            self.hang(seconds)
        self.clock.sleep(seconds)

    def hint(self, times: int) -> None:
        """Do nothing: no informational answer reaches a session that has no socket."""

    def cut(self) -> NoReturn:
        """Break the connection."""
        raise _Cut

    def hang(self, seconds: float) -> NoReturn:
        """Let the caller's time limit pass (`seconds` if it has none), and fail as `requests` does."""
        self.clock.sleep(seconds if self.limit is None else self.limit)
        raise ReadTimeout("the sandbox gives no answer")


class SandboxAdapter(HTTPAdapter):
    """Sends requests for the sandbox's host to its application; every other host is unreachable. Thread-safe."""

    def __init__(self, app: Application, clock: Clock, host: str) -> None:
        super().__init__(max_retries=0)
        self._app = app
        self._clock = clock
        self._host = host

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,  # noqa: ARG002, FBT001, FBT002 - the signature is that of requests
        timeout: Timeout = None,
        verify: bool | str = True,  # noqa: ARG002, FBT001, FBT002 - as above
        cert: Any = None,  # noqa: ARG002 - as above
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002 - as above
    ) -> Response:
        """Send one request and return its answer, or raise what `requests` raises when a connection breaks."""
        if urlsplit(request.url or "").netloc != self._host:
            raise RequestsConnectionError(f"only {self._host} is reachable from here", request=request)
        line = _MemoryLine(self._clock, _read_limit(timeout))
        try:
            return self.build_response(request, self._call(request, line))
        except _Cut as error:
            raise RequestsConnectionError("the sandbox broke the connection", request=request) from error

    def _call(self, request: PreparedRequest, line: _MemoryLine) -> HTTPResponse:
        started: list[tuple[int, Iterable[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], *_: object) -> Callable[[bytes], object]:
            started.append((int(status.split(" ", 1)[0]), headers))
            return lambda _data: None

        chunks = self._app({**_environ(request), LINE_KEY: line}, start_response)
        body = _collect(chunks)
        status, headers = started[0]
        return HTTPResponse(
            body=body,
            headers=HTTPHeaderDict(headers),
            status=status,
            preload_content=False,
            request_method=request.method,
        )


def _collect(chunks: Iterable[bytes]) -> BytesIO:
    body = bytearray()
    try:
        for chunk in chunks:
            body += chunk
    except _Cut:
        # Where nothing came, not even the head of the answer did.
        if not body:
            raise
        return _Broken(body)
    return BytesIO(body)


def _read_limit(timeout: Timeout) -> float | None:
    return timeout[1] if isinstance(timeout, tuple) else timeout


def _bytes(body: object) -> bytes:
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes):
        return body
    raise TypeError("the sandbox takes a body as bytes or text")


def _environ(request: PreparedRequest) -> dict[str, Any]:
    parts = urlsplit(request.url or "")
    data = _bytes(request.body or b"")
    headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers.items()}
    return {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(parts.path, "latin-1"),
        "QUERY_STRING": parts.query,
        "SERVER_NAME": parts.hostname or "",
        "SERVER_PORT": str(parts.port or 443),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": headers.get("HTTP_CONTENT_TYPE", ""),
        "CONTENT_LENGTH": str(len(data)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": parts.scheme,
        "wsgi.input": BytesIO(data),
        "wsgi.errors": BytesIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **headers,
        "HTTP_HOST": parts.netloc,
    }
