"""What a shipment must say about its parcel, checked before any request leaves; both channels share these rules."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import attrs
from attrs import field, frozen

from cdiscount_marketplace.errors import InvalidRequest, Problem

NUMBER_LENGTH = 50
URL_LENGTH = 255

# Cdiscount's rule of 2016, still in force: these break its carriers' interfaces.
_FORBIDDEN_IN_NUMBER = '" ,&*$'
# C0 and C1 controls, lone surrogates and non-characters: XML cannot carry them, or the service fails on them.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# Blanks that do not show, or not as such; they come along from tables and web pages.
_STRANGE_BLANK = re.compile("[^\\S \x00-\x1f\x7f-\x9f]|[\u200b-\u200f\u2028-\u202f\u2060\ufeff]")
_WEB_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)


def _text(_instance: object, attribute: Any, value: Any) -> None:
    if value is not None and not isinstance(value, str):
        raise InvalidRequest([Problem(attribute.name, f"must be a text, not {type(value).__name__}")])


@frozen(kw_only=True)
class Tracking:
    """By which carrier a parcel left, and where to follow it; raises `InvalidRequest` for what is no text."""

    carrier: str | None = field(validator=_text)
    number: str | None = field(validator=_text)
    url: str | None = field(default=None, validator=_text)


def as_listed(tracking: Tracking, listed: Sequence[str]) -> Tracking:
    """Write the carrier as the channel lists it, whatever its case and outer blanks; else only trim it."""
    carrier = (tracking.carrier or "").strip()
    return attrs.evolve(tracking, carrier=_by_key(listed).get(_key(carrier), carrier), url=tracking.url or None)


def tracking_problems(tracking: Tracking, listed: Sequence[str], *, where: str = "") -> list[Problem]:
    """Say everything that is wrong; `listed` are the channel's carrier names, and an empty list refuses no name.

    `where` goes before each field's name, such as `"1904241200ABCDE."`.
    """
    return _placed([*_form_problems(tracking), *_carrier_problems(tracking, listed)], where)


def validate_trackings(trackings: Sequence[tuple[str, Tracking]]) -> None:
    """Raise one `InvalidRequest` that names, by order number and field, all that is wrong whatever is listed."""
    _raise_problems((number, _form_problems(tracking)) for number, tracking in trackings)


def with_listed_carriers(trackings: Sequence[tuple[str, Tracking]], listed: Sequence[str]) -> tuple[Tracking, ...]:
    """Return valid trackings with their carriers as the channel lists them; an empty list refuses no name.

    Raises one `InvalidRequest` that names all carriers which are not listed.
    """
    _raise_problems((number, _carrier_problems(tracking, listed)) for number, tracking in trackings)
    return tuple(as_listed(tracking, listed) for _, tracking in trackings)


def _raise_problems(groups: Iterable[tuple[str, Iterable[Problem]]]) -> None:
    placed = [(number, _placed(problems, f"{number}.")) for number, problems in groups]
    if any(problems for _, problems in placed):
        numbers = tuple(dict.fromkeys(number for number, problems in placed if problems))
        raise InvalidRequest([problem for _, problems in placed for problem in problems], order_numbers=numbers)


def _placed(problems: Iterable[Problem], where: str) -> list[Problem]:
    return [Problem(f"{where}{problem.field}", problem.message) for problem in problems]


def _key(name: str) -> str:
    return name.strip().casefold()


def _by_key(listed: Sequence[str]) -> dict[str, str]:
    return {_key(name): name for name in listed}


def _form_problems(tracking: Tracking) -> Iterator[Problem]:
    carrier = (tracking.carrier or "").strip()
    if not carrier:
        yield Problem("carrier", "missing: name the carrier as the marketplace lists it, or 'Other'")
    elif _CONTROL.search(carrier):
        yield Problem("carrier", "contains control characters")
    yield from _number_problems(tracking.number)
    yield from _url_problems(tracking.url)


def _carrier_problems(tracking: Tracking, listed: Sequence[str]) -> Iterator[Problem]:
    carrier = (tracking.carrier or "").strip()
    if carrier and not _CONTROL.search(carrier) and not _passes(carrier, tracking.url, listed):
        yield Problem("carrier", f"{carrier!r} is not one that the marketplace lists{_advice(carrier, listed)}")


def _passes(carrier: str, url: str | None, listed: Sequence[str]) -> bool:
    return not listed or bool(url) or _key(carrier) == "other" or _key(carrier) in _by_key(listed)


def _advice(carrier: str, listed: Sequence[str]) -> str:
    names = _by_key(listed)
    nearest = [names[key].strip() for key in difflib.get_close_matches(_key(carrier), names, n=3, cutoff=0.5)]
    ways = "give a tracking URL, or 'Other'"
    return f"; the nearest are {', '.join(map(repr, nearest))}; or {ways}" if nearest else f"; {ways}"


def _number_problems(number: str | None) -> Iterator[Problem]:
    if not (number or "").strip() or number is None:
        yield Problem("tracking_number", "missing: the marketplace takes no shipment without one")
        return
    if len(number) > NUMBER_LENGTH:
        yield Problem("tracking_number", f"has {len(number)} characters, at most {NUMBER_LENGTH} are allowed")
    forbidden = [sign for sign in _FORBIDDEN_IN_NUMBER if sign in number]
    if forbidden:
        yield Problem("tracking_number", f"contains {' '.join(map(repr, forbidden))}, which the marketplace forbids")
    if _CONTROL.search(number):
        yield Problem("tracking_number", "contains control characters")
    if _STRANGE_BLANK.search(number):
        yield Problem("tracking_number", "contains invisible spaces: type it instead of pasting it")


def _url_problems(url: str | None) -> Iterator[Problem]:
    if not url:
        return
    if len(url) > URL_LENGTH:
        yield Problem("tracking_url", f"has {len(url)} characters, at most {URL_LENGTH} are allowed")
    if _CONTROL.search(url):
        yield Problem("tracking_url", "contains control characters")
    elif not _WEB_ADDRESS.fullmatch(url):
        yield Problem("tracking_url", "must start with http:// or https:// and contain no spaces")
