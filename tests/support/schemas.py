"""The XML schemas of the contract, recorded and our own, to hold messages against."""

from __future__ import annotations

from pathlib import Path

from lxml import etree

from cdiscount_marketplace.soap.catalogue import OPERATIONS
from cdiscount_marketplace.soap.contract import render_split

Element = etree._Element


def recorded_schema(recorded: Path) -> etree.XMLSchema:
    """Return the schemas that were recorded from the service."""
    return etree.XMLSchema(etree.parse(recorded / "soap" / "contract" / "xsd0.xml"))


def own_schema(folder: Path) -> etree.XMLSchema:
    """Return the schemas that the sandbox serves; their documents are put into a folder."""
    for query, document in render_split(OPERATIONS, address="contract").items():
        (folder / f"contract?{query}").write_bytes(document)
    return etree.XMLSchema(etree.parse(folder / "contract?xsd=xsd0"))


def content(message: bytes) -> Element:
    """Return the one element in the SOAP body of a message."""
    return etree.fromstring(message).find(".//{*}Body")[0]


def complaints(schema: etree.XMLSchema, element: Element) -> list[str]:
    """Return what a schema has against an element."""
    return [] if schema.validate(element) else [entry.message for entry in schema.error_log]
