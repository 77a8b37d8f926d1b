"""Commands on packages, discussions and products, which say the same over both APIs."""

from __future__ import annotations

import csv
import io
import sys
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import BinaryIO

import pytest

from cdiscount_marketplace.octopia.offers import PackageType
from cdiscount_marketplace.sandbox import Sandbox
from cdiscount_marketplace.sandbox.states import State
from cdiscount_marketplace.soap import (
    OfferPackage,
    OfferPackageReport,
    OfferRequest,
    ProductCondition,
    ProductPackageReport,
    ShippingRequest,
)
from cdiscount_marketplace.soap.offers.section import Offers
from cdiscount_marketplace.soap.products.section import Products
from support.octopia_bodies import full_offer
from support.shell import Shell
from support.shelves import upload_to

CHANNELS = pytest.mark.parametrize("channel", ["soap", "octopia"])


def offer(sku: str, ean: str | None = "3700000000011") -> OfferRequest:
    return OfferRequest(
        seller_product_id=sku,
        product_ean=ean,
        product_condition=ProductCondition.NEW,
        price=Decimal("9.90"),
        stock=3,
        preparation_time=1,
        shipping=[ShippingRequest(delivery_mode="Tracked", shipping_charges=Decimal("4.90"))],
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give a package of one good offer and one that lacks its EAN."""
    path = tmp_path / "offers.zip"
    OfferPackage(offers=[offer("A"), offer("B", ean=None)]).write(path)
    return path


@pytest.fixture
def upload(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give the name of a function that uploads to the sandbox."""
    module = ModuleType("company_files")
    module.put = upload_to(sandbox)  # type: ignore[attr-defined]

    def broken(_file: BinaryIO, _name: str) -> str:
        raise PermissionError("bucket")

    def exits(_file: BinaryIO, _name: str) -> str:
        sys.exit(0)

    module.broken = broken  # type: ignore[attr-defined]
    module.exits = exits  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "company_files", module)
    return "company_files:put"


# --- packages


def test_a_file_is_uploaded_submitted_and_followed(shell: Shell, sandbox: Sandbox, file: Path, upload: str) -> None:
    ran = shell(f"packages submit {file} --upload {upload} --json")
    package = ran.document["package"]
    assert (ran.code, ran.document["dry_run"]) == (0, False)
    assert shell(f"packages status {package} --json").document["status"] == "IntegrationPending"
    sandbox.advance(timedelta(minutes=20))
    ran = shell(f"packages status {package} --json")
    assert (ran.code, ran.document["status"]) == (1, "Integrated")
    rows = {row["reference"]: (row["integrated"], row["errors"]) for row in ran.document["rows"]}
    assert rows == {"A": (True, []), "B": (False, ["10: Le champ gtin est obligatoire"])}
    assert "2 reported, 1 refused" in shell(f"packages status {package}").out


def test_a_package_at_a_url_is_submitted(shell: Shell, sandbox: Sandbox, file: Path) -> None:
    url = sandbox.files.put("offers.zip", file.read_bytes())
    assert shell(f"packages submit --url {url} --dry-run").code == 0
    assert sandbox.offers.packages() == []
    ran = shell(f"packages submit --url {url}")
    assert (ran.code, "packages status 1" in ran.out) == (0, True)
    assert len(sandbox.offers.packages()) == 1


def test_a_package_of_products_is_refused_with_the_words_of_the_service(shell: Shell, sandbox: Sandbox) -> None:
    ran = shell("packages submit --products --url https://example.com/missing.zip")
    assert (ran.code, "download" in ran.err) == (1, True)
    assert shell("packages status 99 --products").code == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "either a URL or a file"),
        ("{file} --url https://example.com/1.zip", "either a URL or a file"),
        ("{file}", "--upload"),
        ("--url offers.zip", "http"),
        ("{file} --upload company_files:missing", "cannot be imported"),
        (__file__.replace("\\", "/") + " --upload company_files:put", "not a zip file"),
    ],
)
def test_a_package_that_lies_nowhere_is_wrong_usage(
    shell: Shell, sandbox: Sandbox, file: Path, upload: str, words: str, said: str
) -> None:
    ran = shell(f"packages submit {words.format(file=file)}")
    assert (ran.code, said in ran.err) == (2, True)
    assert sandbox.offers.packages() == []


def test_an_upload_that_fails_is_no_traceback(shell: Shell, sandbox: Sandbox, file: Path, upload: str) -> None:
    ran = shell(f"packages submit {file} --upload company_files:broken")
    assert (ran.code, "PermissionError" in ran.err, "bucket" in ran.err) == (4, True, False)
    assert sandbox.offers.packages() == []


def test_an_upload_that_exits_is_no_success(shell: Shell, sandbox: Sandbox, file: Path, upload: str) -> None:
    ran = shell(f"packages submit {file} --upload company_files:exits")
    assert (ran.code, "SystemExit" in ran.err) == (4, True)
    assert sandbox.offers.packages() == []


def test_octopia_takes_no_files_but_shows_its_packages(shell: Shell, sandbox: Sandbox) -> None:
    assert shell("packages submit --url https://example.com/1.zip --channel octopia").code == 2
    packages = sandbox.octopia_client().offers.packages
    package_id = packages.create(PackageType.UPSERT)
    packages.add(package_id, [full_offer("LAMP-1")], kind=PackageType.UPSERT)
    ran = shell(f"packages status {package_id} --channel octopia --json")
    assert (ran.code, ran.document["rows"]) == (0, [])
    sandbox.advance(timedelta(minutes=1))
    packages.ready(package_id)
    sandbox.advance(timedelta(minutes=20))
    ran = shell(f"packages status {package_id} --channel octopia --json")
    assert (ran.document["status"], ran.document["rows"]) == (
        "Integrated",
        [{"reference": "LAMP-1", "integrated": True, "errors": []}],
    )


def test_a_number_that_is_none_is_wrong_usage(shell: Shell, sandbox: Sandbox) -> None:
    assert shell("packages status seven").code == 2


@pytest.mark.parametrize(
    ("said", "errors", "code"),
    [
        ("KO", 0, 1),
        ("Refused", 0, 1),
        ("rejected", 0, 1),
        ("Erreur", 0, 1),
        ("Integrated", 5, 1),
        (None, 0, 1),
        ("Integrated", 0, 0),
        ("IntegrationPending", 0, 0),
    ],
)
@pytest.mark.parametrize("products", [True, False])
def test_a_package_that_is_refused_or_unknown_needs_a_person(
    shell: Shell,
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    said: str | None,
    errors: int,
    code: int,
    products: bool,
) -> None:
    kind, section = (ProductPackageReport, Products) if products else (OfferPackageReport, Offers)
    report = kind(package_id=1, package_integration_status=said, number_of_errors=errors)
    monkeypatch.setattr(section, "_report", lambda _section, _number: report)
    ran = shell(f"packages status 1{' --products' if products else ''} --json")
    assert (ran.code, ran.document["status"], ran.document["errors"]) == (code, said, errors)


def test_a_number_that_the_marketplace_does_not_know_needs_a_person(shell: Shell, sandbox: Sandbox) -> None:
    ran = shell("packages status 777")
    assert (ran.code, "not begun, or unknown" in " ".join(ran.out.split())) == (1, True)


# --- offers


@pytest.fixture
def shelf(sandbox: Sandbox) -> Sandbox:
    """Give a marketplace with the offers A and B."""
    package = OfferPackage(offers=[offer("A"), offer('B "é"')])
    sandbox.client().offers.submit_package(package, upload=upload_to(sandbox))
    sandbox.advance(timedelta(minutes=20))
    return sandbox


@CHANNELS
def test_published_offers_are_listed_and_exported(shell: Shell, shelf: Sandbox, channel: str) -> None:
    ran = shell(f"offers list --published --channel {channel} --json")
    assert [(row["sku"], Decimal(row["price"]), row["quantity"]) for row in ran.document] == [
        ("A", Decimal("9.90"), 3),
        ('B "é"', Decimal("9.90"), 3),
    ]
    exported = shell(f"offers export --channel {channel}")
    assert exported.code == 0
    rows = list(csv.DictReader(io.StringIO(exported.out)))
    assert [row["sku"] for row in rows] == ["A", 'B "é"']
    assert {row["gtin"] for row in rows} == {"3700000000011"}
    assert shell(f"offers export --sku A --channel {channel} --json").document[0]["sku"] == "A"
    assert len(shell(f"offers export --sku A --channel {channel} --json").document) == 1


@CHANNELS
@pytest.mark.parametrize("form", ["", "--json"])
def test_an_export_names_the_skus_that_the_marketplace_does_not_show(
    shell: Shell, shelf: Sandbox, channel: str, form: str
) -> None:
    ran = shell(f"offers export --sku A --sku nope --channel {channel} {form}")
    assert (ran.code, ran.err) == (1, "the marketplace shows no offer: nope\n")
    assert "nope" not in ran.out


def test_states_are_those_of_stored_offers(shell: Shell, shelf: Sandbox) -> None:
    assert shell("offers list --published --state pending").code == 2


def test_a_change_of_stock_is_followed_over_soap(
    shell: Shell, shelf: Sandbox, upload: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shell("offers put A --quantity 7").code == 0
    ran = shell("offers push")
    assert (ran.code, "--upload" in ran.err) == (2, True)
    monkeypatch.setenv("CDISCOUNT_UPLOAD", upload)
    for _ in range(2):
        assert shell("offers push").code == 0
        shelf.advance(timedelta(minutes=20))
    assert [one.quantity for one in shelf.offers.offers() if one.sku == "A"] == [7]
    assert shell("offers status --json").document["offers"]["in_step"] == 1


def test_offers_of_all_accounts_are_sent_by_run(shell: Shell, shelf: Sandbox, upload: str) -> None:
    shell("accounts add acme --channel soap --every.offers 5m")
    assert shell("offers put A --quantity 7 --account acme").code == 0
    ran = shell("run --once")
    assert (ran.code, "ConfigurationError" in ran.out) == (1, True)
    before = len(shelf.offers.packages())
    shell("accounts add other --channel soap --every.offers 5m")
    assert shell("offers put B --quantity 1 --account other").code == 0
    exits = shell("run --once --upload company_files:exits")
    assert (exits.code, "upload raised SystemExit" in exits.out) == (1, True)
    shell("accounts add third --channel soap --every.offers 5m")
    assert shell("offers put C --quantity 1 --account third").code == 0
    assert shell(f"run --once --upload {upload}").code == 0
    assert len(shelf.offers.packages()) == before + 1


# --- discussions


@CHANNELS
def test_discussions_are_listed_without_what_was_written_and_closed(
    shell: Shell, sandbox: Sandbox, channel: str
) -> None:
    number = sandbox.place(state=State.SHIPPED).number
    asked = sandbox.ask_as_customer(number, "La lampe est cassée.", subject="Ma lampe", claim=True)
    for form in ("", "--json"):
        ran = shell(f"discussions list --channel {channel} {form}")
        assert (ran.code, "ampe" in ran.out, number in ran.out) == (0, False, True)
    [shown] = shell(f"discussions list --channel {channel} --json").document
    assert shown["about"] == number
    discussion = shown["discussion_id"]
    assert shell(f"discussions close {discussion} --channel {channel} --dry-run").code == 0
    assert len(shell(f"discussions list --channel {channel} --json").document) == 1
    ran = shell(f"discussions close {discussion} {discussion} --channel {channel} --json")
    assert (ran.code, [one["closed"] for one in ran.document]) == (0, [True])
    assert not sandbox.discussions.all()[0].open
    assert shell(f"discussions list --channel {channel} --json").document == []
    assert len(shell(f"discussions list --closed --channel {channel} --json").document) == 1
    assert asked.order == number


@CHANNELS
def test_a_discussion_that_there_is_not_needs_a_person(shell: Shell, sandbox: Sandbox, channel: str) -> None:
    ran = shell(f"discussions close 99999999 --channel {channel} --json")
    assert (ran.code, [(one["closed"], one["status"]) for one in ran.document]) == (1, [(False, "DiscussionNotFound")])
    assert shell(f"discussions close --channel {channel}").code == 2


def test_a_question_about_an_offer_is_listed_by_its_reference(shell: Shell, sandbox: Sandbox) -> None:
    sandbox.ask_about_offer("SKU-9", "Quelle taille ?")
    [shown] = shell("discussions list --json").document
    assert (shown["kind"], shown["about"]) == ("OfferQuestion", "SKU-9")
    assert shell("discussions close one").code == 2


# --- products


@CHANNELS
@pytest.mark.parametrize("wrong", ["123", "370000000001x", "-5"])
def test_what_is_no_gtin_is_refused_before_the_marketplace_is_asked(
    shell: Shell, sandbox: Sandbox, channel: str, wrong: str
) -> None:
    refused = shell(f"products search 3700000000011 --channel {channel} {wrong}")
    assert (refused.code, wrong in refused.err) == (2, True)
    assert sandbox.calls() == ()


@CHANNELS
def test_products_are_found_by_gtin_and_by_category(shell: Shell, sandbox: Sandbox, channel: str) -> None:
    products = shell(f"products search --category 0E040K --channel {channel} --json").document
    assert products
    gtin = products[0]["gtin"]
    ran = shell(f"products search {gtin} 0000000000000 --channel {channel} --json")
    assert ran.code == 1
    assert "not in the catalogue: 0000000000000" in ran.err
    assert [(one["gtin"], one["name"]) for one in ran.document] == [(gtin, products[0]["name"])]
    assert shell(f"products search --channel {channel}").code == 2
    assert shell(f"products search {gtin} --category 0E040K --channel {channel}").code == 2
