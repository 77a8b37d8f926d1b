"""Who may command a sandbox: not a web page of somebody else that is open in the developer's browser."""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Request

_SAFE = ("GET", "HEAD", "OPTIONS")
_LOCAL = ("localhost", "sandbox.invalid")


def ensure_own(request: Request, allowed_hosts: Collection[str]) -> None:
    """Raise `Forbidden` for a command from another site, or through a name that somebody else points to this machine.

    Addresses and `localhost` are always this sandbox; other names, such as that of a container, are `allowed_hosts`.
    """
    host = _name(f"//{request.host}")
    if not (_is_local(host) or host in allowed_hosts):
        raise Forbidden(f"this sandbox does not answer to the name {host!r}; name it with --allow-host")
    if request.method in _SAFE:
        return
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc.casefold() != request.host.casefold():
        raise Forbidden("commands from another site are refused")
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden("commands from another site are refused")


def _is_local(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return host in _LOCAL or host.endswith(".localhost")
    return True


def _name(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:
        return ""
