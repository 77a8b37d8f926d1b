"""Write what a person did as a line of Python and as a line for a shell: both do the same again."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, cast

import attrs
from attrs import frozen

from cdiscount_marketplace.sandbox.faults import Fault

_UNITS = ("days", "hours", "minutes", "seconds")


@frozen(kw_only=True)
class Python:
    """A line of Python about a `sandbox`, and the imports that it needs."""

    line: str
    imports: frozenset[str] = frozenset()

    def __str__(self) -> str:
        """Return the line below its imports."""
        return "\n".join([*sorted(self.imports), self.line])


@frozen
class Code:
    """A piece of Python that stands for a value, like a name."""

    text: str


class Writer:
    """Writes values as Python does, and remembers what has to be imported for them."""

    def __init__(self, *imports: str) -> None:
        self.imports: set[str] = set(imports)

    def line(self, text: str) -> Python:
        """Return a line with everything that was imported so far."""
        return Python(line=text, imports=frozenset(self.imports))

    def call(self, name: str, *values: object, **options: object) -> Python:
        """Return a call of a function."""
        return self.line(self.write_call(name, values, options))

    def write_call(self, name: str, values: Iterable[object], options: Mapping[str, object]) -> str:
        """Write a call of a function."""
        given = [self.write(value) for value in values]
        named = [f"{option}={self.write(value)}" for option, value in options.items()]
        return f"{name}({', '.join([*given, *named])})"

    def write(self, value: object) -> str:
        """Write one value."""
        if isinstance(value, Code):
            return value.text
        if isinstance(value, timedelta):
            return self._duration(value)
        if isinstance(value, datetime):
            self.imports.add("from datetime import datetime")
            return f"datetime.fromisoformat({_quoted(value.isoformat())})"
        if isinstance(value, Decimal):
            self.imports.add("from decimal import Decimal")
            return f"Decimal({_quoted(str(value))})"
        if isinstance(value, frozenset):
            return self.write(sorted(cast("frozenset[str]", value)))
        if isinstance(value, (tuple, list)):
            return f"[{', '.join(map(self.write, cast('Iterable[object]', value)))}]"
        return _quoted(str(value)) if isinstance(value, str) else self._plain(value)

    def fault(self, fault: Fault) -> str:
        """Write a fault; the SDK's examples import the class from the package."""
        self.imports.add("from cdiscount_marketplace.sandbox import Fault")
        options = {name: value for name, value in changed(fault).items() if name != "effect"}
        return self.write_call("Fault", [fault.effect], options)

    def _plain(self, value: object) -> str:
        return self._record(cast("attrs.AttrsInstance", value)) if attrs.has(type(value)) else repr(value)

    def _record(self, value: attrs.AttrsInstance) -> str:
        kind = type(value)
        self.imports.add(f"from {kind.__module__} import {kind.__name__}")
        return self.write_call(kind.__name__, (), changed(value))

    def _duration(self, value: timedelta) -> str:
        self.imports.add("from datetime import timedelta")
        unit = next((unit for unit in _UNITS if not value % timedelta(**{unit: 1})), None)
        if unit is None:
            return f"timedelta(seconds={value.total_seconds()!r})"
        return f"timedelta({unit}={value // timedelta(**{unit: 1})})"


def changed(value: attrs.AttrsInstance) -> Mapping[str, object]:
    """Return the members that are not as they are where nobody says otherwise."""
    members = {each.name: (getattr(value, each.name), usual(each)) for each in attrs.fields(type(value))}
    return {name: mine for name, (mine, others) in members.items() if mine != others}


def usual(member: attrs.Attribute[Any]) -> object:
    """Return what a member is where nobody says otherwise; `NOTHING` for one that has to be given."""
    # attrs' own types do not say what converters take.
    convert, default = cast("Any", member).converter, cast("Any", member).default
    made: object = default.factory() if hasattr(default, "factory") else default
    return made if convert is None or made is attrs.NOTHING else convert(made)


def write_shell(method: str, url: str, body: Mapping[str, Any]) -> str:
    """Write the request to the admin API as a shell's command."""
    # Every character that a terminal could take for a command is escaped by JSON.
    data = ["-d", json.dumps(body)] if body else []
    return shlex.join(["curl", "-X", method, url, *data])


def _quoted(text: str) -> str:
    plain = text.isprintable() and not {'"', "\\"} & set(text)
    return f'"{text}"' if plain else repr(text)
