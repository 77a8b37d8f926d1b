"""The library's page for operators, behind a login that every browser has: what is stuck, and what to do about it."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from hashlib import sha256
from secrets import compare_digest
from typing import Any

from a2wsgi import WSGIMiddleware
from attrs import field, frozen
from starlette.authentication import AuthCredentials, AuthenticationBackend, AuthenticationError, SimpleUser
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp

from cdiscount_marketplace.web import operator_app
from shop.jobs import make_importer, open_channel
from shop.settings import Settings
from shop.store import ShopStore


def operators_page(settings: Settings, store: ShopStore) -> ASGIApp:
    """Return the page, for the people whom the settings name. Raises where its forms would have no secret."""
    if not settings.form_secret:
        raise ValueError("OMS_FORM_SECRET is empty: each process would refuse the forms that another one made")

    def retry(_account: str) -> object:
        with open_channel(settings) as channel:
            return make_importer(settings, channel, store).retry_quarantine()

    # The types of a2wsgi know no WSGI application and no ASGI application but its own.
    page: Any = operator_app(
        store,
        who=lambda environ: environ["asgi.scope"]["user"].username,
        may_write=lambda name: name in settings.operators,
        retry_quarantine=retry,
        secret=settings.form_secret.encode(),
    )
    mounted: Any = WSGIMiddleware(page)
    return AuthenticationMiddleware(mounted, backend=BasicLogin(settings.operators), on_error=_ask)


@frozen
class BasicLogin(AuthenticationBackend):
    """HTTP Basic: let in whom `operators` names, by the secret of each; put your own login here."""

    operators: Mapping[str, str] = field(repr=False)

    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, SimpleUser]:
        """Return who sends the request. Raises `AuthenticationError` for nobody, and for a wrong secret."""
        given = sha256(_credentials(conn.headers.get("Authorization", ""))).digest()
        # All are compared, and whole: the time that it takes tells nothing about a name or a secret.
        names = [name for name, secret in self.operators.items() if compare_digest(given, _digest(name, secret))]
        if not names:
            raise AuthenticationError("log in first")
        return AuthCredentials(), SimpleUser(names[0])


def _credentials(header: str) -> bytes:
    """Read `name:secret` out of a header; empty where it has none."""
    scheme, _, encoded = header.partition(" ")
    try:
        return b64decode(encoded, validate=True) if scheme.lower() == "basic" else b""
    except ValueError:
        return b""


def _digest(name: str, secret: str) -> bytes:
    return sha256(f"{name}:{secret}".encode()).digest()


def _ask(_conn: HTTPConnection, error: Exception) -> Response:
    """Have the browser ask for name and secret."""
    return PlainTextResponse(str(error), 401, {"WWW-Authenticate": 'Basic realm="operators", charset="UTF-8"'})
