"""What a cassette file holds: questions and answers of the SOAP service, scrubbed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import attrs
from attrs import frozen
from requests.models import PreparedRequest, Response

from cdiscount_marketplace.errors import ConfigurationError
from cdiscount_marketplace.files import replace_file
from cdiscount_marketplace.soap.catalogue import OPERATIONS
from cdiscount_marketplace.soap.codec.declare import Element, elements, is_model
from cdiscount_marketplace.soap.header import HeaderMessage
from cdiscount_marketplace.testing.scrubbing import SCRUBBED, Tag, Unscrubbable, scrub_xml

VERSION = 1
# Headers of an answer that decide how it is read.
_KEPT_HEADERS = ("Content-Type", "Date", "Retry-After")
# It distinguishes a refused login from a bot wall; its text names the realm.
_NAMED_HEADER = "WWW-Authenticate"
_HTML = b"<html", b"<!doctype html"
# Not marked as personal by the contract, and all the same not fit for a file that goes around: who asks, who or where
# somebody is, and free text.
_NEVER = frozenset(
    {
        *("SellerLogin", "UserName", "TokenId", "Login", "Address", "DnsName"),
        *("CustomerID", "CustomerId", "CustomerNumber", "CustomerNum", "PartnerOrderRef"),
        *("Altitude", "Course", "HorizontalAccuracy", "Latitude", "Longitude", "Speed", "VerticalAccuracy"),
        *("CancellationReason", "Justification"),
    }
)


@frozen(kw_only=True)
class Question:
    """A request without host, credentials and personal data; two that compare equal ask the same."""

    method: str
    path: str
    operation: str | None
    body: str


@frozen(kw_only=True)
class Reply:
    """An answer without personal data."""

    status: int
    headers: Mapping[str, str]
    body: str


@frozen(kw_only=True)
class Exchange:
    """A question and the answer it got."""

    question: Question
    reply: Reply


@frozen(kw_only=True)
class Cassette:
    """Exchanges in the order they happened."""

    exchanges: tuple[Exchange, ...] = ()

    def with_exchange(self, exchange: Exchange) -> Cassette:
        """Return a longer cassette."""
        return attrs.evolve(self, exchanges=(*self.exchanges, exchange))

    def save(self, path: Path) -> None:
        """Write the file, whole or not at all."""
        text = json.dumps({"version": VERSION, **attrs.asdict(self)}, ensure_ascii=False, indent=1)
        replace_file(path, text.encode() + b"\n", mode=0o644)

    @classmethod
    def load(cls, path: Path) -> Cassette:
        """Read the file; raises `ConfigurationError` if it is no cassette of this version."""
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if content["version"] != VERSION:
                raise ConfigurationError(f"{path.name} is a cassette of version {content['version']}, not {VERSION}")
            return cls(exchanges=tuple(_exchange(item) for item in content["exchanges"]))
        except (KeyError, TypeError, json.JSONDecodeError) as error:
            raise ConfigurationError(f"{path.name} is not a cassette", hint="record it again") from error


def question_of(request: PreparedRequest) -> Question:
    """Return what a request asks, scrubbed; queries (the token realm) are left out."""
    operation = str(request.headers.get("SOAPAction") or "").strip('"').rpartition("/")[2]
    return Question(
        method=str(request.method),
        path=urlsplit(request.url or "").path,
        operation=operation or None,
        body=_scrubbed(_content(request.body)),
    )


def reply_of(response: Response, content: bytes) -> Reply:
    """Return an answer, scrubbed; `content` is its body."""
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    if _NAMED_HEADER in response.headers:
        headers[_NAMED_HEADER] = SCRUBBED
    return Reply(status=response.status_code, headers=headers, body=_scrubbed(content))


def _exchange(item: Mapping[str, Any]) -> Exchange:
    return Exchange(question=Question(**item["question"]), reply=Reply(**item["reply"]))


def _content(body: bytes | str | Any | None) -> bytes:
    if isinstance(body, str):
        return body.encode()
    return body if isinstance(body, bytes) else b""


def _scrubbed(content: bytes) -> str:
    if not content.strip():
        return ""
    if content.lstrip()[:20].lower().startswith(_HTML):
        return f"<html>{SCRUBBED}</html>"
    try:
        return scrub_xml(content, kept_elements())
    except Unscrubbable:
        return SCRUBBED


@cache
def kept_elements() -> frozenset[Tag]:
    """Return the elements that keep their text: those that the contract knows and never marks as private."""
    members = [member for cls in _models() for member in elements(cls)]
    private = {_tag(member) for member in members if member.options.private or member.attribute is None}
    listed = {_tag(member) for member in members if not is_model(member.type)}
    items = {
        (member.item_namespace, member.item_name) for member in members if member.many and not is_model(member.type)
    }
    return frozenset(tag for tag in (listed - private) | items if tag[1] not in _NEVER)


def _tag(member: Element) -> Tag:
    return member.namespace, member.name


def _models() -> set[type]:
    waiting: list[type] = [HeaderMessage]
    for operation in OPERATIONS:
        waiting += [operation.result, *(part.type for part in operation.parts)]
    seen: set[type] = set()
    while waiting:
        current = waiting.pop()
        if current not in seen:
            seen.add(current)
            waiting += [
                kind for member in elements(current) if isinstance(kind := member.type, type) and is_model(kind)
            ]
    return seen
