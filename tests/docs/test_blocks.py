"""What a page shows and does not run is right all the same: commands parse, signatures are the real ones."""

from __future__ import annotations

import ast
import inspect
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from cdiscount_marketplace import MarketplaceClient
from cdiscount_marketplace.cli.app import app
from support.links import documents
from support.pages import ROOT

BLOCK = re.compile(
    r"^(?P<fence>```+|~~~+)(?P<language>\S*)[^\n]*\n(?P<body>.*?)^(?P=fence)\s*$", re.MULTILINE | re.DOTALL
)
COMMAND = re.compile(r"(?:^|[\s`(])cdiscount-marketplace (?P<arguments>[a-z][^`#;|>)&\n]*)", re.MULTILINE)
# Python that no page can run, and why.
SHOWN_ONLY = {
    "docs/how-to/asyncio.md": "needs FastAPI, which only the example application installs, where it is tested",
    "docs/how-to/operators-page.md": "needs Flask and a2wsgi",
}
PAGES = [path for path in documents() if path.relative_to(ROOT).parts[0] in {"docs", "examples", "README.md"}]


def blocks(page: Path, *languages: str) -> Iterator[str]:
    """Give the code of a page in these languages."""
    for block in BLOCK.finditer(page.read_text(encoding="utf-8")):
        if block["language"] in languages:
            yield block["body"]


def commands() -> Iterator[tuple[str, str]]:
    """Give each command of ours that a page shows, with the page."""
    for page in PAGES:
        for found in COMMAND.finditer(page.read_text(encoding="utf-8").replace("\\\n", "")):
            # systemd's units name the job by an instance.
            yield page.relative_to(ROOT).as_posix(), found["arguments"].replace("%i", "pull").strip()


@pytest.mark.parametrize(("page", "arguments"), sorted(set(commands())))
def test_every_command_that_a_page_shows_is_one(page: str, arguments: str) -> None:
    app.parse_args(shlex.split(arguments), exit_on_error=False, print_error=False)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_python_that_does_not_run_has_a_reason(page: Path) -> None:
    hidden = [body for body in blocks(page, "text") if _calls_something(body)]
    assert hidden == [] or page.relative_to(ROOT).as_posix() in SHOWN_ONLY


def _calls_something(text: str) -> bool:
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return False
    return any(isinstance(node, ast.Call | ast.Import | ast.ImportFrom) for node in ast.walk(tree))


def test_the_client_at_a_glance_shows_its_real_parameters() -> None:
    [signature] = [
        body for body in blocks(ROOT / "docs" / "reference" / "soap-client.md", "text") if "time_zone" in body
    ]
    shown = re.findall(r"(\w+)=", signature.partition("MarketplaceClient.from_env")[0])
    assert shown == list(inspect.signature(MarketplaceClient).parameters)
