"""Offers of the SOAP API: what the marketplace shows of them, and packages that create and change them."""
