"""Read the zip files that packages are."""

from __future__ import annotations

import io
import zipfile
from typing import Final

from cdiscount_marketplace.sandbox.soap.envelope import Malformed, Node, parse

_LONGEST: Final = 64 * 1024 * 1024


class Unusable(ValueError):
    """The file is not a package of the kind that was expected."""


def read_part_of(content: bytes, part: str, root_name: str) -> Node:
    """Return the root of the XML in a zip file; raises `Unusable`."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if archive.getinfo(part).file_size > _LONGEST:
                raise Unusable("the package is too large")
            root = parse(archive.read(part))
    except (zipfile.BadZipFile, KeyError, Malformed) as error:
        raise Unusable("Specified part does not exist in the package.") from error
    if root.name != root_name:
        raise Unusable(f"the root must be {root_name}")
    _unescape(root)
    return root


def _unescape(node: Node) -> None:
    """Read attributes as XAML does, in which `{}` says that the rest is text."""
    for name, value in node.attributes.items():
        node.attributes[name] = value.removeprefix("{}")
    for child in node.children:
        _unescape(child)
