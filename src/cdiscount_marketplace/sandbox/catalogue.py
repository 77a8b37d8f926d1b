"""Invented customers, places and goods for the generator; any likeness is chance."""

from __future__ import annotations

from decimal import Decimal

from attrs import frozen


@frozen
class Town:
    """A French town with its postal code."""

    zip_code: str
    name: str


@frozen
class Product:
    """Something to sell: the seller's reference, the marketplace's, and the price of one."""

    reference: str
    product_id: str
    ean: str
    name: str
    category: str
    price: Decimal
    shipping: Decimal = Decimal(0)


TOWNS = (
    Town("75011", "Paris"),
    Town("69003", "Lyon"),
    Town("13006", "Marseille"),
    Town("33000", "Bordeaux"),
    Town("44000", "Nantes"),
    Town("59800", "Lille"),
    Town("67000", "Strasbourg"),
    Town("31000", "Toulouse"),
    Town("35000", "Rennes"),
    Town("38000", "Grenoble"),
    Town("29200", "Brest"),
    Town("64200", "Biarritz"),
)
STREETS = (
    "rue de la République",
    "avenue Jean Jaurès",
    "rue des Lilas",
    "chemin de l'Église",
    "boulevard Victor Hugo",
    "impasse du Moulin",
    "place du Marché",
    "rue Saint-Exupéry",
    "allée des Chênes",
    "quai de la Fosse",
)
BUILDINGS = (None, None, None, "Bâtiment B", "Résidence Les Acacias", "2e étage, porte gauche")
WOMEN = ("Camille", "Chloé", "Élodie", "Françoise", "Inès", "Léa", "Maëlys", "Zoé")
MEN = ("Antoine", "Benoît", "François", "Gaël", "Hugo", "Jérôme", "Loïc", "Théo")
SURNAMES = (
    "Bernard",
    "Cœurderoy",
    "D'Hondt",
    "Fontaine",
    "Garnier",
    "Lefèvre",
    "Mercier",
    "N'Guyen",
    "Peltier",
    "Roussel",
    "Saint-Maur",
    "Vasseur",
)
COMPANIES = ("Menuiserie Roussel SARL", "Cabinet Fontaine & Associés", "Boulangerie du Marché")
RELAY_NAMES = ("Tabac de la Gare", "Fleurs & Merveilles", "Pressing Express", "Librairie Le Passage")
RELAY_CODES = ("REL", "RCO", "SO1")
HOME_CODES = ("TRK", "TRK", "TRK", "STD", "REG", "EXP")
CONDITIONS = ("New", "New", "New", "New", "LikeNew", "VeryGoodState", "AverageState")
PRODUCTS = (
    Product("MUG-BLEU-01", "AUC3700000000011", "3700000000011", "Mug en grès bleu 30 cl", "0B0201", Decimal("9.90")),
    Product("LAMPE-LED-7", "AUC3700000000028", "3700000000028", "Lampe de bureau LED", "0B0405", Decimal("34.99")),
    Product(
        "CASSEROLE-20",
        "AUC3700000000035",
        "3700000000035",
        "Casserole inox 20 cm",
        "0B0203",
        Decimal("27.5"),
        Decimal("4.9"),
    ),
    Product("JEU-DAMES", "AUC3700000000042", "3700000000042", "Jeu de dames en bois", "0E0301", Decimal("19")),
    Product(
        "CHAISE-PLI-4",
        "AUC3700000000059",
        "3700000000059",
        "Lot de 4 chaises pliantes pour la terrasse et le jardin",
        "0B0701",
        Decimal("89.96"),
        Decimal("12.9"),
    ),
    Product("CABLE-USBC", "AUC3700000000066", "3700000000066", "Câble USB-C tressé 2 m", "070501", Decimal("7.49")),
    Product(
        "SAC-DOS-25", "AUC3700000000073", "3700000000073", "Sac à dos 25 L « Évasion »", "0F0102", Decimal("42.00")
    ),
    Product(
        "BOUGIE-VAN", "AUC3700000000080", "3700000000080", "Bougie parfumée vanille & ambre", "0B0809", Decimal("12.3")
    ),
)
