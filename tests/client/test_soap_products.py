"""The catalogue over SOAP, and packages of products."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator

import pytest

from cdiscount_marketplace.errors import InvalidRequest, OperationFailed, OutcomeUnknown, UnreadableAnswer
from cdiscount_marketplace.sandbox.core import Sandbox
from cdiscount_marketplace.soap import (
    CategoryTree,
    CategoryTreeMessage,
    MatchingStatus,
    ModelDefinition,
    ProductByIdentifier,
    ProductListByIdentifierMessage,
    ProductModel,
    ProductModelListMessage,
    ProductPackageReport,
    PropertyValues,
)
from support.scripted import always, answering

PIVOT = "clr-namespace:Cdiscount.Service.ProductIntegration.Pivot;assembly=Cdiscount.Service.ProductIntegration"
XAML = "http://schemas.microsoft.com/winfx/2006/xaml"
LAMP, EAN = "0E040K", "3700000000028"


def product_xml(
    reference: str, ean: str = EAN, *, properties: str = '<x:String x:Key="Couleur">Noir</x:String>'
) -> str:
    return (
        f'<Product SellerProductId="{reference}" LongLabel="Lampe {reference}" CategoryCode="{LAMP}" '
        f'BrandName="Sablier" Model="SOUMISSION CREATION PRODUITS_MK" ProductKind="Standard" Description="Une lampe">'
        f'<Product.EanList><ProductEan Ean="{ean}"/></Product.EanList>'
        f"<Product.ModelProperties>{properties}</Product.ModelProperties></Product>"
    )


def package(*products: str, collection: bool = True) -> bytes:
    held = "".join(products)
    held = f"<ProductCollection>{held}</ProductCollection>" if collection else held
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(
            "Content/Products.xml",
            f'<ProductPackage Name="n" xmlns="{PIVOT}" xmlns:x="{XAML}"><ProductPackage.Products>{held}'
            "</ProductPackage.Products></ProductPackage>",
        )
    return content.getvalue()


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


# --- the catalogue


def leaves(tree: CategoryTree) -> Iterator[CategoryTree]:
    if not tree.children:
        yield tree
    for child in tree.children:
        yield from leaves(child)


@pytest.mark.parametrize("verb", ["categories", "all_categories"])
def test_categories_are_a_tree_whose_leaves_take_products(sandbox: Sandbox, verb: str) -> None:
    tree = getattr(sandbox.client().products, verb)()
    assert {(leaf.code, leaf.allow_product_integration) for leaf in leaves(tree)} == {(LAMP, True), ("0U0O05", True)}
    assert tree.allow_offer_integration is False


def test_answer_without_categories_is_a_failure() -> None:
    with pytest.raises(OperationFailed, match="nothing was read"):
        answering(CategoryTreeMessage(operation_success=True)).client().products.categories()


def test_models_name_what_must_be_said_and_the_values_allowed(sandbox: Sandbox) -> None:
    [lamp] = sandbox.client().products.models(LAMP)
    assert lamp.definition is not None
    assert lamp.definition.mandatory_properties == ("Couleur",)
    assert lamp.definition.list_properties == (PropertyValues(key="Couleur", values=("Blanc", "Noir", "Rouge")),)
    assert [free.key for free in lamp.definition.single_free_text_properties] == ["Poids"]
    assert len(sandbox.client().products.all_models()) == 2


def test_pairs_of_texts_and_lists_survive_the_wire() -> None:
    pairs = (PropertyValues(key="a", values=("1", "é & <")), PropertyValues(key="", values=()))
    model = ProductModel(model_id=7, definition=ModelDefinition(list_properties=pairs))
    service = answering(ProductModelListMessage(operation_success=True, models=(model,)))
    assert service.client().products.models("x") == (model,)


def test_products_of_a_category_and_by_ean_are_the_same(sandbox: Sandbox) -> None:
    products = sandbox.client().products
    [lamp] = products.list(LAMP)
    known, unknown = products.find(lamp.eans[0], "0000000000000")
    assert (known.name, known.category_code, known.has_error) == (lamp.name, LAMP, False)
    assert (unknown.has_error, unknown.error_message) == (True, "Produit inconnu")
    assert products.list("none") == ()
    assert products.find() == ()
    assert "Sablier" in [brand.brand_name for brand in products.brands()]


def test_answer_that_leaves_out_an_ean_is_not_taken() -> None:
    answer = ProductListByIdentifierMessage(operation_success=True, products=(ProductByIdentifier(ean="1"),))
    with pytest.raises(UnreadableAnswer, match="leaves out 2, 3"):
        answering(answer).client().products.find("1", "2", "3")


# --- packages


@pytest.mark.parametrize("collection", [True, False])
def test_proposed_product_is_reported_on_matched_and_then_in_the_catalogue(sandbox: Sandbox, collection: bool) -> None:
    products = sandbox.client().products
    content = package(product_xml("A"), product_xml("B", "1", properties=""), collection=collection)
    submitted = products.submit(sandbox.files.put("products.zip", content))
    assert submitted.status().package_integration_status == "IntegrationPending"
    assert [row.matching_status for row in products.matchings(submitted.id)] == [MatchingStatus.PENDING] * 2
    report = submitted.wait()
    assert report.number_of_errors == 1
    assert {row.sku: (row.validated, len(row.properties)) for row in report.products} == {
        "A": (True, 0),
        "B": (False, 1),
    }
    matched = {row.seller_product_id: row.matching_status for row in products.matchings(submitted.id)}
    assert matched == {"A": MatchingStatus.OK, "B": MatchingStatus.KO}
    assert EAN in [ean for product in products.list(LAMP) for ean in product.eans]


def test_package_that_there_is_not_is_a_failure(sandbox: Sandbox) -> None:
    with pytest.raises(OperationFailed):
        sandbox.client().products.package(99).status()


@pytest.mark.parametrize(
    ("put", "code"),
    [
        (lambda sandbox: "https://files.example.com/none.zip", "FileDownloadException"),
        (lambda sandbox: sandbox.files.put("p.zip", b"no zip"), "InvalidFileFormat"),
    ],
)
def test_file_that_cannot_be_used_is_refused_at_once(
    sandbox: Sandbox, put: Callable[[Sandbox], str], code: str
) -> None:
    with pytest.raises(OperationFailed) as caught:
        sandbox.client().products.submit(put(sandbox))
    assert caught.value.codes == (code,)


def test_url_that_nobody_can_fetch_is_refused_before_any_request() -> None:
    service = always(500, b"")
    with pytest.raises(InvalidRequest):
        service.client().products.submit("toto.html/")
    assert service.requests == []


def test_unclear_answer_to_a_submission_is_unknown() -> None:
    with pytest.raises(OutcomeUnknown):
        answering(ProductPackageReport(operation_success=False)).client().products.submit("https://example.com/p.zip")
