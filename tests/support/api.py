"""Compare the public API with an older commit: `python -m support.api v1.2.0` exits 1 if user code may break."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import griffe

ROOT = "cdiscount_marketplace"
SOURCE = Path("src")
# Modules that are public as they are; every package with an `__init__.pyi` is public too.
MODULES = ("channels.port", "enums", "errors", "events", "models", "oms.ports", "testing.builders", "testing.contracts")


def public_names(package: griffe.Module) -> Mapping[str, str]:
    """Return the defining path of each public name, by the path that users import."""
    return dict(_names(package))


def _names(module: griffe.Module) -> Iterator[tuple[str, str]]:
    public = _has_stub(module) or module.path.removeprefix(f"{ROOT}.") in MODULES
    for name, member in module.members.items():
        if isinstance(member, griffe.Module):
            yield from _names(member)
        elif public and not name.startswith("_"):
            home = member.target_path if isinstance(member, griffe.Alias) else member.path
            if home.startswith(f"{ROOT}.") and not home.startswith(f"{ROOT}.lazy."):
                yield f"{module.path}.{name}", home


def _has_stub(module: griffe.Module) -> bool:
    return (SOURCE / module.path.replace(".", "/") / "__init__.pyi").exists()


def breaking_changes(before: griffe.Module, after: griffe.Module) -> Iterator[str]:
    """Describe each public name that is gone, and each change of a public object that may break its callers."""
    names = public_names(before)
    yield from (f"{name}: removed" for name in sorted(names.keys() - public_names(after).keys()))
    homes = tuple(f"{home}." for home in names.values())
    for change in griffe.find_breaking_changes(before, after):
        if f"{change.obj.path}.".startswith(homes):
            yield change.explain(griffe.ExplanationStyle.ONE_LINE)


def main(commit: str) -> int:
    """Print the changes since a commit, and return the exit code."""
    before = griffe.load_git(ROOT, ref=commit, search_paths=[str(SOURCE)], resolve_aliases=False)
    after = griffe.load(ROOT, search_paths=[str(SOURCE)], resolve_aliases=False)
    assert isinstance(before, griffe.Module)
    assert isinstance(after, griffe.Module)
    changes = list(breaking_changes(before, after))
    print(*changes, sep="\n")
    return 1 if changes else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
