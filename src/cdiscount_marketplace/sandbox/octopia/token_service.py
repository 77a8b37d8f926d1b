"""Octopia's token service: OAuth2 client credentials in, a bearer token of two hours out."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl

from attrs import frozen

from cdiscount_marketplace.sandbox.exchange import Answer, Incoming
from cdiscount_marketplace.sandbox.faults import Effects
from cdiscount_marketplace.sandbox.octopia.errors import json_answer
from cdiscount_marketplace.sandbox.settings import Settings
from cdiscount_marketplace.sandbox.tokens import TokenRegistry

OCTOPIA_TOKEN_PATH = "/auth/realms/maas/protocol/openid-connect/token"  # noqa: S105 - a path
TOKEN_OPERATION = "Token"  # noqa: S105 - the name of an operation
_FORM = "application/x-www-form-urlencoded"


@frozen
class OctopiaTokenService:
    """Answers logins: the client id is an account's login, the secret its password."""

    tokens: TokenRegistry
    settings: Callable[[], Settings]
    protocol: str = "octopia-token"

    def name(self, request: Incoming) -> str:  # noqa: ARG002 - an `Endpoint`
        """Name the operation."""
        return TOKEN_OPERATION

    def answer(self, request: Incoming, effects: Effects) -> Answer:  # noqa: ARG002 - an `Endpoint`
        """Issue a token, or refuse in Keycloak's words."""
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
            return _refusal(400, "invalid_request", "Missing form parameter: grant_type")
        form = dict(parse_qsl(request.body.decode("utf-8", "replace")))
        if form.get("grant_type") != "client_credentials":
            return _refusal(400, "unsupported_grant_type", "Unsupported grant_type")
        login = form.get("client_id", "")
        lifetime = self.settings().octopia_token_lifetime
        token = self.tokens.issue(login, form.get("client_secret", ""), lifetime=lifetime)
        if token is None:
            return _refusal(401, "invalid_client", "Invalid client or Invalid client credentials")
        return json_answer(
            {
                "access_token": token,
                "expires_in": int(lifetime.total_seconds()),
                "refresh_expires_in": 0,
                "token_type": "Bearer",
                "not-before-policy": 0,
                "scope": "",
            }
        )

    def server_fault(self, text: str | None = None) -> Answer:
        """Return an internal error."""
        return _refusal(500, "server_error", text or "unexpected error")


def _refusal(status: int, error: str, description: str) -> Answer:
    return json_answer({"error": error, "error_description": description}, status=status)
