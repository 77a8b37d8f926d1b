"""All operations that this SDK speaks."""

from __future__ import annotations

from typing import Any

from cdiscount_marketplace.soap.carriers import GET_GLOBAL_CONFIGURATION
from cdiscount_marketplace.soap.discussions.models import (
    GET_OFFER_QUESTION_LIST,
    GET_ORDER_CLAIM_LIST,
    GET_ORDER_QUESTION_LIST,
)
from cdiscount_marketplace.soap.discussions.replies import (
    CLOSE_DISCUSSION_LIST,
    GENERATE_DISCUSSION_MAIL_GUID,
    GET_DISCUSSION_MAIL_LIST,
)
from cdiscount_marketplace.soap.offers.models import GET_OFFER_LIST, GET_OFFER_LIST_PAGINATED
from cdiscount_marketplace.soap.offers.submissions import (
    GET_OFFER_PACKAGE_SUBMISSION_RESULT,
    SUBMIT_OFFER_PACKAGE,
    SUBMIT_OFFER_STATE_ACTION,
)
from cdiscount_marketplace.soap.operations import Operation
from cdiscount_marketplace.soap.orders.models import GET_ORDER_LIST
from cdiscount_marketplace.soap.orders.validation import VALIDATE_ORDER_LIST
from cdiscount_marketplace.soap.products.catalogue import (
    GET_ALL_ALLOWED_CATEGORY_TREE,
    GET_ALL_MODEL_LIST,
    GET_ALLOWED_CATEGORY_TREE,
    GET_BRAND_LIST,
    GET_MODEL_LIST,
    GET_PRODUCT_LIST,
    GET_PRODUCT_LIST_BY_IDENTIFIER,
)
from cdiscount_marketplace.soap.products.submissions import (
    GET_PRODUCT_PACKAGE_PRODUCT_MATCHING_FILE_DATA,
    GET_PRODUCT_PACKAGE_SUBMISSION_RESULT,
    SUBMIT_PRODUCT_PACKAGE,
)
from cdiscount_marketplace.soap.refunds import CREATE_REFUND_VOUCHER
from cdiscount_marketplace.soap.sellers import GET_SELLER_INDICATORS, GET_SELLER_INFORMATION

OPERATIONS: tuple[Operation[Any], ...] = (
    CLOSE_DISCUSSION_LIST,
    CREATE_REFUND_VOUCHER,
    GENERATE_DISCUSSION_MAIL_GUID,
    GET_ALLOWED_CATEGORY_TREE,
    GET_ALL_ALLOWED_CATEGORY_TREE,
    GET_ALL_MODEL_LIST,
    GET_BRAND_LIST,
    GET_DISCUSSION_MAIL_LIST,
    GET_GLOBAL_CONFIGURATION,
    GET_MODEL_LIST,
    GET_OFFER_LIST,
    GET_OFFER_LIST_PAGINATED,
    GET_OFFER_PACKAGE_SUBMISSION_RESULT,
    GET_OFFER_QUESTION_LIST,
    GET_ORDER_CLAIM_LIST,
    GET_ORDER_LIST,
    GET_ORDER_QUESTION_LIST,
    GET_PRODUCT_LIST,
    GET_PRODUCT_LIST_BY_IDENTIFIER,
    GET_PRODUCT_PACKAGE_PRODUCT_MATCHING_FILE_DATA,
    GET_PRODUCT_PACKAGE_SUBMISSION_RESULT,
    GET_SELLER_INDICATORS,
    GET_SELLER_INFORMATION,
    SUBMIT_OFFER_PACKAGE,
    SUBMIT_OFFER_STATE_ACTION,
    SUBMIT_PRODUCT_PACKAGE,
    VALIDATE_ORDER_LIST,
)
