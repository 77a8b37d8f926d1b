"""The SOAP half's token service: Basic auth in, 32 hexadecimal digits out."""

from __future__ import annotations

import base64
import binascii

from attrs import frozen

from cdiscount_marketplace.sandbox.exchange import Answer, Incoming
from cdiscount_marketplace.sandbox.faults import Effects
from cdiscount_marketplace.sandbox.tokens import TokenRegistry

TOKEN_OPERATION = "Token"  # noqa: S105 - the name of an operation
_BODY = '<string xmlns="http://schemas.microsoft.com/2003/10/Serialization/">{}</string>'
_CHALLENGE = (("WWW-Authenticate", 'Basic realm="sts.cdiscount.com"'),)


@frozen
class TokenService:
    """Answers logins; as with the real one, the realm and any other query string do not matter."""

    tokens: TokenRegistry
    protocol: str = "token"

    def name(self, request: Incoming) -> str:  # noqa: ARG002 - an `Endpoint`
        """Name the operation."""
        return TOKEN_OPERATION

    def answer(self, request: Incoming, effects: Effects) -> Answer:  # noqa: ARG002 - an `Endpoint`
        """Issue a token, or refuse with 401."""
        login, password = _basic(request.headers.get("authorization", ""))
        token = self.tokens.issue(login, password)
        if token is None:
            return Answer(status=401, content_type="text/plain", headers=_CHALLENGE, body=b"Unauthorized")
        return Answer(content_type="text/plain", body=_BODY.format(token).encode(), ran=True, login=login)

    def server_fault(self, text: str | None = None) -> Answer:
        """Return a bare 500."""
        return Answer(status=500, content_type="text/plain", body=(text or "Internal Server Error").encode())


def _basic(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return "", ""
    login, _, password = decoded.partition(":")
    return login, password
