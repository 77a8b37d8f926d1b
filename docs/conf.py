"""How the documentation is built."""

from __future__ import annotations

import ast
import inspect
import os
import re
from collections.abc import Iterator
from importlib.metadata import version as installed_version
from typing import TYPE_CHECKING, get_type_hints

from cdiscount_marketplace.aio import jobs as aio_jobs
from cdiscount_marketplace.aio import octopia as aio_octopia
from cdiscount_marketplace.aio import soap as aio_soap
from cdiscount_marketplace.octopia import client as octopia_client
from cdiscount_marketplace.soap import client as soap_client
from cdiscount_marketplace.soap.orders import models as order_models
from cdiscount_marketplace.soap.orders import section as order_section
from cdiscount_marketplace.soap.orders import services as service_orders

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "cdiscount-marketplace"
author = "cdiscount-marketplace maintainers"
copyright = "2026, cdiscount-marketplace maintainers"  # noqa: A001 (the name that Sphinx asks for)
release = version = installed_version("cdiscount-marketplace")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.viewcode", "sphinx_llms_txt"]
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "show-inheritance": True}
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True

html_baseurl = os.environ.get("READTHEDOCS_CANONICAL_URL", "https://cdiscount-marketplace.readthedocs.io/en/stable/")
llms_txt_uri_template = "{base_url}_sources/{docname}{suffix}{sourcelink_suffix}"
llms_txt_summary = (
    "Typed Python SDK that sells on Cdiscount and the other Octopia marketplaces from an order management system. Two "
    "APIs, Cdiscount SOAP (being closed) and Octopia REST, stand behind one port, `SalesChannel`. Jobs work between it "
    "and your store: `OrderImporter`, `OrderAcceptor`, `ShipmentPusher`, `RefundPusher`, `OfferPusher`. Orders are "
    "imported exactly once, and writes are never repeated on suspicion: a lost answer raises `OutcomeUnknown`. "
    'Integrate with `SqlOms(url, receive=function)`; begin with "Connect your OMS". Test with '
    "`cdiscount_marketplace.sandbox.Sandbox`, a marketplace in the same process. Every error is a `CdiscountError`."
)

html_theme = "furo"
html_title = "cdiscount-marketplace"


_CODE = re.compile(r"(?<![`:])`([^`]+)`(?!`)")


def _markdown_to_rest(lines: list[str]) -> Iterator[str]:
    """Turn a docstring's Markdown fences and inline code into what reStructuredText understands."""
    inside = False
    for line in lines:
        if line.strip().startswith("```"):
            inside = not inside
            yield from ([f".. code-block:: {line.strip('` ') or 'text'}", ""] if inside else [""])
        else:
            yield f"   {line}" if inside else _CODE.sub(r"``\1``\\ ", line)


def _process_docstring(_app: Sphinx, _what: str, _name: str, _obj: object, _options: object, lines: list[str]) -> None:
    lines[:] = list(_markdown_to_rest(lines))


def _resolve_hints() -> None:
    """Give autodoc the types that modules import for type checkers only."""
    for module in (soap_client, order_section, octopia_client, aio_soap, aio_octopia, aio_jobs):
        for node in ast.parse(inspect.getsource(module)).body:
            if isinstance(node, ast.If):
                exec(compile(ast.Module(node.body, []), module.__name__, "exec"), vars(module))  # noqa: S102 (our own)
    # The signature of a model that extends one of another module names the types of that one.
    extended = service_orders.ServiceOrder.__init__
    extended.__annotations__ = get_type_hints(extended, {**vars(order_models), **vars(service_orders)})


def setup(app: Sphinx) -> None:
    """Register what is special here."""
    _resolve_hints()
    app.connect("autodoc-process-docstring", _process_docstring)
