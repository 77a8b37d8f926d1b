"""Products of the SOAP API: the catalogue, and packages that propose new products."""
