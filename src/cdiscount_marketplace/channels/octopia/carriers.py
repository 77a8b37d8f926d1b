"""Which carrier of the REST API's list a shipment means: by its label, or by its code where only one has that.

Four carriers share the code `pcc`, and the API takes labels; so a code that several share is refused by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import evolve

from cdiscount_marketplace.errors import InvalidRequest, Problem
from cdiscount_marketplace.octopia.sellers import Carrier
from cdiscount_marketplace.tracking import Tracking


def labels(carriers: Sequence[Carrier]) -> tuple[str, ...]:
    """Return the carriers' labels, each once."""
    return tuple(dict.fromkeys(carrier.label for carrier in carriers if carrier.label))


def by_label(trackings: Sequence[tuple[str, Tracking]], carriers: Sequence[Carrier]) -> list[tuple[str, Tracking]]:
    """Write carriers that were given by their code as the label of that code.

    Raises `InvalidRequest` for codes that several carriers share.
    """
    problems = [problem for key, tracking in trackings for problem in _problems(key, tracking, carriers)]
    if problems:
        raise InvalidRequest(problems, operation="ship")
    return [(key, _with_label(tracking, carriers)) for key, tracking in trackings]


def _problems(key: str, tracking: Tracking, carriers: Sequence[Carrier]) -> Iterator[Problem]:
    meant = _meant(tracking, carriers)
    if len(meant) > 1:
        yield Problem(f"{key}.carrier", f"{tracking.carrier!r} is the code of {', '.join(meant)}: name one of them")


def _with_label(tracking: Tracking, carriers: Sequence[Carrier]) -> Tracking:
    meant = _meant(tracking, carriers)
    return evolve(tracking, carrier=meant[0]) if meant else tracking


def _meant(tracking: Tracking, carriers: Sequence[Carrier]) -> tuple[str, ...]:
    """Return the labels of the code that was given; none for what is a label itself, or neither."""
    given = _folded(tracking.carrier)
    if any(_folded(carrier.label) == given for carrier in carriers):
        return ()
    return labels([carrier for carrier in carriers if _folded(carrier.code) == given])


def _folded(text: str | None) -> str:
    return (text or "").strip().casefold()
