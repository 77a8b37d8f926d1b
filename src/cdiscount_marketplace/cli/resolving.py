"""Python objects that an option names, such as `company.vault:read`."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Annotated, Any, TypeAlias

from cyclopts import Parameter

from cdiscount_marketplace.errors import ConfigurationError
from cdiscount_marketplace.fleet import CredentialResolver
from cdiscount_marketplace.soap.package_files import Upload, guarded

ResolverOption: TypeAlias = Annotated[
    str | None,
    Parameter(env_var="CDISCOUNT_RESOLVER", help="module:function that returns the credentials kept under a name."),
]


UploadOption: TypeAlias = Annotated[
    str | None,
    Parameter(
        env_var="CDISCOUNT_UPLOAD",
        help="SOAP: module:function that puts a file where the marketplace fetches it, and returns the URL.",
    ),
]


def load_resolver(place: str | None) -> CredentialResolver | None:
    """Import the function that gives credentials."""
    return None if place is None else _load(place)


def load_upload(place: str | None) -> Upload | None:
    """Import the function that uploads files; what it raises is `ConnectFailed`."""
    return None if place is None else guarded(_load(place))


def _load(place: str) -> Any:
    """Import the function at `module:function`; modules in the working directory are found, too."""
    module, _, name = place.partition(":")
    if not name:
        raise ConfigurationError(f"{place} names no function", hint="write module:function")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(f"{place} cannot be imported: {error}") from None
