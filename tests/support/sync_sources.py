"""Classes of the package as their source shows them: members, signatures, and where names come from."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypeAlias

from attrs import frozen

SRC = Path(__file__).resolve().parents[2] / "src"
PACKAGE = "cdiscount_marketplace"
# Machinery that sections and handles carry along.
HIDDEN = frozenset({"Api"})

Function: TypeAlias = ast.FunctionDef


@frozen
class Found:
    """A class, and the module that it stands in."""

    module: str
    node: ast.ClassDef

    @property
    def name(self) -> str:
        return self.node.name

    @property
    def methods(self) -> list[Function]:
        return [node for node in self.node.body if isinstance(node, Function)]

    @property
    def parameter(self) -> str | None:
        """Return X of a class that is `Generic[X]`."""
        generic = [base.slice for base in self.node.bases if isinstance(base, ast.Subscript)]
        return next((one.id for one in generic if isinstance(one, ast.Name)), None)

    @property
    def is_handle(self) -> bool:
        return any(method.name == "wait" for method in self.methods)


@cache
def tree(module: str) -> ast.Module:
    """Parse a module of the package."""
    path = SRC.joinpath(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.parse(file.read_text(encoding="utf-8"))


@cache
def homes(module: str) -> dict[str, tuple[str, str]]:
    """Return where the names of a module come from: module and name, the name empty for whole modules."""
    found: dict[str, tuple[str, str]] = {}
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {alias.asname or alias.name: (node.module, alias.name) for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name: (alias.name, "") for alias in node.names}
    for node in tree(module).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", node)]
        names = [getattr(target, "name", getattr(target, "id", None)) for target in targets]
        found |= {name: (module, name) for name in names if name}
    return found


def find(module: str, name: str) -> Found | None:
    """Return the class of ours that a name stands for in a module."""
    home, original = homes(module).get(name, ("", ""))
    if not home.startswith(PACKAGE):
        return None
    if home != module:
        return find(home, original)
    for node in tree(module).body:
        if isinstance(node, ast.ClassDef) and node.name == original:
            return Found(module, node)
    return None


def is_property(method: Function) -> bool:
    """Return whether a method is a property."""
    return any(isinstance(one, ast.Name) and one.id == "property" for one in method.decorator_list)


def attributes(owner: Found) -> Iterator[tuple[str, ast.expr, str]]:
    """Yield the public attributes of an object: name, annotation, docstring."""
    init = next((method.body for method in owner.methods if method.name == "__init__"), [])
    for node in [*owner.node.body, *init]:
        if isinstance(node, ast.AnnAssign):
            name = node.target.attr if isinstance(node.target, ast.Attribute) else getattr(node.target, "id", "_")
            if not name.startswith("_"):
                yield name, node.annotation, ""
    for method in owner.methods:
        if is_property(method) and not method.name.startswith("_") and method.returns is not None:
            yield method.name, method.returns, ast.get_docstring(method) or ""


def mirrored(owner: Found) -> dict[str, Found]:
    """Return the classes that have a twin, by name: sections, sections in them, and handles that wait for something."""
    found: dict[str, Found] = {owner.name: owner}
    todo = [owner]
    while todo:
        one = todo.pop()
        parts = [find(one.module, kind.id) for _, kind, _ in attributes(one) if isinstance(kind, ast.Name)]
        sections = [part for part in parts if part and is_section(part)]
        returned = [name for method in one.methods if (name := class_name(method.returns))]
        handles = [part for name in returned if (part := find(one.module, name)) and part.is_handle]
        for part in [*sections, *handles]:
            if part.name not in found:
                found[part.name] = part
                todo.append(part)
    return found


def class_name(annotation: ast.expr | None) -> str | None:
    """Return X of `X` and of `X[Y]`; None for another type."""
    kind = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    return kind.id if isinstance(kind, ast.Name) else None


def is_section(part: Found) -> bool:
    """Return whether a class stands in one of the APIs and makes calls."""
    api = part.module.split(".")[1] in ("soap", "octopia") and part.name not in HIDDEN
    constructor = next((method for method in part.methods if method.name == "__init__"), None)
    members = {arg.arg for arg in constructor.args.args} if constructor else set[str]()
    members |= {getattr(node.target, "id", "") for node in part.node.body if isinstance(node, ast.AnnAssign)}
    return api and bool(members & {"api", "_service", "_api"})


def parameters(arguments: ast.arguments) -> list[ast.arg]:
    """Return all parameters of a signature."""
    stars = [one for one in (arguments.vararg, arguments.kwarg) if one is not None]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *stars]


def passed_on(arguments: ast.arguments) -> str:
    """Return the arguments of a call that passes everything on."""
    parts = [one.arg for one in arguments.args if one.arg != "self"]
    parts += [f"*{arguments.vararg.arg}"] if arguments.vararg else []
    parts += [f"{one.arg}={one.arg}" for one in arguments.kwonlyargs]
    return ", ".join(parts)


def item_of_iterator(annotation: ast.expr) -> ast.expr | None:
    """Return X of `Iterator[X]`, None for another type."""
    is_iterator = isinstance(annotation, ast.Subscript) and ast.unparse(annotation.value) == "Iterator"
    return annotation.slice if is_iterator and isinstance(annotation, ast.Subscript) else None


def forget() -> None:
    """Read sources again that may have changed."""
    tree.cache_clear()
    homes.cache_clear()
