"""The carriers that the marketplace lists, and what it accepts as tracking."""

from __future__ import annotations

import re

from attrs import frozen

from cdiscount_marketplace.sandbox.orders import Tracking

_FORBIDDEN = re.compile(r'[", &*$]')
_MAX_NUMBER = 50
_MAX_URL = 255


@frozen
class Carrier:
    """A carrier: its number, its name as the marketplace writes it, and its tracking page."""

    number: int
    name: str
    url: str


CARRIERS = (
    Carrier(1, "Relais Colis", "https://www.relaiscolis.com/suivi-de-colis"),
    Carrier(2, "UPS", "https://www.ups.com/track"),
    Carrier(3, "TNT", "https://www.tnt.com/suivi"),
    Carrier(6, "Mondial Relay", "https://www.mondialrelay.fr/suivi-de-colis"),
    Carrier(7, "La Poste - Courrier", "https://www.laposte.fr/outils/suivre-vos-envois"),
    Carrier(8, "GLS", "https://gls-group.eu/FR/fr/suivi-colis"),
    Carrier(9, "DPD", "https://www.dpd.fr/trace"),
    # The service's own entry begins with a tab.
    Carrier(10, "DHL Express", "\thttps://www.dhl.fr/fr/dhl_express.html"),
    Carrier(13, "Chronopost", "https://www.chronopost.fr/tracking"),
    Carrier(14, "Colissimo", "https://www.laposte.fr/particulier/outils/suivre-vos-envois"),
    Carrier(15, "Colis Privé", "https://www.colisprive.com"),
    Carrier(18, "FedEx", "https://www.fedex.com/fr-fr/tracking.html"),
    Carrier(27, "GEODIS", "https://espace-client.geodis.com"),
    # The service's own name ends with a blank.
    Carrier(30, "Asendia HK ", "https://www.asendia.hk/tracking"),
    Carrier(31, "DB Schenker", "https://www.dbschenker.com/tracking"),
)
_NAMES = frozenset(carrier.name.strip().casefold() for carrier in CARRIERS) | {"other"}


def tracking_problem(tracking: Tracking, *, strict: bool) -> str | None:
    """Say in French why a parcel's tracking is refused; `strict` asks for a listed carrier or a URL."""
    number, url = tracking.number or "", tracking.url or ""
    if not (tracking.carrier or "").strip():
        return "Le transporteur est obligatoire."
    if not number or len(number) > _MAX_NUMBER or _FORBIDDEN.search(number):
        return "Le numéro de suivi est obligatoire, et limité à 50 caractères sans caractère spécial."
    if url and (len(url) > _MAX_URL or not url.startswith(("http://", "https://"))):
        return "L'URL de suivi n'est pas valide."
    if strict and not url and not is_listed(tracking):
        return "Le transporteur n'est pas référencé et aucune URL de suivi n'est indiquée."
    return None


def is_listed(tracking: Tracking) -> bool:
    """Whether the marketplace lists the carrier."""
    return (tracking.carrier or "").strip().casefold() in _NAMES
