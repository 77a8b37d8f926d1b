"""Withheld data: placeholders are known by one rule, and nothing that is known is lost to them."""

from __future__ import annotations

import attrs
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from cdiscount_marketplace.models import Address, Customer, OrderStatus, SalesLine, SalesOrder
from cdiscount_marketplace.oms.ports import StoredOrder
from cdiscount_marketplace.oms.withheld import is_placeholder, merge, without_placeholders

HIDDEN = [
    "", " ", "\u00a0", "\u200b", "-", "--", "_", "__", "/", ".", "...", "…", "?", "*", "***", "**** ****", "#", "###",
    "#GDPR", "#gdpr#", "GDPR", "rgpd", "[GDPR]", "GDPR_DELETED", "Données RGPD", "DSGVO", "ANONYMIZED", "Anonymized",
    "anonymised", "ANONYMIZED ANONYMIZED", "anonymized-123456", "Anonymisé", "ANONYMISEE", "données anonymisées",
    "client anonyme", "Anonymous", "REDACTED", "[redacted]", "<hidden>", "[masked]", "{{deleted}}", "__removed__",
    "N/A", "n/a", "#N/A", "N.A.", "N/A N/A", "XXXX", "xxx", "xxx xxxx", "XXX-XXX", "J*** D****", "Du****", "06******12",
    "j***@***.fr", "anonymized@example.com", "●●●●", "0000000000", "+33 0000000000", "00000", "99999999999",
    "non communiqué", "Non renseignée", "not available", "Not provided", "donnée supprimée", "deleted user",
    "CONFIDENTIEL", "00 00 00 00 00", "06XXXXXX12", "06 XX XX XX 12", "750XX", "Dxxxxx", "D…", "N.C.", "(masqué)",
    "Non affiché", "non divulgué", "D\ufffd\ufffd\ufffd",
]  # fmt: skip
SHOWN = [
    "O", "N", "Ng", "Na", "An", "X", "Xu", "Xavier", "Li", "Null", "None", "Hidden", "Masque", "Vide", "Privat", "Nonn",
    "D'Arc", "Jean-Luc", "O'Brien", "Müller", "Æ", "X Æ A-12", "李", "Ольга", "Nα", "3", "12", "75001", "10000",
    "20000",
    "3 rue des Lilas", "12 bis", "Apt #12", "Bât. A, porte 3", "Le Masque de Fer", "Rue Non", "Notre-Dame", "Nonville",
    "0612345678", "+33612345678", "00 33 6 12 34 56 78", "01 00 00 12 34", "jean.dupont@example.com", "a_b@example.com",
    "xx@example.com", "Maxx", "Foxxx Trot", "Adresse", "Client", "Étage 0", "n° 7", "Dupont & Fils", "S.A.R.L. *Étoile",
    "Chez Anonyme Café",
]  # fmt: skip


@pytest.mark.parametrize("text", HIDDEN)
def test_a_placeholder_is_no_value(text):
    assert is_placeholder(text)


@pytest.mark.parametrize("text", SHOWN)
def test_a_real_value_is_no_placeholder(text):
    assert not is_placeholder(text)


WHO = Customer(
    reference="key", civility="Mme", first_name="Anne", last_name="Durand", phone="0102030405", mobile="0607080910",
    email="relay@example.com",
)  # fmt: skip
HOME = Address(
    civility="Mme", first_name="Anne", last_name="Durand", company="Durand SARL", vat_number="FR40303265045",
    lines=("Bât. A", "3 rue des Lilas"), postal_code="33000", city="Bordeaux", region="Gironde", country="FR",
    instructions="Code 12", relay_id=None, relay_name=None, phone="0102030405", email="relay@example.com",
)  # fmt: skip
RELAY = evolve(HOME, relay_id="R1", relay_name="Tabac du Port")
ORDER = SalesOrder(
    channel="model",
    identities=("one",),
    status=OrderStatus.WAITING_SHIPMENT,
    lines=(SalesLine(line_id="A", quantity=1), SalesLine(line_id="B", quantity=1, shipping_address=RELAY)),
    customer=WHO,
    billing_address=HOME,
    shipping_address=HOME,
)
STORED = StoredOrder.of(ORDER, digest="d")


def masked_somehow(part, hide):
    """Hide some members of a part, each as nothing or as a placeholder."""
    values = {name: value for name, value in attrs.asdict(part, recurse=False).items() if value}
    hidden = {name: hide(name) for name in values}
    changes = {name: text for name, text in hidden.items() if text is not None or name not in {"lines"}}
    changes = {name: text for name, text in changes.items() if text is not ...}
    if isinstance(changes.get("lines"), str):
        changes["lines"] = (changes["lines"],) * len(part.lines)
    return evolve(part, **{name: text for name, text in changes.items() if not (name == "lines" and text is None)})


masks = st.sampled_from([None, "", "#GDPR", "***", "ANONYMIZED", "N/A", "__", ...])


@given(data=st.data())
def test_no_masking_whatever_takes_a_known_value_away(data):
    def hide(name):
        return data.draw(masks, label=name)

    masked = evolve(
        ORDER,
        customer=masked_somehow(WHO, hide),
        billing_address=masked_somehow(HOME, hide),
        shipping_address=masked_somehow(HOME, hide),
        lines=(ORDER.lines[0], evolve(ORDER.lines[1], shipping_address=masked_somehow(RELAY, hide))),
    )
    assert merge(without_placeholders(masked), STORED) == ORDER


@pytest.mark.parametrize(
    "part", [None, Address(), Address(city="BORDEAUX"), Address(city="Paris", postal_code="75001")]
)
def test_an_address_without_name_street_and_pick_up_point_replaces_nothing(part):
    masked = evolve(ORDER, billing_address=part, shipping_address=part)
    merged = merge(masked, STORED)
    assert (merged.billing_address, merged.shipping_address) == (HOME, HOME)


def test_another_address_is_not_mixed_with_the_known_one():
    moved = Address(last_name="Martin", lines=("1 place du Port",), postal_code="44000", city="Nantes", country="FR")
    assert merge(evolve(ORDER, shipping_address=moved), STORED).shipping_address == moved


def test_another_address_without_a_name_keeps_the_person_who_receives():
    moved = Address(lines=("1 place du Port",), postal_code="44000", city="Nantes")
    merged = merge(evolve(ORDER, shipping_address=moved), STORED).shipping_address
    assert (merged.last_name, merged.phone, merged.company, merged.lines) == ("Durand", "0102030405", None, moved.lines)


def test_some_of_the_known_street_lines_are_not_all_of_them():
    partly = evolve(HOME, lines=("3 rue des Lilas",))
    assert merge(evolve(ORDER, shipping_address=partly), STORED).shipping_address.lines == HOME.lines


def test_a_placeholder_never_becomes_a_name():
    first = evolve(ORDER, customer=Customer(last_name="#GDPR"), shipping_address=Address(last_name="***", city="Paris"))
    shown = without_placeholders(first)
    assert (shown.customer.last_name, shown.shipping_address.last_name) == (None, None)
    assert shown.shipping_address.city == "Paris"


def test_an_order_with_nothing_hidden_is_the_same_object():
    assert without_placeholders(evolve(ORDER, lines=ORDER.lines[:1])).customer is WHO


@pytest.mark.parametrize("text", ["Hôtel Mercure ****", "** FRAGILE ** sonner chez Petit", "Digicode **1234"])
@pytest.mark.parametrize("name", ["company", "instructions", "relay_name", "lines"])
def test_a_few_signs_among_words_hide_nothing(name, text):
    value = (text,) if name == "lines" else text
    order = evolve(ORDER, shipping_address=evolve(HOME, **{name: value}))
    assert getattr(without_placeholders(order).shipping_address, name) == value
    partly = "3 rue des L****" if name == "lines" else "Chez les D****"
    known = StoredOrder.of(order, digest="d")
    hidden = evolve(HOME, **{name: (partly,) if name == "lines" else partly})
    masked = evolve(order, shipping_address=hidden)
    assert getattr(merge(without_placeholders(masked), known).shipping_address, name) == value


@pytest.mark.parametrize("word", ["Masqué", "deleted", "null", "Private", "0", "Unknown"])
def test_one_word_in_every_member_is_a_mask_whatever_the_word(word):
    everywhere = dict.fromkeys(("first_name", "last_name", "postal_code", "city", "phone", "email"), word)
    order = evolve(ORDER, billing_address=Address(**everywhere, lines=(word,)))
    assert merge(without_placeholders(order), STORED).billing_address == HOME
