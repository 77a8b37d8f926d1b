"""The sandbox itself: a world, its services in both protocols, and the ways to reach them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

import requests

from cdiscount_marketplace.sandbox import admin, page
from cdiscount_marketplace.sandbox.app import SERVICE_PATH, TOKEN_PATH, Application, Route
from cdiscount_marketplace.sandbox.clock import VirtualClock
from cdiscount_marketplace.sandbox.octopia.endpoint import API_PATH, OctopiaEndpoint
from cdiscount_marketplace.sandbox.octopia.handlers import HANDLERS as REST_HANDLERS
from cdiscount_marketplace.sandbox.octopia.handlers import SELLER_ID
from cdiscount_marketplace.sandbox.octopia.token_service import OCTOPIA_TOKEN_PATH, OctopiaTokenService
from cdiscount_marketplace.sandbox.quota import Quota
from cdiscount_marketplace.sandbox.settings import Settings
from cdiscount_marketplace.sandbox.soap.contract_view import show_contract
from cdiscount_marketplace.sandbox.soap.endpoint import SoapEndpoint
from cdiscount_marketplace.sandbox.soap.handlers import HANDLERS as SOAP_HANDLERS
from cdiscount_marketplace.sandbox.soap.token_service import TOKEN_OPERATION, TokenService
from cdiscount_marketplace.sandbox.tokens import Account
from cdiscount_marketplace.sandbox.transport import SandboxAdapter
from cdiscount_marketplace.sandbox.world import World

if TYPE_CHECKING:
    from cdiscount_marketplace.octopia.client import OctopiaClient
    from cdiscount_marketplace.soap.client import MarketplaceClient

HOST = "sandbox.invalid"
LOGIN = "sandbox-api"
PASSWORD = "sandbox"  # noqa: S105 - the password of a toy
_OPERATIONS = frozenset({TOKEN_OPERATION, *SOAP_HANDLERS, *REST_HANDLERS})


class Sandbox(World):
    """A Cdiscount of your own, in this process. Thread-safe; the same seed and the same calls give the same answers.

    Nothing leaves the process: `session()` gives a `requests.Session` that reaches the sandbox, and nothing else,
    without a socket. `SandboxServer` serves the same object over HTTP; its page and its admin API answer to addresses,
    to `localhost` and to `allowed_hosts`, and take no command from another site. Seller's verbs that the rules forbid
    raise `Refused`.
    """

    def __init__(
        self,
        seed: int = 0,
        *,
        settings: Settings | None = None,
        clock: VirtualClock | None = None,
        accounts: Iterable[Account] = (),
        live: bool = False,
        allowed_hosts: Collection[str] = (),
    ) -> None:
        super().__init__(
            seed,
            settings=settings or Settings(),
            clock=clock or VirtualClock(live=live),
            accounts=tuple(accounts) or (Account(login=LOGIN, password=PASSWORD),),
            operations=_OPERATIONS,
        )
        self.app: Application = Application(self.exchange, self._routes(), allowed_hosts)

    # --- how to reach it

    @property
    def service_url(self) -> str:
        """Where the SOAP service answers, for the sessions of `session()`."""
        return f"https://{HOST}{SERVICE_PATH}"

    @property
    def token_url(self) -> str:
        """Where the token service answers, for the sessions of `session()`."""
        return f"https://{HOST}{TOKEN_PATH}"

    def session(self) -> requests.Session:
        """Return a session that reaches this sandbox without a socket; broken connections raise as `requests` does."""
        session = requests.Session()
        session.trust_env = False
        adapter = SandboxAdapter(self.app, self.clock, HOST)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        return session

    def client(self, **options: Any) -> MarketplaceClient:
        """Return a client of this sandbox, logged in and on its clock; `options` are those of `MarketplaceClient`."""
        reached = {"service_url": self.service_url, "token_url": self.token_url, "session": self.session()}
        return self.client_at(**{**reached, **options})

    def client_at(self, **options: Any) -> MarketplaceClient:
        """Return a client with this sandbox's login and clock, that reaches it as `options` say."""
        # Imported here: the order book and the server need neither the client nor zeep.
        from cdiscount_marketplace.soap.client import MarketplaceClient

        account = self.accounts[0]
        defaults: dict[str, Any] = {"username": account.login, "password": account.password, "clock": self.clock}
        return MarketplaceClient(**(defaults | options))

    @property
    def octopia_base_url(self) -> str:
        """Where the REST API answers, for the sessions of `session()`."""
        return f"https://{HOST}{API_PATH}"

    @property
    def octopia_token_url(self) -> str:
        """Where the REST API's token service answers, for the sessions of `session()`."""
        return f"https://{HOST}{OCTOPIA_TOKEN_PATH}"

    def octopia_client(self, **options: Any) -> OctopiaClient:
        """Return a client of this sandbox's REST API, on its clock; `options` are those of `OctopiaClient`."""
        reached = {
            "base_url": self.octopia_base_url,
            "token_url": self.octopia_token_url,
            "session": self.session(),
        }
        return self.octopia_client_at(**{**reached, **options})

    def octopia_client_at(self, **options: Any) -> OctopiaClient:
        """Return a REST client with this sandbox's login and clock, that reaches it as `options` say."""
        from cdiscount_marketplace.octopia.client import OctopiaClient

        account = self.accounts[0]
        defaults: dict[str, Any] = {
            "client_id": account.login,
            "client_secret": account.password,
            "seller_id": SELLER_ID,
            "clock": self.clock,
        }
        return OctopiaClient(**(defaults | options))

    def _routes(self) -> list[Route]:
        soap = SoapEndpoint(market=self.market, tokens=self.tokens, quota=Quota())
        octopia = OctopiaEndpoint(market=self.market, tokens=self.tokens, quota=Quota())
        octopia_tokens = OctopiaTokenService(self.tokens, lambda: self.settings)
        return [
            Route(OCTOPIA_TOKEN_PATH, ("POST",), octopia_tokens),
            Route(f"{API_PATH}/<everything:_>", ("GET", "POST", "PUT", "PATCH", "DELETE"), octopia),
            Route(SERVICE_PATH, ("POST",), soap),
            Route(SERVICE_PATH, ("GET",), show_contract),
            Route(TOKEN_PATH, ("GET",), TokenService(self.tokens)),
            *page.routes(self, SERVICE_PATH),
            *admin.routes(self),
        ]
