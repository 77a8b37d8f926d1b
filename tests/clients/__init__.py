"""SOAP clients of others against the sandbox: zeep, PHP's SoapClient, node's `soap`."""
