"""Write the modules of `cdiscount_marketplace.aio` that mirror clients and jobs: `python -m support.async_twins`.

Signatures are read from the source of the synchronous classes, so that nobody copies one by hand; a test fails while
what is written differs from what they say. `PYTHONPATH=tests` lets Python find this module.
"""

from __future__ import annotations

import ast
import builtins
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

from attrs import define, field

from support.sync_sources import (
    HIDDEN,
    PACKAGE,
    SRC,
    Found,
    Function,
    attributes,
    class_name,
    find,
    forget,
    homes,
    is_property,
    item_of_iterator,
    mirrored,
    parameters,
    passed_on,
)

WIDTH = 112
# These make no request.
PLAIN = frozenset({"without_timeout_retries", "with_limits", "stop"})
# What runs for minutes, and is asked to stop.
RUNS = frozenset({"run", "retry_quarantine"})

SOAP = (
    "soap",
    "The client of the Cdiscount Marketplace SOAP API for asyncio code",
    {"MarketplaceClient": f"{PACKAGE}.soap.client"},
)
OCTOPIA = (
    "octopia",
    "The client of the Octopia Seller REST API for asyncio code",
    {"OctopiaClient": f"{PACKAGE}.octopia.client"},
)
JOBS = (
    "jobs",
    "The jobs for asyncio code",
    {
        "OrderImporter": f"{PACKAGE}.oms.importer",
        "OrderAcceptor": f"{PACKAGE}.oms.acceptance",
        "ShipmentPusher": f"{PACKAGE}.oms.shipments",
        "RefundPusher": f"{PACKAGE}.oms.refunds",
        "OfferPusher": f"{PACKAGE}.oms.offers",
    },
)
MODULES = (SOAP, OCTOPIA, JOBS)

CLIENT = """Await the calls of `{name}`; its options, and the methods of its sections, are the same.

    At most `threads` calls run at once, in threads of the client's own; give `Threads` to share them. A call whose
    caller is cancelled while it runs goes on to its end, for which `aclose()` waits (`async with` does).
    """
JOB = """Await the runs of `{name}`; its options are the same.

    A run whose caller is cancelled stops between two orders and is waited for, then the cancellation goes on; the job
    can be run again. At most `threads` calls run at once, in threads of the job's own; give `Threads` to share them.
    """


@define
class Writer:
    """Writes one module."""

    name: str
    title: str
    roots: dict[str, str]
    twins: dict[str, Found] = field(factory=dict[str, Found], init=False)
    runtime: set[tuple[str, str]] = field(factory=set[tuple[str, str]], init=False)
    hints: set[tuple[str, str]] = field(factory=set[tuple[str, str]], init=False)
    lines: list[str] = field(factory=list[str], init=False)

    def text(self) -> str:
        """Return the module's source, unformatted."""
        roots = [found for name, module in self.roots.items() if (found := find(module, name))]
        for root in roots:
            self.twins |= mirrored(root)
        for root in roots:
            self._root(root)
        for part in self.twins.values():
            if part.name not in self.roots:
                self._part(part)
        head = [f'"""{self.title}; written by `tests/support/async_twins.py`."""', "", *self._imports(), "", ""]
        return "\n".join(head + self.lines) + "\n"

    # --- names ---

    def _imports(self) -> Iterator[str]:
        yield "from __future__ import annotations"
        yield from map(_import, sorted(self.runtime))
        yield "from typing import TYPE_CHECKING"
        yield "if TYPE_CHECKING:"
        yield from (f"    {_import(one)}" for one in sorted(self.hints - self.runtime))

    def _use(self, module: str, node: ast.AST, used: set[tuple[str, str]]) -> None:
        for one in ast.walk(node):
            if isinstance(one, ast.Name) and not (one.id in self.twins or hasattr(builtins, one.id)):
                used.add(homes(module)[one.id])

    def _signature(self, owner: Found, method: Function) -> str:
        arguments = method.args
        for argument in parameters(arguments):
            if argument.annotation is not None:
                self._use(owner.module, argument.annotation, self.hints)
        for default in [*arguments.defaults, *arguments.kw_defaults]:
            if default is not None:
                self._use(owner.module, default, self.runtime)
        return ast.unparse(arguments)

    # --- classes ---

    def _root(self, root: Found) -> None:
        is_client = root.name.endswith("Client")
        base = "AsyncClient" if is_client else "AsyncJob"
        self.runtime |= {(root.module, root.name), (f"{PACKAGE}.aio.twins", base)}
        self.runtime |= {(f"{PACKAGE}.aio.threads", name) for name in ("Threads", "WORKERS")}
        self.lines += [f"class Async{root.name}({base}[{root.name}]):"]
        self.lines += [f'    """{(CLIENT if is_client else JOB).format(name=root.name)}"""', ""]
        self._constructor(root, f"{root.name}({{}})" if is_client else f"lambda: {root.name}({{}})")
        if is_client:
            self._from_env(root)
        self._members(root)

    def _constructor(self, root: Found, make: str) -> None:
        init = next(method for method in root.methods if method.name == "__init__")
        threads = ast.parse("def f(*, threads: Threads | int = WORKERS): ...").body[0]
        assert isinstance(threads, Function)
        passed = passed_on(init.args)
        init.args.kwonlyargs += threads.args.kwonlyargs
        init.args.kw_defaults += threads.args.kw_defaults
        homes(root.module).update({name: (f"{PACKAGE}.aio.threads", name) for name in ("Threads", "WORKERS")})
        self.lines += [f"    def __init__({self._signature(root, init)}) -> None:"]
        self.lines += [f"        super().__init__({make.format(passed)}, threads)", ""]

    def _from_env(self, root: Found) -> None:
        self.runtime |= {("os", "")}
        self.hints |= {("collections.abc", "Mapping"), ("typing", "Any"), ("typing", "Self")}
        parameters = "environ: Mapping[str, str] = os.environ, *, threads: Threads | int = WORKERS, **options: Any"
        self.lines += ["    @classmethod", f"    def from_env(cls, {parameters}) -> Self:"]
        self.lines += [f'        """Read the environment variables that `{root.name}.from_env` reads."""']
        self.lines += [f"        return cls._around({root.name}.from_env(environ, **options), threads)", ""]

    def _part(self, part: Found) -> None:
        self.runtime |= {(f"{PACKAGE}.aio.twins", "Twin")}
        self.hints |= {(part.module, part.name)}
        what, where = "Handle" if part.is_handle else "Section", part.module.removeprefix(f"{PACKAGE}.")
        generic, kind = "", part.name
        if part.parameter:
            self.runtime |= {("typing", "Generic"), homes(part.module)[part.parameter]}
            generic, kind = f", Generic[{part.parameter}]", f"{part.name}[{part.parameter}]"
        self.lines += [f"class Async{part.name}(Twin{generic}):"]
        self.lines += [f'    """{what}: await the methods of `{where}.{part.name}`."""', ""]
        self.lines += [f"    _sync: {kind}", ""]
        self._members(part)

    def _members(self, owner: Found) -> None:
        for name, kind, text in attributes(owner):
            if not (isinstance(kind, ast.Name) and kind.id in HIDDEN):
                self._attribute(owner, name, kind, text)
        skipped = {"from_env", "close", "stop"} if owner.name in self.roots else set[str]()
        for method in owner.methods:
            if not (method.name.startswith("_") or is_property(method) or method.name in skipped):
                self._method(owner, method)

    def _attribute(self, owner: Found, name: str, kind: ast.expr, text: str) -> None:
        if isinstance(kind, ast.Subscript) and ast.unparse(kind.value) == "Final":
            kind = kind.slice
        self.lines += ["    @property"]
        section = kind.id if isinstance(kind, ast.Name) and kind.id in self.twins else None
        if section is None:
            self._use(owner.module, kind, self.hints)
        shown = f"Async{section}" if section else ast.unparse(kind)
        value = f"{shown}(self._sync.{name}, self._calls)" if section else f"self._sync.{name}"
        first = _first(text) or f"Return `{owner.name}.{name}`."
        self.lines += [f"    def {name}(self) -> {shown}:", f'        """{first}"""', f"        return {value}", ""]

    def _method(self, owner: Found, method: Function) -> None:
        signature = self._signature(owner, method)
        arguments = passed_on(method.args)
        returned, value = self._answer(owner, method, arguments)
        prefix = "async def" if "await " in value else "def"
        text = _docstring(_first(ast.get_docstring(method) or ""))
        result = value if returned == "None" else f"return {value}"
        self.lines += [f"    {prefix} {method.name}({signature}) -> {returned}:", *text, f"        {result}", ""]

    def _answer(self, owner: Found, method: Function, arguments: str) -> tuple[str, str]:
        """Return the type that a method of a twin returns, and the expression that does the work."""
        assert method.returns is not None
        returned, sync = ast.unparse(method.returns), f"self._sync.{method.name}"
        call = ", ".join(part for part in (sync, arguments) if part)
        item = item_of_iterator(method.returns)
        if item is not None:
            self._use(owner.module, item, self.hints)
            self.hints |= {(f"{PACKAGE}.aio.items", "AsyncItems")}
            return f"AsyncItems[{ast.unparse(item)}]", f"self._items({call})"
        if method.name in PLAIN:
            return self._plain(returned, f"{sync}({arguments})")
        self._use(owner.module, method.returns, self.hints)
        twin = class_name(method.returns)
        if twin in self.twins:
            return f"Async{returned}", f"Async{twin}(await self._calls.run({call}), self._calls)"
        if method.name == "wait" and owner.is_handle:
            return returned, f"await self._polled({call})"
        return returned, f"await self._run({sync})" if method.name in RUNS else f"await self._calls.run({call})"

    def _plain(self, returned: str, sync: str) -> tuple[str, str]:
        if returned != "Self":
            return f"Async{returned}", f"Async{returned}({sync}, self._calls)"
        self.hints |= {("typing", "Self")}
        return returned, f"self._around({sync}, self._calls.threads)"


def _first(text: str) -> str:
    """Return the first paragraph of a docstring on one line."""
    return " ".join(text.partition("\n\n")[0].split())


def _docstring(text: str) -> list[str]:
    """Return the lines of a method's docstring."""
    if len(text) <= WIDTH - 6:
        return [f'        """{text}"""']
    lines = textwrap.wrap(f'"""{text}', WIDTH - 6)
    return [f"        {line}" for line in [*lines, '"""']]


def _import(name: tuple[str, str]) -> str:
    return f"from {name[0]} import {name[1]}" if name[1] else f"import {name[0]}"


def written(name: str, title: str, roots: dict[str, str]) -> str:
    """Return the source of a module of twins."""
    forget()
    return Writer(name, title, roots).text()


def shape(text: str) -> tuple[list[str], list[str]]:
    """Return what a module means, however it is formatted: its imports, and its classes."""
    module = ast.parse(text)
    imports: set[str] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Import | ast.ImportFrom):
            origin = getattr(node, "module", "")
            imports |= {f"{origin} {alias.name}" for alias in node.names}
    return sorted(imports), [ast.dump(node) for node in module.body if isinstance(node, ast.ClassDef)]


def target(name: str) -> Path:
    """Return the file of a module of twins."""
    return SRC / PACKAGE / "aio" / f"{name}.py"


def main() -> None:
    """Write all modules."""
    files = [target(name) for name, _, _ in MODULES]
    for file, module in zip(files, MODULES, strict=True):
        file.write_text(written(*module), encoding="utf-8")
    for command in (["format", "-q"], ["check", "--fix", "-q"], ["format", "-q"]):
        subprocess.run([sys.executable, "-m", "ruff", *command, *map(str, files)], check=True)


if __name__ == "__main__":
    main()
