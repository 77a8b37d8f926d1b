"""Open enumerations: named constants over strings, where an unknown value is data and never an error."""

from __future__ import annotations

from typing import ClassVar, Self, TypeVar

T = TypeVar("T", bound="OpenEnum")


def _fold(text: str) -> str:
    return "".join(one for one in text.casefold() if one.isalnum())


class Member:
    """Declare a named constant of an `OpenEnum`; replaced by a real instance when the class is made."""

    def __init__(self, value: str) -> None:
        self.value = value

    def __get__(self, instance: object, owner: type[T]) -> T:
        return owner(self.value)


class OpenEnum(str):
    """A string that knows which values are documented; any other value is kept as it came.

    `str(x)` is the value on the wire, `x.known` is whether it is documented. Subclasses declare constants with
    `NAME = Member("WireValue")`; `values()` lists them in the order of declaration. Immutable and thread-safe.
    """

    __slots__ = ()
    _known: ClassVar[dict[str, OpenEnum]] = {}
    _folded: ClassVar[dict[str, OpenEnum]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        declared = {name: item.value for name, item in vars(cls).items() if isinstance(item, Member)}
        cls._known = {**cls._known}
        cls._folded = {**cls._folded}
        for name, value in declared.items():
            constant = str.__new__(cls, value)
            cls._known[value] = constant
            cls._folded[_fold(value)] = constant
            setattr(cls, name, constant)

    def __new__(cls, value: str) -> Self:
        """Return the constant for a documented value (one object per value), else a new open one."""
        known = cls._known.get(value)
        return known if isinstance(known, cls) else str.__new__(cls, value)

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the constant for a documented value in any spelling, else a new open one.

        Services change the case of a word, or write it with blanks, `_` or `-`; it means the same.
        """
        known = cls._known.get(text) or cls._folded.get(_fold(text))
        return known if isinstance(known, cls) else cls(text)

    @property
    def known(self) -> bool:
        """Whether the value is one of the documented ones."""
        return str(self) in self._known

    @classmethod
    def values(cls) -> tuple[Self, ...]:
        """List the documented values in their declared order."""
        return tuple(value for value in cls._known.values() if isinstance(value, cls))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str.__str__(self)!r})"
