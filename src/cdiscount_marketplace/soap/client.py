"""The client of the Cdiscount Marketplace SOAP API."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta, tzinfo
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar, cast

import attrs
import requests

from cdiscount_marketplace.calls.credentials import Credentials, Secret
from cdiscount_marketplace.calls.http import HttpSender, TimeLimits
from cdiscount_marketplace.calls.retry import AuthenticatedCaller, RetryPolicy, policy_of
from cdiscount_marketplace.calls.tokens import TokenCache, TokenKey, TokenSource
from cdiscount_marketplace.clock import Clock, SystemClock
from cdiscount_marketplace.errors import ConfigurationError
from cdiscount_marketplace.events.hooks import Hook, hooks_of
from cdiscount_marketplace.soap.codec.encode import problems
from cdiscount_marketplace.soap.codec.times import PARIS
from cdiscount_marketplace.soap.common import ProductCondition
from cdiscount_marketplace.soap.endpoints import Endpoints
from cdiscount_marketplace.soap.header import HeaderMessage
from cdiscount_marketplace.soap.operations import HEADER_PART
from cdiscount_marketplace.soap.service import Service
from cdiscount_marketplace.soap.token_service import TokenService
from cdiscount_marketplace.soap.transport import Envelopes

if TYPE_CHECKING:
    from cdiscount_marketplace.soap.carriers import Carrier, CarrierList
    from cdiscount_marketplace.soap.discussions.section import Discussions
    from cdiscount_marketplace.soap.fulfilment.section import Fulfilment
    from cdiscount_marketplace.soap.offers.section import Offers
    from cdiscount_marketplace.soap.orders.section import Orders
    from cdiscount_marketplace.soap.products.section import Products
    from cdiscount_marketplace.soap.refunds import Refunds
    from cdiscount_marketplace.soap.relays import Relays
    from cdiscount_marketplace.soap.sellers import Sellers

S = TypeVar("S")

# A write, and the login that it needs, is not repeated for longer than this: its caller should know where it stands.
WRITE_PATIENCE = 60.0
_SLACK = timedelta(seconds=5)


class MarketplaceClient:
    """One account on the Cdiscount Marketplace SOAP API; immutable and thread-safe, to be closed (`with` does).

    A second account is a second client. A `token` is used first and, when it is refused and a password is at hand,
    replaced. A callable `password` is asked each time a login is tried. `session` is used and not closed. `time_zone`
    is that of the service's naive times; `header` replaces the default site, language and integrator's name; one
    request carries at most `validation_chunk` decisions, and `product_condition` is sent for a line
    whose own condition is not known. Creating a client makes no request.
    """

    validation_chunk: Final[int]

    def __init__(
        self,
        *,
        username: str | None = None,
        password: Secret | None = None,
        token: str | None = None,
        service_url: str | None = None,
        token_url: str | None = None,
        session: requests.Session | None = None,
        timeout: TimeLimits | None = None,
        retry: RetryPolicy | None = None,
        hooks: Sequence[Hook] = (),
        token_cache: TokenCache | None = None,
        clock: Clock | None = None,
        header: HeaderMessage | None = None,
        time_zone: tzinfo = PARIS,
        validation_chunk: int = 25,
        product_condition: ProductCondition = ProductCondition.NEW,
    ) -> None:
        _validate_options(time_zone, validation_chunk, product_condition)
        header = _checked(header or HeaderMessage(), token)
        credentials = Credentials(username=username, password=password, token=token)
        endpoints = Endpoints.resolve(service_url, token_url)
        clock, policy, hooks = clock or SystemClock(), policy_of(retry), hooks_of(hooks)
        write_policy = attrs.evolve(policy, total=min(policy.total, WRITE_PATIENCE))
        sender = HttpSender(session, timeout, hooks=hooks)
        login_service = TokenService(
            token_url=endpoints.token_url, sender=sender, policy=write_policy, clock=clock, hooks=hooks
        )
        tokens = TokenSource(
            key=TokenKey(token_url=endpoints.token_url, account=credentials.account),
            fetch=login_service.fetch,
            login=credentials.login,
            supplied=token,
            cache=token_cache,
            clock=clock,
            hooks=hooks,
        )
        service = Service(
            envelopes=Envelopes(sender, endpoints.service_url),
            reads=AuthenticatedCaller(tokens=tokens, policy=policy, clock=clock, hooks=hooks),
            writes=AuthenticatedCaller(tokens=tokens, policy=write_policy, clock=clock, hooks=hooks),
            header=header,
            zone=time_zone,
            hooks=hooks,
        )
        self._account = credentials.account
        self._endpoints = endpoints
        self._sender = sender
        self._service = service
        self._condition = product_condition
        self._sections: dict[str, object] = {}
        self.validation_chunk = validation_chunk

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ, **options: Any) -> Self:
        """Read CDISCOUNT_USERNAME, CDISCOUNT_PASSWORD, CDISCOUNT_TOKEN, and where set CDISCOUNT_SERVICE_URL and
        CDISCOUNT_TOKEN_URL; `options` are the constructor's, and go before. Raises `CredentialsMissing`.
        """
        account_options = {name: options[name] for name in ("username", "password", "token") if name in options}
        account = Credentials.from_env(environ, **account_options)
        settings: dict[str, Any] = {
            "username": account.username,
            "password": account.password,
            "token": account.token,
            "service_url": environ.get("CDISCOUNT_SERVICE_URL") or None,
            "token_url": environ.get("CDISCOUNT_TOKEN_URL") or None,
        }
        return cls(**(settings | options))

    # A section is imported and made when it is first used: who reads orders pays for nothing else.

    @property
    def orders(self) -> Orders:
        """Orders: read them, accept or refuse them, report shipments."""
        from cdiscount_marketplace.soap.orders.section import Orders
        from cdiscount_marketplace.soap.orders.validator import Validator

        def make() -> Orders:
            validator = Validator(service=self._service, size=self.validation_chunk)
            return Orders(
                service=self._service,
                validator=validator,
                carrier_names=self.carrier_names,
                condition=self._condition,
            )

        return self._section("orders", make)

    @property
    def sellers(self) -> Sellers:
        """The seller: information, and indicators of quality."""
        from cdiscount_marketplace.soap.sellers import Sellers

        return self._section("sellers", lambda: Sellers(self._service))

    @property
    def offers(self) -> Offers:
        """Offers: read them, submit packages of them, publish single ones."""
        from cdiscount_marketplace.soap.offers.section import Offers

        return self._section("offers", lambda: Offers(self._service))

    @property
    def discussions(self) -> Discussions:
        """Questions and complaints of customers: read and close them, find out where to answer."""
        from cdiscount_marketplace.soap.discussions.section import Discussions

        return self._section("discussions", lambda: Discussions(self._service))

    @property
    def products(self) -> Products:
        """Products: read the catalogue, propose new ones in packages."""
        from cdiscount_marketplace.soap.products.section import Products

        return self._section("products", lambda: Products(self._service))

    @property
    def fulfilment(self) -> Fulfilment:
        """Fulfilment by Cdiscount: stock, supplies, and orders of other sites."""
        from cdiscount_marketplace.soap.fulfilment.section import Fulfilment

        return self._section("fulfilment", lambda: Fulfilment(self._service))

    @property
    def refunds(self) -> Refunds:
        """Refunds of shipped orders, and commercial gestures."""
        from cdiscount_marketplace.soap.refunds import Refunds

        return self._section("refunds", lambda: Refunds(self._service))

    @property
    def relays(self) -> Relays:
        """The seller's own pick-up points."""
        from cdiscount_marketplace.soap.relays import Relays

        return self._section("relays", lambda: Relays(self._service))

    @property
    def _carriers(self) -> CarrierList:
        from cdiscount_marketplace.soap.carriers import CarrierList

        return self._section("carriers", lambda: CarrierList(self._service.without_timeout_retries(), self.clock))

    def _section(self, name: str, make: Callable[[], S]) -> S:
        # Of two threads that come first, both get the section of one.
        section = self._sections.get(name) or self._sections.setdefault(name, make())
        return cast("S", section)

    @property
    def account(self) -> str:
        """The API account's login; "token" where only a token is known."""
        return self._account

    @property
    def clock(self) -> Clock:
        """The clock that the client goes by."""
        return self._service.reads.clock

    @property
    def limits(self) -> TimeLimits:
        """The time limits of single requests."""
        return self._sender.limits

    @property
    def write_limit(self) -> timedelta:
        """The longest that one request that changes something can take, logging in and repetitions included."""
        limits, patience = self.limits, self._service.writes.policy.total
        # A login, then requests for as long as patience lasts, and the token that replaces the last one's refused one.
        return timedelta(seconds=2 * (2 * patience + limits.write + limits.token)) + _SLACK

    def carriers(self) -> tuple[Carrier, ...]:
        """List the carriers that the marketplace knows, read once a day; shipments name them as listed here."""
        return self._carriers.read()

    def carrier_names(self) -> tuple[str, ...]:
        """List the carriers' names as `carriers` does; the last ones known, or none, where they cannot be read."""
        return self._carriers.known_names()

    def close(self) -> None:
        """Close the connections that this client made."""
        self._sender.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"MarketplaceClient(account={self._account!r}, service_url={self._endpoints.service_url!r})"


def _validate_options(time_zone: object, validation_chunk: object, product_condition: object) -> None:
    if not isinstance(time_zone, tzinfo):
        hint = 'write ZoneInfo("Europe/Paris"), of the standard zoneinfo'
        raise ConfigurationError(f"time_zone must be a tzinfo, not {time_zone!r}", hint=hint)
    if not isinstance(validation_chunk, int) or validation_chunk < 1:
        raise ConfigurationError(f"validation_chunk must be an integer of at least 1, not {validation_chunk!r}")
    if product_condition not in ProductCondition.values():
        raise ConfigurationError(f"product_condition must be one of {', '.join(ProductCondition.values())}")


def _checked(header: object, token: str | None) -> HeaderMessage:
    if not isinstance(header, HeaderMessage):
        raise ConfigurationError(f"header must be a HeaderMessage, not {header!r}")
    errors = list(problems(header.with_token(token or ""), HEADER_PART))
    if errors:
        raise ConfigurationError("; ".join(map(str, errors)))
    return header
