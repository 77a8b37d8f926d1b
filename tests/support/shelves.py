"""Uploads to where a sandbox fetches files."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

from cdiscount_marketplace.sandbox.core import Sandbox


def upload_to(sandbox: Sandbox, names: list[str] | None = None) -> Callable[[BinaryIO, str], str]:
    """Return an upload that keeps files on a sandbox's shelf; `names` hears what they are called."""

    def upload(file: BinaryIO, name: str) -> str:
        if names is not None:
            names.append(name)
        return sandbox.files.put(name, file.read())

    return upload
