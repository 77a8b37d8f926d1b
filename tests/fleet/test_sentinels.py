"""The hunt for secrets finds what it is after."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from cdiscount_marketplace.sandbox import Sandbox
from cdiscount_marketplace.sandbox.core import PASSWORD
from fleet.sentinels import secrets_in


def _token(world: Sandbox, order: Any) -> str:
    return next(iter(world.tokens.issued()))


def _dashed(world: Sandbox, order: Any) -> str:
    token = _token(world, order)
    return "-".join([token[:8], token[8:12], token[12:16], token[16:20], token[20:]])


@pytest.mark.parametrize(
    "leak",
    [
        lambda world, order: PASSWORD,
        _token,
        _dashed,
        lambda world, order: order.customer.mobile,
        lambda world, order: order.customer.last_name,
        lambda world, order: order.shipping.street,
        lambda world, order: order.encrypted_email,
    ],
    ids=["password", "token", "quoted token", "telephone", "name", "street", "e-mail"],
)
@pytest.mark.parametrize("wrapped", [False, True], ids=["plain", "wrapped"])
def test_a_leak_is_seen(leak: Any, wrapped: bool) -> None:
    world = Sandbox(seed=3)
    order = world.place()
    with world.client() as client:
        client.carriers()
    message = f'[["seller-1"], {{"note": "{leak(world, order)}"}}]'
    text = f'LPUSH ship {{"body": "{b64encode(message.encode()).decode()}"}}' if wrapped else message
    assert secrets_in([text], [world])
    assert not secrets_in(["LPUSH ship seller-1", order.number], [world])
