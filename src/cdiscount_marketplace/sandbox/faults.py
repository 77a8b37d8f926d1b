"""Which calls go wrong: faults that wait for their calls, and a record of each time one struck."""

from __future__ import annotations

import random
import threading
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar, get_args

from attrs import Attribute, evolve, field, frozen
from attrs.validators import ge, gt, instance_of, le

from cdiscount_marketplace.clock import Clock
from cdiscount_marketplace.sandbox import forms
from cdiscount_marketplace.sandbox.effects import EFFECTS, Effect, kind_of, reaches

ANY = "*"
T = TypeVar("T")


def _check_times(_instance: object, _attribute: Attribute[Any], times: int | None) -> None:
    if times is not None and times < 1:
        raise ValueError("times: give at least 1, or None for ever")


@frozen
class Fault:
    """An effect and the calls that it strikes: of operation `on` ("*": any), after `skip` of them, `times` times.

    Calls on which the effect cannot show pass and do not count. `times` None means for ever. `chance` below 1 lets a
    seeded die decide at each matching call; only strikes count against `times`. Operations are named as in the
    contract; "Token" is the token service.
    """

    effect: Effect = field(validator=instance_of(get_args(Effect)))
    on: str = field(default=ANY, kw_only=True)
    skip: int = field(default=0, kw_only=True, validator=ge(0))
    times: int | None = field(default=1, kw_only=True, validator=_check_times)
    chance: float = field(default=1.0, kw_only=True, validator=[gt(0), le(1)])


@frozen(kw_only=True)
class Strike:
    """A fault acted: when, on which operation, and what it did."""

    at: datetime
    operation: str
    kind: str


class Faults:
    """The faults that wait for their calls, and the log of those that struck. Thread-safe; deterministic by seed."""

    def __init__(self, clock: Clock, seed: int, *, operations: Collection[str]) -> None:
        self._clock = clock
        self._operations = operations
        self._random = random.Random(seed)  # noqa: S311 - dice, nothing secret
        self._lock = threading.Lock()
        self._armed: dict[int, Fault] = {}
        self._injected = 0
        self._log: list[Strike] = []

    def inject(self, fault: Fault) -> int:
        """Arm a fault and return its number; raises `ValueError` if it could never strike the operation."""
        if fault.on != ANY and fault.on not in self._operations:
            raise ValueError(f"on: give {ANY} or one of {', '.join(sorted(self._operations))}")
        reached = self.reached_by(type(fault.effect))
        if fault.on not in (ANY, *reached):
            raise ValueError(f"on: {kind_of(fault.effect)} can strike {ANY} or one of {', '.join(reached)}")
        with self._lock:
            self._injected += 1
            self._armed[self._injected] = fault
            return self._injected

    def remove(self, number: int) -> bool:
        """Disarm one fault; return whether it was still armed."""
        with self._lock:
            return self._armed.pop(number, None) is not None

    def clear(self) -> None:
        """Disarm every fault; the log stays."""
        with self._lock:
            self._armed.clear()

    @property
    def armed(self) -> Sequence[Fault]:
        """The faults still to strike, with what is left of `skip` and `times`."""
        with self._lock:
            return tuple(self._armed.values())

    @property
    def numbered(self) -> Mapping[int, Fault]:
        """The same faults, each under its number."""
        with self._lock:
            return dict(self._armed)

    def reached_by(self, kind: type[Effect]) -> Sequence[str]:
        """Return the operations on which effects of this kind can show."""
        return [name for name in sorted(self._operations) if reaches(kind, name)]

    @property
    def log(self) -> Sequence[Strike]:
        """Every strike so far, oldest first."""
        with self._lock:
            return tuple(self._log)

    def draw(self, operation: str) -> Effects:
        """Return what strikes this call, and count it."""
        with self._lock:
            outcomes = {number: self._meet(fault, operation) for number, fault in self._armed.items()}
            self._armed = {number: fault for number, (fault, _) in outcomes.items() if fault is not None}
            struck = tuple(effect for _, effect in outcomes.values() if effect is not None)
            at = self._clock.now()
            self._log.extend(Strike(at=at, operation=operation, kind=kind_of(effect)) for effect in struck)
        return Effects(struck)

    def _meet(self, fault: Fault, operation: str) -> tuple[Fault | None, Effect | None]:
        """Return what is left of a fault after a call, and its effect where it strikes."""
        if fault.on not in (ANY, operation) or not reaches(fault.effect, operation):
            return fault, None
        if fault.skip:
            return evolve(fault, skip=fault.skip - 1), None
        if fault.chance < 1 and self._random.random() >= fault.chance:
            return fault, None
        if fault.times is None:
            return fault, fault.effect
        return evolve(fault, times=fault.times - 1) if fault.times > 1 else None, fault.effect


@frozen
class Effects:
    """What strikes one call."""

    all: tuple[Effect, ...] = ()

    def find(self, kind: type[T]) -> T | None:
        """Return the first effect of a kind."""
        return next((effect for effect in self.all if isinstance(effect, kind)), None)

    def has(self, kind: type[Effect]) -> bool:
        """Whether an effect of this kind strikes."""
        return self.find(kind) is not None


def read_fault(values: Mapping[str, Any]) -> Fault:
    """Read a fault from JSON: `{"kind": "delay", "seconds": 5, "on": "GetOrderList", "times": 2}`; raises `BadForm`."""
    options = dict(values)
    kind = options.pop("kind", None)
    if not isinstance(kind, str) or kind not in EFFECTS:
        raise forms.BadForm(f"kind: give one of {', '.join(EFFECTS)}")
    targeting: dict[str, Any] = {
        name: options.pop(name) for name in ("on", "skip", "times", "chance") if name in options
    }
    fault = forms.read(_Targeting, targeting)
    effect = forms.read(EFFECTS[kind], options)
    return Fault(effect, on=fault.on, skip=fault.skip, times=fault.times, chance=fault.chance)


@frozen(kw_only=True)
class _Targeting:
    on: str = ANY
    skip: int = field(default=0, validator=ge(0))
    times: int | None = field(default=1, validator=_check_times)
    chance: float = field(default=1.0, validator=[gt(0), le(1)])
