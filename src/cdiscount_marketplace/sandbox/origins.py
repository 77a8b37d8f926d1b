"""Who may command a sandbox: not a web page of somebody else that is open in the developer's browser."""

from __future__ import annotations

from collections.abc import Collection

from werkzeug.wrappers import Request

from cdiscount_marketplace.origins import ensure_known_host, ensure_same_site

# What the sandbox calls itself in a process, where there is no socket.
_OWN = "sandbox.invalid"


def ensure_own(request: Request, allowed_hosts: Collection[str]) -> None:
    """Raise `Forbidden` for a command from another site, or through a name that somebody else points to this machine.

    Addresses and `localhost` are always this sandbox; other names, such as that of a container, are `allowed_hosts`.
    """
    ensure_known_host(request, {_OWN, *allowed_hosts})
    ensure_same_site(request)
