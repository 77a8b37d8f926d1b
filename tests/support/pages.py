"""The documentation's Python examples, page by page.

A page's fenced `python` blocks are one program, run top to bottom. A line `<!-- setup: NAME -->` anywhere on the page
names what has to be there first, such as `sandbox`. A line `<!-- needs: PACKAGE, PACKAGE -->` names packages that are
too heavy for every session: `nox -s examples` installs them and runs the page.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import frozen

ROOT = Path(__file__).resolve().parent.parent.parent
_SETUP = re.compile(r"^<!-- setup: ([a-z-]+) -->$", re.MULTILINE)
_NEEDS = re.compile(r"^<!-- needs: ([a-z, ]+) -->$", re.MULTILINE)
_OPENING = re.compile(r"^(?:`{3,}|~{3,})\s*(\S*)")


@frozen
class Page:
    """One page with examples."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def setups(self) -> tuple[str, ...]:
        return tuple(_SETUP.findall(self.path.read_text(encoding="utf-8")))

    @property
    def needs(self) -> tuple[str, ...]:
        found = _NEEDS.search(self.path.read_text(encoding="utf-8"))
        return tuple(found[1].split(", ")) if found else ()

    @property
    def program(self) -> str:
        """The page with everything but its Python blocks blanked, so that line numbers are the page's own."""
        return "\n".join(_code_lines(self.path.read_text(encoding="utf-8").splitlines()))


def _code_lines(lines: Sequence[str]) -> Iterator[str]:
    language: str | None = None
    for line in lines:
        fence = _OPENING.match(line)
        if fence:
            language = None if language is not None else fence[1]
        yield line if language == "python" and not fence else ""


def pages() -> list[Page]:
    """List every page that has Python examples."""
    paths = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    found = [Page(path) for path in paths if "_build" not in path.parts]
    return [page for page in found if page.program.strip()]


def light_pages() -> list[Page]:
    """List the pages that run with what the tests install."""
    return [page for page in pages() if not page.needs]


def run_heavy_pages() -> None:
    """Run the pages that need more, each in its own empty directory."""
    for page in pages():
        if page.needs:
            with TemporaryDirectory(ignore_cleanup_errors=True) as folder, chdir(folder):
                exec(compile(page.program, str(page.path), "exec", dont_inherit=True), {"__name__": "__main__"})
            sys.stdout.write(f"{page.name} ran\n")


def write_for_type_check(folder: Path) -> None:
    """Write each page as a module, with a strict pyright configuration beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.py"):
        old.unlink()
    for page in light_pages():
        module = re.sub(r"\W", "_", page.name.removesuffix(".md")).lower()
        (folder / f"{module}.py").write_text(page.program + "\n", encoding="utf-8")
    settings = {"typeCheckingMode": "strict", "reportUnusedExpression": False, "pythonVersion": "3.11"}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] == ["--heavy"]:
        run_heavy_pages()
    else:
        write_for_type_check(Path(sys.argv[1]))
