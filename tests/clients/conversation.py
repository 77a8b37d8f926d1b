"""What every client asks, one call for each operation, and what the answer must say."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import requests
from attrs import evolve, field, frozen

from cdiscount_marketplace.sandbox import Sandbox, SandboxServer
from cdiscount_marketplace.sandbox.settings import OctopiaSettings, Settings

EAN, LAMP = "3700000000028", "0E040K"
NUMBER, SHIPPED, STORED = "2601010900ALPHA", "2601010900BRAVO", "2601010900CLOUD"
_PIVOT = "clr-namespace:Cdiscount.Service.{0}Integration.Pivot;assembly=Cdiscount.Service.{0}Integration"
_OFFER = (
    '<Offer SellerProductId="MUG" ProductEan="3700000000011" ProductCondition="6" Price="12.5" Vat="20" EcoPart="0" '
    'DeaTax="0" Stock="3" PreparationTime="1"><Offer.ShippingInformationList><ShippingInformationList>'
    '<ShippingInformation DeliveryMode="Tracked" ShippingCharges="4.90" AdditionalShippingCharges="1"/>'
    "</ShippingInformationList></Offer.ShippingInformationList></Offer>"
)
_PRODUCT = (
    f'<Product SellerProductId="LAMP" LongLabel="Lampe" CategoryCode="{LAMP}" BrandName="Sablier" '
    'Model="SOUMISSION CREATION PRODUITS_MK" ProductKind="Standard" Description="Une lampe">'
    f'<Product.EanList><ProductEan Ean="{EAN}"/></Product.EanList><Product.ModelProperties>'
    '<x:String x:Key="Couleur">Noir</x:String></Product.ModelProperties></Product>'
)
_WAITING = "WaitingForShipmentAcceptation"
_XAML = "http://schemas.microsoft.com/winfx/2006/xaml"


@frozen
class Call:
    """An operation, its parts beside the header, and texts that its decoded answer must hold, or must not."""

    operation: str
    parts: dict[str, Any] = field(factory=dict[str, Any])
    expected: Sequence[str] = ()
    absent: Sequence[str] = ()
    success: bool = True


def make_sandbox() -> Sandbox:
    """Make a sandbox that works on packages at once."""
    at_once = evolve(OctopiaSettings(), digestion=timedelta(0), integration=timedelta(0))
    return Sandbox(settings=Settings(octopia=at_once))


def header(server: SandboxServer) -> dict[str, Any]:
    """Log in, and return the header of all calls."""
    answer = requests.get(
        server.token_url, params={"realm": server.service_url}, auth=("sandbox-api", "sandbox"), timeout=30
    )
    return {
        "Context": {"SiteID": 100},
        "Localization": {"Country": "Fr"},
        "Security": {
            "DomainRightsList": None,
            "IssuerID": None,
            "SessionID": None,
            "TokenId": answer.text[-41:-9],
            "UserName": "",
        },
        "Version": "1.0",
    }


def prepare(sandbox: Sandbox) -> list[Call]:
    """Fill the sandbox, and return a call for each operation, in an order in which all of them succeed."""
    sandbox.place(number=NUMBER, state=_WAITING, references=["MUG"])
    sandbox.place(number=SHIPPED, state="Shipped", references=["BOWL"])
    stored = sandbox.place(number=STORED, state=_WAITING, references=["CUP"], fulfilled_by_cdiscount=True)
    sandbox.ask_about_offer("MUG", "Quelle taille ?", ean="3700000000011")
    sandbox.ask_as_customer(NUMBER, "Où est <mon> colis ?")
    sandbox.ask_as_customer(NUMBER, "Cassé", claim=True)
    offers = sandbox.files.put("offers.zip", _package("Offer", _OFFER))
    products = sandbox.files.put("products.zip", _package("Product", _PRODUCT))
    return [*_orders(), *_after_sales(), *_offers(offers), *_products(products), *_fulfilment(stored.lines[0].ean)]


def _package(kind: str, row: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(
            f"Content/{kind}s.xml",
            f'<{kind}Package xmlns="{_PIVOT.format(kind)}" xmlns:x="{_XAML}" Name="n" PackageType="Full">'
            f"<{kind}Package.{kind}s><{kind}Collection>{row}</{kind}Collection></{kind}Package.{kind}s>"
            f"</{kind}Package>",
        )
    return content.getvalue()


def _orders() -> Iterator[Call]:
    chosen = {"FetchOrderLines": True, "OrderReferenceList": {"string": [NUMBER]}}
    states = {"OrderStateEnum": ["Shipped", _WAITING]}
    yield Call("GetOrderList", {"orderFilter": {**chosen, "States": states}}, [NUMBER, "MUG"], absent=[SHIPPED])
    yield Call("GetServiceOrderList", {"orderFilter": chosen})
    line = {"AcceptationState": "ShippedBySeller", "SellerProductId": "MUG"}
    shipping = {
        "CarrierName": "DPD",
        "OrderLineList": {"ValidateOrderLine": [line]},
        "OrderNumber": NUMBER,
        "OrderState": "Shipped",
        "TrackingNumber": "1Z",
    }
    yield Call(
        "ValidateOrderList", {"validateOrderListMessage": {"OrderList": {"ValidateOrder": [shipping]}}}, [NUMBER]
    )
    parcel = {"ManageParcel": "AskingForInvestigation", "ParcelNumber": "1Z", "Sku": "AUC1"}
    asked = {"ParcelActionsList": {"ParcelInfos": [parcel]}, "ScopusId": NUMBER}
    yield Call("ManageParcel", {"manageParcelRequest": asked}, ["1Z"])
    yield Call("GetGlobalConfiguration", {}, ["Relais Colis"])
    yield Call("GetSellerInformation", {}, ["Activated"])
    yield Call("GetSellerIndicators")


def _after_sales() -> Iterator[Call]:
    refund = {"Mode": "Claim", "Motive": "ClientClaim", "RefundOrderLine": {"Ean": None, "SellerProductId": "BOWL"}}
    gesture = {"Amount": "1.50", "MotiveId": 131}
    asked = {"CommercialGestureList": {"RefundInformation": [gesture]}, "OrderNumber": SHIPPED}
    yield Call("CreateRefundVoucher", {"request": asked}, [SHIPPED, "131"])
    asked = {"OrderNumber": SHIPPED, "SellerRefundRequestList": {"SellerRefundRequest": [refund]}}
    yield Call("CreateRefundVoucherAfterShipment", {"request": asked}, [SHIPPED, "BOWL"])
    yield Call("GetOfferQuestionList", {"offerQuestionFilter": {}}, ["Quelle taille ?"])
    asked = {"StatusList": {"DiscussionStateFilter": ["Open"]}, "OrderNumberList": {"string": [NUMBER]}}
    yield Call("GetOrderQuestionList", {"orderQuestionFilter": asked}, ["Où est <mon> colis ?"], absent=["Cassé"])
    yield Call("GetOrderClaimList", {"orderClaimFilter": asked}, ["Cassé"])
    ids = {"DiscussionIds": {"long": [2, 3]}}
    yield Call("GetDiscussionMailList", {"request": ids}, ["2", "3"])
    yield Call("CloseDiscussionList", {"closeDiscussionRequest": ids}, ["2", "3"])
    yield Call("GenerateDiscussionMailGuid", {"request": {"ScopusId": NUMBER}})
    yield Call("GetParcelShopList")
    yield Call("SubmitRelaysFile", {"relaysFileRequest": {"RelaysFileURI": "https://files.example.com/relays.xml"}})
    yield Call("GetRelaysFileSubmissionResult", {"relaysFileFilter": {"RelaysFileId": 1}}, ["Integrated"])


def _offers(url: str) -> Iterator[Call]:
    yield Call("SubmitOfferPackage", {"offerPackageRequest": {"ZipFileFullPath": url}}, ["1"])
    yield Call("GetOfferPackageSubmissionResult", {"offerPackageFilter": {"PackageID": 1}}, ["MUG", "Integrated"])
    yield Call("GetOfferList", {"offerFilter": {"SellerProductIdList": {"string": ["MUG"]}}}, ["MUG", "12.5"])
    yield Call("GetOfferListPaginated", {"offerFilter": {"PageNumber": 1}}, ["MUG"])
    # The shop ships its offers itself.
    asked = {"Action": "Publish", "SellerProductId": "MUG"}
    yield Call("SubmitOfferStateAction", {"offerStateRequest": asked}, ["SellerNotFound"], success=False)


def _products(url: str) -> Iterator[Call]:
    yield Call("GetAllowedCategoryTree", {}, [LAMP])
    yield Call("GetAllAllowedCategoryTree", {}, [LAMP])
    yield Call("GetModelList", {"modelFilter": {"CategoryCodeList": {"string": [LAMP]}}}, [LAMP])
    yield Call("GetAllModelList", {}, [LAMP])
    yield Call("GetBrandList", {}, ["Sablier"])
    yield Call("SubmitProductPackage", {"productPackageRequest": {"ZipFileFullPath": url}}, ["1"])
    chosen = {"productPackageFilter": {"PackageID": 1}}
    yield Call("GetProductPackageSubmissionResult", chosen, ["LAMP", "Integrated"])
    yield Call("GetProductPackageProductMatchingFileData", chosen, ["LAMP", EAN])
    yield Call("GetProductList", {"productFilter": {"CategoryCode": LAMP}}, [EAN])
    asked = {"IdentifierType": "EAN", "ValueList": {"string": [EAN, "1"]}}
    yield Call("GetProductListByIdentifier", {"identifierRequest": asked}, ["Sablier", "Produit inconnu"])


def _fulfilment(stored_ean: str) -> Iterator[Call]:
    sizes = {"Height": 5.5, "Length": 10.25, "ProductEan": EAN, "Weight": 0.4, "Width": 20.75}
    asked: dict[str, Any] = {"ProductList": {"ProductActivationData": [{"Action": "Activation", **sizes}]}}
    yield Call("SubmitFulfilmentActivation", {"request": asked}, ["1"])
    asked = {"DepositIdList": {"int": [1]}}
    yield Call("GetFulfilmentActivationReportList", {"request": asked}, [EAN, "10.25"])
    supply = {"ExternalSupplyOrderId": "MY-1", "ProductEan": EAN, "Quantity": 12, "Warehouse": "CEM"}
    asked = {"ProductList": {"FulfilmentProductDescription": [supply]}}
    yield Call("SubmitFulfilmentSupplyOrder", {"request": asked}, ["2"])
    yield Call("GetFulfilmentSupplyOrderReportList", {"request": {"PageSize": 10}}, ["MY-1"])
    yield Call("GetFulfilmentSupplyOrder", {"request": {"PageNumber": 1, "PageSize": 10}}, ["MY-1"])
    yield Call("GetFulfilmentDeliveryDocument", {"request": {"DepositId": 2}}, ["JVBERi0xLjQKJSUyCiUlRU9GCg=="])
    yield Call("GetFulfilmentOrderListToSupply", {"request": {"OrderReference": STORED}}, [STORED, stored_ean])
    asked = {"OrderLineList": {"FulfilmentOrderLineRequest": [{"OrderReference": STORED, "ProductEan": stored_ean}]}}
    yield Call("SubmitFulfilmentOnDemandSupplyOrder", {"request": asked}, ["3"])
    yield Call("GetProductStockList", {"request": {"FulfilmentReferencement": "All"}}, [EAN])
    yield Call("CreateExternalOrder", {"request": {"Order": _external_order()}})
    asked = {"Corporation": "OTHER", "CustomerOrderNumber": "X-1"}
    yield Call("GetExternalOrderStatus", {"request": asked})


def _external_order() -> dict[str, Any]:
    return {
        "Corporation": "OTHER",
        "Customer": {
            "Civility": "MRS",
            "CustomerEmailAddress": "a@example.com",
            "CustomerFirstName": "Zoé & Ann",
            "CustomerLastName": "Lee",
            "LandlinePhoneNumber": "0500000000",
            "ShippingAddress": "1 rue Neuve",
            "ShippingCity": "Bordeaux",
            "ShippingCountry": "FR",
            "ShippingPostalCode": "33000",
        },
        "CustomerOrderNumber": "X-1",
        "OrderDate": "2026-01-01T10:00:00",
        "OrderLineList": {"ExternalOrderLine": [{"ProductEan": EAN, "Quantity": 1}]},
        "ShippingMode": "Domicile standard",
    }
