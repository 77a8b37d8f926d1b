"""The only place that touches lxml: writing SOAP messages, and reading those from outside, safely.

What comes from outside is hostile until read: no DTD, no entities, no network, bounded size and depth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol, cast

from lxml import etree

from cdiscount_marketplace.errors import (
    EmptyAnswer,
    ForbiddenMarkup,
    HtmlAnswer,
    OversizedAnswer,
    TruncatedAnswer,
    UnreadableAnswer,
)
from cdiscount_marketplace.soap.codec.declare import CDISCOUNT, INSTANCE, NIL

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
BODY_TAG = f"{{{ENVELOPE}}}Body"
FAULT_TAG = f"{{{ENVELOPE}}}Fault"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 100

# A larger body is parsed piece by piece, with its items decoded on the way, so that its tree, some five times its size,
# is never held. A smaller one is parsed at once, in which lxml need not stop at every element.
WHOLE_BYTES = 8 * 1024 * 1024

_CHUNK = 256 * 1024
# lxml's own types are private to it, and differ between its two stub packages.
_lxml: Any = etree


class HugeText(ForbiddenMarkup):
    """A text is longer than the parser takes by default."""


class Node(Protocol):
    """What the SDK uses of an XML element."""

    @property
    def tag(self) -> str: ...
    @property
    def tail(self) -> str | None: ...
    @property
    def text(self) -> str | None: ...
    @text.setter
    def text(self, value: str | None) -> None: ...
    def get(self, name: str) -> str | None: ...
    def items(self) -> list[tuple[str, str]]: ...
    def set(self, name: str, value: str) -> None: ...
    def find(self, path: str) -> Node | None: ...
    def findtext(self, path: str) -> str | None: ...
    def itertext(self) -> Iterator[str]: ...
    def getparent(self) -> Node | None: ...
    def clear(self, keep_tail: bool = ...) -> None: ...  # noqa: FBT001 - lxml's signature
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Node]: ...


def is_nil(node: Node) -> bool:
    """Whether an element is marked as nil."""
    # Asking an element for all its attributes is cheaper than asking for one by its qualified name.
    attributes = node.items()
    return bool(attributes) and ((NIL, "true") in attributes or (NIL, "1") in attributes)


def local_name(node: Node) -> str:
    """Return an element's name without its namespace."""
    return node.tag.rpartition("}")[2]


def too_deep(node: Node) -> bool:
    """Whether something is nested deeper in an element than anything honest is."""
    level = [node]
    for _ in range(MAX_DEPTH):
        level = [child for parent in level for child in parent]
        if not level:
            return False
    return True


def append(parent: Node, tag: str, text: str | None = None) -> Node:
    """Add an element at the end of another one."""
    made = cast("Node", _lxml.SubElement(parent, tag))
    made.text = text
    return made


def append_nil(parent: Node, tag: str) -> None:
    """Add an element that stands for nothing."""
    made = cast("Node", _lxml.SubElement(parent, tag, nsmap={"i": INSTANCE}))
    made.set(NIL, "true")


def new_message(tag: str) -> tuple[Node, Node]:
    """Return an empty SOAP envelope, and the element named `tag` in its body."""
    root = cast("Node", _lxml.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"s": ENVELOPE}))
    names = None if tag == FAULT_TAG else {None: CDISCOUNT}
    return root, cast("Node", _lxml.SubElement(append(root, BODY_TAG), tag, nsmap=names))


def to_bytes(root: Node) -> bytes:
    """Write a whole message."""
    written: bytes = _lxml.tostring(root)
    return written


def parse_message(
    body: bytes,
    *,
    max_bytes: int = MAX_BYTES,
    tags: tuple[str, ...] = (),
    take: Callable[[Node], None] | None = None,
    huge: bool = False,
) -> Node:
    """Return the one element in the SOAP body of a message from outside.

    Of a body above `WHOLE_BYTES`, `take` is given each element named in `tags` as soon as it is complete, and may clear
    it. `huge` allows texts above the parser's own limit of 10 MB, in bodies that are known to declare no entities; else
    they are a `HugeText`. Raises an `UnreadableAnswer`: `HtmlAnswer`, `EmptyAnswer`, `TruncatedAnswer`,
    `OversizedAnswer` or `ForbiddenMarkup`.
    """
    reject_foreign(body, max_bytes)
    try:
        root = _stream(body, tags, take, huge) if take and len(body) > WHOLE_BYTES else _parse(body, huge)
    except etree.XMLSyntaxError as error:
        raise _unparsable(error) from None
    except RecursionError:
        raise ForbiddenMarkup("the answer is nested too deeply") from None
    holder = root.find(BODY_TAG)
    content = next(iter(holder), None) if holder is not None else None
    if content is None:
        raise UnreadableAnswer("the answer is XML but not a SOAP message")
    return content


_SAFELY: dict[str, Any] = {
    # The service speaks UTF-8, whatever a message declares.
    "encoding": "utf-8",
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "collect_ids": False,
    "remove_comments": True,
    "remove_pis": True,
}


def _parse(body: bytes, huge: bool) -> Node:  # noqa: FBT001 - a setting of the parser
    return _without_dtd(_lxml.fromstring(body, _lxml.XMLParser(huge_tree=huge, **_SAFELY)))


def _stream(body: bytes, tags: tuple[str, ...], take: Callable[[Node], None], huge: bool) -> Node:  # noqa: FBT001 - a setting of the parser
    parser = _lxml.XMLPullParser(events=("end",), tag=tags, huge_tree=huge, **_SAFELY)
    for start in range(0, len(body), _CHUNK):
        parser.feed(body[start : start + _CHUNK])
        for _, node in parser.read_events():
            take(node)
    return _without_dtd(parser.close())


def _without_dtd(root: Any) -> Node:
    # One that hides behind a long comment was parsed: within the parser's limits, with nothing expanded or loaded.
    if root.getroottree().docinfo.internalDTD is not None:
        raise _forbidden_declaration()
    return cast("Node", root)


def _forbidden_declaration() -> ForbiddenMarkup:
    return ForbiddenMarkup("the answer holds a document type declaration")


def reject_foreign(body: bytes, max_bytes: int = MAX_BYTES) -> None:
    """Raise what fits when a body is too large, empty, a web page, not XML, or holds a DTD."""
    if len(body) > max_bytes:
        raise OversizedAnswer(f"the answer is larger than {max_bytes} bytes", limit=max_bytes)
    beginning = body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not beginning:
        raise EmptyAnswer("the answer is empty")
    if beginning.startswith(b"<!doctype html") or b"<html" in beginning:
        raise HtmlAnswer("a web page came instead of an answer")
    if b"<!doctype" in beginning:
        raise _forbidden_declaration()
    if not beginning.startswith(b"<"):
        raise UnreadableAnswer("the answer is not XML")


def _unparsable(error: etree.XMLSyntaxError) -> UnreadableAnswer:
    # The parser's own message can quote the body, so only its kind is reported.
    message = (error.msg or "").lower()
    if "text node" in message and "huge" in message:
        return HugeText("the answer holds a text of more than 10 MB")
    # An entity that nobody declared is an `&` that was not escaped.
    stray = "not defined" in message or "expecting ';'" in message or "parsing entity name" in message
    if stray or "no name" in message:
        return TruncatedAnswer("the answer is not well-formed XML: an & is not escaped")
    if "depth" in message or "huge" in message or "entity" in message:
        return ForbiddenMarkup("the answer is nested too deeply or refers to entities")
    return TruncatedAnswer("the answer is incomplete or not well-formed XML")
