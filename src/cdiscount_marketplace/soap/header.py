"""The `headerMessage` of every request: site, language, and the token."""

from __future__ import annotations

from typing import Any, cast

from attrs import evolve

from cdiscount_marketplace.enums import Member
from cdiscount_marketplace.soap.codec.declare import LOCATION, MESSAGES, WireEnum, element, model

_COUNTRIES = """
    AD AE AF AG AI AL AM AN AO AQ AR AS AT AU AW AX AZ BA BB BD BF BG BH BI BJ BL BM BN BO BR BS BT BV BW BY BZ CA CC
    CD CF CG CH CI CK CL CM CN CO CR CU CV CX CY CZ DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO GA GB GD GE GF
    GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI
    KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW
    MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB
    SC SD SE SG SH SI SJ SK SL SM SN SO SR ST SV SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM UY UZ
    VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
_CURRENCIES = """
    Aed Afn All Amd Ang Aoa Ars Aud Awg Azn Bam Bbd Bdt Bgn Bhd Bif Bmd Bnd Bob Bov Brl Bsd Btn Bwp Byr Bzd Cad Cdf Che
    Chf Chw Clf Clp Cny Cop Cou Crc Cuc Cup Cve Czk Djf Dkk Dop Dzd Egp Ern Etb Fjd Fkp Gbp Gel Ghs Gip Gmd Gnf Gtq Gyd
    Hkd Hnl Hrk Htg Huf Idr Ils Inr Iqd Irr Isk Jmd Jod Jpy Kes Kgs Khr Kmf Kpw Krw Kwd Kyd Kzt Lak Lbp Lkr Lrd Lsl Ltl
    Lyd Mad Mdl Mga Mkd Mmk Mnt Mop Mro Mur Mvr Mwk Mxn Mxv Myr Mzn Nad Ngn Nio Nok Npr Nzd Omr Pab Pen Pgk Php Pkr Pln
    Pyg Qar Ron Rsd Rub Rwf Sar Sbd Scr Sdg Sek Sgd Shp Sll Sos Srd Ssp Std Svc Syp Szl Thb Tjs Tmt Tnd Top Try Ttd Twd
    Tzs Uah Ugx Usd Usn Uyi Uyu Uzs Vef Vnd Vuv Wst Xaf Xag Xau Xba Xbb Xbc Xbd Xcd Xdr Xof Xpd Xpf Xpt Xsu Xts Xua Xxx
    Yer Zar Zmw Zwl
"""


class Country(WireEnum, name="Country", namespace=MESSAGES, values=_COUNTRIES.split()):
    """The country of the site: ISO codes, four of them not in capitals."""

    FR = Member("Fr")
    BE = Member("Be")
    DE = Member("De")
    US = Member("Us")


class Currency(WireEnum, name="Currency", namespace=MESSAGES, values=_CURRENCIES.split()):
    """ISO currency codes, as the service writes them."""

    EUR = Member("Eur")


class Language(WireEnum, name="Language", namespace=MESSAGES):
    """The language of messages; the service answers in French whatever is asked."""

    FR = Member("Fr")
    EN = Member("En")
    DE = Member("De")
    ES = Member("Es")
    TH = Member("Th")
    VI = Member("Vi")
    NOT_DEFINED = Member("NotDefined")


class Authorization(WireEnum, name="Authorization", namespace=MESSAGES):
    """A right; never used."""

    NONE = Member("None")


@model(namespace=LOCATION)
class GeoCoordinate:
    """A place on earth; never used."""

    altitude: float | None = None
    """Metres."""
    course: float | None = None
    """Degrees."""
    horizontal_accuracy: float | None = None
    """Metres."""
    latitude: float | None = None
    """Degrees."""
    longitude: float | None = None
    """Degrees."""
    speed: float | None = None
    """Metres per second."""
    vertical_accuracy: float | None = None
    """Metres."""


@model(namespace=MESSAGES)
class ContextMessage:
    """Which site and catalogue; the service needs `site_id` only."""

    catalog_id: int | None = element(default=1, name="CatalogID", nillable=True)
    """Catalogue: 1 is France."""
    configuration_policy: str | None = None
    """Never used."""
    customer_id: str | None = element(default=None, name="CustomerID")
    """Never used."""
    customer_number_id: int | None = element(default=None, name="CustomerId")
    """Never used; the contract has two members of this name."""
    customer_number: str | None = None
    """Never used."""
    customer_pool_id: int | None = element(default=None, name="CustomerPoolID", nillable=True)
    """Customer pool: 1 is France."""
    geo_coordinate: GeoCoordinate | None = None
    """Never used."""
    secured_context: bool | None = None
    """Never used."""
    site_id: int | None = element(default=100, name="SiteID", required=True)
    """Site: 100 is cdiscount.com."""


@model(namespace=MESSAGES)
class LocalizationMessage:
    """Country, language and currency."""

    country: Country | None = element(default=Country.FR)
    """Country of the site."""
    culture_name: str | None = None
    """Never used."""
    currency: Currency | None = None
    """Currency."""
    decimal_position: int | None = element(default=None, nillable=True)
    """Decimals of amounts."""
    language: Language | None = None
    """Language of messages."""


@model(namespace=MESSAGES)
class SecurityDescriptor:
    """A right to a function; never used."""

    authorization: Authorization | None = element(default=None, required=True)
    """The right."""
    function_identifier: str | None = element(default=None, required=True)
    """The function."""
    version: int | None = element(default=None, required=True)
    """Its version."""


@model(namespace=MESSAGES)
class DomainRights:
    """Rights within a domain; never used."""

    name: str | None = element(default=None, required=True)
    """The domain."""
    security_descriptors: tuple[SecurityDescriptor, ...] = element(
        default=(), name="SecurityDescriptorList", required=True
    )
    """The rights."""


@model(namespace=MESSAGES)
class SubjectLocality:
    """Where the caller is; never used."""

    address: str | None = element(default=None, required=True)
    """Address."""
    dns_name: str | None = element(default=None, required=True)
    """Host name."""


@model(namespace=MESSAGES, private=True)
class SecurityContext:
    """Who calls."""

    domain_rights: tuple[DomainRights, ...] | None = element(default=None, name="DomainRightsList", required=True)
    """Never used."""
    issuer_id: str | None = element(default=None, name="IssuerID", required=True)
    """Never used."""
    session_id: str | None = element(default=None, name="SessionID", required=True)
    """Never used."""
    subject_locality: SubjectLocality | None = None
    """Never used."""
    token_id: str | None = element(default=None, required=True)
    """The token."""
    user_name: str | None = element(default="", required=True)
    """Empty, or the name of the integrating software."""


@model(namespace=MESSAGES)
class HeaderMessage:
    """What goes with every request. The defaults are the least that the live service was seen to accept."""

    context: ContextMessage | None = element(default=ContextMessage(), required=True)
    """Site and catalogue."""
    localization: LocalizationMessage | None = element(default=LocalizationMessage(), required=True)
    """Country, language and currency."""
    security: SecurityContext | None = element(default=SecurityContext())
    """Who calls; the token is put in for each request."""
    version: str | None = element(default="1.0", required=True)
    """Version of the protocol."""

    def with_token(self, token: str) -> HeaderMessage:
        """Return this header with a token in it."""
        known: Any = self.security or SecurityContext()
        made: HeaderMessage = evolve(cast("Any", self), security=evolve(known, token_id=token))
        return made
