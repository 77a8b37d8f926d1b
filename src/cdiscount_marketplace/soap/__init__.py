"""Everything that knows the Cdiscount Marketplace SOAP API."""
