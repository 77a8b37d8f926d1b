"""The links of the documentation: those in its source, and those of the built site.

`python -m support.links check docs/_build/html` follows every link within a built site, and holds `llms.txt` to its
pages; `python -m support.links fetch` asks for every address outside.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import requests
from lxml import html

from support.pages import ROOT

SITE = "https://cdiscount-marketplace.readthedocs.io/en/stable/"
# These exist once the project is published.
OWN = (
    "https://cdiscount-marketplace.readthedocs.io",
    "https://github.com/cdiscount-marketplace/",
    "https://raw.githubusercontent.com/cdiscount-marketplace/",
)
_LINK = re.compile(r"\]\((?P<target>[^()\s]+)\)|<(?P<bare>https?://[^<>\s]+)>")
_FENCE = re.compile(r"^(```+|~~~+).*?^\1\s*$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`[^`\n]*`")
_LISTED = re.compile(r"^- \[[^\]]+\]\((\S+?)\)", re.MULTILINE)


def documents() -> list[Path]:
    """List every Markdown file that people read."""
    folders = ("docs", "examples", ".github")
    found = [*ROOT.glob("*.md"), *(path for folder in folders for path in (ROOT / folder).rglob("*.md"))]
    # What tools leave behind is in folders that nobody reads.
    return sorted(path for path in found if not {"_build", ".pytest_cache", "node_modules"} & set(path.parts))


def targets(document: Path) -> Iterator[str]:
    """Give what a document links to, code left out."""
    text = _INLINE.sub("", _FENCE.sub("", document.read_text(encoding="utf-8")))
    for link in _LINK.finditer(text):
        yield link["target"] or link["bare"]


def broken(document: Path) -> list[str]:
    """List the links of a document to files of the project that are not there."""
    return [target for target in targets(document) if not _exists(document, target)]


def _exists(document: Path, target: str) -> bool:
    if target.startswith(SITE):
        page = urlsplit(target.removeprefix(SITE)).path
        page = f"{page}index.html" if not page or page.endswith("/") else page
        return (ROOT / "docs" / page).with_suffix(".md").is_file()
    path = urlsplit(target).path
    return bool(urlsplit(target).scheme) or not path or (document.parent / unquote(path)).exists()


def external() -> list[str]:
    """List every address outside the project."""
    found = {target for document in documents() for target in targets(document) if target.startswith("http")}
    return sorted(target for target in found if not target.startswith((*OWN, "http://127.0.0.1")))


def broken_in_site(site: Path) -> Iterator[str]:
    """List the links and anchors of a built site that lead nowhere."""
    # The source code under _modules leads back to members that are private.
    paths = [path for path in site.rglob("*.html") if "_modules" not in path.parts]
    pages = {path: html.parse(str(path)).getroot() for path in paths}
    anchors = {path: {*page.xpath("//@id"), *page.xpath("//a/@name")} for path, page in pages.items()}
    for path, page in pages.items():
        for target in {*page.xpath("//@href"), *page.xpath("//@src")}:
            address = urlsplit(target)
            if address.scheme or address.netloc:
                continue
            file = (path.parent / unquote(address.path)).resolve() if address.path else path
            if not file.exists() or (
                file in anchors and address.fragment and unquote(address.fragment) not in anchors[file]
            ):
                yield f"{path.relative_to(site)}: {target}"


def missing_from_llms(site: Path) -> Iterator[str]:
    """List the pages that `llms.txt` leaves out, and what it names although it is not there."""
    listed = _LISTED.findall((site / "llms.txt").read_text(encoding="utf-8"))
    named = {(site / target.removeprefix(SITE)).resolve() for target in listed}
    yield from (
        f"llms.txt leaves out {page.name}" for page in set((site / "_sources").resolve().rglob("*.txt")) - named
    )
    yield from (f"llms.txt names {page}, which is not there" for page in named if not page.is_file())


def unreachable() -> Iterator[str]:
    """Ask for every address outside, and list those without a good answer."""
    for address in external():
        try:
            status = requests.get(address, timeout=20, headers={"User-Agent": "Mozilla/5.0"}, stream=True).status_code
        except requests.RequestException as error:
            yield f"{address}: {type(error).__name__}"
        else:
            if status >= 400:
                yield f"{address}: {status}"


def main(action: str, *arguments: str) -> int:
    """Print what is wrong, one a line; return how many."""
    if action == "fetch":
        wrong = list(unreachable())
    else:
        site = Path(arguments[0]).resolve()
        wrong = [*broken_in_site(site), *missing_from_llms(site)]
    sys.stdout.writelines(f"{line}\n" for line in wrong)
    return len(wrong)


if __name__ == "__main__":
    sys.exit(min(main(*sys.argv[1:]), 100))
