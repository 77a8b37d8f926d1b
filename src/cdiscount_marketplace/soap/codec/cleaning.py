"""Making an answer readable that holds what XML cannot carry: exactly that is replaced, and nothing else.

A parser's own recovery mode would drop what follows the fault, and with it whole orders.
"""

from __future__ import annotations

import re

REPLACEMENT = "\ufffd"
LONGEST_TEXT = 64 * 1024

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(?:x([0-9a-fA-F]+)|([0-9]+));")
# A sign that begins no reference, or one to an entity that only web pages have.
_STRAY = re.compile("&(?!(?:amp|lt|gt|quot|apos|#[0-9]+|#x[0-9a-fA-F]+);)")
_CHARSET = re.compile(rb"^\s*<\?xml[^>]*encoding\s*=\s*[\"']([^\"']+)")
_DECLARATIONS = re.compile(rb"<!(?:doctype|entity)", re.IGNORECASE)


def cleaned(body: bytes) -> tuple[bytes, int]:
    """Replace bytes that are no UTF-8, characters that XML forbids and references to such; return their number.

    An `&` that begins no reference of XML, as in `&nbsp;`, stays as the sign that it is.
    """
    text = body.decode("utf-8", "replace")
    count = text.count(REPLACEMENT) - body.count(REPLACEMENT.encode())
    text, illegal = _ILLEGAL.subn(REPLACEMENT, text)
    references = 0

    def checked(match: re.Match[str]) -> str:
        nonlocal references
        hexadecimal, decimal = match.groups()
        if _is_legal(hexadecimal or decimal, 16 if hexadecimal else 10):
            return match.group()
        references += 1
        return REPLACEMENT

    # What stands before the document disturbs its declaration.
    text, strays = _STRAY.subn("&amp;", _REFERENCE.sub(checked, text).lstrip("\ufeff \t\r\n"))
    return text.encode(), count + illegal + references + strays


def holds_declarations(body: bytes) -> bool:
    """Return whether a body declares entities or a document type anywhere: no honest answer does."""
    return _DECLARATIONS.search(body) is not None


def is_utf_8(body: bytes) -> bool:
    """Return whether a body is UTF-8, declares to be, or declares nothing."""
    declared = _CHARSET.match(body.removeprefix(b"\xef\xbb\xbf"))
    if declared is None or declared.group(1).lower() in (b"utf-8", b"utf8", b"us-ascii"):
        return True
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in body[:4]


def _is_legal(digits: str, base: int) -> bool:
    if len(digits.lstrip("0")) > len("1114111"):
        return False
    number = int(digits, base)
    if number in (0x9, 0xA, 0xD):
        return True
    return 0x20 <= number <= 0xD7FF or 0xE000 <= number <= 0xFFFD or 0x10000 <= number <= 0x10FFFF
