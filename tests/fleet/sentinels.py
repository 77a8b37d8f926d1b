"""What must pass through no broker and stand in no log: passwords, tokens, and what belongs to customers."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Iterable, Iterator

from cdiscount_marketplace.sandbox import Sandbox
from cdiscount_marketplace.sandbox.core import PASSWORD

# A token as it is sent, and as the service quotes it.
_TOKEN = re.compile(r"(?<![0-9a-f])[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}(?![0-9a-f])")
_PHONE = re.compile(r"(?<!\d)\d{10}(?!\d)")
# Celery wraps a message's content like this.
_WRAPPED = re.compile(r"[A-Za-z0-9+/]{24,}={0,2}")


def secrets_in(texts: Iterable[str], worlds: Iterable[Sandbox]) -> set[str]:
    """Return the secrets and customers' data of the worlds that the texts contain, wrapped ones included."""
    text = "\n".join(_unwrapped(set(texts)))
    exact: set[str] = {PASSWORD}
    issued: set[str] = set()
    phones: set[str] = set()
    for world in worlds:
        issued |= world.tokens.issued()
        for order in world.orders():
            phones.add(order.customer.mobile)
            exact |= {order.shipping.street, order.customer.last_name, order.encrypted_email.partition("@")[0]}
    seen = {match[0].replace("-", "") for match in _TOKEN.finditer(text)} & issued
    return seen | (set(_PHONE.findall(text)) & phones) | {each for each in exact if each in text}


def _unwrapped(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield text
        for found in _WRAPPED.findall(text):
            try:
                yield b64decode(found, validate=True).decode()
            except (binascii.Error, UnicodeDecodeError):
                continue
