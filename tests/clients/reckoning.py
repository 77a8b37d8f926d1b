"""Compare what a client read with what the answers must say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from clients.conversation import Call


def wrongs(calls: Iterable[Call], answers: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the answers, which are plain values by operation."""
    return [f"{call.operation}: {text}" for call in calls for text in _wrongs(call, answers.get(call.operation))]


def _wrongs(call: Call, answer: object) -> Iterator[str]:
    if not isinstance(answer, Mapping):
        yield f"no answer: {answer}"
        return
    if answer.get("OperationSuccess") is not call.success:
        yield f"OperationSuccess is {answer.get('OperationSuccess')}: {answer.get('ErrorMessage')}"
    texts = set(_texts(answer))
    yield from (f"{text!r} is not in the answer" for text in call.expected if text not in texts)
    yield from (f"{text!r} is in the answer" for text in call.absent if text in texts)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for held in value.values():
            yield from _texts(held)
    elif isinstance(value, list):
        for held in value:
            yield from _texts(held)
    else:
        yield str(value.normalize() if isinstance(value, Decimal) else value)
