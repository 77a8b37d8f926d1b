"""A sandbox and clients on it, for the client's and the SOAP channel's tests."""

from __future__ import annotations

from typing import Any

from cdiscount_marketplace import MarketplaceClient
from cdiscount_marketplace.sandbox import Sandbox

LOGIN = "sandbox-api"
PASSWORD = "sandbox"


def client_of(sandbox: Sandbox, **options: Any) -> MarketplaceClient:
    """Return a client on the sandbox; it goes by the sandbox's clock."""
    given: dict[str, Any] = {
        "username": LOGIN,
        "password": PASSWORD,
        "session": sandbox.session(),
        "service_url": sandbox.service_url,
        "token_url": sandbox.token_url,
        "clock": sandbox.clock,
    }
    return MarketplaceClient(**(given | options))
