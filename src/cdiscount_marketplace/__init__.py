"""Sell on Cdiscount from your own order management system."""
