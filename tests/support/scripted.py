"""A SOAP service that answers what a test says, in process."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import requests
from urllib3 import HTTPResponse

from cdiscount_marketplace import MarketplaceClient
from cdiscount_marketplace.calls.retry import RetryPolicy
from cdiscount_marketplace.soap.catalogue import OPERATIONS
from cdiscount_marketplace.soap.common import ServiceBaseMessage
from cdiscount_marketplace.soap.messages import write_answer

TOKEN = "0123456789abcdef" * 2
Answerer = Callable[[requests.PreparedRequest], tuple[int, bytes]]


class Scripted(requests.adapters.BaseAdapter):
    """Answers every request by calling `answer`, and keeps the requests."""

    def __init__(self, answer: Answerer) -> None:
        super().__init__()
        self._answer = answer
        self.requests: list[requests.PreparedRequest] = []

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        self.requests.append(request)
        status, body = self._answer(request)
        response = requests.Response()
        response.status_code, response.request, response.url = status, request, str(request.url)
        response.headers["Content-Type"] = "text/xml; charset=utf-8"
        response.raw = HTTPResponse(BytesIO(body), status=status, preload_content=False)
        return response

    def close(self) -> None:
        """Hold nothing open."""

    def client(self, **options: Any) -> MarketplaceClient:
        """Return a client that talks to this service, with a token at hand."""
        session = requests.Session()
        session.mount("https://", self)
        return MarketplaceClient(**({"token": TOKEN, "session": session, "retry": RetryPolicy.never()} | options))


def always(status: int, body: bytes) -> Scripted:
    """Return a service that always answers the same bytes."""
    return Scripted(lambda _: (status, body))


def answering(result: ServiceBaseMessage) -> Scripted:
    """Return a service that answers every call with this result."""

    def answer(request: requests.PreparedRequest) -> tuple[int, bytes]:
        asked = str(request.headers["SOAPAction"]).strip('"').rpartition("/")[2]
        operation = next(operation for operation in OPERATIONS if operation.name == asked)
        return 200, write_answer(operation, result)

    return Scripted(answer)
