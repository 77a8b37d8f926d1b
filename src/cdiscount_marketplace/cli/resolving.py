"""Python objects that an option names, such as `company.vault:read`."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Annotated, TypeAlias

from cyclopts import Parameter

from cdiscount_marketplace.errors import ConfigurationError
from cdiscount_marketplace.fleet import CredentialResolver

ResolverOption: TypeAlias = Annotated[
    str | None,
    Parameter(env_var="CDISCOUNT_RESOLVER", help="module:function that returns the credentials kept under a name."),
]


def load_resolver(place: str | None) -> CredentialResolver | None:
    """Import the function at `module:function`; modules in the working directory are found, too."""
    if place is None:
        return None
    module, _, name = place.partition(":")
    if not name:
        raise ConfigurationError(f"{place} names no function", hint="write module:function")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        found: CredentialResolver = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(f"{place} cannot be imported: {error}") from None
    return found
