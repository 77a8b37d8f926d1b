"""What an answer contained that this SDK does not know: counted, never fatal."""

from __future__ import annotations

from collections import Counter

from attrs import field, frozen

ELEMENT = "element"
VALUE = "value"
FORMAT = "format"
CHARACTER = "character"
LENGTH = "length"

# A value is shown so that a person can add it to an enum; a whole text in its place would be noise.
LONGEST_VALUE = 100


@frozen
class Drift:
    """One kind of surprise at one place, and how often it came in one answer.

    `kind` is "element" (an unknown element), "value" (an unknown enum value, in `value`) or "format" (a text that is
    not of its type, or nil where the contract has none), "character" (what XML cannot carry, replaced) or "length" (a
    text beyond measure, cut). `path` is type and element, such as `Order/NewMember`, or the result's type.
    """

    kind: str
    path: str
    value: str | None = None
    count: int = 1


@frozen
class DriftLog:
    """Collect what one decoding did not understand."""

    _seen: Counter[tuple[str, str, str | None]] = field(factory=Counter[tuple[str, str, str | None]], init=False)

    def note(self, kind: str, path: str, value: str | None = None, *, count: int = 1) -> None:
        """Count a surprise, or several of a kind."""
        self._seen[kind, path, value[:LONGEST_VALUE] if value else None] += count

    def report(self) -> tuple[Drift, ...]:
        """Return what was seen, in the order of its first appearance."""
        return tuple(Drift(*key, count) for key, count in self._seen.items())
