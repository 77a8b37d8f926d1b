"""What packages of offers and of products have in common: their number, and waiting for the marketplace to finish."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Final, Generic, Protocol, TypeVar, cast
from unicodedata import combining, normalize

from attrs import field, frozen

from cdiscount_marketplace.calls.waiting import attempts
from cdiscount_marketplace.clock import Clock
from cdiscount_marketplace.errors import CallTimeout, InvalidRequest, OutcomeUnknown, Problem, UnreadableAnswer
from cdiscount_marketplace.soap.codec.declare import element, model
from cdiscount_marketplace.soap.codec.values import misfit

# The service writes a free text, of which no list is public: its first word tells, whatever its case and accents.
_TAKEN: Final = frozenset(
    {"integrated", "integre", "integree", "ok", "processed", "done", "finished", "completed", "termine", "terminee"}
)
_TURNED_DOWN: Final = frozenset(
    {
        "rejected",
        "refused",
        "error",
        "errors",
        "ko",
        "failed",
        "rejete",
        "rejetee",
        "refuse",
        "refusee",
        "erreur",
        "echec",
    }
)
# It is over, but a person must look at it.
_IN_DOUBT: Final = frozenset({"manual"})
# With one of these, no first word means the end.
_GOING_ON: Final = frozenset({"pending", "progress", "cours", "waiting", "attente", "started"})
_FETCHED: Final = re.compile(r"https?://[^/?#]", re.IGNORECASE)
_UNFIT: Final = re.compile(r"[\s\x00-\x1f\x7f-\x9f]")
_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


@model()
class PackageFilter:
    """Which package to report on."""

    package_id: int | None = element(default=None, name="PackageID", xsd="long")
    """Number of the package, as its submission answered it."""


class PackageReport(Protocol):
    """What the reports of all packages have."""

    @property
    def package_id(self) -> int | None:
        """Number of the package."""
        ...

    @property
    def package_integration_status(self) -> str | None:
        """The service's own word for where the package stands."""
        ...


P = TypeVar("P", bound=PackageReport)


def is_finished(report: PackageReport) -> bool:
    """Return whether a package needs no more time, by the status that its report has.

    The status is a free text: one that is not known counts as unfinished.
    """
    return _verdict(report.package_integration_status) in _TAKEN | _TURNED_DOWN | _IN_DOUBT


def is_taken(report: PackageReport) -> bool:
    """Return whether a package was worked on to its end; single rows may still be refused."""
    return _verdict(report.package_integration_status) in _TAKEN


def is_turned_down(status: str | None) -> bool:
    """Return whether a package's status says that it was refused."""
    return _verdict(status) in _TURNED_DOWN


def _verdict(status: str | None) -> str | None:
    """Return the word of a status that tells what became of the package; None while it is open, or not known."""
    plain = "".join(letter for letter in normalize("NFKD", status or "") if not combining(letter))
    words = [word.casefold() for word in _WORD.findall(plain)]
    if words[:1] == ["integration"]:
        # `IntegrationError` is what `Error` is.
        del words[0]
    return words[0] if words and not _GOING_ON.intersection(words) else None


@frozen
class SubmittedPackage(Generic[P]):
    """A package that the marketplace works on; keep its `id` to come back to it later. Thread-safe."""

    id: int
    operation: str = field(repr=False)
    _read: Callable[[int], P] = field(repr=False)
    _clock: Clock = field(repr=False)

    def status(self) -> P:
        """Read the package's report as it is now; may be repeated.

        The service does not distinguish a package that it does not know from one that it has not begun. Raises
        `UnreadableAnswer` for a report that is not of this package.
        """
        report = self._read(self.id)
        if report.package_id != self.id:
            said = f"the answer is the report of package {report.package_id or 'no number'}, not of {self.id}"
            raise UnreadableAnswer(said, operation=self.operation)
        return report

    def wait(
        self,
        *,
        timeout: timedelta = timedelta(hours=1),
        poll: timedelta = timedelta(minutes=1),
        progress: Callable[[P], None] | None = None,
        finished: Callable[[PackageReport], bool] = is_finished,
    ) -> P:
        """Read the report every `poll` until the package is `finished`, and return it; `progress` hears each reading.

        Raises `CallTimeout` after `timeout`: the package goes on, and may be waited for again.
        """
        for _ in attempts(self._clock, timeout, poll):
            report = self.status()
            if progress is not None:
                progress(report)
            if finished(report):
                return report
        raise CallTimeout(f"package {self.id} is not finished yet", operation=self.operation)


def ensure_url(url: str, operation: str) -> None:
    """Raise `InvalidRequest` for a place that the marketplace cannot fetch a file from."""
    if not isinstance(cast("object", url), str) or not _FETCHED.match(url):
        wrong = "must begin with http:// or https:// and name a host: the marketplace fetches the file itself"
    elif _UNFIT.search(url):
        wrong = "holds a blank or a control character, which must be written as %20 and the like"
    else:
        return
    raise InvalidRequest([Problem("url", wrong)], operation=operation)


def ensure_number(package_id: object, operation: str) -> None:
    """Raise `InvalidRequest` for what is no number of a package."""
    if misfit(package_id, "long") is not None or cast("int", package_id) < 1:
        wrong = f"must be the number that the submission was given, such as 1, not {package_id!r:.60}"
        raise InvalidRequest([Problem("package_id", wrong)], operation=operation)


def number_of(number: int | None, thing: str, operation: str) -> int:
    """Return the number that a submission was given; raises `OutcomeUnknown` where a success has none."""
    # The service has answered 0 and -1, too.
    if not number or number < 0:
        hint = "look what the marketplace shows before submitting it again"
        raise OutcomeUnknown(
            f"the service reports success, but gave the {thing} no number", operation=operation, hint=hint
        )
    return number
