"""Fulfilment by Cdiscount over SOAP: stock in its warehouses, supplies, and orders of other sites."""
