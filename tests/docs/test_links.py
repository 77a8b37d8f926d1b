"""Links lead somewhere, and no index leaves a page out."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from support.links import broken, documents, external, targets
from support.pages import ROOT

# Who we send our readers to. Nothing is fetched here: `nox -s links` does.
KNOWN_HOSTS = {"github.com", "keepachangelog.com", "semver.org", "www.contributor-covenant.org"}


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_within_the_project_lead_to_a_file(document: Path) -> None:
    assert broken(document) == []


def test_links_to_the_outside_are_encrypted_and_go_to_known_hosts() -> None:
    assert {urlsplit(address).scheme for address in external()} <= {"https"}
    assert {urlsplit(address).hostname for address in external()} <= KNOWN_HOSTS


@pytest.mark.parametrize("folder", ["how-to", "tutorials", "reference", "explanation"])
def test_index_leads_to_every_page(folder: str) -> None:
    index = ROOT / "docs" / folder / "index.md"
    pages = {path.name for path in index.parent.glob("*.md")} - {"index.md"}
    assert pages - set(targets(index)) == set()
