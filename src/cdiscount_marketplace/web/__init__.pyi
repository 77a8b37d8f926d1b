from cdiscount_marketplace.web.app import OperatorApp as OperatorApp
from cdiscount_marketplace.web.app import operator_app as operator_app
