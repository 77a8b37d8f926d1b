"""Read XML from strangers into a small tree: no DTD, no entities, bounded depth and number of elements."""

from __future__ import annotations

from collections.abc import Iterator
from xml.parsers import expat

from attrs import field, frozen

MAX_DEPTH = 64
MAX_NODES = 250_000
_SEPARATOR = "}"
_XSI_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


class Malformed(ValueError):
    """The bytes are not XML that an honest client sends."""


@frozen
class Node:
    """An element: its name as `{namespace}local`, its text, and its child elements."""

    name: str
    attributes: dict[str, str]
    children: list[Node] = field(factory=list["Node"])
    parts: list[str] = field(factory=list[str])

    @property
    def local(self) -> str:
        """The name without its namespace."""
        return self.name.rpartition("}")[2]

    @property
    def namespace(self) -> str:
        """The namespace, empty where there is none."""
        return self.name.rpartition("}")[0].removeprefix("{")

    @property
    def text(self) -> str:
        """The text directly inside."""
        return "".join(self.parts)

    @property
    def nil(self) -> bool:
        """Whether the element is marked as nil."""
        return self.attributes.get(_XSI_NIL, "").strip() in ("true", "1")

    def child(self, local: str) -> Node | None:
        """Return the first child with this local name."""
        return next((node for node in self.children if node.local == local), None)

    def walk(self, *locals_: str) -> Node | None:
        """Follow local names downwards."""
        node: Node | None = self
        for local in locals_:
            node = node.child(local) if node is not None else None
        return node

    def elements(self) -> Iterator[Node]:
        """Yield the child elements."""
        return iter(self.children)


def parse(body: bytes) -> Node:
    """Return the root element; `Malformed` for anything else than plain XML."""
    reader = _Reader()
    try:
        reader.parser.Parse(body, True)  # noqa: FBT003 - expat takes its flag by position only
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise Malformed(str(error)) from error
    return reader.root()


class _Reader:
    def __init__(self) -> None:
        self._top = Node("", {})
        self._stack = [self._top]
        self._count = 0
        self.parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._data
        self.parser.StartDoctypeDeclHandler = self._refuse

    def root(self) -> Node:
        return self._top.children[0]

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._stack) > MAX_DEPTH:
            raise Malformed("nested too deep")
        self._count += 1
        if self._count > MAX_NODES:
            raise Malformed("too many elements")
        node = Node(_clark(name), {_clark(key): value for key, value in attributes.items()})
        self._stack[-1].children.append(node)
        self._stack.append(node)

    def _end(self, _name: str) -> None:
        self._stack.pop()

    def _data(self, data: str) -> None:
        self._stack[-1].parts.append(data)

    def _refuse(self, *_: object) -> None:
        raise Malformed("a document type is not accepted")


def _clark(name: str) -> str:
    return f"{{{name}" if _SEPARATOR in name else name
