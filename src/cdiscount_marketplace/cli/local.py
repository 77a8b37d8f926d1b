"""The command `sandbox`: a Cdiscount on this machine."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from cdiscount_marketplace.cli.output import tell

if TYPE_CHECKING:
    from cdiscount_marketplace.sandbox import SandboxServer


def sandbox(
    *,
    host: Annotated[str, Parameter(help="Where to listen; anything but loopback lets others in.")] = "127.0.0.1",
    port: Annotated[int, Parameter(help="0 takes a free one.", validator=Number(gte=0, lte=65535))] = 8077,
    orders: Annotated[int, Parameter(help="How many orders it begins with.", validator=Number(gte=0))] = 25,
    seed: Annotated[int, Parameter(help="The same seed makes the same orders.")] = 0,
    allow_host: Annotated[
        tuple[str, ...], Parameter(negative="", help="Another name of this machine, as of a container; repeat it.")
    ] = (),
) -> None:
    """Run a local Cdiscount sandbox until Ctrl-C.

    Its page is a control panel: orders, clock, faults, and each call as it arrives.
    """
    # Not at the top: only this command needs the extra, and the package names it.
    from cdiscount_marketplace.sandbox import serve

    # Process supervisors stop a process with SIGTERM, as a person does with Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    serve(host, port, orders=orders, seed=seed, allowed_hosts=allow_host, announce=_announce)


def _announce(server: SandboxServer) -> None:
    tell(f"Sandbox running at {server.url} (press Ctrl-C to stop). In another shell:\n")
    tell("\n".join(f"export {name}={value}" for name, value in server.environment.items()))
    tell("cdiscount-marketplace orders list")
