"""The members of an answer in another spelling, as some clients of the API receive them."""

from __future__ import annotations

import json
import re
from typing import Any

from cdiscount_marketplace.octopia.bodies import is_array, is_object

_CAPITAL = re.compile("(?<!^)([A-Z])")


def in_snake_case(body: bytes) -> bytes:
    """Return a JSON answer with every member in snake_case."""
    return json.dumps(_respelled(json.loads(body)), ensure_ascii=False).encode()


def _respelled(value: Any) -> Any:
    if is_array(value):
        return [_respelled(item) for item in value]
    if is_object(value):
        return {_CAPITAL.sub(r"_\1", name).lower(): _respelled(item) for name, item in value.items()}
    return value
