"""Load a package's public names on first use, so that importing the package costs nothing."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, nullcontext
from functools import cache
from importlib import import_module
from typing import Final, NamedTuple

# In `__init__.pyi`: `from package.module import Name as Name`.
_PUBLIC_NAME = re.compile(r"^from (\S+) import \(?\s*(\w+) as \2\b", re.MULTILINE)


# Not an attrs class: importing any package would then import attrs, used or not.
class Extra(NamedTuple):
    """An optional part of the distribution: its name, and the packages that come with it."""

    name: str
    packages: frozenset[str]

    @contextmanager
    def needed_by(self, public: str) -> Generator[None]:
        """If a package of the extra is missing, let the `ModuleNotFoundError` name the command that installs it."""
        try:
            yield
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] not in self.packages:
                raise
            hint = f"{public} needs an extra: pip install 'cdiscount-marketplace[{self.name}]'"
            raise ModuleNotFoundError(hint, name=error.name) from None


CELERY: Final = Extra("celery", frozenset({"celery"}))
OTEL: Final = Extra("otel", frozenset({"opentelemetry"}))


def lazy(package: str, *, needs: Extra | None = None) -> Callable[[str], object]:
    """Return the `__getattr__` of a package whose public names are listed in its `__init__.pyi`, and nowhere else.

    If a package of the extra is missing, the `ModuleNotFoundError` names the command that installs it.
    """

    def load(name: str) -> object:
        homes = _homes(package)
        if name == "__all__":
            return sorted(homes)
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = _import(f"{package}.{name}", homes[name], name, needs)
        # The next access does not come here.
        setattr(sys.modules[package], name, value)
        return value

    return load


@cache
def _homes(package: str) -> Mapping[str, str]:
    """Return the module of each public name."""
    # Imported here because it costs a third of importing the package.
    from pkgutil import get_data

    stub = get_data(package, "__init__.pyi") or b""
    return {name: home for home, name in _PUBLIC_NAME.findall(stub.decode())}


def _import(public: str, home: str, name: str, needs: Extra | None) -> object:
    with nullcontext() if needs is None else needs.needed_by(public):
        return getattr(import_module(home), name)
