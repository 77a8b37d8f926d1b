"""Everything that knows the Octopia REST API, the successor of the SOAP API."""
