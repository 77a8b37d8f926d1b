"""Python objects that an option names, such as `company.vault:read`."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from cyclopts import Parameter

from cdiscount_marketplace.errors import ConfigurationError
from cdiscount_marketplace.fleet import CredentialResolver
from cdiscount_marketplace.oms.tracebacks import failure_of

if TYPE_CHECKING:
    from cdiscount_marketplace.soap.package_files import Upload

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
_HINT = "write module:function, such as company.vault:read"


def load_resolver(place: str | None) -> CredentialResolver | None:
    """Import the function that gives credentials."""
    return None if place is None else _load("resolver", place)


def load_upload(place: str | None) -> Upload | None:
    """Import the function that uploads files; what it raises is `ConnectFailed`."""
    if place is None:
        return None
    # Imported here: other commands need nothing of files.
    from cdiscount_marketplace.soap.package_files import guarded

    return guarded(_load("upload", place))


def _load(option: str, place: str) -> Callable[..., Any]:
    """Import the function at `module:function`; modules in the working directory are found, too."""
    module, _, name = place.partition(":")
    if not all(part.isidentifier() for part in (*module.split("."), *name.split("."))):
        raise ConfigurationError(f"{option} {place!r} names no function", hint=_HINT)
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    found = _imported(option, place, module, name)
    if not callable(found):
        raise ConfigurationError(f"{option} {place!r} is a {type(found).__name__}, not a function", hint=_HINT)
    return found


def _imported(option: str, place: str, module: str, name: str) -> object:
    try:
        found: object = importlib.import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a module is somebody else's code, and may fail in any way
        reason = _reason(error)
    else:
        return found
    raise ConfigurationError(f"{option} {place!r} cannot be imported: {reason}")


def _reason(error: BaseException) -> str:
    if isinstance(error, ImportError | AttributeError | SyntaxError):
        return f"{type(error).__name__}: {error}"
    # Its text may contain what a vault answered.
    return f"it {failure_of(error)}"
