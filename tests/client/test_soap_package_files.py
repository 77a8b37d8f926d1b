"""Files of packages: what is written is what the marketplace reads, or an error before anything is sent."""

from __future__ import annotations

import contextlib
import io
import os
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from cdiscount_marketplace.errors import InvalidRequest
from cdiscount_marketplace.sandbox.core import Sandbox
from cdiscount_marketplace.soap import (
    DiscountRequest,
    DiscountType,
    OfferPackage,
    OfferRequest,
    PackageType,
    PriceAlignment,
    ProductCondition,
    ProductPackage,
    ProductRequest,
    ProductType,
    ShippingRequest,
    package_files,
)
from support.scripted import always
from support.shelves import upload_to

XAML = "{http://schemas.microsoft.com/winfx/2006/xaml}"
PARIS = ZoneInfo("Europe/Paris")
HOSTILE = [
    "a & b <c> \"d\" 'e' ]]> <!-- f --> &amp;",
    "\u202eright to left\u202c \u05e9\u05dc\u05d5\u05dd",
    "\U0001f600 \U0001f469\u200d\U0001f680",
    "line\nbreak\r\nand\ttab",
    " blanks  around ",
    "x" * 10_240,
]
UNWRITABLE = ["a\0b", "a\x0bb", "a\x1fb", "\ud800", "\ufffe"]


def tracked(charges: str = "2", additional: str = "4", mode: str = "Tracked") -> ShippingRequest:
    return ShippingRequest(
        delivery_mode=mode, shipping_charges=Decimal(charges), additional_shipping_charges=Decimal(additional)
    )


def offer(sku: str = "SKU-1", **changes: Any) -> OfferRequest:
    values: dict[str, Any] = {
        "product_ean": "3700000000011",
        "product_condition": ProductCondition.NEW,
        "price": Decimal("9.90"),
        "stock": 3,
        "preparation_time": 1,
        "shipping": [tracked()],
    }
    return OfferRequest(seller_product_id=sku, **(values | changes))


def flash(start: datetime = datetime(2026, 1, 1, tzinfo=UTC), hours: int = 0) -> DiscountRequest:
    return DiscountRequest(type=DiscountType.FLASH, start_date=start, end_date=start + timedelta(hours=hours))


def product(reference: str = "REF-1", **changes: Any) -> ProductRequest:
    values: dict[str, Any] = {
        "brand_name": "Sablier",
        "category_code": "0E040K",
        "long_label": "Lampe de bureau",
        "short_label": "Lampe",
        "description": "Une lampe",
        "model": "SOUMISSION CREATION PRODUITS_MK",
        "eans": ["3700000000028"],
        "model_properties": {"Couleur": "Noir"},
    }
    return ProductRequest(seller_product_id=reference, **(values | changes))


def written(package: OfferPackage | ProductPackage) -> zipfile.ZipFile:
    file = io.BytesIO()
    package.write(file)
    return zipfile.ZipFile(file)


def root(package: OfferPackage | ProductPackage) -> ElementTree.Element:
    [part] = [name for name in written(package).namelist() if name.startswith("Content/")]
    return ElementTree.fromstring(written(package).read(part))


def said(value: str) -> str:
    """Return what an attribute says in XAML."""
    assert value.startswith("{}") or not value.startswith("{"), "a command, not a text"
    return value.removeprefix("{}")


def content(node: ElementTree.Element) -> Any:
    """Return what an element says; `Capacity` is a hint about how much room a list needs."""
    attributes = {name: value for name, value in node.attrib.items() if name != "Capacity"}
    return node.tag, attributes, (node.text or "").strip(), [content(child) for child in node]


class Cursor:
    """A source that fails once before its last part, and could be read on."""

    def __init__(self, *parts: Any) -> None:
        self.left = list(parts)
        self.broke = False

    def __iter__(self) -> Cursor:
        return self

    def __next__(self) -> Any:
        if len(self.left) == 1 and not self.broke:
            self.broke = True
            raise ConnectionError("the source is gone")
        if not self.left:
            raise StopIteration
        return self.left.pop(0)


# --- layout and content


@pytest.mark.parametrize(
    ("package", "part"),
    [
        (OfferPackage(offers=[offer()]), "Content/Offers.xml"),
        (ProductPackage(products=[product()]), "Content/Products.xml"),
    ],
)
def test_the_part_is_where_the_relationship_says(package: OfferPackage | ProductPackage, part: str) -> None:
    archive = written(package)
    assert sorted(archive.namelist()) == sorted(["[Content_Types].xml", "_rels/.rels", part])
    assert archive.testzip() is None
    [relationship] = ElementTree.fromstring(archive.read("_rels/.rels"))
    assert relationship.attrib["Target"] == f"/{part}"
    kinds = {
        one.attrib["Extension"]: one.attrib["ContentType"]
        for one in ElementTree.fromstring(archive.read("[Content_Types].xml"))
    }
    assert kinds == {"xml": "text/xml", "rels": "application/vnd.openxmlformats-package.relationships+xml"}


RECORDED_SHIPPING = [tracked(mode="Standard"), tracked()]
RECORDED_OFFERS = [
    OfferRequest(
        seller_product_id=f"MY_SKU{number}",
        product_ean="978-1593274351",
        product_condition=ProductCondition.AVERAGE_STATE,
        price=Decimal(10 * number),
        eco_tax=Decimal("0.1"),
        vat_rate=Decimal("19.36"),
        dea_tax=Decimal("3.14"),
        stock=1,
        preparation_time=1,
        shipping=RECORDED_SHIPPING,
    )
    for number in (1, 2)
]
RECORDED_DISCOUNT = DiscountRequest(
    type=DiscountType.STRIKED_PRICE,
    discount_value=Decimal(5),
    start_date=datetime(2019, 5, 15, tzinfo=PARIS),
    end_date=datetime(2019, 4, 15, tzinfo=PARIS),
)


@pytest.mark.parametrize(
    ("sample", "offers", "options"),
    [
        ("Offers", RECORDED_OFFERS, {}),
        ("Offers_with_purge_and_replace", RECORDED_OFFERS, {"purge_and_replace": True}),
        ("Offers_with_offer_publication_list", RECORDED_OFFERS, {"publication_pools": [1, 16]}),
        (
            "Offers_with_discount",
            [evolve(RECORDED_OFFERS[0], discounts=[RECORDED_DISCOUNT]), RECORDED_OFFERS[1]],
            {},
        ),
    ],
)
def test_offers_are_written_as_they_were_recorded(
    recorded: Path, sample: str, offers: list[OfferRequest], options: dict[str, Any]
) -> None:
    expected = ElementTree.parse(recorded / "soap" / "packages" / f"{sample}.xml").getroot()
    assert content(root(OfferPackage(name="A good package", offers=offers, **options))) == content(expected)


def test_products_are_written_as_they_were_recorded(recorded: Path) -> None:
    expected = ElementTree.parse(recorded / "soap" / "packages" / "Products.xml").getroot()
    products = [_request(node) for node in expected.iter() if node.tag.endswith("}Product")]
    assert content(root(ProductPackage(name=expected.attrib["Name"], products=products))) == content(expected)


def _request(node: ElementTree.Element) -> ProductRequest:
    """Return what a recorded product was made of."""
    said = node.attrib
    return ProductRequest(
        seller_product_id=said["SellerProductId"],
        brand_name=said["BrandName"],
        category_code=said["CategoryCode"],
        long_label=said["LongLabel"],
        short_label=said["ShortLabel"],
        description=said["Description"],
        model=said["Model"],
        product_kind=ProductType(said["ProductKind"]),
        seller_product_family=said["SellerProductFamily"],
        seller_product_color_name=said["SellerProductColorName"],
        size=said["Size"],
        eans=[one.attrib["Ean"] for one in node.iter() if "Ean" in one.attrib],
        model_properties={one.attrib[f"{XAML}Key"]: one.text or "" for one in node.iter(f"{XAML}String")},
        pictures=[one.attrib["Uri"] for one in node.iter() if "Uri" in one.attrib],
    )


def test_all_that_an_offer_can_say_is_written() -> None:
    whole = offer(
        vat_rate=Decimal(20),
        eco_tax=Decimal("0.02"),
        dea_tax=Decimal(0),
        striked_price=Decimal("12.00"),
        comment="Boîte abîmée",
        price_must_be_aligned=PriceAlignment.ALIGN,
        minimum_price_for_price_alignment=Decimal("8.50"),
        is_cdav=True,
        bluff_delivery_max=4,
    )
    [written_offer] = [node for node in root(OfferPackage(offers=[whole])).iter() if node.tag.endswith("}Offer")]
    assert written_offer.attrib == {
        "SellerProductId": "SKU-1", "ProductEan": "3700000000011", "ProductCondition": "6", "Price": "9.90",
        "StrikedPrice": "12.00", "Vat": "20", "EcoPart": "0.02", "DeaTax": "0", "Stock": "3", "PreparationTime": "1",
        "Comment": "Boîte abîmée", "PriceMustBeAligned": "Align", "MinimumPriceForPriceAlignment": "8.50",
        "IsCDAV": "True", "BluffDeliveryMax": "4",
    }  # fmt: skip


def test_stock_package_says_only_what_changes() -> None:
    package = OfferPackage(
        offers=[OfferRequest(seller_product_id="SKU-1", stock=0)], package_type=PackageType.STOCK_AND_PRICE
    )
    assert root(package).attrib["PackageType"] == "StockAndPrice"
    [written_offer] = [node for node in root(package).iter() if node.tag.endswith("}Offer")]
    assert written_offer.attrib == {"SellerProductId": "SKU-1", "Stock": "0"}


def test_discounts_are_in_the_time_of_the_service() -> None:
    noon = datetime(2026, 7, 1, 12, tzinfo=UTC)
    discount = DiscountRequest(type=DiscountType.SALES, start_date=noon, end_date=noon + timedelta(hours=1, seconds=5))
    [written_discount] = [
        node for node in root(OfferPackage(offers=[offer(discounts=[discount])])).iter() if "EndDate" in node.attrib
    ]
    assert written_discount.attrib == {"Type": "3", "StartDate": "2026-07-01T14:00", "EndDate": "2026-07-01T15:00:05"}


# --- hostile texts


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_arrives_as_it_was(text: str) -> None:
    [written_offer] = [
        node for node in root(OfferPackage(offers=[offer(text, comment=text)])).iter() if "Stock" in node.attrib
    ]
    assert (written_offer.attrib["SellerProductId"], written_offer.attrib["Comment"]) == (text, text)
    hostile = product(text, description=text, model_properties={text: text}, pictures=[text])
    node = root(ProductPackage(products=[hostile]))
    [described] = [one for one in node.iter() if "Description" in one.attrib]
    assert described.attrib["Description"] == text
    [[key, value]] = [(one.attrib[f"{XAML}Key"], one.text) for one in node.iter(f"{XAML}String")]
    assert (key, value) == (text, text)


@given(st.text())
def test_any_text_is_written_or_refused(text: str) -> None:
    package = OfferPackage(offers=[offer(comment=text)])
    try:
        [written_offer] = [node for node in root(package).iter() if "Stock" in node.attrib]
    except InvalidRequest as error:
        assert "offers[0].comment" in str(error)  # noqa: PT017 -- either is right
        return
    assert said(written_offer.attrib.get("Comment", "")) == text


@pytest.mark.parametrize("text", ["{x}", "{}", "{x:Null}", "{}{y}", "a {b}"])
def test_text_in_braces_is_no_command(text: str) -> None:
    sandbox = Sandbox()
    package = OfferPackage(offers=[offer(text, comment=text)])
    [written_offer] = [node for node in root(package).iter() if "Stock" in node.attrib]
    assert [said(written_offer.attrib[name]) for name in ("SellerProductId", "Comment")] == [text, text]
    report = sandbox.client().offers.submit_package(package, upload=upload_to(sandbox)).wait()
    assert [row.seller_product_id for row in report.offers] == [text]
    fields = root(ProductPackage(products=[product(text, model_properties={text: text}, pictures=[text])]))
    marked = [(node.attrib[f"{XAML}Key"], node.text) for node in fields.iter() if f"{XAML}Key" in node.attrib]
    assert [(said(key), value) for key, value in marked] == [(text, text)]
    assert [said(node.attrib["Uri"]) for node in fields.iter() if "Uri" in node.attrib] == [text]


@pytest.mark.parametrize("text", UNWRITABLE)
def test_text_that_no_xml_carries_is_refused_by_offer_and_member(text: str) -> None:
    with pytest.raises(InvalidRequest, match=r"offers\[1\]\.comment: .*XML.*\(seller_product_id 'SKU-2'\)"):
        written(OfferPackage(offers=[offer(), offer("SKU-2", comment=text)]))
    with pytest.raises(InvalidRequest, match=r"products\[0\]\.model_properties\[.*XML"):
        written(ProductPackage(products=[product(model_properties={"Couleur": text})]))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"seller_product_id": None}, "seller_product_id: is required"),
        ({"seller_product_id": "  "}, "seller_product_id: is required"),
        ({"price": Decimal(0)}, "price: must be above 0"),
        ({"price": Decimal("NaN")}, "price: must be a finite number"),
        ({"price": 9.9}, "price: must be a Decimal"),
        ({"price": None}, "price: is required in a full package"),
        ({"stock": -1}, "stock: must be at least 0"),
        ({"stock": "3"}, "stock: must be an integer"),
        ({"product_condition": ProductCondition("Broken")}, "product_condition: 'Broken' has no place"),
        ({"price": Decimal("1E+400")}, "price: must be below"),
        ({"price": Decimal("9" * 30)}, "price: must be below"),
        ({"vat_rate": Decimal("9" * 30)}, "vat_rate: must be below"),
        ({"price": Decimal("9.999")}, "price: must be in whole cents"),
        ({"preparation_time": 0}, "preparation_time: must be from 1 to 10"),
        ({"preparation_time": 11}, "preparation_time: must be from 1 to 10"),
        ({"discounts": [flash(hours=73)]}, r"discounts\[0\]\.end_date: must be at most 72 hours"),
        (
            {"discounts": [flash(datetime.max.replace(tzinfo=UTC))]},
            r"discounts\[0\]\.start_date: must be between the years",
        ),
        ({"comment": 7}, "comment: must be a string"),
        ({"shipping": [ShippingRequest(delivery_mode="Tracked")]}, r"shipping\[0\]\.shipping_charges: is required"),
        ({"shipping": "Tracked"}, r"shipping\[0\]: must be a ShippingRequest"),
        ({"shipping": None}, "shipping: must be a list"),
        (
            {"discounts": [DiscountRequest(type=DiscountType.FLASH, start_date=datetime(2026, 1, 1), end_date=None)]},
            r"discounts\[0\]\.start_date: must be an aware datetime",
        ),
    ],
)
def test_offer_that_no_file_can_carry_is_refused(changes: dict[str, Any], said: str) -> None:
    wrong = evolve(offer(), **changes)
    with pytest.raises(InvalidRequest, match=rf"offers\[0\]\.{said}"):
        written(OfferPackage(offers=[wrong]))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"long_label": "x" * 10_000}, "long_label: has 10000 characters, at most 132"),
        ({"short_label": "x" * 31}, "short_label: has 31 characters, at most 30"),
        ({"description": ""}, "description: is required"),
        ({"eans": []}, "eans: give at least one"),
        ({"eans": "3700000000028"}, "eans: must be a list"),
        ({"pictures": ["https://example.com/1.jpg", None]}, r"pictures\[1\]: is required"),
        ({"model_properties": ["Couleur"]}, "model_properties: must map"),
    ],
)
def test_product_that_no_file_can_carry_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidRequest, match=rf"products\[0\]\.{said}.*'REF-1'"):
        written(ProductPackage(products=[product(**changes)]))


@pytest.mark.parametrize("offers", [[], iter(())])
def test_package_without_offers_replaces_nothing(offers: Any) -> None:
    with pytest.raises(InvalidRequest, match="give at least one"):
        written(OfferPackage(offers=offers, purge_and_replace=True))


def test_all_problems_are_named_but_not_thousands() -> None:
    with pytest.raises(InvalidRequest) as caught:
        written(OfferPackage(offers=[offer(f"SKU-{number}", stock=-1) for number in range(3)]))
    assert [problem.field for problem in caught.value.problems] == [f"offers[{number}].stock" for number in range(3)]
    with pytest.raises(InvalidRequest) as caught:
        written(OfferPackage(offers=(offer(stock=-1) for _ in range(10_000))))
    assert len(caught.value.problems) == 20


def test_an_error_is_short_however_long_the_texts_are() -> None:
    long = "x" * 10_240
    wrong = offer(long, product_condition=ProductCondition(long), price=None)
    with pytest.raises(InvalidRequest) as caught:
        written(OfferPackage(offers=[wrong]))
    assert len(str(caught.value)) < 1_000
    with pytest.raises(InvalidRequest) as caught:
        written(ProductPackage(products=[product(long, model_properties={long: "a\0"})]))
    assert len(str(caught.value)) < 1_000


def test_something_else_than_offers_is_refused() -> None:
    with pytest.raises(InvalidRequest, match=r"offers\[0\]: must be of type OfferRequest, not dict"):
        written(OfferPackage(offers=[{"sku": "A"}]))  # type: ignore[list-item]
    with pytest.raises(InvalidRequest, match="package_type"):
        written(OfferPackage(offers=[offer()], package_type=PackageType("Empty")))


def test_package_of_stock_alone_replaces_nothing() -> None:
    with pytest.raises(InvalidRequest, match="purge_and_replace: needs a full package"):
        written(OfferPackage(offers=[offer()], purge_and_replace=True, package_type=PackageType.STOCK_AND_PRICE))


def test_what_is_just_within_the_bounds_is_written() -> None:
    within = offer(price=Decimal("9.990"), preparation_time=10, discounts=[flash(hours=72)])
    assert written(OfferPackage(offers=[within])).testzip() is None


@pytest.mark.parametrize("pools", [["1"], "1", 1, None, {1}, [True], [0], [-5], [1, 10**40], [1.0]])
def test_sites_that_are_no_numbers_are_refused(pools: Any) -> None:
    with pytest.raises(InvalidRequest, match="publication_pools"):
        written(OfferPackage(offers=[offer()], publication_pools=pools))


@pytest.mark.parametrize("pools", [[1, 16], (1, 16), iter([1, 16])])
def test_sites_are_written_even_from_an_iterator(pools: Any) -> None:
    package = root(OfferPackage(offers=[offer()], publication_pools=pools))
    sites = [node.attrib["Id"] for node in package.iter() if node.tag.endswith("PublicationPool")]
    assert sites == ["1", "16"]


@pytest.mark.parametrize("parts", [None, 7, offer()])
def test_parts_that_are_no_list_are_refused(parts: Any) -> None:
    with pytest.raises(InvalidRequest, match="offers: must be a list or an iterator of OfferRequest, not"):
        written(OfferPackage(offers=parts))
    with pytest.raises(InvalidRequest, match="products: must be a list or an iterator of ProductRequest, not"):
        written(ProductPackage(products=parts))


@pytest.mark.parametrize(
    ("section", "package", "said"),
    [
        ("offers", [offer()], "must be of type OfferPackage, not list"),
        ("offers", ProductPackage(products=[product()]), "must be of type OfferPackage, not ProductPackage"),
        ("products", OfferPackage(offers=[offer()]), "must be of type ProductPackage, not OfferPackage"),
        ("products", None, "must be of type ProductPackage, not NoneType"),
    ],
)
def test_another_kind_of_package_is_refused_before_any_request(section: str, package: Any, said: str) -> None:
    service = always(500, b"")
    with pytest.raises(InvalidRequest, match=said):
        getattr(service.client(), section).submit_package(package, upload=lambda _file, _name: "https://example.com")
    assert service.requests == []


def test_no_upload_is_refused_before_any_request() -> None:
    service = always(500, b"")
    with pytest.raises(InvalidRequest, match="upload: must be a function that takes a file and its name"):
        service.client().offers.submit_package(OfferPackage(offers=[offer()]), upload=None)  # type: ignore[arg-type]
    assert service.requests == []


@pytest.mark.parametrize("section", ["offers", "products"])
@pytest.mark.parametrize("number", [None, 0, -1, True, "1", 1.0, 2**63])
def test_what_is_no_number_of_a_package_is_refused(section: str, number: Any) -> None:
    with pytest.raises(InvalidRequest, match="package_id: must be the number that the submission was given"):
        getattr(always(500, b"").client(), section).package(number)


@pytest.mark.parametrize(
    ("spans", "said"),
    [
        ({"timeout": 60}, "timeout: must be a timedelta"),
        ({"poll": 1.5}, "poll: must be a timedelta"),
        ({"poll": timedelta()}, "poll: must be above 0"),
        ({"poll": timedelta(seconds=-1)}, "poll: must be above 0"),
    ],
)
def test_waiting_for_no_time_is_refused_before_any_request(spans: dict[str, Any], said: str) -> None:
    service = always(500, b"")
    with pytest.raises(InvalidRequest, match=said):
        service.client().offers.package(1).wait(**spans)
    assert service.requests == []


# --- where it is written


def test_path_has_the_whole_package_or_what_it_had(tmp_path: Path) -> None:
    path = tmp_path / "offers.zip"
    OfferPackage(offers=[offer()]).write(path)
    before = path.read_bytes()
    with pytest.raises(InvalidRequest):
        OfferPackage(offers=[offer(), offer(price=None)]).write(str(path))
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no pipes in folders")
def test_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    path = tmp_path / "offers.zip"
    os.mkfifo(path)
    with ThreadPoolExecutor(1) as pool:
        read = pool.submit(path.read_bytes)
        OfferPackage(offers=[offer()]).write(path)
        assert zipfile.ZipFile(io.BytesIO(read.result(10))).testzip() is None
    assert path.is_fifo()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("folder", ["missing", "file"])
def test_missing_folder_is_named_not_a_hidden_file(tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match=folder) as caught:
        OfferPackage(offers=[offer()]).write(tmp_path / folder / "offers.zip")
    assert isinstance(caught.value, FileNotFoundError | NotADirectoryError)
    assert caught.value.filename == str(tmp_path / folder)


def test_directory_is_not_replaced(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"directory|denied"):
        OfferPackage(offers=[offer()]).write(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_file_that_no_plain_zip_holds_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package_files, "LARGEST", 2_000)
    OfferPackage(offers=[offer()]).write(tmp_path / "offers.zip")
    with pytest.raises(InvalidRequest, match="more than 2,000 bytes of XML: make several packages"):
        OfferPackage(offers=[offer(f"SKU-{number}") for number in range(9)]).write(tmp_path / "more.zip")
    assert [path.name for path in tmp_path.iterdir()] == ["offers.zip"]


def test_same_package_is_the_same_bytes(tmp_path: Path) -> None:
    for name in ("1.zip", "2.zip"):
        OfferPackage(offers=[offer()]).write(tmp_path / name)
    assert (tmp_path / "1.zip").read_bytes() == (tmp_path / "2.zip").read_bytes()


class Pipe(io.RawIOBase):
    """A file that can only be written on."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, part: Any) -> int:
        self.parts.append(bytes(part))
        return len(part)


def test_offers_are_written_while_they_are_read() -> None:
    pipe = Pipe()
    sizes: list[int] = []

    def feed() -> Iterator[OfferRequest]:
        for number in range(50_000):
            sizes.append(sum(map(len, pipe.parts)) if number % 10_000 == 0 else 0)
            yield offer(f"SKU-{number}")

    OfferPackage(offers=feed()).write(pipe)  # type: ignore[arg-type]
    assert [size for size in sizes if size] == sorted(set(sizes) - {0})
    assert len(zipfile.ZipFile(io.BytesIO(b"".join(pipe.parts))).read("Content/Offers.xml")) > 10_000_000


# --- submitting


def test_package_is_submitted_and_reported_offer_by_offer() -> None:
    sandbox = Sandbox()
    heard: list[str | None] = []
    package = OfferPackage(offers=[offer("A"), offer("B", product_ean=None)])
    submitted = sandbox.client().offers.submit_package(package, upload=upload_to(sandbox))
    report = submitted.wait(progress=lambda each: heard.append(each.package_integration_status))
    assert (heard[0], heard[-1]) == ("IntegrationPending", "Integrated")
    assert {row.seller_product_id: row.integrated for row in report.offers} == {"A": True, "B": False}
    [row] = report.rejected
    assert [(error.property_error, error.log_message) for error in row.errors] == [
        ("10", "Le champ gtin est obligatoire")
    ]
    assert [each.seller_product_id for each in sandbox.client().offers.list()] == ["A"]


def test_hostile_offer_arrives_at_the_marketplace() -> None:
    sandbox = Sandbox()
    skus = [text for text in HOSTILE if text.strip() == text]
    package = OfferPackage(offers=map(offer, skus))
    assert sandbox.client().offers.submit_package(package, upload=upload_to(sandbox)).wait().ok
    assert {each.sku for each in sandbox.offers.offers()} == set(skus)


def test_product_package_is_submitted_and_reported_product_by_product() -> None:
    sandbox = Sandbox()
    package = ProductPackage(products=[product("A"), product("B", category_code="NONE")])
    report = sandbox.client().products.submit_package(package, upload=upload_to(sandbox)).wait()
    assert len(report.products) == 2
    assert len(report.rejected) == report.number_of_errors == 1
    assert all(row.errors for row in report.rejected)


def test_each_file_has_a_name_that_nobody_guesses() -> None:
    sandbox, names = Sandbox(), list[str]()
    for _ in range(2):
        sandbox.client().offers.submit_package(OfferPackage(offers=[offer()]), upload=upload_to(sandbox, names))
    assert len(set(names)) == 2
    assert all(name.startswith("offers-") and name.endswith(".zip") and len(name) > 40 for name in names)


def test_nothing_is_uploaded_or_sent_of_a_package_with_a_wrong_offer() -> None:
    service, uploads = always(500, b""), list[str]()
    with pytest.raises(InvalidRequest, match=r"offers\[0\]\.price"):
        service.client().offers.submit_package(
            OfferPackage(offers=[offer(price=Decimal(-1))]),
            upload=lambda _file, name: uploads.append(name) or name,  # type: ignore[func-returns-value]
        )
    assert (service.requests, uploads) == ([], [])


def test_upload_that_gives_no_url_is_refused_before_any_request() -> None:
    service = always(500, b"")
    for wrong in ("offers.zip", None, "https://", "https://example.com/a b.zip", "https://example.com/1.zip\t"):
        with pytest.raises(InvalidRequest, match=r"http|blank"):
            service.client().offers.submit_package(
                OfferPackage(offers=[offer()]),
                upload=lambda *_: wrong,  # type: ignore[arg-type,return-value] # noqa: B023 -- called at once
            )
    assert service.requests == []


def test_a_url_may_be_written_in_upper_case() -> None:
    sandbox = Sandbox()
    upload = upload_to(sandbox)
    submitted = sandbox.client().offers.submit_package(
        OfferPackage(offers=[offer()]), upload=lambda file, name: upload(file, name).replace("http", "HTTP")
    )
    assert submitted.id > 0


@pytest.mark.filterwarnings("error")
def test_upload_that_must_be_awaited_is_refused_before_any_request() -> None:
    service = always(500, b"")

    async def upload(_file: BinaryIO, _name: str) -> str:
        return "https://example.com/1.zip"

    with pytest.raises(InvalidRequest, match=r"must return the URL, .* not a coroutine"):
        service.client().offers.submit_package(OfferPackage(offers=[offer()]), upload=upload)  # type: ignore[arg-type]
    assert service.requests == []


def test_upload_that_fails_raises_what_it_raised() -> None:
    service = always(500, b"")

    def upload(_file: BinaryIO, _name: str) -> str:
        raise PermissionError("bucket")

    with pytest.raises(PermissionError):
        service.client().offers.submit_package(OfferPackage(offers=[offer()]), upload=upload)
    assert service.requests == []


@pytest.mark.parametrize("purge", [True, False])
def test_retry_of_a_broken_reading_takes_no_half_of_the_shop_off(purge: bool) -> None:
    sandbox = Sandbox()
    client, offers = sandbox.client(), [offer(f"SKU-{number}") for number in range(4)]
    client.offers.submit_package(OfferPackage(offers=offers), upload=upload_to(sandbox)).wait()
    package = OfferPackage(offers=Cursor(*offers), purge_and_replace=purge)
    with pytest.raises(ConnectionError):
        client.offers.submit_package(package, upload=upload_to(sandbox))
    with pytest.raises(InvalidRequest, match="offers were read already: give a list, or make the package again"):
        client.offers.submit_package(package, upload=upload_to(sandbox))
    sandbox.advance(timedelta(hours=1))
    assert [one.stock for one in client.offers.iter()] == [3] * 4


@pytest.mark.parametrize(
    ("package", "name"),
    [
        (OfferPackage(offers=iter([offer()])), "offers"),
        (OfferPackage(offers=iter([offer(f"S{number}", price=Decimal(0)) for number in range(50)])), "offers"),
        (ProductPackage(products=iter([product()])), "products"),
        (ProductPackage(products=Cursor(product(), product())), "products"),
    ],
)
def test_iterator_is_read_once_even_if_that_failed(package: OfferPackage | ProductPackage, name: str) -> None:
    with contextlib.suppress(InvalidRequest, ConnectionError):
        written(package)
    with pytest.raises(InvalidRequest, match=f"{name} were read already"):
        written(package)


def test_package_of_a_list_may_be_submitted_again() -> None:
    sandbox = Sandbox()
    package = OfferPackage(offers=[offer()])
    for _ in range(2):
        report = sandbox.client().offers.submit_package(package, upload=upload_to(sandbox)).wait()
        assert [row.integrated for row in report.offers] == [True]
