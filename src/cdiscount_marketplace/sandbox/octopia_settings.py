"""The switches of the sandbox's REST half for what no source settles; the default is the better attested form."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from attrs import frozen


@frozen(kw_only=True)
class OctopiaSettings:
    """How the REST half answers where sources disagree; durations are virtual time.

    `package_answer` is where the id of a new package stands. `upload_status` answers uploads, which take `digestion`
    during which the package is not to be set ready; once it is, `integration` passes. Packages that are never set ready
    lapse after `package_life`, results after `results_life`. `early_results` is what results answer before that:
    a 400, or an empty list. `strict_taxes` wants the three taxes of Cdiscount on each offer, `tax_types` a type on
    each. `gtin_numbers` shows GTINs as numbers, `cursor_name` is the spelling in links, `counts` the form of counts,
    `message_form` how a message names whom it is for. Reports of
    products are `capped` at 25 rows without paging, new products at `products_per_hour`; `full_categories` answers
    categories whole without `fields`, `seller_spelling` is that of the seller's account.
    """

    package_answer: Literal["content-location", "location", "body"] = "content-location"
    upload_status: Literal[200, 201, 202, 204] = 202
    digestion: timedelta = timedelta(seconds=5)
    integration: timedelta = timedelta(minutes=2)
    package_life: timedelta = timedelta(hours=6)
    results_life: timedelta = timedelta(days=3)
    early_results: Literal["refused", "empty"] = "refused"
    strict_taxes: bool = True
    tax_types: bool = False
    gtin_numbers: bool = False
    cursor_name: Literal["cursor", "Cursor"] = "cursor"
    counts: Literal["bare", "object"] = "bare"
    message_form: Literal["receivers", "receiver"] = "receivers"
    reports: Literal["capped", "paged"] = "capped"
    products_per_hour: int | None = 25
    full_categories: bool = False
    seller_spelling: Literal["snake_case", "camelCase"] = "snake_case"
