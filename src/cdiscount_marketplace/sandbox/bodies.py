"""Bodies of calls, laid out to be read: by their signs alone, since they may be cut, damaged or hostile."""

from __future__ import annotations

import re

_BETWEEN = re.compile(r">\s*<")
_JSON = re.compile(r"""("(?:[^"\\]|\\.)*"?|\{\s*\}|\[\s*\])|([{[])|([]}])|(,)|(\s*:\s*)|\s+""", re.DOTALL)
_DEEPEST = 40


def lay_out(body: str) -> str:
    """Return a body with each element or member on its line; what is neither XML nor JSON stays as it is."""
    start = body.lstrip()[:1]
    if start == "<":
        return _lay_out_xml(body)
    return _lay_out_json(body) if start and start in "{[" else body


def _lay_out_xml(body: str) -> str:
    depth, lines = 0, list[str]()
    for line in _BETWEEN.sub(">\n<", body.strip()).split("\n"):
        depth = max(depth - line.startswith("</"), 0)
        lines.append(_indent(depth) + line)
        depth += _opens(line)
    return "\n".join(lines)


def _opens(line: str) -> bool:
    return line.startswith("<") and line[1:2] not in ("/", "?", "!") and not line.endswith("/>") and "</" not in line


def _lay_out_json(body: str) -> str:
    depth = 0

    def place(sign: re.Match[str]) -> str:
        nonlocal depth
        whole, opens, closes, comma, colon = sign.groups()
        if whole is not None or colon:
            return whole or ": "
        depth = max(depth + (opens is not None) - (closes is not None), 0)
        if closes:
            return f"\n{_indent(depth)}{closes}"
        return f"{opens or comma}\n{_indent(depth)}" if opens or comma else ""

    return _JSON.sub(place, body)


def _indent(depth: int) -> str:
    return "  " * min(depth, _DEEPEST)
