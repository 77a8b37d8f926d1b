"""Every Python example of the documentation runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.pages import Page, light_pages, pages

KNOWN_SETUPS = {"sandbox"}


@pytest.mark.parametrize("page", light_pages(), ids=lambda page: page.name)
def test_page_runs_from_top_to_bottom(page: Page, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    for setup in page.setups:
        request.getfixturevalue(f"{setup.replace('-', '_')}_environment")
    request.getfixturevalue("monkeypatch").chdir(tmp_path)
    code = compile(page.program, str(page.path), "exec", dont_inherit=True)
    exec(code, {"__name__": "__main__"})


def test_every_setup_that_a_page_asks_for_exists() -> None:
    assert {setup for page in pages() for setup in page.setups} <= KNOWN_SETUPS
