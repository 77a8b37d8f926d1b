"""The options that commands share, from flags and environment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, TypeAlias, TypeVar

from attrs import frozen
from cyclopts import Group, Parameter

from cdiscount_marketplace.cli.words import nearest
from cdiscount_marketplace.enums import OpenEnum
from cdiscount_marketplace.errors import InvalidRequest, Problem

E = TypeVar("E", bound=OpenEnum)

_MARKETPLACE = Group("Marketplace", sort_key=1)
_STORE = Group("Store", sort_key=2)


def unless_empty(_kind: object, value: str, **_options: object) -> list[str]:
    """Read a variable that is set to nothing, as compose files do, as unset; an `env_var_split` of cyclopts."""
    return [value] if value.strip() else []


def _choice(kind: object, value: str, **_options: object) -> list[str]:
    return [word.strip().lower() for word in unless_empty(kind, value)]


def _option(environment: str, text: str, *, group: Group) -> Parameter:
    return Parameter(env_var=environment, help=text, group=group)


@Parameter(name="*")
@frozen(kw_only=True)
class Marketplace:
    """Which API to speak, and as whom; passwords come from the environment, standard input or a prompt."""

    channel: Annotated[
        Literal["soap", "octopia"] | None,
        _option("CDISCOUNT_CHANNEL", "Which API to use; default: the one that has credentials.", group=_MARKETPLACE),
        Parameter(env_var_split=_choice),
    ] = None
    username: Annotated[
        str | None, _option("CDISCOUNT_USERNAME", "SOAP: user name of the API account.", group=_MARKETPLACE)
    ] = None
    service_url: Annotated[
        str | None, _option("CDISCOUNT_SERVICE_URL", "SOAP: another service address.", group=_MARKETPLACE)
    ] = None
    token_url: Annotated[
        str | None, _option("CDISCOUNT_TOKEN_URL", "SOAP: another token address.", group=_MARKETPLACE)
    ] = None
    client_id: Annotated[str | None, _option("OCTOPIA_CLIENT_ID", "Octopia: client id.", group=_MARKETPLACE)] = None
    seller_id: Annotated[str | None, _option("OCTOPIA_SELLER_ID", "Octopia: seller id.", group=_MARKETPLACE)] = None
    octopia_url: Annotated[
        str | None, _option("OCTOPIA_BASE_URL", "Octopia: another API address.", group=_MARKETPLACE)
    ] = None
    octopia_token_url: Annotated[
        str | None, _option("OCTOPIA_TOKEN_URL", "Octopia: another token address.", group=_MARKETPLACE)
    ] = None
    secret_stdin: Annotated[
        bool,
        Parameter(negative="", group=_MARKETPLACE, help="Read the password or client secret from standard input."),
    ] = False
    token_cache: Annotated[
        str | None,
        _option("CDISCOUNT_TOKEN_CACHE", "File that keeps tokens between runs; empty: none.", group=_MARKETPLACE),
    ] = None


StoreAddress: TypeAlias = Annotated[str, _option("CDISCOUNT_STORE", "Database address (SQLAlchemy).", group=_STORE)]
DEFAULT_STORE = "sqlite:///oms.db"


@Parameter(name="*")
@frozen(kw_only=True)
class Place:
    """Where an account's orders are kept."""

    account: Annotated[str, _option("CDISCOUNT_ACCOUNT", "Your name for the account.", group=_STORE)] = "default"
    store: StoreAddress = DEFAULT_STORE


# The marketplace's orders, with room on both sides.
_YEARS = range(1990, 9000)

OrderNumber: TypeAlias = Annotated[str, Parameter(help="An order's number.")]
AccountName: TypeAlias = Annotated[str, Parameter(help="Your name for an account.")]
DryRun = Annotated[bool, Parameter(negative="", help="Show what would be done, and change nothing.")]


def in_utc(option: str, moment: datetime) -> datetime:
    """Read the moment of an option: without an offset it is UTC.

    Raises `InvalidRequest` for a year that is a slip: the periods around it would leave what dates can hold.
    """
    if moment.year not in _YEARS:
        first, last = _YEARS[0], _YEARS[-1]
        raise InvalidRequest([Problem(option, f"{moment.isoformat()} is not between the years {first} and {last}")])
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def in_order(what: str, begin: datetime | None, end: datetime | None) -> None:
    """Reject a period that ends before it begins."""
    if begin is not None and end is not None and end < begin:
        raise InvalidRequest([Problem(what, f"the period ends ({end}) before it begins ({begin})")])


def not_negative(_kind: object, period: timedelta) -> None:
    """Reject a period that goes backwards; a validator of cyclopts."""
    if period < timedelta():
        raise ValueError(f"A period of {period.total_seconds():g} s goes backwards; give one such as 10s.")


def counted(count: int, noun: str) -> str:
    """Write a number of things, such as "1 order" or "2 orders"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def named(names: Sequence[str], what: str = "numbers") -> None:
    """Reject a command that names nothing to work on: doing nothing is not what was meant."""
    if not names or not all(name.strip() for name in names):
        raise InvalidRequest([Problem(what, "name at least one")])


def known(option: str, kind: type[E], words: Iterable[str]) -> list[E]:
    """Convert words that a person typed after an option; reject unknown ones as typing errors."""
    members = [kind(word) for word in words]
    wrong = [str(member) for member in members if not member.known]
    if wrong:
        choices = [str(member) for member in kind.values()]
        offered = dict.fromkeys(filter(None, (nearest(word, choices) for word in wrong)))
        said = "; ".join([f"{', '.join(map(repr, wrong))} is not one of {', '.join(choices)}", *offered])
        raise InvalidRequest([Problem(option, said)])
    return members
