"""Load a package's public names when they are first used, so that importing it costs nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import NamedTuple


# No attrs class: even that would be loaded by whoever imports a package without using it.
class Extra(NamedTuple):
    """An optional part of the distribution: its name, and the packages that come with it."""

    name: str
    packages: frozenset[str]


def lazy(package: str, homes: Mapping[str, str], *, needs: Extra | None = None) -> Callable[[str], object]:
    """Return a module's `__getattr__`: `homes` has the module of each public name, absolute or like `.orders`.

    Where a package of the extra that they need is missing, the `ModuleNotFoundError` says what to install.
    """

    def load(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        try:
            return getattr(import_module(homes[name], package), name)
        except ModuleNotFoundError as error:
            if needs is None or (error.name or "").partition(".")[0] not in needs.packages:
                raise
            hint = f"{package}.{name} needs an extra: pip install 'cdiscount-marketplace[{needs.name}]'"
            raise ModuleNotFoundError(hint, name=error.name) from None

    return load
