"""The sandbox itself: one shop's order book, its services in both protocols, a clock to move and faults to inject."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import requests
from attrs import evolve

from cdiscount_marketplace.sandbox import admin
from cdiscount_marketplace.sandbox.app import SERVICE_PATH, TOKEN_PATH, Application, Route
from cdiscount_marketplace.sandbox.book import OrderBook, Selection
from cdiscount_marketplace.sandbox.clock import VirtualClock
from cdiscount_marketplace.sandbox.exchange import Exchange
from cdiscount_marketplace.sandbox.faults import Fault, Faults
from cdiscount_marketplace.sandbox.generator import Generator, OrderSpec
from cdiscount_marketplace.sandbox.octopia.endpoint import API_PATH, OctopiaEndpoint
from cdiscount_marketplace.sandbox.octopia.handlers import HANDLERS as REST_HANDLERS
from cdiscount_marketplace.sandbox.octopia.handlers import SELLER_ID
from cdiscount_marketplace.sandbox.octopia.token_service import OCTOPIA_TOKEN_PATH, OctopiaTokenService
from cdiscount_marketplace.sandbox.orders import Applied, Order
from cdiscount_marketplace.sandbox.page import make_page
from cdiscount_marketplace.sandbox.placing import place
from cdiscount_marketplace.sandbox.quirks import read_quirks
from cdiscount_marketplace.sandbox.quota import Quota
from cdiscount_marketplace.sandbox.settings import Settings
from cdiscount_marketplace.sandbox.soap.contract_view import show_contract
from cdiscount_marketplace.sandbox.soap.endpoint import SoapEndpoint
from cdiscount_marketplace.sandbox.soap.handlers import HANDLERS as SOAP_HANDLERS
from cdiscount_marketplace.sandbox.soap.token_service import TOKEN_OPERATION, TokenService
from cdiscount_marketplace.sandbox.tokens import Account, TokenRegistry
from cdiscount_marketplace.sandbox.traffic import Call, Traffic
from cdiscount_marketplace.sandbox.transport import SandboxAdapter

if TYPE_CHECKING:
    from cdiscount_marketplace.octopia.client import OctopiaClient
    from cdiscount_marketplace.soap.client import MarketplaceClient

HOST = "sandbox.invalid"
LOGIN = "sandbox-api"
PASSWORD = "sandbox"  # noqa: S105 - the password of a toy
_OPERATIONS = frozenset({TOKEN_OPERATION, *SOAP_HANDLERS, *REST_HANDLERS})


class Sandbox:
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
        chosen = settings or Settings()
        self.clock: VirtualClock = clock or VirtualClock(live=live)
        self.accounts: tuple[Account, ...] = tuple(accounts) or (Account(login=LOGIN, password=PASSWORD),)
        self.book: OrderBook = OrderBook(self.clock, chosen)
        self.faults: Faults = Faults(self.clock, seed, operations=_OPERATIONS)
        self.traffic: Traffic = Traffic()
        self.tokens: TokenRegistry = TokenRegistry(self.clock, self.accounts, lifetime=self._token_lifetime, seed=seed)
        self._generator = Generator(seed, ZoneInfo(chosen.zone))
        self.exchange: Exchange = Exchange(
            book=self.book,
            clock=self.clock,
            expire_tokens=self.expire_tokens,
            faults=self.faults,
            traffic=self.traffic,
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
        given: dict[str, Any] = {"username": account.login, "password": account.password, "clock": self.clock}
        return MarketplaceClient(**(given | options))

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
        given: dict[str, Any] = {
            "client_id": account.login,
            "client_secret": account.password,
            "seller_id": SELLER_ID,
            "clock": self.clock,
        }
        return OctopiaClient(**(given | options))

    # --- what the world does

    def place(self, spec: OrderSpec | None = None, **wishes: Any) -> Order:
        """Place an order and return it as it stands; `wishes` are fields of `OrderSpec`, put over `spec`."""
        wanted = evolve(spec or OrderSpec(), **wishes)
        return place(self.book, self._generator, wanted, self.clock.now())

    def fill(self, count: int, *, over: timedelta = timedelta(days=7)) -> Sequence[Order]:
        """Place `count` varied orders and return them, oldest first.

        They are created evenly `over` the time until now, and each stands where such an order may stand by now.
        """
        now = self.clock.now()
        ages = (over * (count - 1 - position) / max(count, 1) for position in range(count))
        return [self.place(evolve(self._generator.variety(age), created_at=now - age)) for age in ages]

    def pay(self, number: str) -> Order:
        """Let the debit of an accepted order succeed now."""
        return self.book.pay(number)

    def refuse_payment(self, number: str) -> Order:
        """Let the debit of an accepted order fail now."""
        return self.book.refuse_payment(number)

    def cancel_as_customer(self, number: str, rows: Iterable[int] | None = None) -> Order:
        """Cancel an order, or some of its lines, as its customer: at once, or once it is paid, as a request."""
        return self.book.cancel_as_customer(number, rows)

    def set_quirks(self, number: str, *quirks: str) -> Order:
        """Set an order's quirks, by the names of `Quirk`; without names it has none."""
        return self.book.set_quirks(number, read_quirks(quirks))

    def advance(self, by: timedelta) -> datetime:
        """Move the clock, let everything that is due happen, and return the new present."""
        self.clock.advance(by)
        self.book.catch_up()
        return self.clock.now()

    def inject(self, fault: Fault) -> None:
        """Let something go wrong at the next calls that the fault names; raises `ValueError` for unknown operations."""
        self.faults.inject(fault)

    def expire_tokens(self) -> int:
        """Let every token expire now; return how many were alive."""
        return self.tokens.expire_all()

    @property
    def settings(self) -> Settings:
        """The switches; assign others to change them while the sandbox runs."""
        return self.book.settings

    @settings.setter
    def settings(self, settings: Settings) -> None:
        self.book.settings = settings

    # --- what there is to know

    def order(self, number: str) -> Order:
        """Return an order as it stands; `Refused` if there is none."""
        return self.book.get(number)

    def orders(self, *states: str) -> Sequence[Order]:
        """Return the orders in these states (none given: all), oldest first."""
        return self.book.select(Selection(states=states or None))

    def applied(self, number: str) -> tuple[Applied, ...]:
        """Return every seller's move that took effect on an order, oldest first."""
        return self.book.applied(number)

    def shipped(self, number: str) -> tuple[Applied, ...]:
        """Return every shipment that took effect on an order: more than one would be a double shipment."""
        return self.book.shipped(number)

    def calls(self, operation: str | None = None) -> Sequence[Call]:
        """Return the last calls of an operation ("Token" for logins), or of all, oldest first."""
        return self.traffic.calls(operation)

    def _token_lifetime(self) -> timedelta:
        return self.book.settings.token_lifetime

    def _routes(self) -> list[Route]:
        soap = SoapEndpoint(book=self.book, tokens=self.tokens, quota=Quota())
        octopia = OctopiaEndpoint(book=self.book, tokens=self.tokens, quota=Quota())
        octopia_tokens = OctopiaTokenService(self.tokens, lambda: self.settings)
        return [
            Route(OCTOPIA_TOKEN_PATH, ("POST",), octopia_tokens),
            Route(f"{API_PATH}/<everything:_>", ("GET", "POST", "PUT", "PATCH", "DELETE"), octopia),
            Route(SERVICE_PATH, ("POST",), soap),
            Route(SERVICE_PATH, ("GET",), show_contract),
            Route(TOKEN_PATH, ("GET",), TokenService(self.tokens)),
            Route("/", ("GET",), make_page(self, SERVICE_PATH)),
            *admin.routes(self),
        ]
