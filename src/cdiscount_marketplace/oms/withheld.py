"""What a marketplace withholds of a customer, and what is known all the same: pure functions.

Marketplaces mask personal data before payment and again after a while, member by member: as nothing, as a blank, or as
a placeholder. None of these replaces a value that is known, and none becomes somebody's name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any, Final, TypeVar

import attrs

from cdiscount_marketplace.models import Address, Customer, SalesLine, SalesOrder
from cdiscount_marketplace.oms.ports import StoredOrder, line_addresses

P = TypeVar("P", Address, Customer)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that only a mask uses, without accents.
_MASKS: Final = _words(
    """gdpr rgpd dsgvo lgpd redacted anonyme anonymes anonym anonymous anonymized anonymised anonymise anonymisee
    anonymises anonymisees anonymisiert anonimizado anonimizada anonimizzato pseudonymized pseudonymised pseudonymise
    obfuscated withheld caviarde confidentiel confidentielle confidential"""
)
# Words that are also names of people or ordinary words: a mask only beside another such word, or in brackets.
_SOFT: Final = _words(
    """hidden masked masque masquee masques masquees deleted removed erased supprime supprimee supprimes supprimees
    efface effacee effaces effacees protected private prive privee not non na available provided communique communiquee
    divulgue divulguee affiche affichee
    renseigne renseignee disponible unknown undefined null none empty vide data donnee donnees client cliente customer
    user name nom prenom address adresse email mail phone telephone city ville street value field personal personnel
    personnelle personnelles info infos information informations by per par the de du des la le les"""
)
_BRACKETED: Final = re.compile(r"\s*(\[.*\]|<.*>|\{.*\}|\(.*\)|#\S.*|_{2,}.*_{2,})\s*", re.DOTALL)
_NOT_TOLD: Final = re.compile(r"n\s?\.\s?c\.?", re.IGNORECASE)
_NOT_AVAILABLE: Final = re.compile(r"#?n\s?[/.\\]\s?[ad]\.?(\W+n\s?[/.\\]\s?[ad]\.?)*", re.IGNORECASE)
_MASKED_PART: Final = re.compile(r"[*•●▪█▒░]\W*[*•●▪█▒░]|#{3}|[…]{2}|\ufffd{3}|^\w{1,2}(?:…|\.{3})$")
_CROSSES: Final = re.compile(r"\W*x{3,}[\Wx]*", re.IGNORECASE)
# A number of which some digits are crossed out, and a name of which all but the first letter is.
_CROSSED_OUT: Final = re.compile(r"\+?\d[\d\W]*(?:x\W*){2,}[\d\W]*|\w?x{4,}", re.IGNORECASE)
_ONE_DIGIT: Final = re.compile(r"\W*(?:33\W*)?0{4,}\W*|\W*(\d)\1{7,}\W*|\W*(?:0\W*){6,}")
# Whatever none of the rules could match is no placeholder; nearly every real value ends here. In lower case, and with
# alternatives that begin with letters or signs, it is several times as fast.
_SUSPECT: Final = re.compile(
    r"""[*•●▪█▒░\ufffd\[<{(\#_…] | \.{3} | xx | 0\W?0\W?0\W?0 | n\s?[/.\\]\s?[acd]
    | gdpr | rgpd | dsgvo | lgpd | anonym | anonim | pseudo | redact | obfusc | withheld | caviard | confiden
    | hidden | mask | masqu | delet | remov | eras | supprim | effac | protect | priv | divulg | not\b | non\b
    | """
    + "|".join(str(digit) * 8 for digit in range(10)),
    re.VERBOSE,
)
# Put before each of several texts that are looked at together; printable, and in no word.
_BAR: Final = "¦"
_WORDLESS: Final = re.compile(_BAR + r"[\W_]*?(?:¦|$)")
# A word of which more is hidden than shown.
_MASKED_WORD: Final = re.compile(r"\w{0,2}[*•●▪█▒░…]{2,}\w{0,2}(?!\w)")
# Members in which anything may stand.
_FREE: Final = frozenset({"company", "lines", "instructions", "relay_name"})
_INVISIBLE: Final = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))


def is_placeholder(text: str) -> bool:
    """Return whether a text stands for something that is not shown, such as `***`, `#GDPR`, `N/A` or `ANONYMIZED`."""
    plain = _visible(text)
    if not _SUSPECT.search(plain.lower()) and _has_word(plain):
        return False
    if "@" in plain:
        local, _, _ = plain.partition("@")
        return is_placeholder(local)
    masked = (_NOT_AVAILABLE, _NOT_TOLD, _CROSSES, _CROSSED_OUT, _ONE_DIGIT)
    if any(rule.fullmatch(plain.strip()) for rule in masked) or _MASKED_PART.search(plain):
        return True
    return _says_nothing(plain)


def _visible(text: str) -> str:
    """Return a text in one spelling, without characters that do not show."""
    # Those are not printable.
    if text.isascii() or (text.isprintable() and unicodedata.is_normalized("NFKC", text)):
        return text
    return unicodedata.normalize("NFKC", text).translate(_INVISIBLE)


def _has_word(text: str) -> bool:
    return any(map(str.isalnum, text))


def _says_nothing(text: str) -> bool:
    """Return whether a text has no letters or digits, or only words that masks are made of."""
    bare = "".join(one for one in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(one))
    words = re.findall(r"[^\W\d_]+", bare)
    if not words:
        return not re.search(r"\d", bare)
    if not all(word in _MASKS or word in _SOFT for word in words):
        return False
    soft_enough = bool(_BRACKETED.fullmatch(text)) or (len(words) > 1 and words[0] in {"not", "non"})
    return any(word in _MASKS for word in words) or soft_enough or _soft_pair(words)


def _soft_pair(words: list[str]) -> bool:
    """Recognise two words such as "donnée supprimée": one names the data, the other its removal."""
    gone = re.compile(r"(hidden|mask|masqu|delet|remov|eras|supprim|effac)")
    what = {"data", "donnee", "donnees", "client", "customer", "user", "name", "nom", "adresse", "address", "email"}
    return any(gone.match(word) for word in words) and not what.isdisjoint(words)


def without_placeholders(order: SalesOrder) -> SalesOrder:
    """Return the order with nothing where a placeholder stood in the customer's data."""
    parts = (order.customer, order.billing_address, order.shipping_address)
    texts = [_texts_of(part) for part in (*parts, *(line.shipping_address for line in order.lines)) if part is not None]
    # All at once: nearly every order ends here.
    if not _is_suspect(list(chain.from_iterable(texts))) and not any(map(_says_one_thing, texts)):
        return order
    changes: dict[str, Any] = {
        name: _shown(part)
        for name in ("customer", "billing_address", "shipping_address")
        if (part := getattr(order, name)) is not None
    }
    return attrs.evolve(order, **changes, lines=tuple(map(_line_shown, order.lines)))


def _texts_of(part: Address | Customer) -> list[str]:
    """Return every text that may stand for one that is not shown."""
    texts = [text for text in _TEXTS_OF[type(part)](part) if text is not None]
    return [*texts, *part.lines] if isinstance(part, Address) else texts


def _is_suspect(texts: Sequence[str]) -> bool:
    """Return whether any of these texts may be a placeholder."""
    together = _visible(_BAR.join(("", *texts))).lower()
    return _SUSPECT.search(together) is not None or _WORDLESS.search(together) is not None


def _says_one_thing(texts: Sequence[str]) -> bool:
    """Return whether one text stands in three places: no name is a street and a postal code, too."""
    return len(set(texts)) <= len(texts) - 2 and max(map(texts.count, texts)) > 2


def _line_shown(line: SalesLine) -> SalesLine:
    address = line.shipping_address
    return line if address is None else attrs.evolve(line, shipping_address=_shown(address))


def _shown(part: P) -> P:
    texts = _texts_of(part)
    repeated = {text for text in texts if texts.count(text) > 2}
    values = {name: value for name in _TEXTS[type(part)] if (value := getattr(part, name)) is not None}
    hidden: dict[str, Any] = {
        name: None for name, value in values.items() if value in repeated or _is_hidden(name, value)
    }
    if isinstance(part, Address):
        kept = tuple(line for line in part.lines if line not in repeated and not _is_hidden("lines", line))
        hidden |= {"lines": kept} if kept != part.lines else {}
    return attrs.evolve(part, **hidden) if hidden else part


def _is_hidden(name: str, text: str) -> bool:
    """Return whether a member is withheld; where anything may be written, a few signs among words hide nothing."""
    return is_placeholder(text) and not (name in _FREE and _is_mostly_shown(text))


def _is_mostly_shown(text: str) -> bool:
    """Tell a text such as `Hôtel Mercure ****` or `Digicode **1234`, most of which can be read."""
    shown = sum(map(str.isalnum, _MASKED_WORD.sub(" ", text)))
    return shown >= 6 and _MASKED_PART.search(text) is not None


def merge(order: SalesOrder, known: StoredOrder | SalesOrder) -> SalesOrder:
    """Fill what the marketplace withholds of the customer from what is known.

    Members are judged one by one, with one exception: where the snapshot shows another place, the known address is not
    mixed into it. An address without name, street and pick-up point replaces nothing.
    """
    changes: dict[str, Any] = {
        "customer": _filled_customer(order.customer, known.customer),
        "billing_address": _filled(order.billing_address, known.billing_address),
        "shipping_address": _filled(order.shipping_address, known.shipping_address),
    }
    changes = {name: part for name, part in changes.items() if part is not getattr(order, name)}
    elsewhere = dict(known.line_addresses if isinstance(known, StoredOrder) else line_addresses(known))
    if elsewhere:
        changes["lines"] = tuple(_filled_line(line, elsewhere) for line in order.lines)
    return attrs.evolve(order, **changes) if changes else order


def _filled_line(line: SalesLine, elsewhere: dict[str, Address]) -> SalesLine:
    address = _filled(line.shipping_address, elsewhere.get(line.line_id or ""))
    return line if address is line.shipping_address else attrs.evolve(line, shipping_address=address)


def _filled_customer(now: Customer | None, known: Customer | None) -> Customer | None:
    if now is None or known is None or now == known:
        return now or known
    return _completed(now, known, _TEXTS[Customer])


def _filled(now: Address | None, known: Address | None) -> Address | None:
    if now is None or known is None or now == known:
        return now or known
    now = _without_partly_hidden(now)
    if now.masked and not known.masked:
        return known if _elsewhere(now, known) else _completed(known, now, _TEXTS[Address])
    if _elsewhere(now, known):
        return _completed(now, known, _names_of(now))
    now = _completed(now, known, _TEXTS[Address])
    # Some of the known street lines, and no other: the rest is withheld.
    return attrs.evolve(now, lines=known.lines) if set(now.lines) < set(known.lines) else now


def _without_partly_hidden(now: Address) -> Address:
    """Return an address without partly hidden texts: the known ones are better."""
    names = _FREE - {"lines"}
    hidden: dict[str, Any] = {
        name: None for name in names if (text := getattr(now, name)) is not None and is_placeholder(text)
    }
    kept = tuple(line for line in now.lines if not is_placeholder(line))
    return attrs.evolve(now, **hidden, lines=kept) if hidden or kept != now.lines else now


def _elsewhere(now: Address, known: Address) -> bool:
    """Return whether two addresses name different places."""
    pairs = [(now.postal_code, known.postal_code), (now.city, known.city), (now.relay_id, known.relay_id)]
    if any(one and other and _plain(one) != _plain(other) for one, other in pairs):
        return True
    mine, theirs = {_plain(line) for line in now.lines}, {_plain(line) for line in known.lines}
    return bool(mine and theirs) and not (mine <= theirs or theirs <= mine)


def _names_of(now: Address) -> tuple[str, ...]:
    """Return the members that say who is there, unless the snapshot shows a name: they go together."""
    named = now.first_name or now.last_name or now.company
    return () if named else ("civility", "first_name", "last_name", "phone", "email")


def _completed(now: P, known: P, names: Iterable[str]) -> P:
    gaps = {name: getattr(known, name) for name in names if getattr(now, name) is None}
    gaps = {name: value for name, value in gaps.items() if value is not None}
    return attrs.evolve(now, **gaps) if gaps else now


def _plain(text: str) -> str:
    bare = unicodedata.normalize("NFD", text.casefold())
    return "".join(one for one in bare if one.isalnum())


# Each member is a text or nothing, but for the street lines of an address.
_TEXTS: Final[dict[type, tuple[str, ...]]] = {
    kind: tuple(field.name for field in attrs.fields(kind) if field.name != "lines") for kind in (Address, Customer)
}
_TEXTS_OF: Final[dict[type, Callable[[object], tuple[str | None, ...]]]] = {
    kind: attrgetter(*names) for kind, names in _TEXTS.items()
}
