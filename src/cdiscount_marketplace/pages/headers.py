"""The headers of every page: nothing runs or loads from elsewhere, whatever a text on the page contains."""

from __future__ import annotations

_POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
_OTHERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
)
HEADERS: tuple[tuple[str, str], ...] = (("Content-Security-Policy", _POLICY), *_OTHERS)
# A page that has a script of ours, from a file, which asks this server only.
SCRIPT_HEADERS: tuple[tuple[str, str], ...] = (
    ("Content-Security-Policy", f"{_POLICY}; script-src 'self'; connect-src 'self'"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    *_OTHERS,
)
