"""The sandbox as a WSGI application: every protocol, the admin API and the page, behind one routing table."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NoReturn, cast

from attrs import frozen
from werkzeug.exceptions import Forbidden, HTTPException
from werkzeug.routing import BaseConverter, Map, Rule
from werkzeug.wrappers import Request, Response

from cdiscount_marketplace.pages.headers import HEADERS
from cdiscount_marketplace.sandbox.exchange import Answer, Endpoint, Exchange, Incoming, Line
from cdiscount_marketplace.sandbox.origins import ensure_own

ADMIN_PATH = "/admin"
SERVICE_PATH = "/MarketplaceAPIService.svc"
TOKEN_PATH = "/users/httpIssue.svc/"  # noqa: S105 - a path
LINE_KEY = "cdiscount_marketplace.sandbox.line"
MAX_BODY = 8 * 1024 * 1024

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

StartResponse = Callable[..., Any]
View = Callable[[Request], Response]


@frozen
class Route:
    """A path, its methods, and who answers: an endpoint, through the exchange and its faults, or a plain view."""

    path: str
    methods: tuple[str, ...]
    to: Endpoint | View


@frozen
class _NoLine:
    """A server that cannot break connections answers 500 instead."""

    def wait(self, seconds: float) -> None:
        """Wait for nothing."""

    def hint(self, times: int) -> None:
        """Send no informational answers."""

    def cut(self) -> NoReturn:
        """Give up."""
        raise ConnectionAbortedError

    def hang(self, seconds: float) -> NoReturn:  # noqa: ARG002 - a `Line`
        """Give up."""
        raise ConnectionAbortedError


class _Everything(BaseConverter):
    """Matches the rest of a path, whatever is in it: werkzeug's own `path` stops at a line break."""

    regex = r"[\s\S]+"
    part_isolating = False


class Application:
    """The WSGI application. Thread-safe."""

    def __init__(self, exchange: Exchange, routes: Iterable[Route], allowed_hosts: Collection[str] = ()) -> None:
        self._exchange = exchange
        self._allowed_hosts = frozenset(allowed_hosts)
        rules = [Rule(route.path, methods=route.methods, endpoint=route.to) for route in routes]
        self._map = Map(
            rules,
            converters={"everything": _Everything},
            strict_slashes=False,
            redirect_defaults=False,
            merge_slashes=False,
        )

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        request = Request(environ)
        request.max_content_length = MAX_BODY
        try:
            matched: tuple[Any, Mapping[str, Any]] = self._map.bind_to_environ(environ).match()
            target, arguments = matched
            if callable(target):
                ensure_own(request, self._allowed_hosts)
                view = cast("Callable[..., Response]", target)
                return view(request, **arguments)(environ, start_response)
            line: Line = environ.get(LINE_KEY) or _NoLine()
            answer = self._exchange.serve(target, _incoming(request), line)
        except HTTPException as error:
            return _refuse(error, request)(environ, start_response)
        return _send(answer, line, start_response)


def _refuse(error: HTTPException, request: Request) -> WSGIApplication:
    response = error.get_response(request.environ)
    if not request.path.startswith(ADMIN_PATH):
        response.headers.extend(HEADERS)
        return response
    # Whoever speaks JSON to the admin API gets JSON, also where there is no such request.
    reason = error.description if isinstance(error, Forbidden) else error.name
    text = json.dumps({"error": f"{request.method} {request.path}: {reason}"})
    headers = [item for item in response.headers if item[0] == "Allow"]
    return Response(f"{text}\n", response.status, headers, content_type="application/json; charset=utf-8")


def _incoming(request: Request) -> Incoming:
    return Incoming(
        method=request.method,
        path=request.path,
        query=request.query_string.decode("latin-1"),
        headers=_lower(request.headers),
        body=request.get_data(cache=False),
    )


def _lower(headers: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    return {name.lower(): value for name, value in headers}


def _send(answer: Answer, line: Line, start_response: StartResponse) -> Iterable[bytes]:
    start_response(f"{answer.status} {_phrase(answer.status)}", answer.all_headers())
    return [answer.body] if answer.cut_at is None else _broken(answer.body[: answer.cut_at], line)


def _broken(head: bytes, line: Line) -> Iterator[bytes]:
    yield head
    line.cut()


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
