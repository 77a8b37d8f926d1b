"""Who may command a page of ours: not a page of somebody else that is open in the same browser. Needs werkzeug."""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Request

_SAFE = ("GET", "HEAD", "OPTIONS")


def ensure_same_site(request: Request) -> None:
    """Raise `Forbidden` for a command that comes from another site."""
    if request.method in _SAFE:
        return
    origin = request.headers.get("Origin")
    if origin is not None and _place(origin) != request.host.casefold():
        raise Forbidden("commands from another site are refused")
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden("commands from another site are refused")


def ensure_known_host(request: Request, names: Collection[str]) -> None:
    """Raise `Forbidden` for a name that somebody else may have pointed to this machine.

    Addresses and `localhost` are always this machine; `names` are its others.
    """
    host = _name(f"//{request.host}")
    if not (_is_local(host) or host in names):
        raise Forbidden(f"this machine does not answer to the name {host!r}; name it with --allow-host")


def _is_local(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return True


def _place(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc.casefold()
    except ValueError:
        return None


def _name(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:
        return ""
