"""Tokens that a form carries, so that only a page of ours can send it."""

from __future__ import annotations

import hmac
import time
from hashlib import sha256

from attrs import field, frozen

_LIFETIME = 12 * 3600


@frozen
class FormTokens:
    """Make and check tokens: of one person each, and good for half a day."""

    secret: bytes = field(repr=False)

    def make(self, who: str) -> str:
        """Return a token for a person's forms."""
        now = str(int(time.time()))
        return f"{now}.{self._sign(who, now)}"

    def is_good(self, token: str, who: str) -> bool:
        """Return whether the token was made for this person, not too long ago."""
        moment, _, signature = token.partition(".")
        if not (moment.isascii() and moment.isdigit() and len(moment) < 12):
            return False
        fresh = 0 <= time.time() - int(moment) <= _LIFETIME
        return hmac.compare_digest(signature.encode(), self._sign(who, moment).encode()) and fresh

    def _sign(self, who: str, moment: str) -> str:
        return hmac.new(self.secret, f"{moment}:{who}".encode(), sha256).hexdigest()
