"""The client of the Octopia Seller REST API."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar, cast

import requests
from attrs import evolve

from cdiscount_marketplace.calls.credentials import ClientCredentials, Secret
from cdiscount_marketplace.calls.http import HttpSender, TimeLimits, checked_address
from cdiscount_marketplace.calls.retry import AuthenticatedCaller, RetryLoop, RetryPolicy, policy_of
from cdiscount_marketplace.calls.tokens import TokenCache, TokenKey, TokenSource
from cdiscount_marketplace.clock import Clock, SystemClock
from cdiscount_marketplace.events.hooks import Hook, hooks_of
from cdiscount_marketplace.octopia.api import Api
from cdiscount_marketplace.octopia.token_service import TokenService

if TYPE_CHECKING:
    from cdiscount_marketplace.octopia.configurations import Configurations
    from cdiscount_marketplace.octopia.discussions.section import Discussions, Messages
    from cdiscount_marketplace.octopia.finance import Finance
    from cdiscount_marketplace.octopia.fulfilment import Fulfilment
    from cdiscount_marketplace.octopia.invoices import Invoices
    from cdiscount_marketplace.octopia.offers.section import Offers
    from cdiscount_marketplace.octopia.orders.section import Orders
    from cdiscount_marketplace.octopia.products.section import Products
    from cdiscount_marketplace.octopia.sellers import Carrier, Sellers

S = TypeVar("S")

BASE_URL: Final = "https://api.octopia-io.net/seller/v2"
TOKEN_URL: Final = "https://auth.octopia-io.net/auth/realms/maas/protocol/openid-connect/token"  # noqa: S105 (an address)
CDISCOUNT: Final = "CDISFR"
TOKEN_TOTAL: Final = 60.0
OWNERS: Final[tuple[str, ...]] = ("octopia-io.net", "octopia.com", "cdiscount.com")


class OctopiaClient:
    """One seller on the Octopia Seller REST API; immutable and thread-safe, to be closed (`with` does).

    A second account is a second client. `sales_channel_id` is where the seller sells; every call carries it, since
    some are refused without; only Cdiscount's is known for sure. Some live clients use the token host
    `auth.octopia.com`: give `token_url` for that. A callable `client_secret` is asked each time a login is tried.
    `session` is used and not closed.
    """

    def __init__(
        self,
        *,
        client_id: str,
        client_secret: Secret,
        seller_id: str,
        sales_channel_id: str = CDISCOUNT,
        base_url: str = BASE_URL,
        token_url: str = TOKEN_URL,
        session: requests.Session | None = None,
        timeout: TimeLimits | None = None,
        retry: RetryPolicy | None = None,
        hooks: Sequence[Hook] = (),
        token_cache: TokenCache | None = None,
        clock: Clock | None = None,
    ) -> None:
        credentials = ClientCredentials(client_id=client_id, client_secret=client_secret, seller_id=seller_id)
        clock, policy, hooks = clock or SystemClock(), policy_of(retry), hooks_of(hooks)
        base_url = checked_address("base_url", base_url, owners=OWNERS)
        token_url = checked_address("token_url", token_url, owners=OWNERS)
        self._sender = HttpSender(session, timeout, hooks=hooks)
        # Any call may have to wait for a token: its request must not take as long as the call itself.
        brief = evolve(policy, total=min(policy.total, TOKEN_TOTAL))
        retry_loop = RetryLoop(policy=brief, clock=clock, hooks=hooks)
        tokens = TokenSource(
            key=TokenKey(token_url=token_url, account=credentials.account),
            fetch=TokenService(url=token_url, sender=self._sender, retry_loop=retry_loop, clock=clock).fetch,
            login=credentials.login,
            cache=token_cache,
            clock=clock,
            hooks=hooks,
        )
        api = Api(
            caller=AuthenticatedCaller(tokens=tokens, policy=policy, clock=clock, hooks=hooks),
            sender=self._sender,
            base_url=base_url.rstrip("/"),
            seller_id=seller_id,
            sales_channel_id=sales_channel_id,
            hooks=hooks,
        )
        self._use(api)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ, **options: Any) -> Self:
        """Read OCTOPIA_CLIENT_ID, OCTOPIA_CLIENT_SECRET, OCTOPIA_SELLER_ID, and where set OCTOPIA_BASE_URL and
        OCTOPIA_TOKEN_URL; `options` are the constructor's, and go before. Raises `CredentialsMissing`.
        """
        own = {name: options[name] for name in ("client_id", "client_secret", "seller_id") if name in options}
        credentials = ClientCredentials.from_env(environ, **own)
        urls = {"base_url": environ.get("OCTOPIA_BASE_URL"), "token_url": environ.get("OCTOPIA_TOKEN_URL")}
        settings: dict[str, Any] = {name: url for name, url in urls.items() if url} | options
        account: dict[str, Any] = {
            "client_id": credentials.client_id,
            "client_secret": credentials.client_secret,
            "seller_id": credentials.seller_id,
        }
        return cls(**(settings | account))

    @property
    def sales_channel_id(self) -> str:
        """Where the seller sells, such as CDISFR."""
        return self._api.sales_channel_id

    @property
    def clock(self) -> Clock:
        """The clock that the client goes by."""
        return self._api.caller.clock

    @property
    def limits(self) -> TimeLimits:
        """The time limits of single requests."""
        return self._api.sender.limits

    @property
    def policy(self) -> RetryPolicy:
        """How often and how long calls are repeated."""
        return self._api.caller.policy

    def carriers(self) -> tuple[Carrier, ...]:
        """List the carriers that the marketplace knows; shipments name the label."""
        from cdiscount_marketplace.octopia.sellers import read_carriers

        return read_carriers(self._api)

    # A section is imported and made when it is first used: who reads orders pays for nothing else.

    @property
    def orders(self) -> Orders:
        """Orders: read them, accept or refuse them, report shipments, give money back."""
        from cdiscount_marketplace.octopia.orders.section import Orders

        return self._section("orders", lambda: Orders(self._api))

    @property
    def sellers(self) -> Sellers:
        """The account: information, addresses, subscriptions, indicators."""
        from cdiscount_marketplace.octopia.sellers import Sellers

        return self._section("sellers", lambda: Sellers(self._api))

    @property
    def offers(self) -> Offers:
        """Offers: read them, and send packages of them."""
        from cdiscount_marketplace.octopia.offers.section import Offers

        return self._section("offers", lambda: Offers(self._api))

    @property
    def discussions(self) -> Discussions:
        """Discussions with customers: list, read, open, close."""
        from cdiscount_marketplace.octopia.discussions.section import Discussions

        return self._section("discussions", lambda: Discussions(self._api))

    @property
    def messages(self) -> Messages:
        """Messages to customers: answer, mark as read."""
        from cdiscount_marketplace.octopia.discussions.section import Messages

        return self._section("messages", lambda: Messages(self._api))

    @property
    def invoices(self) -> Invoices:
        """Invoices to customers: upload them, and follow their import."""
        from cdiscount_marketplace.octopia.invoices import Invoices

        return self._section("invoices", lambda: Invoices(self._api))

    @property
    def products(self) -> Products:
        """Products: the catalogue, categories and brands, and new ones to submit."""
        from cdiscount_marketplace.octopia.products.section import Products

        return self._section("products", lambda: Products(self._api))

    @property
    def finance(self) -> Finance:
        """Payments and the marketplace's own invoices; unverified."""
        from cdiscount_marketplace.octopia.finance import Finance

        return self._section("finance", lambda: Finance(self._api))

    @property
    def fulfilment(self) -> Fulfilment:
        """Goods that the marketplace stores and ships; unverified."""
        from cdiscount_marketplace.octopia.fulfilment import Fulfilment

        return self._section("fulfilment", lambda: Fulfilment(self._api))

    @property
    def configurations(self) -> Configurations:
        """What a sales channel allows: delivery modes, typologies."""
        from cdiscount_marketplace.octopia.configurations import Configurations

        return self._section("configurations", lambda: Configurations(self._api))

    def _section(self, name: str, make: Callable[[], S]) -> S:
        # Of two threads that come first, both get the section of one.
        section = self._sections.get(name) or self._sections.setdefault(name, make())
        return cast("S", section)

    def with_limits(self, retry: RetryPolicy, timeout: TimeLimits) -> Self:
        """Return a client with other limits, which shares this one's tokens and connections."""
        sibling = copy.copy(self)
        caller = evolve(self._api.caller, policy=retry)
        api = evolve(self._api, caller=caller, sender=self._sender.with_limits(timeout))
        sibling._use(api)  # noqa: SLF001 (its own class)
        return sibling

    def close(self) -> None:
        """Close the connections that this client made."""
        self._sender.close()

    def _use(self, api: Api) -> None:
        self._api = api
        self._sections: dict[str, object] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"OctopiaClient(seller_id={self._api.seller_id!r}, sales_channel_id={self.sales_channel_id!r})"
