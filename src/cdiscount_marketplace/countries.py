"""Countries as ISO 3166-1 alpha-2 codes, from the codes and names that marketplaces write."""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache

_ALPHA_3 = """
    ABW:AW AFG:AF AGO:AO AIA:AI ALA:AX ALB:AL AND:AD ARE:AE ARG:AR ARM:AM ASM:AS ATA:AQ ATF:TF ATG:AG AUS:AU
    AUT:AT AZE:AZ BDI:BI BEL:BE BEN:BJ BES:BQ BFA:BF BGD:BD BGR:BG BHR:BH BHS:BS BIH:BA BLM:BL BLR:BY BLZ:BZ
    BMU:BM BOL:BO BRA:BR BRB:BB BRN:BN BTN:BT BVT:BV BWA:BW CAF:CF CAN:CA CCK:CC CHE:CH CHL:CL CHN:CN CIV:CI
    CMR:CM COD:CD COG:CG COK:CK COL:CO COM:KM CPV:CV CRI:CR CUB:CU CUW:CW CXR:CX CYM:KY CYP:CY CZE:CZ DEU:DE
    DJI:DJ DMA:DM DNK:DK DOM:DO DZA:DZ ECU:EC EGY:EG ERI:ER ESH:EH ESP:ES EST:EE ETH:ET FIN:FI FJI:FJ FLK:FK
    FRA:FR FRO:FO FSM:FM GAB:GA GBR:GB GEO:GE GGY:GG GHA:GH GIB:GI GIN:GN GLP:GP GMB:GM GNB:GW GNQ:GQ GRC:GR
    GRD:GD GRL:GL GTM:GT GUF:GF GUM:GU GUY:GY HKG:HK HMD:HM HND:HN HRV:HR HTI:HT HUN:HU IDN:ID IMN:IM IND:IN
    IOT:IO IRL:IE IRN:IR IRQ:IQ ISL:IS ISR:IL ITA:IT JAM:JM JEY:JE JOR:JO JPN:JP KAZ:KZ KEN:KE KGZ:KG KHM:KH
    KIR:KI KNA:KN KOR:KR KWT:KW LAO:LA LBN:LB LBR:LR LBY:LY LCA:LC LIE:LI LKA:LK LSO:LS LTU:LT LUX:LU LVA:LV
    MAC:MO MAF:MF MAR:MA MCO:MC MDA:MD MDG:MG MDV:MV MEX:MX MHL:MH MKD:MK MLI:ML MLT:MT MMR:MM MNE:ME MNG:MN
    MNP:MP MOZ:MZ MRT:MR MSR:MS MTQ:MQ MUS:MU MWI:MW MYS:MY MYT:YT NAM:NA NCL:NC NER:NE NFK:NF NGA:NG NIC:NI
    NIU:NU NLD:NL NOR:NO NPL:NP NRU:NR NZL:NZ OMN:OM PAK:PK PAN:PA PCN:PN PER:PE PHL:PH PLW:PW PNG:PG POL:PL
    PRI:PR PRK:KP PRT:PT PRY:PY PSE:PS PYF:PF QAT:QA REU:RE ROU:RO RUS:RU RWA:RW SAU:SA SDN:SD SEN:SN SGP:SG
    SGS:GS SHN:SH SJM:SJ SLB:SB SLE:SL SLV:SV SMR:SM SOM:SO SPM:PM SRB:RS SSD:SS STP:ST SUR:SR SVK:SK SVN:SI
    SWE:SE SWZ:SZ SXM:SX SYC:SC SYR:SY TCA:TC TCD:TD TGO:TG THA:TH TJK:TJ TKL:TK TKM:TM TLS:TL TON:TO TTO:TT
    TUN:TN TUR:TR TUV:TV TWN:TW TZA:TZ UGA:UG UKR:UA UMI:UM URY:UY USA:US UZB:UZ VAT:VA VCT:VC VEN:VE VGB:VG
    VIR:VI VNM:VN VUT:VU WLF:WF WSM:WS YEM:YE ZAF:ZA ZMB:ZM ZWE:ZW
"""
# Names in French, in English and in the country's own language, of where marketplaces in Europe ship to: without
# accents, blanks and articles.
_NAMES = """
    AL albania albanie shqiperia
    AD andorra andorre
    AT austria autriche osterreich oesterreich
    BE belgium belgique belgie belgien
    BG bulgaria bulgarie
    BL saintbarthelemy
    BR brazil bresil brasil
    CA canada
    CH switzerland suisse schweiz svizzera
    CN china chine
    CY cyprus chypre
    CZ czechia czechrepublic tchequie republiquetcheque cesko
    DE germany allemagne deutschland
    DK denmark danemark danmark
    DZ algeria algerie
    EE estonia estonie eesti
    ES spain espagne espana
    FI finland finlande suomi
    FR france francemetropolitaine metropolitanfrance republiquefrancaise
    GB unitedkingdom royaumeuni greatbritain grandebretagne uk england angleterre scotland ecosse wales northernireland
    GF frenchguiana guyane guyanefrancaise
    GG guernsey guernesey
    GP guadeloupe
    GR greece grece hellas
    HR croatia croatie hrvatska
    HU hungary hongrie magyarorszag
    IE ireland irlande eire
    IM isleofman iledeman
    IS iceland islande
    IT italy italie italia
    JE jersey
    JP japan japon
    LI liechtenstein
    LT lithuania lituanie lietuva
    LU luxembourg luxemburg
    LV latvia lettonie latvija
    MA morocco maroc
    MC monaco
    MF saintmartin
    MQ martinique
    MT malta malte
    NC newcaledonia nouvellecaledonie
    NL netherlands paysbas nederland holland hollande thenetherlands
    NO norway norvege norge
    PF frenchpolynesia polynesiefrancaise
    PL poland pologne polska
    PM saintpierreandmiquelon saintpierreetmiquelon
    PT portugal
    RE reunion lareunion iledelareunion
    RO romania roumanie
    RS serbia serbie srbija
    SE sweden suede sverige
    SI slovenia slovenie slovenija
    SK slovakia slovaquie slovensko
    SM sanmarino saintmarin
    TN tunisia tunisie
    TR turkey turquie turkiye
    US unitedstates etatsunis usa unitedstatesofamerica
    WF wallisandfutuna wallisetfutuna
    YT mayotte
"""


@lru_cache(maxsize=500)
def country_code(text: str | None) -> str | None:
    """Return the ISO 3166-1 alpha-2 code of a country given by code or name; what is not known stays as it is."""
    if text is None or not text.strip():
        return None
    folded = _fold(text)
    if len(folded) == 2 and folded.isascii():
        return _OLD_CODES.get(folded.upper(), folded.upper())
    return _codes().get(folded, text.strip())


# What some write for GB and GR.
_OLD_CODES = {"UK": "GB", "EL": "GR"}


@cache
def _codes() -> dict[str, str]:
    """Return the code by alpha-3 code and by name; made when it is first needed."""
    alpha_3 = (pair.split(":") for pair in _ALPHA_3.split())
    codes = {three.casefold(): two for three, two in alpha_3}
    for line in _NAMES.strip().splitlines():
        code, *names = line.split()
        codes.update(dict.fromkeys(names, code))
    return codes


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.casefold())
    return "".join(one for one in plain if one.isalnum())
