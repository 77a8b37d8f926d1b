"""The command `web`: the operator's page, for the person at this machine."""

from __future__ import annotations

import getpass
import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from cdiscount_marketplace.adapters.sql import SqlAccountRegistry, SqlOms
from cdiscount_marketplace.channels.port import SalesChannel
from cdiscount_marketplace.cli import marketplace
from cdiscount_marketplace.cli.options import Marketplace, Place
from cdiscount_marketplace.cli.output import tell
from cdiscount_marketplace.cli.resolving import ResolverOption, load_resolver
from cdiscount_marketplace.cli.store import open_store
from cdiscount_marketplace.fleet import CredentialResolver, find_credentials, open_channel
from cdiscount_marketplace.oms import OrderImporter

_LOOPBACK = "127.0.0.1"


def web(
    *,
    port: Annotated[int, Parameter(help="0 takes a free one.", validator=Number(gte=0, lte=65535))] = 8078,
    read_only: Annotated[bool, Parameter(negative="", help="Offer no action.")] = False,
    show_personal: Annotated[bool, Parameter(negative="", help="Let those who ask see customers' data.")] = False,
    resolver: ResolverOption = None,
    at: Marketplace = Marketplace(),
    place: Place = Place(),
) -> None:
    """Serve the operator's page on this machine.

    It answers on loopback only, without a login, until Ctrl-C. For other users, mount `web.operator_app` behind your
    own login.
    """
    # Not at the top: only this command needs the extra, and the package names it.
    from cdiscount_marketplace.web import operator_app
    from cdiscount_marketplace.web.server import serve

    # Process supervisors stop a process with SIGTERM, as a person does with Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with open_store(place) as oms, SqlAccountRegistry(place.store, create=False) as registry:
        who = operator_name()
        app = operator_app(
            oms,
            who=lambda _environ: who,
            may_write=lambda _who: not read_only,
            show_personal=show_personal,
            registry=registry,
            runs=registry,
            retry_quarantine=_retrier(oms, registry, load_resolver(resolver), at),
            allowed_hosts=(),
        )
        name = oms.name
        serve(app, host=_LOOPBACK, port=port, announce=lambda url: tell(f"Serving {name} at {url} (Ctrl-C stops it)."))


def operator_name() -> str:
    """Return the name of the person at this machine; a container's user may have none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "operator"


def _retrier(
    oms: SqlOms, registry: SqlAccountRegistry, resolver: CredentialResolver | None, at: Marketplace
) -> Callable[[str], object]:
    @contextmanager
    def channel_of(name: str) -> Generator[SalesChannel]:
        account = registry.find_account(name)
        if account is None:
            with marketplace.open_channel(at) as channel:
                yield channel
        else:
            with open_channel(account, find_credentials(account, resolver=resolver)) as channel:
                yield channel

    def retry(name: str) -> object:
        with channel_of(name) as channel:
            return OrderImporter(channel, oms, account=name).retry_quarantine()

    return retry
