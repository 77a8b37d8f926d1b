"""Check every exchange with the REST API against our description of it."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import requests
from openapi_core import OpenAPI
from openapi_core.contrib.requests import RequestsOpenAPIRequest, RequestsOpenAPIResponse
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

DESCRIPTION = Path(__file__).resolve().parents[2] / "docs" / "reference" / "octopia-openapi.yaml"
BASE_URL = "https://api.octopia-io.net/seller/v2"


@cache
def description() -> OpenAPI:
    """Read the description once."""
    return OpenAPI.from_file_path(str(DESCRIPTION))


class CheckedAdapter(BaseAdapter):
    """Hands requests to another adapter, and fails where a request or its answer is not as described."""

    def __init__(self, inner: BaseAdapter, base_url: str) -> None:
        super().__init__()
        self._inner = inner
        self._base_url = base_url
        self.operations: set[tuple[str, str]] = set()

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        if not (request.url or "").startswith(self._base_url):
            return self._inner.send(request, **options)
        described = request.copy()
        described.url = (request.url or "").replace(self._base_url, BASE_URL)
        asked = RequestsOpenAPIRequest(described)
        description().validate_request(asked)
        response = self._inner.send(request, **options)
        # Read here, so that the checker and the client see the same bytes.
        body = response.raw.read(decode_content=True)
        seen = requests.Response()
        seen.status_code, seen.headers, seen._content = response.status_code, response.headers, body
        if body:
            description().validate_response(asked, RequestsOpenAPIResponse(seen))
        self.operations.add((request.method or "", described.url))
        response.raw = _again(response, body)
        return response

    def close(self) -> None:
        self._inner.close()


def _again(response: requests.Response, body: bytes) -> HTTPResponse:
    status = response.status_code
    return HTTPResponse(body=BytesIO(body), headers=response.headers, status=status, preload_content=False)
