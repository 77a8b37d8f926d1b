"""The sales channel over the SOAP API."""
