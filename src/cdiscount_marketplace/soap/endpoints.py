"""Where the SOAP service and its token service are; the token's realm follows the service."""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

from attrs import frozen

from cdiscount_marketplace.calls.http import checked_address
from cdiscount_marketplace.errors import ConfigurationError

PRODUCTION = "https://wsvc.cdiscount.com/MarketplaceAPIService.svc"
PREPRODUCTION = "https://wsvc.preprod-cdiscount.com/MarketplaceAPIService.svc"
_TOKEN_SERVICES = {
    "wsvc.cdiscount.com": "https://sts.cdiscount.com/users/httpIssue.svc/",
    "wsvc.preprod-cdiscount.com": "https://sts.preprod-cdiscount.com/users/httpIssue.svc/",
}


@frozen(kw_only=True)
class Endpoints:
    """The addresses of one service and of the token service that it trusts; `token_url` includes the realm."""

    service_url: str
    token_url: str

    @classmethod
    def resolve(cls, service_url: str | None = None, token_url: str | None = None) -> Endpoints:
        """Complete what is given: production by default, and the token service that belongs to a known service.

        Raises `ConfigurationError` for addresses that are not HTTP, that carry a password, that would send one
        unencrypted to Cdiscount, and for an unknown service without a token service.
        """
        service_url = _checked("service_url", service_url or PRODUCTION)
        known = _TOKEN_SERVICES.get(urlsplit(service_url).hostname or "")
        if token_url is None and known is None:
            raise ConfigurationError(
                f"no token service is known for {urlsplit(service_url).hostname}",
                hint="pass token_url= (or set CDISCOUNT_TOKEN_URL), such as http://127.0.0.1:8080/users/httpIssue.svc/",
            )
        return cls(
            service_url=service_url,
            token_url=_with_realm(_checked("token_url", token_url or str(known)), service_url),
        )

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Endpoints:
        """Read CDISCOUNT_SERVICE_URL and CDISCOUNT_TOKEN_URL; empty ones count as absent."""
        return cls.resolve(environ.get("CDISCOUNT_SERVICE_URL") or None, environ.get("CDISCOUNT_TOKEN_URL") or None)


def is_cdiscount(url: str) -> bool:
    """Return whether an address is the real service's, and not a sandbox's or a gateway's."""
    return urlsplit(url).hostname in _TOKEN_SERVICES


def _checked(name: str, url: str) -> str:
    return checked_address(name, url, owners=["cdiscount.com"])


def _with_realm(token_url: str, service_url: str) -> str:
    parts = urlsplit(token_url)
    if "realm" in parse_qs(parts.query, keep_blank_values=True):
        return token_url
    realm = urlunsplit(urlsplit(service_url)._replace(query="", fragment=""))
    query = "&".join(filter(None, (parts.query, f"realm={quote(realm, safe=':/')}")))
    return urlunsplit(parts._replace(query=query))
