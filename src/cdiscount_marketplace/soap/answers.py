"""From the bytes of an answer to the typed result of an operation, or to the fault that it carries.

The result's lists in a large body are decoded item by item while it is parsed, and each item's elements are dropped at
once, so that no tree of the whole answer is ever held.
"""

from __future__ import annotations

from datetime import tzinfo
from typing import Any, Generic, TypeVar

from attrs import field, frozen

from cdiscount_marketplace.errors import EmptyAnswer, TruncatedAnswer, UnreadableAnswer
from cdiscount_marketplace.soap.codec import drift
from cdiscount_marketplace.soap.codec.cleaning import LONGEST_TEXT, cleaned, holds_declarations, is_utf_8
from cdiscount_marketplace.soap.codec.declare import elements, is_model
from cdiscount_marketplace.soap.codec.decode import Decoding, decode, item_decoder
from cdiscount_marketplace.soap.codec.drift import Drift
from cdiscount_marketplace.soap.codec.times import PARIS
from cdiscount_marketplace.soap.codec.xml import FAULT_TAG, MAX_BYTES, HugeText, Node, is_nil, local_name, parse_message
from cdiscount_marketplace.soap.common import ServiceMessage
from cdiscount_marketplace.soap.operations import Operation

R = TypeVar("R", bound=ServiceMessage)

_LONGEST_DETAIL = 2000


@frozen(kw_only=True)
class Answer(Generic[R]):
    """What an operation answered, and what of it was not understood."""

    result: R
    drift: tuple[Drift, ...] = ()


@frozen(kw_only=True)
class Fault:
    """A SOAP fault as it came: `code` is the fault code's local name, `text` the service's message."""

    code: str
    text: str = ""
    detail: str = field(default="", repr=False)


def decode_answer(
    operation: Operation[R], body: bytes, *, zone: tzinfo = PARIS, max_bytes: int = MAX_BYTES
) -> Answer[R] | Fault:
    """Read the body of an HTTP answer to `operation`; naive times in it are times of `zone`.

    Raises an `UnreadableAnswer`: `HtmlAnswer`, `EmptyAnswer`, `TruncatedAnswer`, `OversizedAnswer`, `ForbiddenMarkup`.
    """
    try:
        return _decoded(operation, body, Decoding(zone=zone), max_bytes, huge=False)
    except (TruncatedAnswer, HugeText):
        if holds_declarations(body) or not is_utf_8(body):
            raise
        clean, replaced = cleaned(body)
    state = Decoding(zone=zone)
    if replaced:
        state.log.note(drift.CHARACTER, operation.result.__name__, count=replaced)
    return _decoded(operation, clean, state, max_bytes, huge=True)


def _decoded(operation: Operation[R], body: bytes, state: Decoding, max_bytes: int, *, huge: bool) -> Answer[R] | Fault:
    stream = _Stream(operation, state, huge=huge)
    content = parse_message(body, max_bytes=max_bytes, tags=stream.tags, take=stream.take, huge=huge)
    if huge:
        _cut_texts(content, state)
    if content.tag == FAULT_TAG:
        return read_fault(content)
    element = content.find(operation.result_tag) if content.tag == operation.response_tag else None
    if element is None or is_nil(element):
        raise _no_result(operation, content)
    return Answer(result=decode(operation.result, element, state), drift=state.log.report())


def _cut_texts(content: Node, state: Decoding) -> None:
    """Cut texts beyond measure, so that one of them does not spoil what holds it."""
    level = [content]
    while level:
        for node in level:
            text = node.text
            if text is not None and len(text) > LONGEST_TEXT:
                node.text = text[:LONGEST_TEXT]
                state.log.note(drift.LENGTH, local_name(node))
        level = [child for node in level for child in node]


def _no_result(operation: Operation[Any], content: Node) -> UnreadableAnswer:
    if content.tag == operation.response_tag:
        return EmptyAnswer("the answer holds no result", operation=operation.name)
    return UnreadableAnswer("the answer belongs to another operation", operation=operation.name)


def read_fault(source: Node) -> Fault:
    """Read a `Fault` element."""
    code = source.findtext("faultcode") or ""
    detail = source.find("detail")
    return Fault(
        code=code.strip().rpartition(":")[2],
        text=(source.findtext("faultstring") or "").strip(),
        detail="" if detail is None else "".join(detail.itertext())[:_LONGEST_DETAIL],
    )


class _Stream:
    """Decode the items of a result's lists as soon as they are complete, and let go of their elements."""

    def __init__(self, operation: Operation[Any], state: Decoding, *, huge: bool) -> None:
        lists = [member for member in elements(operation.result) if member.many and is_model(member.type)]
        self._takers = {(member.tag, member.item_tag): item_decoder(member, state) for member in lists}
        self._result_tag = operation.result_tag
        self._state = state
        self._huge = huge
        self.tags = tuple({member.item_tag for member in lists})

    def take(self, item: Node) -> None:
        """Decode a complete element, if it is an item of one of the result's own lists."""
        holder = item.getparent()
        decode_item = self._takers.get((holder.tag, item.tag)) if holder is not None else None
        if holder is None or decode_item is None:
            return
        result = holder.getparent()
        if result is not None and result.tag == self._result_tag:
            if self._huge:
                _cut_texts(item, self._state)
            decode_item(item)
            item.clear(keep_tail=True)
