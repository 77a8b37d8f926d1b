"""What `doctor` checks: each check returns what it found, and what to do where that is wrong."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from importlib.util import find_spec
from typing import Final, Literal, TypeAlias
from urllib.parse import urlsplit

import requests
from attrs import field, frozen

from cdiscount_marketplace.adapters.sql import SqlAccountRegistry, SqlOms
from cdiscount_marketplace.adapters.sql.schema import SCHEMA_VERSION
from cdiscount_marketplace.calls.credentials import (
    OCTOPIA_VARIABLES,
    SOAP_VARIABLES,
    ClientCredentials,
    Credentials,
)
from cdiscount_marketplace.calls.http import checked_address
from cdiscount_marketplace.cli.marketplace import channel_of, has_both, open_with
from cdiscount_marketplace.cli.options import Marketplace, Place, counted
from cdiscount_marketplace.cli.words import Vocabulary
from cdiscount_marketplace.errors import CdiscountError, StoreFailed, TransportError, UnknownSchema
from cdiscount_marketplace.octopia.client import BASE_URL, OWNERS, TOKEN_URL
from cdiscount_marketplace.soap.endpoints import Endpoints, is_cdiscount
from cdiscount_marketplace.soap.faults import CLOSING

State: TypeAlias = Literal["ok", "failed", "skipped"]

EXTRAS: Final[dict[str, tuple[str, ...]]] = {
    "sql": ("sqlalchemy", "alembic"),
    "postgresql": ("psycopg",),
    "token-file": ("filelock",),
    "cli": ("cyclopts", "rich"),
    "sandbox": ("werkzeug", "jinja2", "waitress"),
    "testing": ("pytest",),
    "otel": ("opentelemetry",),
    "celery": ("celery",),
    "web": ("werkzeug", "jinja2", "waitress"),
}
"""A package that each extra brings."""

_PATIENCE: Final = 10.0
# The importer leaves out the last two minutes, which covers clocks that differ by less.
_CLOCKS_APART: Final = 120.0
_NETWORK: Final = "check this machine's network, DNS and firewall; name a proxy in HTTPS_PROXY"
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
_UNREACHED_STORE: Final = "start the database, or correct the address in --store or CDISCOUNT_STORE"
_LOGIN_VARIABLES: Final = (*SOAP_VARIABLES.values(), *OCTOPIA_VARIABLES.values())


@frozen(kw_only=True)
class Check:
    """One thing that was looked at: what was `found`, and `advice` where it has to change."""

    name: str
    state: State
    found: str
    advice: str | None = None


@frozen(kw_only=True)
class Patient:
    """What is examined: the options, the API that they mean (None: unclear), and what there is to log in with."""

    at: Marketplace
    place: Place
    vocabulary: Vocabulary
    channel: str | None
    variables: Mapping[str, str] = field(repr=False)


def local_checks(patient: Patient) -> Iterator[Check]:
    """Look at what is on this machine, and at the store."""
    yield Check(name="Python", state="ok", found=_versions())
    yield _extras(patient.place.store)
    yield _guarded("store", patient, _store)
    yield _guarded("credentials", patient, _credentials)


def network_checks(patient: Patient) -> Iterator[Check]:
    """Look at the marketplace: its hosts, its clock, and whether it accepts the login."""
    try:
        addresses = _addresses(patient)
    except CdiscountError as error:
        yield _failed("hosts", error, patient)
        return
    dates: list[str] = []
    for address in addresses:
        yield _reach(address, dates)
    yield _clock(dates)
    yield _guarded("login", patient, _login)


def _versions() -> str:
    sdk = version("cdiscount-marketplace")
    return f"{platform.python_version()} on {platform.system()}; cdiscount-marketplace {sdk}"


def _extras(store: str) -> Check:
    missing = [extra for extra, packages in EXTRAS.items() if not all(map(_is_installed, packages))]
    found = f"not installed: {', '.join(missing)}" if missing else "all are installed"
    if "postgresql" in missing and store.startswith("postgres"):
        advice = "the store needs it: pip install 'cdiscount-marketplace[postgresql]'"
        return Check(name="extras", state="failed", found=found, advice=advice)
    hint = f"where you need one: pip install 'cdiscount-marketplace[{missing[0]}]'" if missing else None
    return Check(name="extras", state="ok", found=found, advice=hint)


def _is_installed(package: str) -> bool:
    return find_spec(package) is not None


def _guarded(name: str, patient: Patient, check: Callable[[Patient], Check]) -> Check:
    try:
        return check(patient)
    except CdiscountError as error:
        return _failed(name, error, patient)


def _failed(name: str, error: CdiscountError, patient: Patient) -> Check:
    """Part what is wrong from what to do."""
    said = patient.vocabulary.reworded(error)
    advice, said.hint = said.hint, None
    if isinstance(error, UnknownSchema) and 0 < error.found < SCHEMA_VERSION:
        advice = "back the store up, then run: cdiscount-marketplace store upgrade"
    if isinstance(error, StoreFailed) and error.code == "unreachable":
        advice = _UNREACHED_STORE
    if isinstance(error, TransportError):
        advice = advice or "see the advice for its host, above"
    return Check(name=name, state="failed", found=f"{type(error).__name__}: {said}", advice=advice)


def _store(patient: Patient) -> Check:
    with SqlOms(patient.place.store, create=False, migrate=False) as oms:
        oms.ensure_open()
        name = oms.name
    return Check(name="store", state="ok", found=f"{name}, schema version {SCHEMA_VERSION}")


def _credentials(patient: Patient) -> Check:
    if patient.channel is None and (accounts := _registered(patient.place.store)):
        found = f"of {counted(accounts, 'account')}, in the registry"
        return Check(name="credentials", state="ok", found=found, advice="log in to them with: accounts check")
    if patient.channel is None and has_both(patient.at):
        return _guarded("channel", patient, _choice)
    # Raises what is wrong with them.
    kind = ClientCredentials if channel_of(patient.at) == "octopia" else Credentials
    kind.from_env(patient.variables)
    names = [name for name in _LOGIN_VARIABLES if name in patient.variables]
    origins = "; ".join(f"{name} from {_origin(name, patient)}" for name in names)
    return Check(name="credentials", state="ok", found=f"{patient.channel}: {origins}")


def _choice(patient: Patient) -> Check:
    # Raises the question.
    return Check(name="channel", state="ok", found=channel_of(patient.at))


def _origin(variable: str, patient: Patient) -> str:
    if os.environ.get(variable) == patient.variables[variable]:
        return "the environment"
    secret = variable.endswith(("_PASSWORD", "_SECRET"))
    return ("standard input" if patient.at.secret_stdin else "the prompt") if secret else "its option"


def _registered(store: str) -> int:
    try:
        with SqlOms(store, create=False, migrate=False) as oms, SqlAccountRegistry(store, create=False) as registry:
            oms.ensure_open()
            return len(registry.list_accounts())
    except CdiscountError:
        return 0


def _addresses(patient: Patient) -> Sequence[str]:
    """Return where the chosen API answers, and its token service; those of both APIs where none is chosen."""
    chosen = [patient.channel] if patient.channel else ("soap", "octopia")
    urls = [
        checked_address("service_url", url, owners=OWNERS) for name in chosen for url in _configured(name, patient.at)
    ]
    # One address of each host.
    return list({urlsplit(url).netloc: url for url in urls}.values())


def _configured(channel: str, at: Marketplace) -> tuple[str, str]:
    if channel == "octopia":
        return at.octopia_url or BASE_URL, at.octopia_token_url or TOKEN_URL
    soap = Endpoints.resolve(at.service_url or None, at.token_url or None)
    return soap.service_url, soap.token_url


def _reach(address: str, dates: list[str]) -> Check:
    name = f"host {urlsplit(address).netloc}"
    try:
        # An answer of any kind will do. The function keeps a ~/.netrc from logging in.
        answer = requests.head(address, timeout=_PATIENCE, allow_redirects=False, auth=lambda request: request)
    except requests.RequestException as error:
        found = f"no answer ({type(error).__name__})"
        return Check(name=name, state="failed", found=found, advice=_unreached(address))
    dates.append(answer.headers.get("Date", ""))
    return Check(name=name, state="ok", found=f"answers (HTTP {answer.status_code})")


def _unreached(address: str) -> str:
    if urlsplit(address).hostname in _LOOPBACK:
        return "is it running? Start it, such as with: cdiscount-marketplace sandbox; or correct the address"
    return f"{_NETWORK}; {CLOSING}" if is_cdiscount(address) else _NETWORK


def _clock(dates: Sequence[str]) -> Check:
    readings = [reading for date in dates if (reading := _seconds_behind(date)) is not None]
    if not readings:
        return Check(name="clock", state="skipped", found="no host told the time")
    behind = min(readings, key=abs)
    found = f"{abs(behind):.0f} s {'behind' if behind > 0 else 'ahead of'} the marketplace's"
    if abs(behind) > _CLOCKS_APART:
        return Check(name="clock", state="failed", found=found, advice="set this machine's clock, and keep it by NTP")
    return Check(name="clock", state="ok", found=found)


def _seconds_behind(date: str) -> float | None:
    try:
        sent = parsedate_to_datetime(date)
    except ValueError:
        return None
    return (sent.replace(tzinfo=sent.tzinfo or UTC) - datetime.now(UTC)).total_seconds()


def _login(patient: Patient) -> Check:
    if patient.channel is None:
        found = "no API is chosen" if has_both(patient.at) else "there are no credentials to try"
        return Check(name="login", state="skipped", found=found)
    with open_with(patient.channel, patient.variables, patient.at, fresh_login=True) as channel:
        carriers = channel.carriers()
    return Check(name="login", state="ok", found=f"accepted; the marketplace lists {counted(len(carriers), 'carrier')}")
